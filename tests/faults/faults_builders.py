"""Runs that are killed and signalled: a study of their own, and what they leave in the ledger, in MLflow and in /proc."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hpsearch.core.trial import Status
from hpsearch.ledger import StudyState
from hpsearch.ledger.folder import StudyFolder
from hpsearch.study import open_ledger

PATIENCE_S = 60.0
FUNCTION = """
import pathlib, time

def run(params, trial):
    with open(pathlib.Path(__file__).parent / "ran.txt", "a") as file:
        file.write(f"{params['x']}\\n")
    time.sleep(params["lasts_s"])
    return {"loss": params["x"] ** 2}
"""


@dataclass
class Study:
    """A study of `trials` trials, each of which writes its x to ran.txt when it begins and lasts `lasts_s` seconds."""

    folder: Path
    trials: int
    lasts_s: float
    # The processes of this study's runs have it in their environment, however far they are from their parent.
    mark: str = field(default_factory=lambda: f"HPSEARCH_TEST_MARK={uuid.uuid4().hex}")

    def __post_init__(self) -> None:
        self.write("job.py", FUNCTION)
        self.write(
            "spec.yaml",
            f"name: squares\ntrial: {{function: 'job:run', fixed: {{lasts_s: {self.lasts_s}}}}}\n"
            f"metric: {{name: loss, mode: min}}\nspace: {{x: {{int: [1, {self.trials}]}}}}\n",
        )

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def start(self, **environment: str) -> subprocess.Popen[bytes]:
        """`hpsearch run` in a process group of its own, as a shell starts it. What it says is in `said`."""
        with (self.folder / "said.txt").open("wb") as said:
            return subprocess.Popen(
                [sys.executable, "-m", "hpsearch.cli.main", "run", "spec.yaml", "--cpus", "2"],
                cwd=self.folder,
                env={**os.environ, **dict([self.mark.split("=")]), **environment},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                process_group=0,
                preexec_fn=_heed_all_signals,
            )

    def run(self) -> None:
        """A run that comes to its end."""
        code = self.start().wait(180)
        assert code == 0, self.said

    @property
    def said(self) -> str:
        return (self.folder / "said.txt").read_text(encoding="utf-8")

    @property
    def ran(self) -> list[int]:
        """The trials in the order in which they began, as they told themselves."""
        path = self.folder / "ran.txt"
        return [int(line) for line in path.read_text().splitlines()] if path.exists() else []

    # -- the ledger

    @property
    def place(self) -> StudyFolder:
        return StudyFolder(self.folder / "studies" / "squares")

    def recorded(self) -> set[int]:
        """The trials that the ledger has as COMPLETED."""
        if not self.place.exists:
            return set()
        with closing(open_ledger(self.place)) as ledger:
            return {int(str(trial.params["x"])) for trial in ledger.trials() if trial.status is Status.COMPLETED}

    def counts(self) -> dict[Status, int]:
        with closing(open_ledger(self.place)) as ledger:
            return {status: count for status, count in ledger.counts().items() if count}

    def state(self) -> StudyState:
        with closing(open_ledger(self.place)) as ledger:
            study = ledger.study()
        assert study is not None
        return study.state

    # -- MLflow

    def children(self) -> list[tuple[str, str]]:
        """(trial key, status) of every active child run."""
        return self._runs("hpsearch.trial_key")

    def parents(self) -> list[str]:
        """The status of every active parent run."""
        return [status for role, status in self._runs("hpsearch.role") if role == "study"]

    def _runs(self, tag: str) -> list[tuple[str, str]]:
        path = self.folder / "mlflow.db"
        if not path.exists():
            return []
        with closing(sqlite3.connect(path)) as store:
            made = store.execute(
                "select count(*) from sqlite_master where type = 'table' and name in ('runs', 'tags')"
            ).fetchone()
            if made != (2,):
                return []  # MLflow is making its store
            return store.execute(
                "select t.value, r.status from runs r join tags t using (run_uuid) "
                "where t.key = ? and r.lifecycle_stage = 'active'",
                (tag,),
            ).fetchall()

    # -- processes

    def processes(self) -> dict[int, str]:
        """Living processes of this study's runs: pid → command line.

        Ray's agents write their titles over their environment, but stay in the study's folder.
        """
        found = {}
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and (
                    self.mark.encode() in (entry / "environ").read_bytes().split(b"\0")
                    or (entry / "cwd").readlink() == self.folder
                ):
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue  # it has ended, or is another user's
        return found

    def wait_for_quiet(self) -> None:
        """No process is left: Ray's within seconds, and MLflow's mirror when it has delivered, which it does alone."""
        wait_until(lambda: not [line for line in self.processes().values() if "hpsearch.tracking" not in line], 10.0, self)
        wait_until(lambda: not self.processes(), PATIENCE_S, self)

    # -- the end

    def assert_complete(self) -> None:
        """Every trial is there exactly once, in the ledger and in MLflow."""
        assert self.counts() == {Status.COMPLETED: self.trials}, self.counts()
        assert self.recorded() == set(range(1, self.trials + 1))
        assert self.state() is StudyState.COMPLETED
        assert self.parents() == ["FINISHED"], self.parents()
        children = self.children()
        assert len({key for key, _ in children}) == len(children) == self.trials, children
        assert {status for _, status in children} == {"FINISHED"}

    def assert_completed_by_another_run(self, recorded: set[int]) -> None:
        """Run again: what was recorded before is not run again, the rest once, and all is complete."""
        before = len(self.ran)
        self.run()
        again = Counter(self.ran[before:])
        assert not recorded & set(again), f"recorded, and run again: {recorded & set(again)}"
        assert set(again) | self.recorded() == set(range(1, self.trials + 1))
        assert set(again.values()) <= {1}
        self.assert_complete()
        self.wait_for_quiet()


def _heed_all_signals() -> None:
    """Whatever the tests themselves were started by ignores: nohup does one of these, a shell's background another."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def wait_until(true: Callable[[], bool], seconds: float, study: Study) -> None:
    """Fails where it is not so within `seconds`."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            pytest.fail(f"not so after {seconds} s; processes: {study.processes()}\nran: {study.ran}\n{study.said}")
        time.sleep(0.05)
