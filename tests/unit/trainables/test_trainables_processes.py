"""A program ends with its trial, and all that it has started, however either ends; and what it writes never holds it up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hpsearch.core.errors import ObjectiveError
from hpsearch.trainables.processes import ERR, OUT, RunningProgram

SOON_S = 8.0
# Writes the pids of the program and of a child that has left its group and its parent, as a daemon does.
DAEMON = """
import os, pathlib, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        pathlib.Path("daemon").write_text(str(os.getpid()))
        time.sleep(600)
    os._exit(0)
pathlib.Path("program").write_text(str(os.getpid()))
while not os.path.exists("daemon") or not os.path.getsize("daemon"):
    time.sleep(0.01)
"""
BUSY = DAEMON + "print('ready', flush=True)\ntime.sleep(600)\n"


def python(folder: Path, source: str, **environment: str) -> RunningProgram:
    return RunningProgram([sys.executable, "-c", source], folder, {**os.environ, **environment})


def everything(program: RunningProgram) -> tuple[bytes, bytes]:
    outputs = {OUT: b"", ERR: b"", "": b""}
    with program:
        for stream, content in program.output(0.05):
            outputs[stream] += content
    return outputs[OUT], outputs[ERR]


def until_it_says_something(program: RunningProgram) -> None:
    assert any(content for _, content in program.output(0.05))


def is_alive(folder: Path, name: str) -> bool:
    try:
        state = Path(f"/proc/{(folder / name).read_text()}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SOON_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_outputs_apart_and_the_end(tmp_path: Path) -> None:
    program = python(tmp_path, "import sys\nprint('a')\nprint('b', file=sys.stderr)\nsys.exit(4)")
    assert everything(program) == (b"a\n", b"b\n")
    assert program.ended.code == 4


def test_much_output_on_both_streams_neither_blocks_nor_is_lost(tmp_path: Path) -> None:
    source = "import sys\nfor _ in range(300):\n    sys.stdout.write('x' * 10_000)\n    sys.stderr.write('y' * 10_000)"
    out, err = everything(python(tmp_path, source))
    assert (len(out), len(err)) == (3_000_000, 3_000_000)


def test_nothing_comes_while_the_program_is_silent(tmp_path: Path) -> None:
    with python(tmp_path, "import time\ntime.sleep(0.5)") as program:
        silences = sum(stream == "" for stream, _ in program.output(0.05))
    assert silences >= 4


def test_what_a_program_leaves_in_the_background_ends_with_it_and_delays_nothing(tmp_path: Path) -> None:
    began = time.monotonic()
    program = python(tmp_path, DAEMON)
    everything(program)
    assert program.ended.code == 0
    assert time.monotonic() - began < SOON_S
    assert not is_alive(tmp_path, "daemon")


@pytest.mark.parametrize("deaf", [False, True], ids=["heeds SIGTERM", "ignores SIGTERM"])
def test_leaving_the_block_ends_all_of_it(tmp_path: Path, deaf: bool) -> None:
    """As a scheduler does that stops a trial, and Ctrl-C."""
    ignoring = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" if deaf else ""
    with python(tmp_path, ignoring + BUSY) as program:
        until_it_says_something(program)
    assert not is_alive(tmp_path, "program")
    assert not is_alive(tmp_path, "daemon")


def test_a_program_may_clean_up_when_it_is_ended(tmp_path: Path) -> None:
    source = (
        "import signal, sys, time, pathlib\n"
        "def end(*_):\n    print('much' * 100_000)\n    pathlib.Path('cleaned').touch()\n    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\nprint('ready', flush=True)\ntime.sleep(600)"
    )
    with python(tmp_path, source) as program:
        until_it_says_something(program)
    assert (tmp_path / "cleaned").exists()


WORKER = """
import os, sys
from pathlib import Path
from hpsearch.trainables.processes import RunningProgram
with RunningProgram([sys.executable, "-c", sys.argv[1]], Path.cwd(), os.environ) as program:
    for stream, content in program.output(0.05):
        if content:
            print("running", flush=True)
"""


def kill(worker: int) -> None:
    os.kill(worker, signal.SIGKILL)


def terminate_the_group(worker: int) -> None:
    os.killpg(worker, signal.SIGTERM)


def kill_the_group(worker: int) -> None:
    """As a batch system does at the end of its patience."""
    os.killpg(worker, signal.SIGKILL)


def kill_its_children_first(worker: int) -> None:
    """As Ray does when a worker has to end."""
    for child in Path(f"/proc/{worker}/task/{worker}/children").read_text().split():
        os.kill(int(child), signal.SIGKILL)
    os.kill(worker, signal.SIGKILL)


@pytest.mark.parametrize("end", [kill, terminate_the_group, kill_the_group, kill_its_children_first])
def test_a_worker_s_death_ends_its_program(tmp_path: Path, end: Callable[[int], None]) -> None:
    command = [sys.executable, "-c", WORKER, BUSY]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, process_group=0) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"running\n"
        end(worker.pid)
        worker.wait()
        wait_until(lambda: not is_alive(tmp_path, "program") and not is_alive(tmp_path, "daemon"))


def test_a_keeper_that_is_killed_takes_its_program_along(tmp_path: Path) -> None:
    """The system's memory killer may pick any process."""
    with python(tmp_path, "import os, time\nos.write(1, b'%d %d' % (os.getppid(), os.getpid()))\ntime.sleep(600)") as program:
        for stream, content in program.output(0.05):
            if stream == OUT:
                keeper, pid = map(int, content.split())
                (tmp_path / "program").write_text(str(pid))
                os.kill(keeper, signal.SIGKILL)
    assert program.ended.why == "was killed together with its keeper"
    wait_until(lambda: not is_alive(tmp_path, "program"))


def test_the_program_starts_with_the_signals_of_a_shell_s_child(tmp_path: Path) -> None:
    """A pipe that nobody reads must end `yes | head`; a worker that ignores signals must not teach its programs so."""
    source = (
        "import signal\nnames = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGCHLD']\n"
        "ignored = int(next(l for l in open('/proc/self/status') if l.startswith('SigIgn')).split()[1], 16)\n"
        "print([n for n in names if ignored >> (getattr(signal, n) - 1) & 1])"
    )
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert everything(python(tmp_path, source))[0] == b"[]\n"
    finally:
        signal.signal(signal.SIGHUP, before)


def test_what_cannot_be_started_is_said(tmp_path: Path) -> None:
    with pytest.raises(ObjectiveError, match="cannot be started: No such file or directory"):
        everything(python(tmp_path / "nowhere", ""))
