"""Checkpoints: a trial's state on its way, packed by its worker and kept in the study's folder for the next try.

They travel through the dispatcher's process, so that no node needs a file system in common with the driver's.
"""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from hpsearch.core.errors import ObjectiveError
from hpsearch.core.trial import Evaluation, TrialResult

LIMIT_BYTES = 512 * 1024 * 1024


class Checkpoints(Protocol):
    """Where a worker keeps the newest checkpoint of each trial it runs."""

    def save(self, key: str, content: bytes) -> None: ...

    def load(self, key: str) -> bytes | None: ...


class NoCheckpoints:
    """Keeps none: for a trial that is recorded nowhere."""

    def save(self, key: str, content: bytes) -> None: ...

    def load(self, key: str) -> bytes | None:
        return None


class CheckpointFolder:
    """STUDY/checkpoints, one file a trial."""

    def __init__(self, study: Path) -> None:
        self._folder = study / "checkpoints"

    def save(self, key: str, content: bytes) -> None:
        """Replaces the trial's checkpoint as a whole: whoever reads sees the old one or the new one."""
        path = self._path(key)
        path.parent.mkdir(exist_ok=True)
        new = path.with_suffix(".new")
        new.write_bytes(content)
        os.replace(new, path)

    def load(self, key: str) -> bytes | None:
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            return None

    def drop(self, keys: Iterable[str]) -> None:
        """Of trials that have ended: nobody goes on from there."""
        if self._folder.is_dir():
            for key in keys:
                self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key.replace(':', '-')}.tar"


def completed(results: Iterable[TrialResult]) -> list[str]:
    """Keys of trials whose checkpoints nobody needs any more. One that failed may be tried again."""
    return [result.trial.key for result in results if isinstance(result.outcome, Evaluation)]


def pack(folder: Path) -> bytes:
    """The content of a folder.

    Raises:
        ObjectiveError: it is no folder, or larger than LIMIT_BYTES.
    """
    if not folder.is_dir():
        raise ObjectiveError(f"trial.report(checkpoint={str(folder)!r}): there is no such folder")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    if size > LIMIT_BYTES:
        raise ObjectiveError(f"trial.report(checkpoint=...): {size:,} bytes; at most {LIMIT_BYTES:,} are kept")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.add(folder, arcname=".")
    return buffer.getvalue()


def unpack(content: bytes, folder: Path) -> Path:
    """Makes `folder` with the content that `pack` took."""
    folder.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        archive.extractall(folder, filter="data")
    return folder
