"""Grid search: every configuration by its index, in the space's order or in a shuffled one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hpsearch.core.values import Params, canonical
from hpsearch.space import Space
from hpsearch.space.permutation import Permutation

# Configurations that are looked at in one call, besides those asked for, at most: in which nobody else is answered.
_LOOKS = 20_000
# As many times the looks of a call, which take up to half a second, without a configuration: the rest counts as excluded.
_FRUITLESS_CALLS = 1_000


class GridSearcher:
    """Walks the grid by index, past what constraints exclude; holds some numbers, whatever the grid's size.

    Args:
        shuffled_by: the seed of a shuffled order; None: the space's own.
        besides: configurations that come from elsewhere, and are left out here.
    """

    def __init__(self, space: Space, *, shuffled_by: int | None = None, besides: Sequence[Params] = ()) -> None:
        self._space = space
        self._size = space.grid_size()
        self._order: Callable[[int], int] = int if shuffled_by is None else Permutation(self._size, shuffled_by)
        self._is_shuffled = shuffled_by is not None
        self._next = 0
        self._looks = min(_LOOKS, space.looks)
        self._fruitless = 0  # looks since the last configuration; counted by looks, it ends alike however many are asked for
        self._besides = {canonical(params) for params in besides}

    @property
    def ended(self) -> bool:
        return self._next >= self._size or self._fruitless >= _FRUITLESS_CALLS * self._looks

    @property
    def given_up(self) -> str:
        if self._next >= self._size or not self.ended:
            return ""
        last = f"of the last {self._fruitless:,} configurations looked at"
        return f"constraints admit none {last}, of {self._size:,} in the grid; narrow the space to where they hold"

    def ask(self, n: int) -> Sequence[Params]:
        found: list[Params] = []
        for _ in range(self._looks + n):
            if len(found) == n or self.ended:
                break
            at = self._order(self._next)
            unmet = self._space.unmet_at(at)
            self._fruitless += 1
            self._next = self._next + 1 if unmet is None or self._is_shuffled else self._space.next_after(self._next, unmet)
            if unmet is None:
                self._fruitless = 0
                if (params := self._new(at)) is not None:
                    found.append(params)
        return found

    def last(self, n: int) -> Sequence[Params] | None:
        found: list[Params] = []
        index = self._size - 1
        for _ in range(self._looks + n):
            if len(found) == n or index < 0:
                return found[::-1]
            at = self._order(index)
            unmet = self._space.unmet_at(at)
            index = index - 1 if unmet is None or self._is_shuffled else self._space.last_before(index, unmet)
            if unmet is None and (params := self._new(at)) is not None:
                found.append(params)
        return None

    def _new(self, at: int) -> Params | None:
        params = self._space.grid_at(at)
        return None if self._besides and canonical(params) in self._besides else params

    def skip_to(self, index: int) -> None:
        """Go on with configuration `index` of a grid without constraints."""
        self._next = index
