"""Workers that die or cannot start: what a trial loses by it, and when the run gives up."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from harness import Shell

from hpsearch.core.trial import FailureKind, Status
from hpsearch.ledger.folder import StudyFolder
from hpsearch.ledger.records import AttemptRecord, TrialRecord
from hpsearch.study import open_ledger

JOB = """
import os, pathlib, time

HERE = pathlib.Path(__file__).parent

def run(params, trial):
    (HERE / f"began-{params['x']}-{os.getpid()}").touch()
    while not (HERE / "go").exists():
        time.sleep(0.02)
    return {"loss": params["x"]}
"""
SPEC = """
name: killed
trial: {function: "job:run"}
metric: {name: loss, mode: min}
space: {x: [1, 2, 3, 4, 5, 6]}
retry: {crash: 1, node_lost: 0, out_of_memory: 0}
"""


def test_a_worker_killed_from_outside_is_replaced_and_its_trial_tried_again(cluster_shell: Shell) -> None:
    """Both workers hold a trial until the end, so nobody but a new worker can take the killed one's."""
    cluster_shell.write("job.py", JOB)
    cluster_shell.write("spec.yaml", SPEC)
    process = cluster_shell.start("run", "spec.yaml")

    def until(done: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + 60
        while not done():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                pytest.fail(f"{what}: not so after 60 s, or the run ended before\n{process.communicate()}")
            time.sleep(0.05)

    def begun() -> list[tuple[int, int]]:
        """Configuration and process of each attempt, the oldest first."""
        found = sorted(cluster_shell.folder.glob("began-*"), key=os.path.getmtime)
        return [(int(x), int(pid)) for _, x, pid in (path.name.split("-") for path in found)]

    until(lambda: len(begun()) == 2, "both workers run a trial")
    victim, pid = begun()[0]
    os.kill(pid, signal.SIGKILL)
    until(lambda: len(begun()) == 3, "a new process runs the trial")
    (other, other_pid), (again, new_pid) = begun()[1:]
    assert again == victim
    assert new_pid not in (pid, other_pid)
    (cluster_shell.folder / "go").touch()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "6/6 done" in err
    assert "Traceback" not in err, "the others' deaths are in the ledger, not on the screen"

    tries = attempts_by_x(cluster_shell.folder)
    assert [one.status for one in tries[victim]] == [Status.FAILED, Status.COMPLETED]
    assert (tries[victim][0].error_kind, tries[victim][0].pid) == (FailureKind.CRASH, pid)
    assert "worker process has died" in tries[victim][0].error
    assert {len(attempts) for x, attempts in tries.items() if x != victim} == {1}
    assert tries[other][0].pid == other_pid


def test_where_no_worker_can_start_the_run_ends_and_says_why(cluster_shell: Shell) -> None:
    """The code imports on the driver's machine alone. Tune would start such workers again for ever."""
    here_alone = 'import os\nif "ONLY_HERE" not in os.environ:\n    raise ImportError("libfoo.so: no such file")\n'
    cluster_shell.write("job.py", here_alone + JOB)
    cluster_shell.write("spec.yaml", SPEC)
    done = cluster_shell("run", "spec.yaml", timeout_s=60, ONLY_HERE="1")
    assert done.code == 4, done.err
    assert "no worker can start" in done.err
    assert "libfoo.so: no such file" in done.err


def attempts_by_x(folder: Path) -> dict[int, list[AttemptRecord]]:
    with closing(open_ledger(StudyFolder(folder / "studies" / "killed"))) as ledger:
        records: list[TrialRecord] = list(ledger.trials())
        return {int(str(record.params["x"])): ledger.attempts(record.key) for record in records}
