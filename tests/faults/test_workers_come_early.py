"""Workers come up while data is loaded, and go home when it is refused."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from faults_builders import Study, wait_until

# A worker of this machine's own Ray that has imported what trials need, before there are any data: seen by what it has mapped.
LOADER = """
import os, pathlib, time

def _has_imported(pid):
    try:
        maps = pathlib.Path("/proc", pid, "maps").read_text()
        marked = os.environ["HPSEARCH_TEST_MARK"].encode() in pathlib.Path("/proc", pid, "environ").read_bytes()
    except OSError:
        return False
    return marked and "sklearn/svm/_libsvm" in maps

def load():
    (pathlib.Path(__file__).parent / "loading.txt").touch()
    until = time.monotonic() + 60
    while not any(_has_imported(pid) for pid in os.listdir("/proc") if pid.isdigit() and int(pid) != os.getpid()):
        if time.monotonic() > until:
            raise RuntimeError("no worker came")
        time.sleep(0.05)
    if WRONG:
        raise ValueError("the disk is gone")
    from sklearn.datasets import load_iris
    return load_iris(return_X_y=True)
"""
SPEC = """
name: squares
trial: {estimator: sklearn.svm.SVC}
data: {function: "loader:load"}
evaluate: {cv: {folds: 3, seed: 0}, metrics: [accuracy]}
metric: {name: accuracy, mode: max}
space: {C: [0.1, 1.0, 10.0]}
"""


@pytest.fixture
def study(tmp_path: Path) -> Study:
    made = Study(tmp_path, trials=3, lasts_s=0)
    made.write("spec.yaml", SPEC)
    made.write("loader.py", LOADER.replace("WRONG", "False"))
    return made


def test_workers_import_what_trials_need_while_data_is_loaded(study: Study) -> None:
    study.run()
    assert "3/3 done" in study.said


def test_data_that_is_refused_sends_them_home(study: Study) -> None:
    study.write("loader.py", LOADER.replace("WRONG", "True"))
    assert study.start().wait(120) == 2, study.said
    assert "the disk is gone" in study.said
    assert "Traceback" not in study.said
    study.wait_for_quiet()
    assert not study.place.exists


def test_ctrl_c_while_data_is_loaded_leaves_nothing_behind(study: Study) -> None:
    study.write("loader.py", LOADER.replace("while not any(", "while True or any("))
    process = study.start()
    wait_until((study.folder / "loading.txt").exists, 60, study)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130, study.said
    assert "Traceback" not in study.said
    study.wait_for_quiet()
    assert not study.place.exists
