"""Grid search: every configuration by its index, in order."""

from __future__ import annotations

from collections.abc import Sequence

from hpsearch.core.values import Params
from hpsearch.space import Space


class GridSearcher:
    """Walks the grid by index; holds one number, whatever the grid's size."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._size = space.grid_size()
        self._next = 0

    def ask(self, n: int) -> Sequence[Params]:
        first, self._next = self._next, min(self._next + n, self._size)
        return [self._space.grid_at(index) for index in range(first, self._next)]
