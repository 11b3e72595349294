"""One configuration or one trial, whole: what `hpsearch show` prints."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from hpsearch.core.values import Params
from hpsearch.ledger import AttemptRecord, Ledger
from hpsearch.results.columns import METRIC
from hpsearch.results.finding import find
from hpsearch.results.study_results import StudyResults


@dataclass(frozen=True, slots=True)
class FoldScore:
    """One evaluation of a trial. `repeat`, `fold`, `n_train`, `n_test`: None for a trial without splits. Seconds."""

    repeat: int | None
    fold: int | None
    scores: Mapping[str, float]
    n_train: int | None
    n_test: int | None
    fit_s: float | None
    score_s: float | None


@dataclass(frozen=True, slots=True)
class TrialView:
    """One trial. `attempt` is the number of the last one; `attempts` and `log` are empty unless a ledger was given to `show`."""

    key: str
    config_id: str
    seed: int
    status: str
    attempt: int
    metrics: Mapping[str, float]
    folds: tuple[FoldScore, ...]
    started_at: pd.Timestamp | None
    ended_at: pd.Timestamp | None
    seconds: float | None
    shared: bool
    worker: str
    node: str
    error_kind: str
    error_type: str
    error: str
    traceback: str
    log: str
    attempts: tuple[AttemptRecord, ...]


@dataclass(frozen=True, slots=True)
class ConfigView:
    """One configuration with its trials, by seed. `chosen` is the key of the trial that was asked for, or empty.

    `rank` is None for a configuration without one; `se` where there is no standard error.
    """

    config_id: str
    params: Params
    varying: tuple[str, ...]
    rank: int | None
    n_ranked: int
    score: float | None
    se: float | None
    in_best_set: bool | None
    status: str
    trials: tuple[TrialView, ...]
    chosen: str


def show(results: StudyResults, id_prefix: str, *, ledger: Ledger | None = None) -> ConfigView:
    """The configuration that `id_prefix` names, by its own id or by the key of one of its trials.

    Args:
        id_prefix: the beginning of a config_id, or of a trial's key, with or without its "v1:".
        ledger: where attempts, logs and tracebacks are read from; without one they are left out, but for the traceback of
            the first trial of each type of error.

    Raises:
        SpecError: nothing, or more than one thing, begins like that.
    """
    config_id, key = find(results.study.name, results.configs, results.trials, id_prefix)
    row = results.configs[results.configs["config_id"] == config_id].iloc[0]
    trials = results.trials[results.trials["config_id"] == config_id].sort_values(["seed", "number"])
    if key:
        trials = trials[trials["trial_key"] == key]
    return ConfigView(
        config_id=config_id,
        params=results.params[config_id],
        varying=results.varying,
        rank=None if row["rank"] is pd.NA else int(row["rank"]),
        n_ranked=results.n_ranked,
        score=_number(row["score"]),
        se=_number(row["se"]),
        in_best_set=None if row["in_best_set"] is pd.NA else bool(row["in_best_set"]),
        status=str(row["status"]),
        trials=tuple(_trial(results, trial, ledger) for _, trial in trials.iterrows()),
        chosen=key,
    )


def _trial(results: StudyResults, row: pd.Series, ledger: Ledger | None) -> TrialView:
    key = str(row["trial_key"])
    evaluations = results.evaluations[results.evaluations["trial_key"] == key]
    failure = results.failures[results.failures["trial_key"] == key]
    log, traceback = "", "" if failure.empty else _text(failure["traceback"].iloc[0])
    if ledger is not None:
        for record in ledger.trials(keys=[key]):
            log, traceback = record.log, record.traceback
    return TrialView(
        key=key,
        config_id=str(row["config_id"]),
        seed=int(row["seed"]),
        status=str(row["status"]),
        attempt=int(row["attempt"]),
        metrics=_metrics(row),
        folds=tuple(_fold(evaluation) for _, evaluation in evaluations.iterrows() if evaluation["split_id"] is not pd.NA),
        started_at=None if pd.isna(row["started_at"]) else row["started_at"],
        ended_at=None if pd.isna(row["ended_at"]) else row["ended_at"],
        seconds=_number(row["seconds"]),
        shared=bool(row["shared"]),
        worker=_text(row["worker"]),
        node=_text(row["node"]),
        error_kind=_text(row["error_kind"]),
        error_type=_text(row["error_type"]),
        error=_text(row["error"]),
        traceback=traceback,
        log=log,
        attempts=() if ledger is None else tuple(ledger.attempts(key)),
    )


def _fold(row: pd.Series) -> FoldScore:
    return FoldScore(
        repeat=_integer(row["repeat"]),
        fold=_integer(row["fold"]),
        scores=_metrics(row),
        n_train=_integer(row["n_train"]),
        n_test=_integer(row["n_test"]),
        fit_s=_number(row["fit_s"]),
        score_s=_number(row["score_s"]),
    )


def _metrics(row: pd.Series) -> dict[str, float]:
    # NaN is a score that was given as well as one that was not: it is shown where the column exists.
    return {str(name).removeprefix(METRIC): float(row[name]) for name in row.index if str(name).startswith(METRIC)}


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, float | int) and not math.isnan(value) else None


def _integer(value: object) -> int | None:
    return None if value is pd.NA or value is None else int(value)  # type: ignore[call-overload]


def _text(value: object) -> str:
    return "" if value is pd.NA or value is None else str(value)
