"""A folder of a benchmark's own, the environment that goes with it, and commands run there.

Nothing here touches a user's home, cluster or MLflow store. The folder lies right below /tmp: Ray puts sockets there, whose
paths may have 107 characters.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
TIMEOUT_S = 900

_MAKE_STORE = """
import sys
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
SqlAlchemyStore(sys.argv[1], sys.argv[2])
"""


@dataclass(frozen=True)
class Scratch:
    """One benchmark session's folder."""

    folder: Path

    def environment(self, folder: Path) -> dict[str, str]:
        """What a command run in `folder` gets: no setting of the user's that would change what is measured."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAY_", "MLFLOW_", "HPSEARCH_"))}
        (folder / "home").mkdir(parents=True, exist_ok=True)
        (folder / "ray").mkdir(exist_ok=True)
        return kept | {
            "HOME": str(folder / "home"),
            "RAY_TMPDIR": str(folder / "ray"),
            "RAY_AUTH_MODE": "disabled",
            "RAY_USAGE_STATS_ENABLED": "0",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "MPLCONFIGDIR": str(self.folder / "mpl"),
            "PYTHONPATH": str(ROOT),
        }

    @contextmanager
    def run_folder(self) -> Iterator[Path]:
        """A fresh folder for one run, removed after it."""
        folder = Path(tempfile.mkdtemp(prefix="r", dir=self.folder))
        yield folder
        shutil.rmtree(folder, ignore_errors=True)

    def store(self, folder: Path) -> str:
        """The URI of a fresh MLflow store whose tables are made and whose journal is WAL: the same start for everybody."""
        template = self.folder / "template.db"
        if not template.exists():
            command = [sys.executable, "-c", _MAKE_STORE, f"sqlite:///{template}", str(self.folder / "mlruns")]
            subprocess.run(
                command, cwd=self.folder, env=self.environment(self.folder), check=True, stdout=sys.stderr, timeout=TIMEOUT_S
            )
            with closing(sqlite3.connect(template)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(template, folder / "mlflow.db")
        return f"sqlite:///{folder / 'mlflow.db'}"

    def tell(self, script: str, *arguments: str, folder: Path) -> dict[str, Any]:
        """What a script of benchmarks/ prints, with `process_s`: from the command to its end.

        Raises:
            RuntimeError: it failed; with the end of what it said.
        """
        started = time.time()
        command = [sys.executable, str(HERE / script), *arguments, "--started", repr(started)]
        done = subprocess.run(
            command, cwd=folder, env=self.environment(folder), capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
        process_s = time.time() - started
        if done.returncode != 0:
            raise RuntimeError(f"{script} ended with {done.returncode}:\n{done.stderr[-3000:]}")
        told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return told | {"process_s": process_s}

    def hpsearch(self, spec: Path, *overrides: str, scores: bool = False) -> dict[str, Any]:
        """One `hpsearch run` in a folder of its own; see hpsearch_side.py."""
        with self.run_folder() as folder:
            arguments = [str(spec), "--store", self.store(folder), "--folder", str(folder)]
            arguments += [part for item in overrides for part in ("--set", item)]
            return self.tell("hpsearch_side.py", *arguments, *(["--scores"] if scores else []), folder=folder)

    def peer(self, script: str, *arguments: str, with_store: bool = False) -> dict[str, Any]:
        """One run of a script of peers/ in a folder of its own."""
        with self.run_folder() as folder:
            store = ["--store", self.store(folder)] if with_store else []
            return self.tell(f"peers/{script}", *store, *arguments, folder=folder)

    def seconds(self, command: Sequence[str]) -> float:
        """How long a command takes that prints what nobody reads."""
        started = time.perf_counter()
        subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment(self.folder),
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=TIMEOUT_S,
        )
        return time.perf_counter() - started


@contextmanager
def scratch() -> Iterator[Scratch]:
    """A session's folder, removed with all that is in it."""
    folder = Path(tempfile.mkdtemp(prefix="hpb", dir="/tmp"))
    try:
        yield Scratch(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
