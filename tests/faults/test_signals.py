"""Ctrl-C and SIGTERM end a run in order, whatever it is at: soon, recorded, resumable, and with no process left behind."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from faults_builders import PATIENCE_S, Study, wait_until

from hpsearch.core.trial import Status
from hpsearch.execution.job import GRACE_S
from hpsearch.ledger import StudyState

# From the signal to the end of the process: the grace, and ending Ray on a machine that is busy.
SOON_S = GRACE_S + 15.0
TRIALS = 10


def to_the_process(process: subprocess.Popen[bytes], number: int) -> None:
    os.kill(process.pid, number)


def to_its_group(process: subprocess.Popen[bytes], number: int) -> None:
    """As a terminal does."""
    os.killpg(process.pid, number)


def assert_interrupted(process: subprocess.Popen[bytes], study: Study) -> None:
    """It ends soon, with the exit code of that, and nothing says RUNNING."""
    try:
        assert process.wait(SOON_S) == 130, study.said
    except subprocess.TimeoutExpired:
        process.kill()
        pytest.fail(f"not ended {SOON_S} s after the signal\n{study.said}")
    assert "Traceback" not in study.said, study.said
    study.wait_for_quiet()
    if study.place.exists:
        assert Status.RUNNING not in study.counts()
        assert study.state() is not StudyState.RUNNING
    assert "RUNNING" not in [*study.parents(), *(status for _, status in study.children())]


@pytest.mark.parametrize(
    ("send", "number"),
    [
        pytest.param(to_the_process, signal.SIGINT, id="SIGINT", marks=pytest.mark.slow),
        pytest.param(to_its_group, signal.SIGINT, id="Ctrl-C"),
        pytest.param(to_the_process, signal.SIGTERM, id="SIGTERM", marks=pytest.mark.slow),
        pytest.param(to_its_group, signal.SIGTERM, id="a batch system's end", marks=pytest.mark.slow),
        pytest.param(to_its_group, signal.SIGHUP, id="a closed terminal", marks=pytest.mark.slow),
    ],
)
def test_once_lets_running_trials_end_and_the_next_run_goes_on(
    tmp_path: Path, send: Callable[[subprocess.Popen[bytes], int], None], number: int
) -> None:
    study = Study(tmp_path, TRIALS, 1.0)
    process = study.start()
    wait_until(lambda: len(study.ran) >= 3, PATIENCE_S, study)
    send(process, number)
    assert_interrupted(process, study)
    assert study.state() is StudyState.INTERRUPTED
    recorded = study.recorded()
    assert recorded == set(study.ran), "what ran when the signal came ended within the grace, and is recorded"
    assert len(recorded) < TRIALS
    study.assert_completed_by_another_run(recorded)


@pytest.mark.slow
def test_once_cancels_trials_that_outlast_the_grace(tmp_path: Path) -> None:
    study = Study(tmp_path, TRIALS, 600.0)
    process = study.start()
    wait_until(lambda: len(study.ran) >= 2, PATIENCE_S, study)
    to_its_group(process, signal.SIGINT)
    assert_interrupted(process, study)
    assert study.counts() == {Status.CANCELLED: 2}
    assert study.parents() == ["KILLED"]
    assert [status for _, status in study.children()] == ["KILLED", "KILLED"]


@pytest.mark.slow
def test_twice_ends_at_once(tmp_path: Path) -> None:
    study = Study(tmp_path, TRIALS, 600.0)
    process = study.start()
    wait_until(lambda: len(study.ran) >= 2, PATIENCE_S, study)
    to_its_group(process, signal.SIGINT)
    wait_until(lambda: "again to end at once" in study.said, PATIENCE_S, study)
    again_at = time.monotonic()
    to_its_group(process, signal.SIGINT)
    process.wait(SOON_S)
    assert time.monotonic() - again_at < GRACE_S, "it waited as if it had been asked once"
    assert_interrupted(process, study)
    assert study.counts() == {Status.CANCELLED: 2}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("send", "number"), [(to_the_process, signal.SIGINT), (to_the_process, signal.SIGTERM), (to_its_group, signal.SIGHUP)]
)
@pytest.mark.parametrize(("phase", "at_most"), [("starting Ray", 0), ("starting 2 workers", 2)])
def test_during_the_start_the_run_ends_and_nothing_more_begins(
    tmp_path: Path, phase: str, at_most: int, send: Callable[[subprocess.Popen[bytes], int], None], number: int
) -> None:
    """Workers come while Ray starts and data are loaded: as soon as that is done, they are at the first two trials."""
    study = Study(tmp_path, TRIALS, 1.0)
    process = study.start()
    wait_until(lambda: phase in study.said, PATIENCE_S, study)
    send(process, number)
    assert_interrupted(process, study)
    assert study.state() is StudyState.INTERRUPTED
    assert len(study.ran) <= at_most


LOADER = """
import pathlib, time

def load():
    (pathlib.Path(__file__).parent / "loading.txt").touch()
    time.sleep(600)
"""


@pytest.mark.slow
def test_while_data_are_loaded_the_run_ends_and_has_created_nothing(tmp_path: Path) -> None:
    study = Study(tmp_path, TRIALS, 1.0)
    study.write("source.py", LOADER)
    study.write("spec.yaml", (tmp_path / "spec.yaml").read_text() + "data: {function: 'source:load', target: y}\n")
    process = study.start()
    wait_until((tmp_path / "loading.txt").exists, PATIENCE_S, study)
    to_the_process(process, signal.SIGINT)
    assert_interrupted(process, study)
    assert not study.place.path.exists()
    assert not (tmp_path / "mlflow.db").exists()


@pytest.mark.slow
def test_during_delivery_the_study_is_complete_and_the_mirror_goes_on_alone(tmp_path: Path) -> None:
    study = Study(tmp_path, TRIALS, 0.3)
    process = study.start()
    wait_until(lambda: len(study.parents()) == 1, PATIENCE_S, study)
    with closing(sqlite3.connect(tmp_path / "mlflow.db", isolation_level=None)) as store:
        store.execute("BEGIN IMMEDIATE")
        wait_until(lambda: "delivering to MLflow" in study.said, PATIENCE_S, study)
        to_the_process(process, signal.SIGINT)
        assert process.wait(SOON_S) == 130, study.said
        store.execute("ROLLBACK")
    assert_interrupted(process, study)
    study.assert_complete()
