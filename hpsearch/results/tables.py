"""Ledger records, streamed once, into columns. Nothing is computed here; `ranking` makes the configurations' table of these."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpsearch.core.trial import Status
from hpsearch.core.values import Params
from hpsearch.ledger import SplitRecord, TrialRecord
from hpsearch.results.columns import EVALUATIONS, FAILURES, METRIC, PARAM, TIME, TRIALS
from hpsearch.results.failures import NAMELESS
from hpsearch.results.parameters import parameter_column, parameter_names, string_column


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
    trials: Iterable[TrialRecord],
    splits: Iterable[SplitRecord],
    *,
    traceback_of: Callable[[TrialRecord], str] = attrgetter("traceback"),
) -> Tables:
    """The tables of one study. `trials` and `splits` are read once, in any order; splits of unknown trials are left out.

    `traceback_of` is asked for the first failed trial of each type of error alone: the records may come without texts.
    """
    records = sorted(trials, key=attrgetter("number"))
    params: dict[str, Params] = {}
    for record in records:
        params.setdefault(record.config_id, record.params)
    position = {config_id: index for index, config_id in enumerate(params)}
    codes = np.fromiter((position[record.config_id] for record in records), dtype=np.int64, count=len(records))
    rows = list(params.values())
    columns = {PARAM + name: parameter_column(name, rows) for name in parameter_names(rows)}
    evaluations, owners = _evaluations(study, records, splits)
    return Tables(
        trials=_trials(records, columns, codes),
        evaluations=evaluations,
        failures=_failures(records, traceback_of),
        params=params,
        param_columns=columns,
        trial_configs=codes,
        evaluation_configs=codes[owners],
    )


def _trials(records: Sequence[TrialRecord], params: Mapping[str, pd.Series], codes: NDArray[np.int64]) -> pd.DataFrame:
    metrics = _names(record.metrics for record in records)
    columns: dict[str, pd.Series] = {}
    for name, dtype in TRIALS.items():
        if name == PARAM:
            # By configuration first: fewer values to look at, and one dtype in both tables.
            for column, values in params.items():
                columns[column] = values.take(codes).reset_index(drop=True)
        elif name == METRIC:
            for metric in metrics:
                columns[METRIC + metric] = _floats(record.metrics.get(metric) for record in records)
        elif dtype == TIME:
            columns[name] = _times([getattr(record, name) for record in records])
        else:
            field = {"trial_key": "key"}.get(name, name)
            columns[name] = _series([getattr(record, field) for record in records], dtype)
    return pd.DataFrame(columns)


def _evaluations(
    study: str, records: Sequence[TrialRecord], splits: Iterable[SplitRecord]
) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """The table, and the number of each row's record."""
    # Into columns as they come: a study's splits are its longest table, and a hundred thousand small objects held at once
    # keep the garbage collector busier than everything else here.
    position = {record.key: index for index, record in enumerate(records) if record.status == Status.COMPLETED}
    owner: list[int] = []
    numbers: dict[str, list[float]] = {name: [] for name in ("repeat", "fold", "n_train", "n_test", "fit_s", "score_s")}
    scores: dict[str, list[float]] = {}
    for record in splits:
        index = position.get(record.key)
        if index is None:
            continue
        split = record.split
        _append(scores, split.scores, len(owner))
        owner.append(index)
        for name, column in numbers.items():
            column.append(getattr(split, name))
    n_splits = len(owner)
    with_splits = set(owner)
    for index in position.values():
        if index not in with_splits:
            trial = records[index]
            _append(scores, trial.metrics, len(owner))
            owner.append(index)
            for name, column in numbers.items():
                value = getattr(trial, name, None)
                column.append(math.nan if value is None else value)
    owned = np.array(owner, dtype=np.int64)
    values = {name: np.array(column, dtype=np.float64) for name, column in numbers.items()}
    is_split = np.arange(len(owned)) < n_splits
    order = np.lexsort((values["fold"], values["repeat"], owned))
    rows = [records[index] for index in owned[order].tolist()]
    given: dict[str, list[object]] = {"study": [study] * len(rows)}
    given["trial_key"] = [trial.key for trial in rows]
    for name in ("config_id", "attempt", "seed"):
        given[name] = [getattr(trial, name) for trial in rows]
    for name, found in values.items():
        # Integers but for the rows that have none; exact in a float up to 2^53 rows.
        whole = name not in ("fit_s", "score_s")
        kept = found[order].tolist()
        given[name] = [None if value != value else int(value) for value in kept] if whole else list(kept)
    places = zip(given["repeat"], given["fold"], is_split[order].tolist(), strict=True)
    given["split_id"] = [split_id(repeat, fold) if has else None for repeat, fold, has in places]
    columns: dict[str, pd.Series] = {}
    for name, dtype in EVALUATIONS.items():
        if name == METRIC:
            for metric, column in scores.items():
                columns[METRIC + metric] = pd.Series(np.array(column, dtype=np.float64)[order])
        else:
            columns[name] = _series(given[name], dtype)
    return pd.DataFrame(columns), owned[order]


def _append(columns: dict[str, list[float]], row: Mapping[str, float], n_rows: int) -> None:
    """One more row; a column that begins late is filled up with NaN, and so is one that this row lacks."""
    for name in row:
        if name not in columns:
            columns[name] = [math.nan] * n_rows
    for name, column in columns.items():
        column.append(row.get(name, math.nan))


def split_id(repeat: object, fold: object) -> str:
    """The name of a split within its study: equal names are equal rows, for every trial of a context."""
    return f"r{repeat}f{fold}"


def _failures(records: Sequence[TrialRecord], traceback_of: Callable[[TrialRecord], str]) -> pd.DataFrame:
    failed = [record for record in records if record.status in (Status.FAILED, Status.TIMEOUT)]
    # Thousands of trials fail alike, and tracebacks are long.
    first: dict[str, str] = {}
    for record in failed:
        first.setdefault(record.error_type or record.error_kind or NAMELESS, record.key)
    shown = set(first.values())
    columns: dict[str, pd.Series] = {}
    for name, dtype in FAILURES.items():
        field = {"trial_key": "key"}.get(name, name)
        if name == "traceback":
            values = [traceback_of(record) if record.key in shown else None for record in failed]
        else:
            values = [getattr(record, field) for record in failed]
        columns[name] = _series(values, dtype)
    return pd.DataFrame(columns)


def _names(mappings: Iterable[object]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for mapping in mappings:
        names.update(dict.fromkeys(mapping))  # type: ignore[call-overload]
    return tuple(names)


def _floats(values: Iterable[float | None]) -> pd.Series:
    return pd.Series(np.array([np.nan if value is None else value for value in values], dtype=np.float64))


def _times(seconds: Sequence[float | None]) -> pd.Series:
    """POSIX seconds to UTC timestamps, to the microsecond."""
    micros = np.array([_NAT if value is None else round(value * 1_000_000) for value in seconds], dtype=np.int64)
    return pd.Series(micros.view("datetime64[us]")).dt.tz_localize("UTC")


_NAT = np.iinfo(np.int64).min  # numpy's own "not a time"


def _series(values: Sequence[object], dtype: str) -> pd.Series:
    if dtype == "float64":
        return _floats(values)  # type: ignore[arg-type]
    if dtype == "string":
        # An empty text is an absent one: the ledger writes "" where a trial has no error, no node.
        return string_column([str(value) if value not in (None, "") else None for value in values])
    return pd.Series(list(values), dtype=dtype)
