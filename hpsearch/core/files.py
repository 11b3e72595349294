"""A file replaced whole: whoever reads it sees the old one or the new one, and a crash leaves one of them."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hpsearch.core.errors import InfrastructureError, SpecError

_NO_PLACE_FOR_IT = frozenset(
    {
        errno.ENOENT,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.EEXIST,
        errno.ENAMETOOLONG,
        errno.EINVAL,
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
    }
)


def replace_file(path: Path, content: str | bytes) -> None:
    """Writes `content` (text as UTF-8, line ends as they are) beside `path` and moves it there; makes a missing folder.

    Raises:
        OSError: it cannot be written; `path` is as it was, and no draft is left.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _replaced(path) as draft:
        draft.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


@contextmanager
def written_to(path: Path, *, parents: bool = False) -> Iterator[Path]:
    """What to write to, for a file that a user named: a draft that takes its place, or the thing itself, such as /dev/stdout.

    `parents`: whether a missing folder is made.

    Raises:
        SpecError: no file can be there, or not by this user.
        InfrastructureError: the disk is full, or broken. `path` is as it was, and no draft is left, whatever was raised.
    """
    try:
        if parents:
            path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            yield path
        else:
            with _replaced(path) as draft:
                yield draft
    except OSError as error:
        kind = SpecError if error.errno in _NO_PLACE_FOR_IT else InfrastructureError
        raise kind(f"{path}: cannot be written: {error.strerror or error}") from error


@contextmanager
def _replaced(path: Path) -> Iterator[Path]:
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield draft
        handle = os.open(draft, os.O_RDONLY)
        try:
            os.fsync(handle)  # the name must not get to the disk before what it names
        finally:
            os.close(handle)
        os.replace(draft, path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
