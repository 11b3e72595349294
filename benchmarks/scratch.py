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

from benchmarks.cases.work import SCALE

HERE = Path(__file__).parent
ROOT = HERE.parent
TIMEOUT_S = 3600

_MAKE_STORE = """
import sys
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
SqlAlchemyStore(sys.argv[1], sys.argv[2])
"""


@dataclass(frozen=True)
class Scratch:
    """One benchmark session's folder; `scale` is the part of the cases' full size that is run in it."""

    folder: Path
    scale: float = 1.0

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
            SCALE: repr(self.scale),
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

    def tell(self, module: str, *arguments: str, folder: Path, python: str = sys.executable) -> dict[str, Any]:
        """What a module of benchmarks/ prints when it is run, with `process_s`: from the command to its end.

        Raises:
            RuntimeError: it failed, with the end of what it said; or it did not end.
        """
        started = time.time()
        command = [python, "-m", f"benchmarks.{module}", *arguments, "--started", repr(started)]
        try:
            done = subprocess.run(
                command, cwd=folder, env=self.environment(folder), capture_output=True, text=True, timeout=TIMEOUT_S, check=False
            )
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"{module} had not ended after {TIMEOUT_S} s") from None
        process_s = time.time() - started
        if done.returncode != 0:
            raise RuntimeError(f"{module} ended with {done.returncode}:\n{done.stderr[-3000:]}")
        told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return told | {"process_s": process_s}

    def hpsearch(self, spec: Path, *overrides: str, options: Sequence[str] = ()) -> dict[str, Any]:
        """One `hpsearch run` in a folder of its own; see hpsearch_side.py, which the options are for."""
        with self.run_folder() as folder:
            arguments = [str(spec), "--store", self.store(folder), "--folder", str(folder)]
            arguments += [part for item in overrides for part in ("--set", item)]
            return self.tell("hpsearch_side", *arguments, *options, folder=folder)

    def peer(self, script: str, case: str, *, with_store: bool = False, python: str = sys.executable) -> dict[str, Any]:
        """One run of a case by a script of peers/, in a folder of its own."""
        with self.run_folder() as folder:
            store = ["--store", self.store(folder)] if with_store else []
            return self.tell(f"peers.{script}", case, *store, folder=folder, python=python)

    def seconds(self, command: Sequence[str], folder: Path | None = None) -> float:
        """How long a command takes that prints what nobody reads; run in `folder`, where one is given.

        Raises:
            RuntimeError: it failed; with the end of what it said.
        """
        place = folder or self.folder
        environment = self.environment(place)
        # A file, not a pipe: what outlives the command would hold that open, and its end be waited for.
        with (place / "said").open("w+", encoding="utf-8") as said:
            started = time.perf_counter()
            done = subprocess.run(
                command, cwd=place, env=environment, check=False, stdout=subprocess.DEVNULL, stderr=said, timeout=TIMEOUT_S
            )
            taken = time.perf_counter() - started
            if done.returncode != 0:
                said.seek(0)
                raise RuntimeError(f"{' '.join(command[:4])} ended with {done.returncode}:\n{said.read()[-3000:]}")
        return taken


@contextmanager
def scratch(scale: float = 1.0) -> Iterator[Scratch]:
    """A session's folder, removed with all that is in it."""
    folder = Path(tempfile.mkdtemp(prefix="hpb", dir="/tmp"))
    try:
        yield Scratch(folder, scale)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
