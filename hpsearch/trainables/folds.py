"""Cutting a table into the rows of each split: each side when it is asked for, and once a worker where that is small.

A fit needs its training rows, and scoring it the others; nothing needs both at once. So a worker holds, of a large table that it
maps, a copy of one side at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.table import Array, Features, Table

# All folds of a table together are kept while they take no more than this, in each worker; what is larger is cut anew for each
# fit, which takes a hundredth of the time that any fit to so many rows does.
CACHE_BYTES = 64 * 2**20

Cut = Callable[[], Features]


class Fold:
    """A split's rows: shapes (n_train, n_columns), (n_train,), (n_test, n_columns), (n_test,).

    Args:
        train, test: cut the features of either side.
        keeps: whether what is cut is there for the next trial too.
    """

    def __init__(self, train: Cut, test: Cut, y_train: Array | None, y_test: Array | None, *, keeps: bool = False) -> None:
        self.y_train = y_train
        self.y_test = y_test
        self._cuts = {"train": train, "test": test}
        self._made: dict[str, Features] = {}
        self._keeps = keeps

    @property
    def X_train(self) -> Features:
        return self._side("train")

    @property
    def X_test(self) -> Features:
        return self._side("test")

    def let_go_of_train(self) -> None:
        """The training rows have been learnt. Asked for again, they are cut again."""
        if not self._keeps:
            self._made.pop("train", None)

    def _side(self, name: str) -> Features:
        if name not in self._made:
            self._made[name] = self._cuts[name]()
        return self._made[name]


class Folds:
    """The folds of a study in one worker.

    Arrays are cut once and kept, marked read-only: an estimator that works in place (`copy: false`) would otherwise change what
    the next trial sees. Frames are cut for each fit: nothing can mark all their blocks read-only, and cutting them is cheap.
    """

    def __init__(self, table: Table, cache_bytes: int = CACHE_BYTES) -> None:
        self._table = table
        self._kept: dict[int, Fold] = {}
        # Each split holds all rows once, on one side or the other.
        self._keeps = table.is_dense and table.nbytes * len(table.splits) <= cache_bytes

    def fold(self, index: int, estimator: Estimator, *, writable: bool = False) -> Fold:
        """Split `index` as `estimator` takes it; `writable`: arrays of its own, for estimators that fail on read-only ones."""
        pairwise = _is_pairwise(estimator)
        if writable or pairwise or not self._keeps:
            return self._cut(index, estimator, keeps=False)
        if index not in self._kept:
            self._kept[index] = self._cut(index, estimator, keeps=True)
        return self._kept[index]

    def _cut(self, index: int, estimator: Estimator, *, keeps: bool) -> Fold:
        # The very functions that scikit-learn's searches cut with: same types, same memory layout, so the same last bits; and
        # precomputed kernels are cut on both axes.
        from sklearn.utils import _safe_indexing
        from sklearn.utils.metaestimators import _safe_split

        split, X, y = self._table.splits[index], self._table.X, self._table.y

        def cut(*rows: Array) -> Features:
            return _sealed(_safe_split(estimator, X, None, *rows)[0], keeps)

        def labels(rows: Array) -> Array | None:
            return None if y is None else _sealed(_safe_indexing(y, rows), keeps)

        return Fold(
            lambda: cut(split.train),
            lambda: cut(split.test, split.train),
            labels(split.train),
            labels(split.test),
            keeps=keeps,
        )


def _sealed(rows: Any, keeps: bool) -> Any:
    if keeps and isinstance(rows, np.ndarray):
        rows.setflags(write=False)
    return rows


def _is_pairwise(estimator: Any) -> bool:
    """Whether X is a square matrix of kernel values or distances for this estimator."""
    from sklearn.utils import get_tags

    return bool(get_tags(estimator).input_tags.pairwise)


def is_read_only_error(error: BaseException) -> bool:
    """Whether an estimator failed because it cannot work on read-only arrays, by what NumPy, Cython and joblib say."""
    text = str(error).lower()
    return isinstance(error, ValueError | TypeError | BufferError) and (
        "read-only" in text or "readonly" in text or "writeable" in text
    )
