"""Short ways to say what a study's owner hands to the ledger."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hpsearch.core.clock import ManualClock
from hpsearch.core.metric import Metric, Mode
from hpsearch.core.trial import Evaluation, Failure, FailureKind, Report, SplitScore, Status, Trial, TrialResult, Usage
from hpsearch.ledger import Begun, Ledger, LostAttempt, StudyRecord

CONTEXT = "c0ffee"
ACCURACY = Metric("acc", Mode.MAX)
LOSS = Metric("loss", Mode.MIN)


def study(metric: Metric = ACCURACY, context: str = CONTEXT, **more: Any) -> StudyRecord:
    return StudyRecord("example", context, metric, spec_text="version: 1\n", tags={"team": "growth"}, varying=("C",), **more)


def trial(name: object) -> Trial:
    return Trial(
        key=f"v1:{name}", config_id=f"cfg-{name}", params={"C": name, "kernel": "rbf"} if isinstance(name, int) else {}, seed=0
    )


def begun(name: object, attempt: int = 1, at: float = 10.0) -> Begun:
    return Begun(trial(name), attempt, "w1", "node-a", 4711, at)


def done(
    name: object,
    attempt: int = 1,
    metrics: Mapping[str, float] | None = None,
    splits: tuple[SplitScore, ...] = (),
    reports: tuple[Report, ...] = (),
    *,
    shared: bool = False,
) -> TrialResult:
    outcome = Evaluation({"acc": 0.5} if metrics is None else metrics, splits, shared=shared)
    return TrialResult(
        trial(name), attempt, outcome, 10.0, 12.5, Usage(2.5, 2.0, 1 << 20), "w1", "node-a", reports, log="log line"
    )


def failed(name: object, attempt: int = 1, kind: FailureKind = FailureKind.ERROR) -> TrialResult:
    return TrialResult(trial(name), attempt, failure(kind), 10.0, 12.5, Usage(2.5), "w1", "node-a")


def lost(name: object, attempt: int = 1, kind: FailureKind = FailureKind.CRASH) -> LostAttempt:
    return LostAttempt(trial(name), attempt, failure(kind), 20.0, "w1", "node-a")


def failure(kind: FailureKind) -> Failure:
    return Failure(kind, "ValueError", "C is negative", "Traceback ...")


def split(fold: int, repeat: int = 0, **scores: float) -> SplitScore:
    return SplitScore(repeat, fold, scores, 80, 20, 0.25, 0.125)


def opened(path: Path, clock: ManualClock | None = None) -> Ledger:
    return Ledger.open(path, clock=clock or ManualClock(100.0))


def status_of(ledger: Ledger, name: object) -> Status:
    return ledger.standings([trial(name).key])[trial(name).key].status


def tamper(path: Path, statement: str, *values: object) -> None:
    """Change a row behind the ledger's back."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement, values)
    connection.close()


def written_by(version: int, folder: Path) -> Path:
    """The ledger that an hpsearch of this schema left."""
    path = folder / "ledger.db"
    connection = sqlite3.connect(path)
    connection.executescript(Path(__file__).with_name(f"ledger_v{version}.sql").read_text(encoding="utf-8"))
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    return path
