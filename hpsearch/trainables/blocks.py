"""A frame in the making: one block of memory for each type, filled column by column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from hpsearch.trainables.table import Array


class Blocks:
    """Columns to come, and those that are there. With one block a dtype folds are cut faster, and each is one buffer in the
    object store.

    A block has room for all columns to come, of which only what is filled takes memory. Columns that were kept until the last is
    there would be a second copy of the table, and `DataFrame(columns)` makes a third of them.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = list(names)
        self._left = len(names)
        self._blocks: dict[np.dtype[Any], list[tuple[Array, list[str]]]] = {}
        self._others: list[pd.Series] = []

    def add(self, name: str, column: pd.Series) -> None:
        dtype = column.dtype
        if not isinstance(dtype, np.dtype) or dtype.kind == "O":
            self._others.append(column.reset_index(drop=True).rename(name))
        else:
            blocks = self._blocks.setdefault(dtype, [])
            if not blocks or len(blocks[-1][1]) == len(blocks[-1][0]):
                blocks.append((_room(self._left, len(column), dtype), []))
            block, filled = blocks[-1]
            block[len(filled)] = column.to_numpy()
            filled.append(name)
        self._left -= 1

    def frame(self) -> pd.DataFrame:
        parts = [
            pd.DataFrame(block[: len(filled)].T, columns=filled, copy=False)
            for blocks in self._blocks.values()
            for block, filled in blocks
        ]
        return pd.concat([*parts, *self._others], axis=1)[self._names]  # of the blocks as they are: neither copies


def _room(columns: int, rows: int, dtype: np.dtype[Any]) -> Array:
    """For so many columns, or fewer: a system may refuse more at once than it has, though most of it would stay unused."""
    while True:
        try:
            return np.empty((columns, rows), dtype)
        except MemoryError:
            if columns == 1:
                raise
            columns = (columns + 1) // 2
