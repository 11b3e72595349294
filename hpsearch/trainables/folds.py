"""Cutting a table into the rows of each split, once a worker where that is safe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.splits import Split
from hpsearch.trainables.table import Array, Features, Table

# All folds of a table together are kept while they take no more than this; beyond it they are cut anew for each fit.
CACHE_BYTES = 512 * 2**20


@dataclass(frozen=True)
class Fold:
    """A split's rows, cut out: shapes (n_train, n_columns), (n_train,), (n_test, n_columns), (n_test,)."""

    X_train: Features
    y_train: Array | None
    X_test: Features
    y_test: Array | None


class Folds:
    """The folds of a study in one worker.

    Arrays are cut once and kept, marked read-only: an estimator that works in place (`copy: false`) would otherwise change what
    the next trial sees. Frames are cut for each fit: nothing can mark all their blocks read-only, and cutting them is cheap.
    """

    def __init__(self, table: Table, splits: tuple[Split, ...], cache_bytes: int = CACHE_BYTES) -> None:
        self._table = table
        self._splits = splits
        self._kept: dict[int, Fold] = {}
        # Each split holds all rows once, on one side or the other.
        self._keeps = table.is_dense and table.nbytes * len(splits) <= cache_bytes

    def fold(self, index: int, estimator: Estimator, *, writable: bool = False) -> Fold:
        """Split `index` as `estimator` takes it; `writable`: arrays of its own, for estimators that fail on read-only ones."""
        pairwise = _is_pairwise(estimator)
        if writable or pairwise or not self._keeps:
            return self._cut(index, estimator)
        if index not in self._kept:
            fold = self._cut(index, estimator)
            for array in (fold.X_train, fold.y_train, fold.X_test, fold.y_test):
                if isinstance(array, np.ndarray):
                    array.setflags(write=False)
            self._kept[index] = fold
        return self._kept[index]

    def _cut(self, index: int, estimator: Estimator) -> Fold:
        # The very function that scikit-learn's searches cut with: same types, same memory layout, so the same last bits; and
        # precomputed kernels are cut on both axes.
        from sklearn.utils.metaestimators import _safe_split

        split = self._splits[index]
        X_train, y_train = _safe_split(estimator, self._table.X, self._table.y, split.train)
        X_test, y_test = _safe_split(estimator, self._table.X, self._table.y, split.test, split.train)
        return Fold(X_train, y_train, X_test, y_test)


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
