"""One owner for each study, whatever happens to it."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hpsearch.core.clock import ManualClock
from hpsearch.core.errors import InfrastructureError, StudyHeldError
from hpsearch.ledger import Holder, StudyLock, holder

# Says what came of trying, and goes on holding the lock until its stdin ends.
CONTENDER = """
import sys
from hpsearch.core.errors import StudyHeldError
from hpsearch.ledger import StudyLock
print("ready", flush=True)
sys.stdin.readline()
try:
    with StudyLock(sys.argv[1]):
        print("held", flush=True)
        sys.stdin.read()
except StudyHeldError as error:
    print(error, flush=True)
    sys.exit(error.exit_code)
"""


def contender(folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    return subprocess.Popen(
        [sys.executable, "-c", CONTENDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )


def say(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdin is not None
    process.stdin.write(word + "\n")
    process.stdin.flush()


def heard(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_of_ten_at_once_one_wins_and_nine_name_it(tmp_path: Path) -> None:
    processes = [contender(tmp_path) for _ in range(10)]
    assert [heard(process) for process in processes] == ["ready"] * 10
    for process in processes:
        say(process, "go")
    answers = [heard(process) for process in processes]
    (winner,) = (process for process, answer in zip(processes, answers, strict=True) if answer == "held")
    assert holder(tmp_path) == Holder(winner.pid, socket.gethostname(), json.loads((tmp_path / "lock.json").read_text())["since"])
    for process, answer in zip(processes, answers, strict=True):
        if process is not winner:
            assert f"is held by process {winner.pid} on {socket.gethostname()} since" in answer
        process.communicate()
    assert sorted(process.returncode for process in processes) == [0] + [5] * 9
    assert holder(tmp_path) is None


def test_a_killed_owner_frees_the_study(tmp_path: Path) -> None:
    process = contender(tmp_path)
    say(process, "go")
    assert [heard(process), heard(process)] == ["ready", "held"]
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert (tmp_path / "lock.json").exists()
    assert holder(tmp_path) is None
    with StudyLock(tmp_path):
        found = holder(tmp_path)
        assert found is not None
        assert found.pid == os.getpid()


def test_a_killed_owners_name_is_not_given_for_a_new_ones(tmp_path: Path) -> None:
    """Between taking the lock and writing its name, a new owner stands beside the old one's note."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / "lock.json").write_text(json.dumps({"pid": ended.pid, "host": socket.gethostname(), "since": 1.0}))
    handle = os.open(tmp_path / "lock", os.O_CREAT | os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(StudyHeldError, match="is held by another process;"):
        StudyLock(tmp_path, clock=ManualClock()).acquire()
    os.close(handle)


def test_leaving_frees_the_study_and_taking_it_again_is_possible(tmp_path: Path) -> None:
    lock = StudyLock(tmp_path / "new", clock=ManualClock(86400.0))
    with lock:
        assert str(holder(tmp_path / "new")) == f"process {os.getpid()} on {socket.gethostname()} since 1970-01-02 00:00:00 UTC"
        with pytest.raises(StudyHeldError):
            StudyLock(tmp_path / "new").acquire()
    assert holder(tmp_path / "new") is None
    with lock:
        pass
    lock.release()


def test_asking_who_holds_it_creates_nothing(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    assert holder(tmp_path / "missing") is None
    assert os.listdir(tmp_path) == []


def test_being_asked_does_not_cost_the_lock(tmp_path: Path) -> None:
    """`status` looks at the very moment in which `run` starts."""
    (tmp_path / "lock").touch()
    handle = os.open(tmp_path / "lock", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_SH)

    timer = threading.Timer(0.1, os.close, [handle])
    timer.start()
    with StudyLock(tmp_path):
        pass
    timer.join()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InfrastructureError, match=r"file/study"):
        StudyLock(tmp_path / "file" / "study").acquire()
