"""The mirror as a process, against a real MLflow: a SQLite store, and a server on the loopback."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from hpsearch.core.clock import SystemClock
from hpsearch.core.failpoints import VARIABLE as FAILPOINT
from hpsearch.core.identity import Context, config_id, trial_key
from hpsearch.core.metric import Metric, Mode
from hpsearch.core.trial import Evaluation, Failure, FailureKind, Report, SplitScore, Status, Trial, TrialResult, Usage
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


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture(scope="module")
def made_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty MLflow store, made once: the migration takes seconds."""
    path = tmp_path_factory.mktemp("store") / "mlflow.db"
    MlflowClient(f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture
def study(tmp_path: Path, made_store: Path) -> Iterator[Study]:
    store = tmp_path / "mlflow.db"
    with sqlite3.connect(made_store) as old, sqlite3.connect(store) as new:
        old.backup(new)
    new.close()
    old.close()
    yield from open_study(tmp_path, f"sqlite:///{store}")


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


def test_what_a_user_finds_in_mlflow(study: Study) -> None:
    """Nested runs with true statuses, named by what varies; fold and mean metrics; errors; files; nothing twice."""
    (study.folder / "spec.yaml").write_text("name: svm\n")
    (study.folder / "ranking.json").write_text("[]")
    artifacts = study.folder / "artifacts" / a_trial(1).key.replace(":", "-")
    artifacts.mkdir(parents=True)
    (artifacts / "curve.csv").write_text("0,1\n")
    study.begin()
    mirror = study.mirror()
    study.commit(begun=(begun(0), begun(7)))
    until(lambda: delivery(study.state, study.ledger).delivered == 2, "the running trials in MLflow")
    assert study.child(0).info.status == "RUNNING"
    assert study.parent().info.status == "RUNNING"
    study.commit(completed(0), completed(1, reports=3), failed(2), failed(3, kind=FailureKind.TIMEOUT))
    study.end()
    study.finish(mirror)

    parent = study.parent()
    assert parent.info.status == "FINISHED"
    assert parent.info.run_name == "svm"
    assert parent.data.tags["team"] == "growth"
    assert parent.data.tags["mlflow.note.content"] == "a test's study"
    assert parent.data.metrics["best_accuracy"] == pytest.approx(0.601)
    assert parent.data.tags["hpsearch.best.C"] == "10.0"
    assert [data.dataset.name for data in parent.inputs.dataset_inputs] == ["digits"]
    files = {file.path for file in study.client().list_artifacts(parent.info.run_id)}
    assert files == {"spec.yaml", "ranking.json"}

    assert {number: study.child(number).info.status for number in (0, 1, 2, 3, 7)} == {
        0: "FINISHED",
        1: "FINISHED",
        2: "FAILED",
        3: "FAILED",
        7: "KILLED",  # begun, and cut off by the study's end
    }
    assert sum(map(len, study.children().values())) == 5
    run = study.child(1)
    assert run.info.run_name == "C=10"
    assert run.data.params == {"C": "10.0"}
    assert run.data.tags["hpsearch.const.kernel"] == "rbf"
    assert run.data.tags["hpsearch.config_id"] == a_trial(1).config_id
    assert run.data.tags["hpsearch.dataset_digest"] == "0123abcd"
    assert run.data.metrics["accuracy"] == pytest.approx(0.601)
    assert run.data.metrics["seconds"] == 2.5
    assert (run.info.start_time, run.info.end_time) == (1_700_000_001_000, 1_700_000_003_500)
    for number in (0, 1):  # one that was RUNNING first, one that came whole
        history = study.client().get_metric_history(study.child(number).info.run_id, "fold/accuracy")
        assert sorted((point.step, point.value) for point in history) == [(0, 0.5), (1, 0.6), (2, 0.7)]
    losses = study.client().get_metric_history(run.info.run_id, "loss")
    assert sorted((point.step, point.timestamp) for point in losses) == [
        (0, 1_700_000_001_000),
        (10, 1_700_000_001_100),
        (20, 1_700_000_001_200),
    ]
    assert [file.path for file in study.client().list_artifacts(run.info.run_id)] == ["curve.csv"]
    bad = study.child(2).data.tags
    assert (bad["hpsearch.error_kind"], bad["hpsearch.error_type"], bad["hpsearch.error"]) == ("error", "ValueError", "no such C")
    assert bad["hpsearch.traceback"].endswith("ValueError: no such C")
    with sqlite3.connect(study.uri.removeprefix("sqlite:///")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_the_driver_dies_and_the_study_is_run_again(study: Study) -> None:
    """No orphan RUNNING run is left; the next run takes up the same parent, and every trial has one run."""
    study.begin()
    mirror = study.mirror()
    study.commit(completed(0), begun=(begun(1),))
    study.lock.release()  # as the kernel does for a killed driver: the ledger goes on saying RUNNING
    study.finish(mirror)
    before = study.parent()
    assert before.info.status == "KILLED"
    assert before.data.tags["hpsearch.state"] == "INTERRUPTED"
    assert study.child(0).info.status == "FINISHED"
    assert study.child(1).info.status == "KILLED"

    study.begin()
    mirror = study.mirror()
    study.commit(completed(1, attempt=2), begun=(begun(1, attempt=2),))
    until(lambda: study.parent().info.status == "RUNNING", "the parent RUNNING again")
    study.end()
    study.finish(mirror)
    assert study.parent().info.run_id == before.info.run_id
    assert study.parent().info.status == "FINISHED"
    assert study.child(1).info.status == "FINISHED"
    assert study.child(1).data.tags["hpsearch.attempt"] == "2"
    assert_exactly_one_each(study, range(2))


def test_a_run_that_runs_nothing_is_over_at_once(study: Study) -> None:
    """Running a finished study again waits for no MLflow; and a later extension goes on with the same runs."""
    study.begin()
    study.commit(completed(0), failed(1))
    study.end()
    study.finish(study.mirror())
    parent = study.parent()

    study.begin()
    mirror = study.mirror()
    study.end()
    started = time.monotonic()
    study.finish(mirror)
    assert time.monotonic() - started < 5
    assert "FINISHED" in study.log()
    assert study.log().count("is delivered") == 1, "the second mirror had nothing to tell MLflow"

    study.begin(varying=("C", "kernel"))  # an edited spec: what was a constant varies now
    study.commit(completed(1, attempt=2), completed(2), begun=(begun(1, attempt=2),))
    study.commit(completed(2, seed=1))
    study.end()
    study.finish(study.mirror())
    assert study.parent().info.run_id == parent.info.run_id
    assert len(study.children()) == 4
    retried = study.child(1)
    assert retried.info.status == "FINISHED"
    assert not [name for name in retried.data.tags if name.startswith("hpsearch.error")]
    old = study.child(0)  # relabelled, or the comparison page would show gaps
    assert old.data.params == {"C": "1.0", "kernel": "rbf", "seed": "0"}
    assert old.info.run_name == "C=1 kernel=rbf seed=0"
    assert old.info.status == "FINISHED"


@pytest.mark.parametrize("point", ["mirror-inserted", "mirror-recorded"])
def test_killed_between_mlflow_and_its_own_record(study: Study, monkeypatch: pytest.MonkeyPatch, point: str) -> None:
    """A mirror killed at the worst moment leaves no second run behind."""
    study.begin()
    study.commit(*(completed(number) for number in range(20)))
    monkeypatch.setenv(FAILPOINT, point)
    assert study.mirror().wait(PATIENCE_S) == -signal.SIGKILL
    monkeypatch.delenv(FAILPOINT)
    mirror = study.mirror()
    study.commit(*(completed(number) for number in range(20, 30)))
    study.end()
    study.finish(mirror)
    assert_exactly_one_each(study, range(30))
    assert {run.info.status for (run,) in study.children().values()} == {"FINISHED"}
    assert len(study.parents()) == 1


def test_killed_at_any_moment_and_without_its_file(study: Study) -> None:
    """Killed thrice while it works, then bereft of mirror.db: still one run for each trial."""
    study.begin()
    for round_, delay_s in enumerate((0.4, 2.2, 2.8)):  # before, while and after MLflow is imported, more or less
        study.commit(*(completed(number) for number in range(round_ * 50, round_ * 50 + 50)))
        mirror = study.mirror()
        time.sleep(delay_s)
        os.kill(mirror.pid, signal.SIGKILL)
        mirror.wait(10)
    study.state.unlink()
    study.end()
    study.finish(study.mirror())
    assert_exactly_one_each(study, range(150))
    assert len(study.parents()) == 1


def test_a_newer_mirror_takes_over_and_ctrl_c_does_not_reach_it(study: Study) -> None:
    """Starting a second mirror is harmless, and a signal to the driver's group ends none."""
    study.begin()
    study.commit(completed(0))
    older = study.mirror()
    assert os.getsid(older.pid) == older.pid != os.getsid(0)
    until(lambda: delivery(study.state, study.ledger).delivered == 1, "the first trial in MLflow")
    newer = study.mirror()
    assert older.wait(PATIENCE_S) == 1
    study.commit(completed(1))
    study.end()
    study.finish(newer)
    assert_exactly_one_each(study, range(2))
    assert "a newer mirror takes over" in study.log()


def test_a_locked_store_is_waited_for(study: Study) -> None:
    """Another program holds MLflow's file: the mirror waits, then delivers."""
    study.begin()
    mirror = study.mirror()
    study.commit(completed(0))
    until(lambda: delivery(study.state, study.ledger).delivered == 1, "the first trial in MLflow")
    blocker = sqlite3.connect(study.uri.removeprefix("sqlite:///"), isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    study.commit(completed(1))
    study.end()
    time.sleep(3)
    assert mirror.poll() is None
    assert delivery(study.state, study.ledger).pending == 1
    blocker.execute("ROLLBACK")
    blocker.close()
    study.finish(mirror)
    assert_exactly_one_each(study, range(2))


def test_two_mirrors_make_a_fresh_store_together(tmp_path: Path) -> None:
    """Two studies begun at once on a store that does not exist yet both arrive."""
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    studies = [Study(tmp_path / name / "svm", uri) for name in ("a", "b")]
    for study in studies:
        study.begin()
        study.commit(completed(0))
        study.mirror()
    for study in studies:
        study.end()
        study.finish()
        study.ledger.close()
    parents = studies[0].parents()
    assert len(parents) == 2
    assert [len(studies[0].children(parent)) for parent in parents] == [1, 1]


@dataclass
class Server:
    """An MLflow server of the test's own."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "mlflow", "server", "--workers", "1"),
                    *("--host", "127.0.0.1", "--port", str(self.port)),
                    *("--backend-store-uri", f"sqlite:///{self.folder / 'server.db'}"),
                    *("--artifacts-destination", str(self.folder / "artifacts")),
                ],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                env=os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
                start_new_session=True,
            )
        until(self._answers, "the server's answer")

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.uri}/health", timeout=1) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def stop(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)  # the group is this server's alone
            self.process.wait(10)
            self.process = None


@pytest.fixture
def server(tmp_path: Path, made_store: Path) -> Iterator[Server]:
    with sqlite3.connect(made_store) as old, sqlite3.connect(tmp_path / "server.db") as new:
        old.backup(new)
    old.close()
    new.close()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Server(tmp_path, port)
    yield server
    server.stop()


def test_a_server_that_comes_late(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a server that is down at first; mirrors killed midway; a run made by a lost reply, which is deleted."""
    studies = open_study(tmp_path, server.uri)
    study = next(studies)
    (study.folder / "spec.yaml").write_text("name: svm\n")
    study.begin()
    study.commit(*(completed(number) for number in range(5)), failed(5))
    mirror = study.mirror()
    until(lambda: delivery(study.state, study.ledger).error is not None, "a word about the missing server")
    assert delivery(study.state, study.ledger).pending == 6
    server.start()
    until(lambda: delivery(study.state, study.ledger).pending == 0, "delivery")
    assert delivery(study.state, study.ledger).error is None
    first = study.child(0)
    copy = study.client().create_run(first.info.experiment_id, tags=first.data.tags)  # what a repeated POST would make

    os.kill(mirror.pid, signal.SIGKILL)
    mirror.wait(10)
    study.commit(*(completed(number) for number in range(6, 10)))
    monkeypatch.setenv(FAILPOINT, "mirror-created")
    assert study.mirror().wait(PATIENCE_S) == -signal.SIGKILL
    monkeypatch.delenv(FAILPOINT)
    mirror = study.mirror()
    study.end()
    study.finish(mirror)
    assert_exactly_one_each(study, range(10))
    assert study.child(0).info.run_id == first.info.run_id
    assert study.client().get_run(copy.info.run_id).info.lifecycle_stage == "deleted"
    assert {study.child(number).info.status for number in (0, 1, 2, 3, 4, 6, 7, 8, 9)} == {"FINISHED"}
    assert study.child(5).info.status == "FAILED"
    assert len(study.client().get_metric_history(study.child(9).info.run_id, "fold/accuracy")) == 3
    assert study.parent().info.status == "FINISHED"
    assert [file.path for file in study.client().list_artifacts(study.parent().info.run_id)] == ["spec.yaml"]
    assert study.ledger.counts()[Status.COMPLETED] == 9
    next(studies, None)
