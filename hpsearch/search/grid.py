"""Grid search: every configuration by its index, in the space's order or in a shuffled one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hpsearch.core.values import Params
from hpsearch.search.permutation import Permutation
from hpsearch.space import Space


class GridSearcher:
    """Walks the grid by index; holds one number, whatever the grid's size.

    Args:
        shuffled_by: the seed of a shuffled order; None: the space's own.
    """

    def __init__(self, space: Space, *, shuffled_by: int | None = None) -> None:
        self._space = space
        self._size = space.grid_size()
        self._order: Callable[[int], int] = int if shuffled_by is None else Permutation(self._size, shuffled_by)
        self._next = 0

    def ask(self, n: int) -> Sequence[Params]:
        first, self._next = self._next, min(self._next + n, self._size)
        return [self.at(index) for index in range(first, self._next)]

    def at(self, index: int) -> Params:
        """The configuration that comes as number `index`."""
        return self._space.grid_at(self._order(index))
