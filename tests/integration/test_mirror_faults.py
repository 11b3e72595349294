"""The mirror as a process that is killed, against an MLflow that is locked, fresh or late: one run for each trial."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from mirror_builders import (
    PATIENCE_S,
    Study,
    assert_exactly_one_each,
    completed,
    empty_store,
    failed,
    open_study,
    until,
    use_home,
)

from hpsearch.core.failpoints import VARIABLE as FAILPOINT
from hpsearch.core.trial import Status
from hpsearch.tracking import delivery


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_home(tmp_path, monkeypatch)


@pytest.fixture
def study(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    yield from open_study(tmp_path, empty_store(tmp_path / "mlflow.db", tmp_path_factory))


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
def server(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    empty_store(tmp_path / "server.db", tmp_path_factory)
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
