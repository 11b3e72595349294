"""The data of a study as every trial sees it: features, encoded target, splits, and the digest of where they came from."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

# A DataFrame, a Series of texts, an ndarray of two dimensions, or a scipy.sparse matrix. Not spelled out: a function's table must
# not cost pandas.
Features: TypeAlias = Any
Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True)
class Split:
    """One division of the rows. `train` and `test` are sorted or shuffled row numbers, as scikit-learn's splitter gives them."""

    repeat: int
    fold: int
    train: Array
    test: Array


@dataclass(frozen=True)
class Table:
    """Features and target of a study, one row a sample. Read-only by agreement: it is shared by all trials of a node.

    Pickles with protocol 5 out of band: what is a buffer lies in a node's object store once, and its workers map it, read-only.
    Buffers are the blocks of numbers of a frame, one a dtype; a category's codes; arrays; a sparse matrix's three; the row
    numbers of splits; and texts of pandas' `str`, which are one buffer of bytes and one of offsets (Arrow). Texts of dtype
    `object` are Python objects of each process: nothing makes a column of those but `dtypes: {name: object}`.

    Attributes:
        X: (n_rows, n_columns); DataFrame, ndarray or sparse matrix. Of `data.text` (n_rows,), a Series of texts.
        y: (n_rows,); int64 class numbers, float64 values, or None without a target.
        classes: the original labels by class number; empty where the target is no label.
        feature_names: (n_columns,); "x0", "x1", ... where the source has no names.
        name: what people call the data: the file's name, the bundled set's, or the function's path.
        digest: 32 hex digits of the source's content and of the options that change what is read.
        splits: of the evaluate block, made once a study; none where there is no such block.
    """

    X: Features
    y: Array | None
    classes: tuple[Hashable, ...]
    feature_names: tuple[str, ...]
    name: str
    digest: str
    splits: tuple[Split, ...] = ()

    @property
    def n_rows(self) -> int:
        return int(self.X.shape[0])

    @property
    def n_columns(self) -> int:
        return len(self.feature_names)

    @property
    def is_frame(self) -> bool:
        """Whether X has named, typed columns."""
        return hasattr(self.X, "columns")

    @property
    def is_dense(self) -> bool:
        return isinstance(self.X, np.ndarray)

    @property
    def is_text(self) -> bool:
        """Whether X is one column of running text."""
        return len(self.X.shape) == 1

    @property
    def nbytes(self) -> int:
        """About what features and target take in memory."""
        if self.is_frame or self.is_text:
            size = int(np.sum(self.X.memory_usage(deep=True)))
        elif self.is_dense:
            size = int(self.X.nbytes)
        else:
            size = sum(int(getattr(self.X, part).nbytes) for part in ("data", "indices", "indptr") if hasattr(self.X, part))
        return size + (0 if self.y is None else int(self.y.nbytes))


class Handover:
    """A table on its way to where trials run: who takes it has it alone.

    The driver's own copy ends where the object store has one. Held by a frozen value it would live as long as the run, and be
    the second copy of the data on its node.
    """

    def __init__(self, table: Table | None) -> None:
        self._table = table

    def take(self) -> Table | None:
        """The table, once; None where there is none."""
        table, self._table = self._table, None
        return table
