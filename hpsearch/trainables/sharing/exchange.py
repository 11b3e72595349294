"""First steps that one worker has fitted, for the others of its node: what is worth it, and whom to ask.

Exact, as `prefixes` is: rows come back from shared memory as they went there, or they are not given at all. Only rows travel, no
fitted steps: where a scorer looks into a pipeline, every worker fits its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from hpsearch.trainables.sharing.cache import CACHE_BYTES, nbytes
from hpsearch.trainables.table import Features

_COPIED_BYTES_PER_S = 1e9
_MESSAGE_S = 0.001
_WORTH = 20


@dataclass(frozen=True)
class Rows:
    """A fold after some first steps. `costs`: seconds that fitting each of them took, whoever did it."""

    X_train: Features
    X_test: Features
    costs: tuple[float, ...]

    @property
    def nbytes(self) -> int:
        return nbytes(self.X_train) + nbytes(self.X_test)

    @property
    def is_worth_giving(self) -> bool:
        """Whether others had better take these rows than fit the last of the steps for themselves.

        Copying them at 1 GB/s, and 1 ms to tell of it, must take less than a twentieth of that fit: nothing is given that was
        fitted in 20 ms. Nor what a worker could not keep, nor what would come back as something else: arrays that are neither in
        C nor in Fortran order are laid out anew, so that sums over them may end in other bits; Python objects are made anew.
        """
        copying_s = self.nbytes / _COPIED_BYTES_PER_S + _MESSAGE_S
        is_quick = _WORTH * copying_s < self.costs[-1] and self.nbytes <= CACHE_BYTES
        return is_quick and _comes_back(self.X_train) and _comes_back(self.X_test)


@dataclass(frozen=True)
class Turn:
    """The fold to go on with. `rows`: where others have fitted some of its steps, those up to the one of `key`.

    What is left to fit of the fold is this worker's to fit: others wait for it.
    """

    fold: int
    key: str = ""
    rows: Rows | None = None


class Exchange(Protocol):
    """The way to the other workers of a node. Never fails a trial: what cannot be had is fitted."""

    def claim(self, wanted: Mapping[int, tuple[str, ...]]) -> Turn | None:
        """Which fold comes next; None: others are at all of them, ask again in a moment.

        Args:
            wanted: the keys of the steps that are missing, first to last, by fold.
        """

    def publish(self, fold: int, key: str, rows: Rows) -> Rows:
        """Others may have them. Returns the same rows, which may lie in shared memory now."""

    def withhold(self, fold: int, keys: tuple[str, ...]) -> None:
        """Others need not wait for these: they are not worth giving, or could not be fitted."""


class NoExchange:
    """A worker by itself: every fold is its own to fit."""

    def claim(self, wanted: Mapping[int, tuple[str, ...]]) -> Turn | None:
        return Turn(next(iter(wanted)))

    def publish(self, fold: int, key: str, rows: Rows) -> Rows:
        return rows

    def withhold(self, fold: int, keys: tuple[str, ...]) -> None: ...


def _comes_back(X: Any) -> bool:
    """Whether a copy in shared memory has the same bits in the same order."""
    if hasattr(X, "iloc"):  # blocks may be laid out anew, as they are in any case: frames are copied for each fit
        kinds = [X.dtype] if X.ndim == 1 else list(X.dtypes)
        return not any(isinstance(kind, np.dtype) and kind.hasobject for kind in kinds)
    arrays = [X] if type(X) is np.ndarray else [getattr(X, name, None) for name in ("data", "indices", "indptr")]
    return all(
        isinstance(array, np.ndarray) and not array.dtype.hasobject and (array.flags.c_contiguous or array.flags.f_contiguous)
        for array in arrays
    )
