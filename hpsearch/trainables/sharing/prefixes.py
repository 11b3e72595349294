"""A pipeline's steps before the last, fitted once for each fold and each setting of theirs.

Exact, since a step that is fitted with the same parameters and seed to the same rows gives the same rows: what it gives is kept
and handed on as it is. An estimator that works in place must not change it for the next: arrays are marked read-only (who
fails on that is evaluated alone), frames are copied. A step that gives other rows each time is shared by nobody: see `steady`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpsearch.core.clock import Clock
from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.folds import Fold
from hpsearch.trainables.sharing.cache import Cache, nbytes
from hpsearch.trainables.sharing.steady import UnsteadyStepError, is_known_to_be_steady, mark_of
from hpsearch.trainables.table import Features


@dataclass(frozen=True)
class Transformed:
    """A fold as it comes to the next step. `steps`: those fitted so far. `seconds`: what fitting the last of them took."""

    X_train: Features
    X_test: Features
    steps: tuple[tuple[str, Any], ...]
    seconds: float = 0.0


class Prefixes:
    """Fits what `cache` does not have."""

    def __init__(self, clock: Clock, cache: Cache) -> None:
        self._clock = clock
        self._cache = cache

    def through(
        self, pipeline: Estimator, fold: Fold, index: int, keys: Sequence[str]
    ) -> tuple[Transformed, tuple[float, ...], float]:
        """The fold `index` as it comes to the pipeline's last step.

        Args:
            pipeline: configured, unfitted; its steps are fitted.
            keys: of each step but the last; see `ahead.prefix_keys`.

        Returns:
            The fold; the seconds that fitting each step took, whenever it was; the seconds spent now.

        Raises:
            UnsteadyStepError: a step gives other rows each time.
        """
        now = Transformed(fold.X_train, fold.X_test, ())
        costs: list[float] = []
        spent = 0.0
        for key, (name, step) in zip(keys, pipeline.steps[:-1], strict=True):
            kept: Transformed | None = self._cache.get(("steps", index, key))
            if kept is None:
                kept = self._fitted(now, name, step, fold)
                spent += kept.seconds
                self._cache.keep(("steps", index, key), kept, nbytes(kept.X_train) + nbytes(kept.X_test))
            now = kept
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
        mark = "" if (is_steady := is_known_to_be_steady(step)) else mark_of(X_train)
        X_test = step.transform(own(before.X_test))
        seconds = self._clock.monotonic() - start
        if not is_steady:
            marks = mark_of(X_test), mark_of(step.transform(own(before.X_test)))
            if marks[0] != marks[1] or mark_of(X_train) != mark:
                raise UnsteadyStepError(f"{name}: {type(step).__name__} gives other rows each time")
        return Transformed(_sealed(X_train), _sealed(X_test), (*before.steps, (name, step)), seconds)


def own(X: Features) -> Features:
    """Rows for who may change them: a frame's copy; an array, which says itself that it must not be changed."""
    return X.copy() if hasattr(X, "iloc") else X


def _sealed(X: Features) -> Features:
    arrays = [X] if isinstance(X, np.ndarray) else [getattr(X, name, None) for name in ("data", "indices", "indptr")]
    for array in arrays:
        if isinstance(array, np.ndarray):
            array.setflags(write=False)
    return X
