"""Trials by column, for who reads them by the hundred thousand: a record each would take most of the time, and of the memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Self

from hpsearch.core.values import Params
from hpsearch.ledger.records import SplitRecord, TrialRecord


@dataclass(frozen=True, slots=True)
class TrialColumns:
    """What TrialRecord says under the same names, an item a trial; and the trials' split scores, in any order."""

    number: Sequence[int]
    key: Sequence[str]
    config_id: Sequence[str]
    params: Sequence[Params]
    seed: Sequence[int]
    status: Sequence[str]
    attempt: Sequence[int]
    metrics: Sequence[Mapping[str, float]]
    started_at: Sequence[float]
    ended_at: Sequence[float | None]
    seconds: Sequence[float | None]
    cpu_s: Sequence[float | None]
    peak_rss_bytes: Sequence[int | None]
    fit_s: Sequence[float | None]
    score_s: Sequence[float | None]
    worker: Sequence[str]
    node: Sequence[str]
    error_kind: Sequence[str | None]
    error_type: Sequence[str]
    error: Sequence[str]
    shared: Sequence[bool]
    splits: Sequence[SplitRecord] = ()

    @classmethod
    def of(cls, records: Iterable[TrialRecord], splits: Iterable[SplitRecord] = ()) -> Self:
        """Of records that are there already."""
        records = list(records)
        columns = {name: [*map(attrgetter(name), records)] for name in TRIAL_COLUMNS}
        return cls(**columns, splits=list(splits))


TRIAL_COLUMNS = tuple(field.name for field in fields(TrialColumns) if field.name != "splits")
