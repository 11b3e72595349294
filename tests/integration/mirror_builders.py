"""A driver's part in the mirror's tests, and what MLflow shows of it."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from hpsearch.core.clock import SystemClock
from hpsearch.core.identity import Context, config_id, trial_key
from hpsearch.core.metric import Metric, Mode
from hpsearch.core.trial import Evaluation, Failure, FailureKind, Report, SplitScore, Trial, TrialResult, Usage
from hpsearch.ledger import Begun, Ledger, StudyLock, StudyRecord, StudyState
from hpsearch.tracking import MirrorProcess, delivery, start_mirror

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

from mlflow import MlflowClient
from mlflow.entities import Run, ViewType

CONTEXT = Context(what="a test")
STARTED = 1_700_000_000.0
PATIENCE_S = 60.0


def a_trial(number: int, seed: int = 0) -> Trial:
    params = {"C": 10.0**number, "kernel": "rbf"}
    return Trial(trial_key(CONTEXT, params, seed), config_id(params), params, seed)


def completed(number: int, *, seed: int = 0, attempt: int = 1, reports: int = 0, folds: int = 3) -> TrialResult:
    splits = tuple(SplitScore(0, fold, {"accuracy": 0.5 + fold / 10}, 20, 10, 0.1, 0.01) for fold in range(folds))
    return TrialResult(
        trial=a_trial(number, seed),
        attempt=attempt,
        outcome=Evaluation({"accuracy": 0.6 + number / 1000}, splits),
        started_at=STARTED + number,
        ended_at=STARTED + number + 2.5,
        usage=Usage(seconds=2.5, cpu_s=2.0),
        worker="w1",
        node="n1",
        reports=tuple(Report(seq, seq * 10, {"loss": 1 / (seq + 1)}, STARTED + number + seq / 10) for seq in range(reports)),
    )


def failed(number: int, *, kind: FailureKind = FailureKind.ERROR, attempt: int = 1) -> TrialResult:
    failure = Failure(kind, "ValueError", "no such C", "Traceback (most recent call last):\n  ...\nValueError: no such C")
    return replace(completed(number, attempt=attempt), outcome=failure)


def begun(number: int, attempt: int = 1) -> Begun:
    return Begun(a_trial(number), attempt, "w1", "n1", 1, STARTED + number)


@dataclass
class Study:
    """A driver's part: the study's folder, its lock and ledger, and the mirrors it has started."""

    folder: Path
    uri: str
    epoch: int = 0
    mirrors: list[MirrorProcess] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lock = StudyLock(self.folder)
        self.ledger = Ledger.open(self.folder / "ledger.db", clock=SystemClock())

    @property
    def state(self) -> Path:
        return self.folder / "mirror.db"

    def begin(self, varying: tuple[str, ...] = ("C",)) -> None:
        self.lock.acquire()
        record = StudyRecord(
            name="svm",
            context=CONTEXT.digest,
            metric=Metric("accuracy", Mode.MAX),
            description="a test's study",
            tags={"team": "growth"},
            varying=varying,
            dataset="digits",
            dataset_digest="0123abcd",
            experiment="svm",
        )
        self.epoch = self.ledger.begin_run(record)

    def commit(self, *results: TrialResult, begun: tuple[Begun, ...] = ()) -> None:
        self.ledger.commit(self.epoch, begun=begun, results=results)

    def end(self, state: StudyState = StudyState.COMPLETED) -> None:
        self.ledger.end_run(self.epoch, state)
        self.lock.release()

    def mirror(self) -> MirrorProcess:
        mirror = start_mirror(
            ledger=self.folder / "ledger.db",
            state=self.state,
            uri=self.uri,
            experiment="svm",
            lock=self.folder,
            log=self.folder / "logs" / "mirror.log",
        )
        self.mirrors.append(mirror)
        return mirror

    def finish(self, mirror: MirrorProcess | None = None) -> None:
        """Wait for a mirror's own end, which says that MLflow has everything."""
        status = (mirror or self.mirrors[-1]).wait(PATIENCE_S)
        assert status == 0, f"{status}: {self.log()}"
        assert delivery(self.state, self.ledger).pending == 0

    def log(self) -> str:
        return (self.folder / "logs" / "mirror.log").read_text()

    def parents(self) -> list[Run]:
        return self._search("tags.`hpsearch.role` = 'study'")

    def children(self, parent: Run | None = None) -> dict[str, list[Run]]:
        parent = parent or self.parent()
        by_key: dict[str, list[Run]] = {}
        for run in self._search(f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'"):
            by_key.setdefault(run.data.tags["hpsearch.trial_key"], []).append(run)
        return by_key

    def parent(self) -> Run:
        (parent,) = self.parents()
        return parent

    def child(self, number: int, seed: int = 0) -> Run:
        (run,) = self.children()[a_trial(number, seed).key]
        return run

    def client(self) -> MlflowClient:
        return MlflowClient(self.uri)

    def _search(self, condition: str) -> list[Run]:
        experiment = self.client().get_experiment_by_name("svm")
        return list(self.client().search_runs([experiment.experiment_id], condition, ViewType.ACTIVE_ONLY, 10_000))


def open_study(tmp_path: Path, uri: str) -> Iterator[Study]:
    study = Study(tmp_path / "studies" / "svm", uri)
    yield study
    study.lock.release()
    study.ledger.close()
    for mirror in study.mirrors:
        if mirror.poll() is None:
            os.kill(mirror.pid, signal.SIGKILL)
            mirror.wait(10)


def until(condition: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, f"{what} has not come about in {patience_s} s"
        time.sleep(0.05)


def assert_exactly_one_each(study: Study, numbers: range) -> None:
    counts = Counter({key: len(runs) for key, runs in study.children().items()})
    assert counts == Counter({a_trial(number).key: 1 for number in numbers})


def use_home(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """No MLflow but the test's own."""
    patch.setenv("HOME", str(folder))
    patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    patch.delenv("MLFLOW_TRACKING_URI", raising=False)


def empty_store(path: Path, folders: pytest.TempPathFactory) -> str:
    """An empty MLflow store at `path`: a copy of one that is made once, for the migration takes seconds."""
    made = folders.getbasetemp() / "empty-mlflow.db"
    if not made.exists():
        MlflowClient(f"sqlite:///{made}").search_experiments()
    with sqlite3.connect(made) as old, sqlite3.connect(path) as new:
        old.backup(new)
    new.close()
    old.close()
    return f"sqlite:///{path}"
