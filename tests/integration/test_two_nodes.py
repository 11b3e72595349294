"""A search on several nodes: all of them work, each holds the data once, and what a node leaves behind the others do.

The nodes are processes of this machine with loopback addresses of their own; 127.0.0.1 itself is none that a node may have,
since a driver takes it for the machine's outward address.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from harness import Shell

from hpsearch.core.trial import FailureKind, Status
from hpsearch.ledger.folder import StudyFolder
from hpsearch.ledger.records import AttemptRecord, TrialRecord
from hpsearch.study import open_ledger

# Every trial writes a line on where it runs, and waits for what the test says.
JOB = """
import os, pathlib, time

import numpy as np

def load():
    rng = np.random.default_rng(0)
    return rng.normal(size=(50_000, 20)), np.arange(50_000) % 2

def mapped(array):
    '''Which file this process has the array from, and where in it.'''
    address = array.__array_interface__["data"][0]
    for line in open("/proc/self/maps"):
        span, _, offset, device, inode, *path = line.split(maxsplit=5)
        low, high = (int(part, 16) for part in span.split("-"))
        if low <= address < high:
            return f"{(path or ['nothing'])[0].split()[0]} {device} {inode} {int(offset, 16) + address - low}"

def share(params, trial):
    X, y = trial.data
    place = pathlib.Path(params["place"])
    with open(place / "arrays.txt", "a") as file:
        file.write(f"{os.getpid()} {X.flags.writeable} {mapped(X)}\\n")
    while len({line.split()[0] for line in (place / "arrays.txt").read_text().splitlines()}) < 4:
        time.sleep(0.02)  # until each of the four workers has a trial
    return {"loss": float(X[params["x"], 0])}

def wait(params, trial):
    place = pathlib.Path(params["place"])
    (place / f"began-{params['x']}-{os.getpid()}").write_text(__file__)
    while not (place / "go").exists():
        time.sleep(0.02)
    return {"loss": params["x"]}
"""
SHARE = """
name: share
trial: {{function: "job:share", fixed: {{place: {place}}}}}
data: {{function: "job:load"}}
metric: {{name: loss, mode: min}}
space: {{x: {{int: [1, 12]}}}}
resources: {{cpu: 0.5}}
"""
WAIT = """
name: wait
trial: {{function: "job:wait", fixed: {{place: {place}}}}}
metric: {{name: loss, mode: min}}
space: {{x: [1, 2, 3, 4]}}
retry: {{crash: 0, error: 0, node_lost: 2}}
limits: {{concurrent: 2}}
"""


class Nodes:
    """A head that runs no trials, and nodes with one CPU each."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        self._addresses = (f"127.0.0.{host}" for host in itertools.count(2))
        head = {"num_cpus": 0, "include_dashboard": False, "node_ip_address": next(self._addresses)}
        self._cluster = Cluster(initialize_head=True, head_node_args=head)
        self.address = str(self._cluster.address)

    @property
    def count(self) -> int:
        return len(self._cluster.worker_nodes)

    def add(self) -> Any:
        return self._cluster.add_node(num_cpus=1, node_ip_address=next(self._addresses))

    def named(self, node_id: str) -> Any:
        return next(node for node in self._cluster.worker_nodes if node.node_id == node_id)

    def remove(self, node: Any, *, in_good_order: bool) -> None:
        self._cluster.remove_node(node, allow_graceful=in_good_order)

    def close(self) -> None:
        self._cluster.shutdown()


@pytest.fixture(scope="module")
def cluster(own_environment: None) -> Iterator[Nodes]:
    nodes = Nodes()
    yield nodes
    nodes.close()


@pytest.fixture
def nodes(cluster: Nodes) -> Nodes:
    """Two of them, whatever the test before has left."""
    while cluster.count < 2:
        cluster.add()
    return cluster


def trials(shell: Shell, study: str) -> list[TrialRecord]:
    with closing(open_ledger(StudyFolder(shell.folder / "studies" / study))) as ledger:
        return list(ledger.trials())


def attempts(shell: Shell, study: str, key: str) -> list[AttemptRecord]:
    with closing(open_ledger(StudyFolder(shell.folder / "studies" / study))) as ledger:
        return ledger.attempts(key)


def until(process: subprocess.Popen[str], done: Callable[[], bool], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            pytest.fail(f"{what}: not so after {seconds} s, or the run ended before\n{process.communicate()}")
        time.sleep(0.05)


def test_both_nodes_work_and_each_holds_the_data_once(nodes: Nodes, shell: Shell) -> None:
    shell.write("job.py", JOB)
    shell.write("spec.yaml", SHARE.format(place=shell.folder))
    done = shell("run", "spec.yaml", "--address", nodes.address, timeout_s=120)
    assert done.code == 0, done.err
    records = trials(shell, "share")
    assert {record.status for record in records} == {Status.COMPLETED}
    assert len({record.node for record in records}) == 2

    copies: dict[str, set[str]] = {}
    for line in (shell.folder / "arrays.txt").read_text().splitlines():
        pid, writeable, where = line.split(maxsplit=2)
        assert writeable == "False"
        assert where.startswith("/dev/shm/")
        copies.setdefault(where, set()).add(pid)
    # One place in shared memory for each node, whatever the trial, and two processes that read it there.
    assert [len(pids) for pids in copies.values()] == [2, 2]


def test_what_runs_on_a_node_that_is_lost_is_done_by_the_others(nodes: Nodes, shell: Shell) -> None:
    """A node is killed while it runs a trial, a new one takes its place, and that one is taken down in good order too.

    The trial's own retries are none: were a lost node taken for a crash, it would fail. The new node does not find the spec's
    folder, as on any machine but the driver's.
    """
    project, place = shell.folder / "project", shell.folder / "place"
    place.mkdir()
    shell.write("project/job.py", JOB)
    shell.write("project/spec.yaml", WAIT.format(place=place))
    process = shell.start("run", "project/spec.yaml", "--address", nodes.address)

    def running() -> list[TrialRecord]:
        return [record for record in trials(shell, "wait") if record.status is Status.RUNNING]

    def begun(x: Any) -> list[str]:
        return [path.read_text() for path in sorted(place.glob(f"began-{x}-*"), key=os.path.getmtime)]

    until(process, lambda: len(list(place.glob("began-*"))) == 2, "both nodes run a trial")
    stays, victim = sorted(running(), key=lambda record: record.number)
    assert stays.node != victim.node

    def tried() -> list[tuple[FailureKind | None, str]]:
        return [(one.error_kind, one.node) for one in attempts(shell, "wait", victim.key)]

    nodes.remove(nodes.named(victim.node), in_good_order=False)
    until(process, lambda: tried()[0] == (FailureKind.NODE_LOST, victim.node), "the lost attempt is recorded")
    project.rename(shell.folder / "away")
    second = nodes.add()
    until(process, lambda: len(begun(victim.params["x"])) == 2, "the new node runs the trial")
    assert tried()[1] == (None, second.node_id)
    assert not begun(victim.params["x"])[1].startswith(str(shell.folder)), "the code came from the spec's folder"

    nodes.remove(second, in_good_order=True)
    until(process, lambda: tried()[1] == (FailureKind.NODE_LOST, second.node_id), "the second loss is recorded")
    (place / "go").touch()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    records = trials(shell, "wait")
    assert [record.status for record in records] == [Status.COMPLETED] * 4
    assert {record.node for record in records} == {stays.node}
    assert [record.attempts for record in records if record.key != victim.key] == [1, 1, 1]
    # One worker has no node to run on. The end does not wait for it: the run would be given up on after 10 s.
    with closing(open_ledger(StudyFolder(shell.folder / "studies" / "wait"))) as ledger:
        study = ledger.study()
    assert study is not None
    assert study.ended_at is not None
    assert study.ended_at - max(record.ended_at or 0 for record in records) < 8
