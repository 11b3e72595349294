"""A file replaced whole: whoever reads it sees the old one or the new one, and a crash leaves one of them."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

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
    """What to write to, for a file that a user named: a draft that takes its place, with its mode.

    Or the thing itself, where it is no file (a pipe, /dev/stdout whatever that is) or lies where no draft can be made. Of a link,
    the file that it leads to is replaced.

    Args:
        parents: whether a missing folder is made.

    Raises:
        SpecError: no file can be there, or not by this user.
        InfrastructureError: the disk is full, or broken. `path` is as it was, and no draft is left, whatever was raised.
    """
    try:
        if parents:
            path.parent.mkdir(parents=True, exist_ok=True)
        real = path.resolve()
        if real.is_file() and not os.access(real, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if _is_itself(path, real):
            yield path
        else:
            with _replaced(real) as draft:
                yield draft
    except OSError as error:
        kind = SpecError if error.errno in _NO_PLACE_FOR_IT else InfrastructureError
        raise kind(f"{path}: cannot be written: {error.strerror or error}") from error


def _is_itself(path: Path, real: Path) -> bool:
    if not real.exists():
        return False
    leads_to_a_device = path.absolute().is_relative_to("/dev") or path.absolute().is_relative_to("/proc")
    return leads_to_a_device or not real.is_file() or not os.access(real.parent, os.W_OK)


@contextmanager
def _replaced(path: Path) -> Iterator[Path]:
    draft = path.with_name(f".{uuid4().hex}.part")
    try:
        yield draft
        if path.exists():
            shutil.copymode(path, draft)
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
