"""Rows of a CSV file that have more fields than its header has names: told by line, before columns of it are picked.

pandas notices them where it reads all columns, and not where it picks some: then a text with a comma that nobody quoted would
shift its row's values by a column, in silence.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import lzma
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from hpsearch.trainables.findings import Finding

# By what a file's name ends with, as pandas has it. Of others that it reads (zip, tar, zst), rows are not looked at.
_OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
_UNREAD = frozenset({".zip", ".tar", ".zst"})
_FIELD_LIMIT = 1 << 30  # characters; the module's own limit is 131,072, which a document may exceed


def check_rows(path: Path, header: Sequence[str], source: str) -> None:
    """Raises: Finding at data.csv, for the first row with more fields than `header`."""
    if path.suffix.lower() in _UNREAD:
        return
    opened = _OPENERS.get(path.suffix.lower(), open)
    before = csv.field_size_limit(_FIELD_LIMIT)
    try:
        # What the module cannot read, pandas has its own words for.
        with suppress(csv.Error), opened(path, "rt", encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            for row in rows:
                if len(row) > len(header):
                    raise Finding(
                        "data.csv",
                        f" = {source}: line {rows.line_num} has {len(row)} fields, and the header {len(header)} names;"
                        ' put a field that holds a comma in double quotes: "a, b"',
                    )
    finally:
        csv.field_size_limit(before)
