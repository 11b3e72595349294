"""Parsing a CSV file part by part, to what `pandas.read_csv` makes of the whole of it.

pandas holds the text of all cells while it parses, several times what they come to as numbers. A part's types are its own, and so
may differ from part to part. Integers beside numbers become the numbers that pandas reads where they are written (of a million of
them, up to the largest of int64, all were equal to the last bit); what differs otherwise is parsed again, as a whole.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

CELLS = 4_000_000  # of a part
_NUMBERS = (np.dtype(np.int64), np.dtype(np.float64))


class Parsed:
    """A file's columns.

    Attributes:
        has_names_of_rows: pandas has taken a surplus of fields for those.
    """

    def __init__(self, parts: list[pd.DataFrame]) -> None:
        self._parts = parts
        self.has_names_of_rows = not all(isinstance(part.index, pd.RangeIndex) for part in parts)

    def take(self, name: str) -> pd.Series:
        """The column, once: it is no longer here then."""
        columns = [part.pop(name) for part in self._parts]
        return columns[0] if len(columns) == 1 else pd.concat(columns, ignore_index=True)


def parsed(path: Path, width: int, **how: Any) -> Parsed:
    """The file as `pandas.read_csv(path, low_memory=False, **how)` reads it.

    Args:
        width: how many columns it has.
    """
    parts: list[pd.DataFrame] = []
    with pd.read_csv(path, chunksize=max(1, CELLS // width), low_memory=False, **how) as reader:
        for part in reader:
            parts.append(part)
            if not all(_kind(part[name]) == _kind(parts[0][name]) for name in part.columns):
                break
        else:
            return Parsed(parts)
    parts.clear()
    return Parsed([pd.read_csv(path, low_memory=False, **how)])


def _kind(column: pd.Series) -> object:
    return "number" if column.dtype in _NUMBERS else column.dtype
