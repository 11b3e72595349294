"""What a worker keeps of its trials' work for the next: steps that are fitted, words counted and rows binned, together."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

import numpy as np

CACHE_BYTES = 512 * 2**20


class Cache:
    """Values by what they were made of. The least recently used goes where all together take more than `limit_bytes`."""

    def __init__(self, limit_bytes: int = CACHE_BYTES) -> None:
        self._limit = limit_bytes
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable) -> Any | None:
        """The value, now the most recently used; None where it is not kept."""
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key][0]

    def keep(self, key: Hashable, value: object, size: int) -> None:
        """Args: size: bytes that the value takes; one that takes more than there may be at all is not kept."""
        if size > self._limit:
            return
        _, freed = self._kept.pop(key, (None, 0))
        self._kept[key] = (value, size)
        self._bytes += size - freed
        while self._bytes > self._limit:
            _, (_, freed) = self._kept.popitem(last=False)
            self._bytes -= freed


def nbytes(X: Any) -> int:
    """What rows take: an array, a frame or a sparse matrix; 0 of anything else."""
    if isinstance(X, np.ndarray):
        return X.nbytes
    if hasattr(X, "memory_usage"):
        return int(np.sum(X.memory_usage(deep=True)))  # of a series one number
    return sum(array.nbytes for name in ("data", "indices", "indptr") if isinstance(array := getattr(X, name, None), np.ndarray))
