"""Trials as they are read from a ledger, into columns: a million records held at once take more than all tables together."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpsearch.core.trial import Status
from hpsearch.core.values import Params
from hpsearch.ledger import TrialRecord
from hpsearch.results.statistics import Floats

_TEXTS = ("key", "status", "worker", "node", "error_kind", "error_type", "error")
_FLOATS = ("started_at", "ended_at", "seconds", "cpu_s", "fit_s", "score_s")
_WHOLE = ("number", "seed", "attempt", "peak_rss_bytes")


@dataclass(frozen=True)
class Collected:
    """Trials in the order of their numbers.

    Attributes:
        params: the configurations' parameters by config_id, in order of first appearance.
        codes: (n,), the place of each trial's configuration among these.
        texts, whole: None where there is none. floats, metrics: NaN there; times in POSIX seconds.
        failed: the records of the trials that are FAILED or TIMEOUT.
    """

    params: dict[str, Params]
    codes: NDArray[np.int64]
    texts: Mapping[str, Sequence[str | None]]
    whole: Mapping[str, Sequence[int | None]]
    floats: Mapping[str, Floats]
    metrics: Mapping[str, Floats]
    shared: NDArray[np.bool_]
    failed: Sequence[TrialRecord]

    @property
    def config_ids(self) -> Sequence[str]:
        """Of each trial."""
        ids = list(self.params)
        return [ids[code] for code in self.codes.tolist()]


def collect(trials: Iterable[TrialRecord]) -> Collected:
    """The trials, read once, in any order."""
    params: dict[str, Params] = {}
    places: dict[str, int] = {}
    codes = array("q")
    texts: dict[str, list[str | None]] = {name: [] for name in _TEXTS}
    whole: dict[str, list[int | None]] = {name: [] for name in _WHOLE}
    floats = {name: array("d") for name in _FLOATS}
    metrics: dict[str, array[float]] = {}
    shared = bytearray()
    failed: list[TrialRecord] = []
    same: dict[str | None, str | None] = {}  # thousands of trials have one worker, or one error: it is held once
    text_columns = [(name, column.append) for name, column in texts.items() if name != "key"]
    whole_columns = [(name, column.append) for name, column in whole.items()]
    float_columns = [(name, column.append) for name, column in floats.items()]
    for record in trials:
        if record.config_id not in places:
            places[record.config_id] = len(places)
            params[record.config_id] = record.params
        append_row(metrics, record.metrics, len(codes))
        codes.append(places[record.config_id])
        texts["key"].append(record.key)
        for name, add_text in text_columns:
            text = getattr(record, name)
            add_text(same.setdefault(text, text))
        for name, add_whole in whole_columns:
            add_whole(getattr(record, name))
        for name, add_seconds in float_columns:
            seconds = getattr(record, name)
            add_seconds(math.nan if seconds is None else seconds)
        shared.append(record.shared)
        if record.status in (Status.FAILED, Status.TIMEOUT):
            failed.append(record)
    numbers = np.array(whole["number"], dtype=np.int64)
    found = Collected(
        params=params,
        codes=np.array(codes, dtype=np.int64),
        texts=texts,
        whole=whole,
        floats={name: np.array(column) for name, column in floats.items()},
        metrics={name: np.array(column) for name, column in metrics.items()},
        shared=np.array(shared, dtype=bool),
        failed=failed,
    )
    return found if (numbers[1:] > numbers[:-1]).all() else _in_order(found, np.argsort(numbers, kind="stable"))


def append_row(columns: dict[str, array[float]], row: Mapping[str, float], n_rows: int) -> None:
    """One more row; a column that begins late is filled up with NaN, and so is one that this row lacks."""
    for name in row:
        if name not in columns:
            columns[name] = array("d", [math.nan]) * n_rows
    for name, column in columns.items():
        column.append(row.get(name, math.nan))


def _in_order(found: Collected, order: NDArray[np.int64]) -> Collected:
    ids = list(found.params)
    appeared = pd.unique(found.codes[order])
    place = np.empty(len(ids), dtype=np.int64)
    place[appeared] = np.arange(len(ids))
    listed = order.tolist()
    return Collected(
        params={ids[code]: found.params[ids[code]] for code in appeared.tolist()},
        codes=place[found.codes[order]],
        texts={name: [column[row] for row in listed] for name, column in found.texts.items()},
        whole={name: [column[row] for row in listed] for name, column in found.whole.items()},
        floats={name: column[order] for name, column in found.floats.items()},
        metrics={name: column[order] for name, column in found.metrics.items()},
        shared=found.shared[order],
        failed=sorted(found.failed, key=lambda record: record.number),
    )
