"""The mirror as a process: started by the driver, and outliving it where it must."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from hpsearch.core.errors import InfrastructureError
from hpsearch.tracking.settings import Settings
from hpsearch.tracking.uris import sqlite_path


class MirrorProcess:
    """A started mirror. It ends by itself (see `hpsearch.tracking.mirror`); nobody has to wait for it or end it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    def poll(self) -> int | None:
        """Its exit status: 0 everything delivered, 1 not (mirror.db says why); None while it lives."""
        return self._process.poll()

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait up to `timeout` seconds for its end; None if it still lives then."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None


def start_mirror(*, ledger: Path | str, state: Path, uri: str, experiment: str, lock: Path, log: Path) -> MirrorProcess:
    """Start the mirror of a study in a session of its own: Ctrl-C does not reach it, and the driver's death does not end it.

    A mirror of the study that is still alive hands over to this one, so that calling again is always right. Called before the run
    has begun in the ledger, it would take the end of the run before for this one's.

    Args:
        ledger: the ledger's file or URL.
        state: mirror.db, in the study's folder, where spec.yaml, ranking.json, report.html, figures/ and artifacts/ are looked
            for (all but the last when the run's end is in the ledger: write them before).
        uri: as `resolve_uri` gives it.
        lock: the study's folder, whose lock the caller holds while it runs the study.
        log: the mirror's log file; appended to.

    Raises:
        InfrastructureError: the process cannot be started, or the log cannot be written.
    """
    settings = Settings(
        ledger=str(ledger) if "://" in str(ledger) else str(Path(ledger).absolute()),
        state=Path(state).absolute(),
        uri=uri,
        experiment=experiment,
        folder=Path(lock).absolute(),
        log=Path(log).absolute(),
    )
    try:
        settings.log.parent.mkdir(parents=True, exist_ok=True)
        with settings.log.open("ab") as output:
            process = subprocess.Popen(
                # -P: the folder it starts in is the user's, and a queue.py there is none of ours.
                [sys.executable, "-P", "-m", "hpsearch.tracking", *settings.arguments()],
                cwd=_working_folder(settings),
                env=settings.environment() | _python_path(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
    except OSError as error:
        raise InfrastructureError(f"the MLflow mirror cannot be started (log: {settings.log}): {error}") from error
    return MirrorProcess(process)


def _working_folder(settings: Settings) -> Path:
    """MLflow puts a SQLite store's artifacts into ./mlruns: beside the store, wherever hpsearch was called from."""
    path = sqlite_path(settings.uri)
    return path.parent if path is not None and path.parent.is_dir() else settings.state.parent


def _python_path() -> dict[str, str]:
    """Where hpsearch is imported from, for a copy that is not installed (a checkout on the path of this process)."""
    root = Path(__file__).absolute().parents[2]
    if root.name in ("site-packages", "dist-packages"):
        return {}  # put before the standard library, its packages could hide modules of that
    return {"PYTHONPATH": os.pathsep.join(part for part in (str(root), os.environ.get("PYTHONPATH", "")) if part)}
