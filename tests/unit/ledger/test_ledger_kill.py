"""Whatever was acknowledged is there, at whatever instant the owner is killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from ledger_builders import opened, study

from hpsearch.core.failpoints import VARIABLE
from hpsearch.core.trial import Status
from hpsearch.ledger import StudyState

OWNER = """
import sys
from pathlib import Path
from ledger_builders import begun, done, opened, split, study
first = int(sys.argv[2])
ledger = opened(Path(sys.argv[1]))
epoch = ledger.begin_run(study())
print("epoch", epoch, flush=True)
for n in range(first, first + 100_000):
    ledger.commit(epoch, begun=[begun(n + 1)], results=[done(n, splits=(split(0, acc=0.5), split(1, acc=0.5)))])
    print(n, flush=True)
"""


def start(path: Path, first: int, **environment: str) -> subprocess.Popen[str]:
    here = Path(__file__).parent
    python_path = os.pathsep.join([str(here), str(here.parents[2])])
    return subprocess.Popen(
        [sys.executable, "-c", OWNER, str(path), str(first)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": python_path, **environment},
    )


def acknowledged(path: Path, first: int, until: int) -> list[int]:
    """Run an owner from trial `first`, kill it soon after it has acknowledged `until` more; what it has acknowledged."""
    process = start(path, first)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("epoch")
    lines = [process.stdout.readline() for _ in range(until)]
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate()
    return [int(line) for line in [*lines, *rest.splitlines(keepends=True)] if line.endswith("\n")]


def test_all_that_was_acknowledged_survives_kills_at_random_instants(tmp_path: Path) -> None:
    path, rng = tmp_path / "ledger.db", random.Random(3)
    known: set[str] = set()
    first = 0
    for epoch in range(1, 7):
        done_now = acknowledged(path, first, rng.randrange(0, 60))
        known |= {f"v1:{n}" for n in done_now}
        first = max([first, *done_now]) + 10  # the next owner runs others
        with opened(path) as ledger:
            record = ledger.study()
            assert record is not None
            assert (record.epoch, record.state) == (epoch, StudyState.RUNNING)
            completed = {trial.key for trial in ledger.trials() if trial.status is Status.COMPLETED}
            assert known <= completed
            assert len(completed - known) <= epoch  # at most one commit each that could not be acknowledged any more
            assert len(list(ledger.split_scores())) == 2 * len(completed)
            assert [event.seq for event in ledger.outbox(0, 10_000)] == list(range(1, ledger.outbox_head() + 1))
    with opened(path) as ledger:
        ledger.begin_run(study())
        assert ledger.counts()[Status.RUNNING] == 0
        assert ledger.counts()[Status.COMPLETED] >= len(known)


@pytest.mark.parametrize(("point", "recorded"), [("ledger.commit.before", 0), ("ledger.commit.after", 1)])
def test_a_commit_is_there_from_its_return_on_and_not_before_it_began(tmp_path: Path, point: str, recorded: int) -> None:
    path = tmp_path / "ledger.db"
    process = start(path, 0, **{VARIABLE: point})
    output, _ = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert output == "epoch 1\n"
    with opened(path) as ledger:
        assert ledger.counts()[Status.COMPLETED] == recorded
