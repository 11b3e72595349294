"""A file replaced whole: whoever reads it sees the old one or the new one, and a crash leaves one of them."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def replace_file(path: Path, content: str | bytes) -> None:
    """Writes `content` (text as UTF-8, line ends as they are) beside `path` and moves it there; makes a missing folder.

    Raises:
        OSError: it cannot be written; `path` is as it was, and no draft is left.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())  # the name must not get to the disk before what it names
        os.replace(draft, path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
