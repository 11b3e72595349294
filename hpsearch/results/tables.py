"""Ledger records, streamed once, into columns. Nothing is computed here; `ranking` makes the configurations' table of these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpsearch.core.trial import Status
from hpsearch.core.values import Params
from hpsearch.ledger import TrialColumns
from hpsearch.results.collecting import Collected, collect
from hpsearch.results.columns import EVALUATIONS, FAILURES, METRIC, PARAM, TIME, TRIALS
from hpsearch.results.failures import NAMELESS
from hpsearch.results.parameters import parameter_column, parameter_names, string_column
from hpsearch.results.statistics import Floats


@dataclass(frozen=True)
class Tables:
    """What the records say, columnar.

    Attributes:
        trials: one row a trial, in the order of `number` (first commit).
        evaluations: one row for each split of a completed trial; one for a completed trial that has no splits.
        failures: one row for each trial that is FAILED or TIMEOUT; the first of each type of error has its traceback.
        params: the configurations' parameters (active and fixed) as they were, by config_id, in order of first appearance.
        param_columns: the same as typed columns, by `param.NAME`: a row a configuration.
        trial_configs, evaluation_configs: the number of each row's configuration in that order.
    """

    trials: pd.DataFrame
    evaluations: pd.DataFrame
    failures: pd.DataFrame
    params: dict[str, Params]
    param_columns: Mapping[str, pd.Series]
    trial_configs: NDArray[np.int64]
    evaluation_configs: NDArray[np.int64]


def build_tables(
    study: str,
    pages: Iterable[TrialColumns],
    *,
    traceback_of: Callable[[str], str],
    runs: Mapping[str, str] = MappingProxyType({}),
) -> Tables:
    """The tables of one study. `pages` are read once, in any order; splits count that are of a page's own trials and completed.

    Args:
        traceback_of: is asked, by the trial's key, for the first failed trial of each type of error alone: the pages have none.
        runs: each trial's run in MLflow, by the trial's key.
    """
    found = collect(pages)
    rows = list(found.params.values())
    columns = {PARAM + name: parameter_column(name, rows) for name in parameter_names(rows)}
    config_ids = found.config_ids
    trials = _trials(found, config_ids, columns, runs)
    evaluations, owners = _evaluations(study, found, trials)
    return Tables(
        trials=trials,
        evaluations=evaluations,
        failures=_failures(found, config_ids, traceback_of),
        params=found.params,
        param_columns=columns,
        trial_configs=found.codes,
        evaluation_configs=found.codes[owners],
    )


def _trials(
    found: Collected, config_ids: Sequence[str], params: Mapping[str, pd.Series], runs: Mapping[str, str]
) -> pd.DataFrame:
    columns: dict[str, pd.Series] = {}
    for name, dtype in TRIALS.items():
        if name == PARAM:
            # By configuration first: fewer values to look at, and one dtype in both tables.
            for column, values in params.items():
                columns[column] = values.take(found.codes).reset_index(drop=True)
        elif name == METRIC:
            for metric, scores in found.metrics.items():
                columns[METRIC + metric] = pd.Series(scores)
        elif dtype == TIME:
            columns[name] = _times(found.floats[name])
        elif dtype == "float64":
            columns[name] = pd.Series(found.floats[name])
        elif name == "shared":
            columns[name] = pd.Series(found.shared)
        elif name == "config_id":
            columns[name] = _series(config_ids, dtype)
        elif name == "mlflow_run_id":
            columns[name] = _series(
                [runs.get(key or "") for key in found.texts["key"]] if runs else [None] * len(config_ids), dtype
            )
        elif dtype == "string":
            columns[name] = _series(found.texts[{"trial_key": "key"}.get(name, name)], dtype)
        else:
            columns[name] = _series(found.whole[name], dtype)
    return pd.DataFrame(columns)


def _evaluations(study: str, found: Collected, trials: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """The table, and the place of each row's trial."""
    position = {key: place for place, key in enumerate(found.texts["key"])} if found.splits.keys else {}
    owner = np.array([position[key] for key in found.splits.keys], dtype=np.int64)
    numbers, scores = found.splits.numbers, found.splits.scores
    n_splits, has_splits = len(owner), np.zeros(len(trials), dtype=bool)
    has_splits[owner] = True
    completed = np.flatnonzero((trials["status"] == Status.COMPLETED.value).to_numpy(dtype=bool))
    alone = completed[~has_splits[completed]]
    owned = np.concatenate([owner, alone])
    whole = {name: found.floats[name][alone] if name in found.floats else np.full(len(alone), np.nan) for name in numbers}
    values = {name: np.concatenate([column, whole[name]]) for name, column in numbers.items()}
    order = np.lexsort((values["fold"], values["repeat"], owned))
    is_split, places = (np.arange(len(owned)) < n_splits)[order], owned[order]
    columns: dict[str, pd.Series] = {}
    for name, dtype in EVALUATIONS.items():
        if name == METRIC:
            for metric in dict.fromkeys([*scores, *(found.metrics if len(alone) else ())]):
                of_splits = scores[metric] if metric in scores else np.full(n_splits, np.nan)
                of_trials = found.metrics[metric][alone] if metric in found.metrics else np.full(len(alone), np.nan)
                columns[METRIC + metric] = pd.Series(np.concatenate([of_splits, of_trials])[order])
        elif name == "study":
            columns[name] = _repeated(study, len(places))
        elif name == "split_id":
            columns[name] = _split_ids(values["repeat"][order], values["fold"][order], is_split)
        elif name in values:
            numbered = values[name][order]
            # Integers but for the rows that have none; exact in a float up to 2^53 rows.
            columns[name] = pd.Series(numbered).astype(pd.api.types.pandas_dtype(dtype))
        else:
            columns[name] = trials[name].take(places).reset_index(drop=True)
    return pd.DataFrame(columns), places


def _split_ids(repeats: Floats, folds: Floats, is_split: NDArray[np.bool_]) -> pd.Series:
    if not is_split.any():
        return _repeated(None, len(is_split))
    pairs = zip(repeats.tolist(), folds.tolist(), is_split.tolist(), strict=True)
    return _series([split_id(int(repeat), int(fold)) if has else None for repeat, fold, has in pairs], "string")


def split_id(repeat: object, fold: object) -> str:
    """The name of a split within its study: equal names are equal rows, for every trial of a context."""
    return f"r{repeat}f{fold}"


def _failures(found: Collected, config_ids: Sequence[str], traceback_of: Callable[[str], str]) -> pd.DataFrame:
    given: dict[str, Sequence[object]] = {**found.texts, **found.whole, "trial_key": found.texts["key"], "config_id": config_ids}
    statuses = found.texts["status"]
    failed = [row for row, status in enumerate(statuses) if status in _FAILED] if not _FAILED.isdisjoint(statuses) else []
    # Thousands of trials fail alike, and tracebacks are long.
    first: dict[str, int] = {}
    for row in failed:
        first.setdefault(found.texts["error_type"][row] or found.texts["error_kind"][row] or NAMELESS, row)
    shown = set(first.values())
    columns: dict[str, pd.Series] = {}
    for name, dtype in FAILURES.items():
        if name == "traceback":
            columns[name] = _series([traceback_of(str(given["key"][row])) if row in shown else None for row in failed], dtype)
        else:
            columns[name] = _series([given[name][row] for row in failed], dtype)
    return pd.DataFrame(columns)


def _times(seconds: Floats) -> pd.Series:
    """POSIX seconds to UTC timestamps, to the microsecond."""
    known = np.isfinite(seconds)
    micros = np.full(len(seconds), _NAT, dtype=np.int64)
    micros[known] = np.rint(seconds[known] * 1_000_000)
    return pd.Series(micros.view("datetime64[us]")).dt.tz_localize("UTC")


_FAILED = frozenset({Status.FAILED.value, Status.TIMEOUT.value})
_NAT = np.iinfo(np.int64).min  # numpy's own "not a time"


def _repeated(text: object, n: int) -> pd.Series:
    return _series([text], "string").take(np.zeros(n, dtype=np.int64)).reset_index(drop=True)


def _series(values: Sequence[object], dtype: str) -> pd.Series:
    if dtype == "string":
        if len(values) > 1 and values.count(values[0]) == len(values):
            return _repeated(values[0], len(values))
        # An empty text is an absent one: the ledger writes "" where a trial has no error, no node.
        return string_column([str(value) if value else None for value in values])
    return pd.Series(list(values), dtype=dtype)
