"""Parsing a CSV file part by part, to what `pandas.read_csv` makes of the whole of it.

pandas holds the text of all cells while it parses, several times what they come to as numbers. A part's types are its own, and so
may differ from part to part: integers beside numbers become numbers, exactly; anything else is parsed again, as a whole.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

CELLS = 4_000_000  # of a part
_EXACT = 2**53  # integers up to here are floats of the same value
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
        if len(columns) == 1:
            return columns[0]
        if any(column.dtype == np.float64 for column in columns):
            columns = [column.astype(np.float64) if column.dtype == np.int64 else column for column in columns]
        return pd.concat(columns, ignore_index=True)


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
            if all(_is_exact([part[name] for part in parts]) for name in parts[0].columns):
                return Parsed(parts)
    parts.clear()
    return Parsed([pd.read_csv(path, low_memory=False, **how)])


def _kind(column: pd.Series) -> object:
    return "number" if column.dtype in _NUMBERS else column.dtype


def _is_exact(columns: list[pd.Series]) -> bool:
    """Whether integers, where they stand beside numbers, are numbers of the same value."""
    if len({column.dtype for column in columns}) == 1:
        return True
    whole = [column for column in columns if column.dtype == np.int64]
    return all(column.min() >= -_EXACT and column.max() <= _EXACT for column in whole)
