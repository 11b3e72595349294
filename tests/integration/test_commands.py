"""Studies of commands on Ray: reports, logs and failures in the ledger, checkpoints, and no process left behind."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import Shell

SPEC = """
name: commands
trial:
  command: python train.py --x {{x}}
metric: {{name: loss, mode: min}}
space: {{x: {values}}}
"""
BEGINNING = """
import json, os, pathlib, signal, subprocess, sys, time

x = int(sys.argv[2])
def report(**values):
    with open(os.environ["HPSEARCH_REPORT"], "a") as file:
        print(json.dumps(values), file=file)
"""
FAILING = (
    BEGINNING
    + """
print("x is", x)
for step in range(3):
    report(step=step, loss=x + 1 / (step + 1))
assert x < 4, "too much"
"""
)
# Ends its worker as a crash would: the first above it that is no keeper.
CRASHING = (
    BEGINNING
    + """
folder = pathlib.Path(os.environ["HPSEARCH_TRIAL_DIR"], "state")
folder.mkdir()
kept = os.environ["HPSEARCH_CHECKPOINT"]
start = int(pathlib.Path(kept, "epoch").read_text()) if kept else 0
for epoch in range(start, 4):
    with open("epochs.txt", "a") as file:
        print(epoch, file=file)
    (folder / "epoch").write_text(str(epoch + 1))
    report(step=epoch, loss=10 - epoch, checkpoint=str(folder))
    if epoch == 1 and not kept:
        time.sleep(2)  # the report is read, and the checkpoint kept
        above = os.getppid()
        while b"keeper.py" in pathlib.Path(f"/proc/{above}/cmdline").read_bytes():
            above = int(pathlib.Path(f"/proc/{above}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(above, signal.SIGKILL)
        time.sleep(600)
"""
)
LASTING = (
    BEGINNING
    + """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen(["sleep", "600"], start_new_session=True)
pathlib.Path(f"began-{x}").touch()
time.sleep(600)
"""
)


def prepare(shell: Shell, program: str, values: list[int]) -> None:
    shell.write("train.py", program)
    shell.write("spec.yaml", SPEC.format(values=values))


def left_behind(folder: Path) -> dict[int, str]:
    """Processes that run in the study's folder, the mirror to MLflow aside: pid → command line."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cwd").readlink() == folder:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if command and "hpsearch.tracking" not in command:
                    found[int(entry.name)] = command
        except OSError:
            continue
    return found


def wait_until(true: Callable[[], object], seconds: float, said: Callable[[], object] = str) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            pytest.fail(f"not so after {seconds} s: {said()}")
        time.sleep(0.05)


def test_reports_logs_and_failures_are_recorded_and_an_edited_program_makes_new_trials(cluster_shell: Shell) -> None:
    prepare(cluster_shell, FAILING, [1, 2, 3, 4])
    done = cluster_shell("run", "spec.yaml")
    assert done.code == 0, done.err
    assert "1 failed" in done.err
    ranking = cluster_shell("results", "commands", "--format", "json").json()
    assert isinstance(ranking, list)
    by_x = {row["params"]["x"]: row for row in ranking}
    assert by_x[2]["score"] == pytest.approx(2 + 1 / 3)
    failed = cluster_shell("show", "commands", by_x[4]["config_id"]).out
    assert "python train.py ended with exit code 1: AssertionError: too much" in failed
    assert "x is 4" in failed
    assert "0 failed" not in cluster_shell("plan", "spec.yaml").out
    assert cluster_shell("plan", "spec.yaml", "--json").json()["to_run"] == 0  # type: ignore[index, call-overload]
    cluster_shell.write("train.py", FAILING + "# edited\n")
    assert cluster_shell("plan", "spec.yaml", "--json").json()["to_run"] == 4  # type: ignore[index, call-overload]


def test_a_command_whose_worker_dies_goes_on_from_its_checkpoint(cluster_shell: Shell) -> None:
    prepare(cluster_shell, CRASHING, [1])
    done = cluster_shell("run", "spec.yaml")
    assert done.code == 0, done.err
    assert (cluster_shell.folder / "epochs.txt").read_text().split() == ["0", "1", "2", "3"]
    wait_until(lambda: not left_behind(cluster_shell.folder), 10, lambda: left_behind(cluster_shell.folder))


def test_an_interrupted_run_leaves_no_program(cluster_shell: Shell) -> None:
    """Though it heeds no signal, and has started another that is in a session of its own."""
    prepare(cluster_shell, LASTING, [1, 2, 3])
    folder = cluster_shell.folder
    process = cluster_shell.start("run", "spec.yaml")
    try:
        wait_until(lambda: len(list(folder.glob("began-*"))) == 2, 90)
        assert sum("sleep 600" in command for command in left_behind(folder).values()) == 2
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    assert process.returncode == 130, said
    wait_until(lambda: not left_behind(folder), 15, lambda: left_behind(folder))
    status = cluster_shell("status", "commands", "--json").json()
    assert isinstance(status, dict)
    assert status["state"] == "INTERRUPTED"
