"""What the mirror reads: the ledger, read-only, and whether the study's driver is alive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hpsearch.core.best import Best
from hpsearch.core.clock import Clock
from hpsearch.core.trial import Report, SplitScore, Status
from hpsearch.ledger import Ledger, holder
from hpsearch.ledger.records import OutboxEvent, StudyRecord, StudyState, TrialRecord
from hpsearch.plan import best_rule_as_run


class Phase(StrEnum):
    """How the run of the study that a mirror serves stands."""

    RUNNING = "running"
    ENDED = "ended"
    ORPHANED = "orphaned"  # RUNNING in the ledger, and its driver is dead
    ABSENT = "absent"  # there is no study


@dataclass(frozen=True)
class TrialView:
    """A trial with what belongs to it. `reports`: those of the attempt shown."""

    record: TrialRecord
    splits: tuple[SplitScore, ...]
    reports: tuple[Report, ...]

    @property
    def points(self) -> int:
        """How many metric values it has, about."""
        return sum(len(split.scores) + 2 for split in self.splits) + sum(len(report.metrics) for report in self.reports)


class Source:
    """The ledger of one study, opened when it is there.

    Args:
        folder: the study's, whose lock tells whether its driver lives.
    """

    def __init__(self, location: str, folder: Path, clock: Clock) -> None:
        self._location = location
        self._folder = folder
        self._clock = clock
        self._ledger: Ledger | None = None

    def close(self) -> None:
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None

    @property
    def ledger(self) -> Ledger:
        if self._ledger is None:
            self._ledger = Ledger.open(self._location, clock=self._clock, read_only=True)
        return self._ledger

    def look(self) -> tuple[Phase, StudyRecord | None]:
        """How the study stands. Looked at before the outbox is: what an ended study left is then all there."""
        # The lock first: a driver that ends between the two looks has written its end before it let go.
        owned = holder(self._folder) is not None
        study = self.ledger.study() if self._exists() else None
        if study is None:
            return Phase.ABSENT, None
        if study.state is not StudyState.RUNNING:
            return Phase.ENDED, study
        return (Phase.RUNNING if owned else Phase.ORPHANED), study

    def _exists(self) -> bool:
        return "://" in self._location or Path(self._location).is_file()

    def events(self, after: int, limit: int) -> list[OutboxEvent]:
        return self.ledger.outbox(after, limit)

    def trials(self, keys: Sequence[str]) -> list[TrialView]:
        """The trials as they stand now, in the order of their first commit."""
        records = list(self.ledger.trials(keys=keys))
        ended = [record.key for record in records if record.status is not Status.RUNNING]
        splits: dict[str, list[SplitScore]] = {}
        reports: dict[str, list[Report]] = {}
        if ended:
            for split in self.ledger.split_scores(keys=ended):
                splits.setdefault(split.key, []).append(split.split)
            for report in self.ledger.all_reports(keys=ended):
                reports.setdefault(report.key, []).append(report.report)
        return [TrialView(record, tuple(splits.get(record.key, ())), tuple(reports.get(record.key, ()))) for record in records]

    def head(self) -> int:
        return self.ledger.outbox_head()

    def counts(self, context: str) -> Mapping[Status, int]:
        return self.ledger.counts(context)

    def best(self, study: StudyRecord) -> Best | None:
        """The best configuration, as the ranking has it."""
        return self.ledger.best(best_rule_as_run(study, self._folder), study.context)
