"""What a study's ledger tells of a run: when its results were committed, who ran what, and every score."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cases.work import key_of
from hpsearch.core.clock import SystemClock
from hpsearch.core.trial import Status
from hpsearch.ledger import Ledger
from hpsearch.ledger.records import EventKind, OutboxEvent

_PAGE = 5000


@dataclass(frozen=True)
class Recorded:
    """A run as its ledger has it. Times in POSIX seconds.

    Attributes:
        first_start: when the first trial began.
        first_commit, last_commit: of a trial's result.
        scores: by configuration, the metric on each split; of a function, what it returned. Empty unless asked for.
        starts: of each trial, the worker that ran it and when it began. Empty unless asked for.
    """

    completed: int
    first_start: float
    first_commit: float
    last_commit: float
    scores: dict[str, list[float]]
    starts: list[tuple[str, float]]


def read(path: Path, *, scores: bool = False, starts: bool = False) -> Recorded:
    """The newest run of a study that has been run once."""
    with closing(Ledger.open(path, clock=SystemClock(), read_only=True)) as ledger:
        study = ledger.study()
        assert study is not None
        metric = study.metric.name
        trials = list(ledger.trials())
        commits = [event.at for event in _events(ledger) if event.kind is EventKind.TRIAL_ENDED]
        by_key: dict[str, list[float]] = {}
        if scores:
            parts = sorted(ledger.split_scores(), key=lambda record: (record.split.repeat, record.split.fold))
            for record in parts:
                by_key.setdefault(record.key, []).append(record.split.scores[metric])
            by_key = {trial.key: by_key.get(trial.key) or [trial.metrics[metric]] for trial in trials}
    return Recorded(
        completed=sum(trial.status is Status.COMPLETED for trial in trials),
        first_start=min(trial.started_at for trial in trials),
        first_commit=min(commits),
        last_commit=max(commits),
        scores={key_of(trial.params, study.varying): by_key[trial.key] for trial in trials} if scores else {},
        starts=[(trial.worker, trial.started_at) for trial in trials] if starts else [],
    )


def _events(ledger: Ledger) -> Iterator[OutboxEvent]:
    after = 0
    while page := ledger.outbox(after, _PAGE):
        yield from page
        after = page[-1].seq
