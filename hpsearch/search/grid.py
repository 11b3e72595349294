"""Grid search: every configuration by its index, in the space's order or in a shuffled one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hpsearch.core.values import Params, canonical
from hpsearch.space import Space
from hpsearch.space.permutation import Permutation


class GridSearcher:
    """Walks the grid by index, past what constraints exclude; holds one number, whatever the grid's size.

    Args:
        shuffled_by: the seed of a shuffled order; None: the space's own.
        besides: configurations that come from elsewhere, and are left out here.
    """

    def __init__(self, space: Space, *, shuffled_by: int | None = None, besides: Sequence[Params] = ()) -> None:
        self._space = space
        self._size = space.grid_size()
        self._order: Callable[[int], int] = int if shuffled_by is None else Permutation(self._size, shuffled_by)
        self._next = 0
        self._besides = {canonical(params) for params in besides}

    def ask(self, n: int) -> Sequence[Params]:
        found: list[Params] = []
        while len(found) < n and self._next < self._size:
            params = self._space.grid_at(self._order(self._next))
            self._next += 1
            if self._space.admits(params) and not (self._besides and canonical(params) in self._besides):
                found.append(params)
        return found

    def skip_to(self, index: int) -> None:
        """Go on with configuration `index` of a grid without constraints."""
        self._next = index
