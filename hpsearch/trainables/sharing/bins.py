"""Rows binned once for each fold and each way of binning, for all fits of a worker that bin alike."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpsearch.core.clock import Clock
from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.sharing.cache import Cache, nbytes
from hpsearch.trainables.sharing.fits import Held
from hpsearch.trainables.sharing.rules import rules_of
from hpsearch.trainables.table import Array, Features

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Binned:
    """A matrix as its library made it, and the seconds that took."""

    matrix: Any
    seconds: float


class Bins:
    """Fits on binned matrices, those that `cache` has among them."""

    def __init__(self, clock: Clock, cache: Cache) -> None:
        self._clock = clock
        self._cache = cache

    def fit(self, estimator: Estimator, X: Features, y: Array | None, split: int, key: str | None) -> Held:
        """Fits `estimator` as its own `fit(X, y)` would, to the last bit.

        Args:
            split: of which X and y are the training rows, as they come to this estimator.
            key: equal for fits to which these rows come alike and which bin alike; None: the matrix is nobody else's.
        """
        rule = rules_of(estimator).bins if key is not None else None
        if rule is None or y is None or rule.refusal(estimator) is not None:
            return self._alone(estimator, X, y)
        others: _Binned | None = self._cache.get(("bins", split, key))
        made: _Binned | None = None

        def binning(make: Callable[[], Any]) -> Any:
            nonlocal made
            if others is not None:
                return others.matrix
            before = self._clock.monotonic()
            made = _Binned(make(), self._clock.monotonic() - before)
            return made.matrix

        start = self._clock.monotonic()
        try:
            rule.fit(estimator, X, y, binning)
        except Exception as error:
            if others is None:
                raise
            _log.info("%s is fitted on a matrix of its own: %s", type(estimator).__name__, error)
            return self._alone(estimator, X, y)
        spent_s = self._clock.monotonic() - start
        if made is None:
            return Held(estimator, spent_s, 0.0 if others is None else others.seconds, spent_s)
        self._cache.keep(("bins", split, key), made, binned_bytes(X))
        return Held(estimator, spent_s - made.seconds, made.seconds, spent_s)

    def _alone(self, estimator: Estimator, X: Features, y: Array | None) -> Held:
        start = self._clock.monotonic()
        if y is None:
            estimator.fit(X)
        else:
            estimator.fit(X, y)
        seconds = self._clock.monotonic() - start
        return Held(estimator, seconds, 0.0, seconds)


def binned_bytes(X: Features) -> int:
    """About what the rows take once they are binned, and no less.

    A value's bin takes 1 byte where a column has no more than 256, 2 or 4 where it has more or values are missing; XGBoost has
    them by row and by column: counted as 8 bytes a value. Of a sparse matrix, twice what it takes itself.
    """
    if hasattr(X, "nnz"):
        return 2 * nbytes(X)
    rows, columns = np.shape(X)  # a step may give lists
    return int(rows) * int(columns) * 8
