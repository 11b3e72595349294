"""A pipeline's steps before the last, fitted once for each fold and each setting of theirs.

Exact, since a step that is fitted with the same parameters and seed to the same rows gives the same rows: what it gives is kept
and handed on as it is. An estimator that works in place must not change it for the next: arrays are marked read-only (who
fails on that is evaluated alone), frames are copied.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpsearch.core.clock import Clock
from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.folds import Fold
from hpsearch.trainables.table import Features

CACHE_BYTES = 512 * 2**20


@dataclass(frozen=True)
class Transformed:
    """A fold as it comes to the next step. `steps`: those fitted so far. `seconds`: what fitting the last of them took."""

    X_train: Features
    X_test: Features
    steps: tuple[tuple[str, Any], ...]
    seconds: float = 0.0


class Prefixes:
    """The least recently used goes where all together take more than `limit_bytes`."""

    def __init__(self, clock: Clock, limit_bytes: int = CACHE_BYTES) -> None:
        self._clock = clock
        self._limit = limit_bytes
        self._kept: OrderedDict[tuple[int, str], tuple[Transformed, int]] = OrderedDict()
        self._bytes = 0

    def through(
        self, pipeline: Estimator, fold: Fold, index: int, keys: Sequence[str]
    ) -> tuple[Transformed, tuple[float, ...], float]:
        """The fold `index` as it comes to the pipeline's last step.

        Args:
            pipeline: configured, unfitted; its steps are fitted.
            keys: of each step but the last; see `ahead.prefix_keys`.

        Returns:
            The fold; the seconds that fitting each step took, whenever it was; the seconds spent now.
        """
        now = Transformed(fold.X_train, fold.X_test, ())
        costs: list[float] = []
        spent = 0.0
        for key, (name, step) in zip(keys, pipeline.steps[:-1], strict=True):
            kept = self._kept.get((index, key))
            if kept is not None:
                self._kept.move_to_end((index, key))
                now = kept[0]
            else:
                now = self._fitted(now, name, step, fold)
                spent += now.seconds
                self._keep((index, key), now)
            costs.append(now.seconds)
        return now, tuple(costs), spent

    def _fitted(self, before: Transformed, name: str, step: Any, fold: Fold) -> Transformed:
        if step is None or step == "passthrough":
            return Transformed(before.X_train, before.X_test, (*before.steps, (name, step)))
        start = self._clock.monotonic()
        X_train = own(before.X_train)
        if hasattr(step, "fit_transform"):
            X_train = step.fit_transform(X_train, fold.y_train)
        else:
            X_train = step.fit(X_train, fold.y_train).transform(X_train)
        X_test = step.transform(own(before.X_test))
        seconds = self._clock.monotonic() - start
        return Transformed(_sealed(X_train), _sealed(X_test), (*before.steps, (name, step)), seconds)

    def _keep(self, key: tuple[int, str], made: Transformed) -> None:
        size = _nbytes(made.X_train) + _nbytes(made.X_test)
        if size > self._limit:
            return
        self._kept[key] = (made, size)
        self._bytes += size
        while self._bytes > self._limit:
            _, (_, freed) = self._kept.popitem(last=False)
            self._bytes -= freed


def own(X: Features) -> Features:
    """Rows for who may change them: a frame's copy; an array, which says itself that it must not be changed."""
    return X.copy() if hasattr(X, "iloc") else X


def _sealed(X: Features) -> Features:
    arrays = [X] if isinstance(X, np.ndarray) else [getattr(X, name, None) for name in ("data", "indices", "indptr")]
    for array in arrays:
        if isinstance(array, np.ndarray):
            array.setflags(write=False)
    return X


def _nbytes(X: Any) -> int:
    if isinstance(X, np.ndarray):
        return X.nbytes
    if hasattr(X, "memory_usage"):
        return int(np.sum(X.memory_usage(deep=True)))  # of a series one number
    return sum(array.nbytes for name in ("data", "indices", "indptr") if isinstance(array := getattr(X, name, None), np.ndarray))
