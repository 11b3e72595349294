"""Trials as they are read from a ledger, page after page, into one column of each thing."""

from __future__ import annotations

import math
from array import array
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpsearch.core.names import storable
from hpsearch.core.trial import Status
from hpsearch.core.values import Params
from hpsearch.ledger import SplitRecord, TrialColumns
from hpsearch.results.statistics import Floats

_TEXTS = ("key", "status", "worker", "node", "error_kind", "error_type", "error")
_FLOATS = ("started_at", "ended_at", "seconds", "cpu_s", "fit_s", "score_s")
_WHOLE = ("number", "seed", "attempt", "peak_rss_bytes")
SPLIT_NUMBERS = ("repeat", "fold", "n_train", "n_test", "fit_s", "score_s")


@dataclass(frozen=True)
class CollectedSplits:
    """Split scores in the order they came: the key of each one's trial, what is told of each, and its scores by metric."""

    keys: Sequence[str]
    numbers: Mapping[str, Floats]
    scores: Mapping[str, Floats]


@dataclass(frozen=True)
class Collected:
    """Trials in the order of their numbers.

    Attributes:
        params: the configurations' parameters by config_id, in order of first appearance.
        codes: (n,), the place of each trial's configuration among these.
        texts, whole: None where there is none. floats, metrics: NaN there; times in POSIX seconds.
        splits: those of all trials that are COMPLETED.
    """

    params: dict[str, Params]
    codes: NDArray[np.int64]
    texts: Mapping[str, Sequence[str | None]]
    whole: Mapping[str, Sequence[int | None]]
    floats: Mapping[str, Floats]
    metrics: Mapping[str, Floats]
    shared: NDArray[np.bool_]
    splits: CollectedSplits

    @property
    def config_ids(self) -> Sequence[str]:
        """Of each trial."""
        ids = list(self.params)
        return [ids[code] for code in self.codes.tolist()]


def collect(pages: Iterable[TrialColumns]) -> Collected:
    """The trials, read once, in any order."""
    params: dict[str, Params] = {}
    config_ids: list[str] = []
    texts: dict[str, list[str | None]] = {name: [] for name in _TEXTS}
    whole: dict[str, list[int | None]] = {name: [] for name in _WHOLE}
    floats: dict[str, list[Floats]] = {name: [] for name in _FLOATS}
    metrics, shared, splits = _Numbers(), bytearray(), _Splits()
    same: dict[str | None, str | None] = {}  # thousands of trials have one worker, or one error: it is held once
    for page in pages:
        if not page.number:
            continue
        deque(map(params.setdefault, page.config_id, page.params), maxlen=0)
        config_ids += page.config_id
        for name, column in texts.items():
            found = getattr(page, name)
            if name == "key":
                column += found
            elif found.count(found[0]) == len(found):
                column += [same.setdefault(found[0], found[0])] * len(found)
            else:
                column += map(same.setdefault, found, found)
        for name, numbers in whole.items():
            numbers += getattr(page, name)
        for name, parts in floats.items():
            parts.append(np.array(getattr(page, name), dtype=np.float64))  # NaN for None
        metrics.add(page.metrics)
        shared += bytes(page.shared)
        if page.splits:
            completed = {key for key, status in zip(page.key, page.status, strict=True) if status == Status.COMPLETED}
            splits.add([record for record in page.splits if record.key in completed])
    numbers_of = np.array(whole["number"], dtype=np.int64)
    together = Collected(
        params=params,
        codes=_codes(config_ids, params),
        texts=texts,
        whole=whole,
        floats={name: np.concatenate(parts) if parts else np.empty(0) for name, parts in floats.items()},
        metrics=metrics.columns(),
        shared=np.array(shared, dtype=bool),
        splits=splits.collected(),
    )
    in_order = (numbers_of[1:] > numbers_of[:-1]).all()
    return together if in_order else _in_order(together, np.argsort(numbers_of, kind="stable"))


def _codes(config_ids: Sequence[str], params: Mapping[str, Params]) -> NDArray[np.int64]:
    if len(params) == len(config_ids):  # each has one trial
        return np.arange(len(config_ids))
    places = {config_id: place for place, config_id in enumerate(params)}
    return np.fromiter(map(places.__getitem__, config_ids), dtype=np.int64, count=len(config_ids))


@dataclass
class _Numbers:
    """Numbers by name, made storable, part after part: a name that comes late, or that a row lacks, is NaN there."""

    parts: list[tuple[int, dict[str, Floats]]] = field(default_factory=list)

    def add(self, rows: Sequence[Mapping[str, float]]) -> None:
        names = dict.fromkeys(chain.from_iterable(rows))
        self.parts.append(
            (len(rows), {name: np.array([row.get(name, math.nan) for row in rows], dtype=np.float64) for name in names})
        )

    def columns(self) -> dict[str, Floats]:
        names = dict.fromkeys(chain.from_iterable(part for _, part in self.parts))
        return {
            storable(name): np.concatenate([part[name] if name in part else np.full(n, math.nan) for n, part in self.parts])
            for name in names
        }


@dataclass
class _Splits:
    keys: list[str] = field(default_factory=list)
    numbers: dict[str, array[float]] = field(default_factory=lambda: {name: array("d") for name in SPLIT_NUMBERS})
    scores: _Numbers = field(default_factory=_Numbers)

    def add(self, records: Sequence[SplitRecord]) -> None:
        if not records:
            return
        self.keys += [record.key for record in records]
        for name, column in self.numbers.items():
            column.extend(getattr(record.split, name) for record in records)
        self.scores.add([record.split.scores for record in records])

    def collected(self) -> CollectedSplits:
        numbers = {name: np.array(column) for name, column in self.numbers.items()}
        return CollectedSplits(self.keys, numbers, self.scores.columns())


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
        splits=found.splits,
    )
