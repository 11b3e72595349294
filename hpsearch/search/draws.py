"""Searches that draw, without repetition. What draw i gives depends on (seed, i) alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from hpsearch.core.seeds import uniform
from hpsearch.core.values import Params, digest
from hpsearch.space import Space
from hpsearch.space.space import Uniform

Draws: TypeAlias = Callable[[int], Uniform]
"""By a draw's number: the numbers in [0, 1) that decide its parameters' values."""

# Where every value left is rare (a log range of ints, nearly used up), or constraints admit next to nothing, draws would go on
# for ever: after this many in a row that gave nothing new, the space counts as used up.
_FRUITLESS_DRAWS = 10_000


class DrawSearcher:
    """`trials` different configurations, or as many as the space has.

    Equal configurations are one trial, and a user who asks for 200 trials means 200 different ones. So it keeps a mark of
    each configuration where repetitions can occur (some 80 bytes; no more than the space has). In an uncountable space they
    cannot, but for chance in the last bits.
    """

    def __init__(self, space: Space, *, trials: int, draws: Draws, besides: Sequence[Params] = ()) -> None:
        """`besides`: configurations that come from elsewhere: some of the `trials`, and left out here."""
        size = space.size()
        self._space = space
        self._draws = draws
        self._countable = size is not None
        self._found = 0
        self._wanted = (trials if size is None else min(trials, size)) - len(besides)
        self._index = 0
        self._seen = {_mark(params) for params in besides}

    def ask(self, n: int) -> Sequence[Params]:
        found: list[Params] = []
        while len(found) < n and self._found < self._wanted:
            params = self._draw_new()
            if params is None:
                self._wanted = self._found
                break
            self._found += 1
            found.append(params)
        return found

    def _draw_new(self) -> Params | None:
        """The next configuration that constraints admit, and that has not been there; None where none is met."""
        for _ in range(_FRUITLESS_DRAWS):
            params = self._draw()
            if not self._space.admits(params):
                continue
            if not self._countable:
                return params
            mark = _mark(params)
            if mark not in self._seen:
                self._seen.add(mark)
                return params
        return None

    def _draw(self) -> Params:
        index, self._index = self._index, self._index + 1
        return self._space.sample(self._draws(index))


def _mark(params: Params) -> int:
    return int(digest(params, length=16), 16)


def random_draws(seed: int) -> Draws:
    """Independent numbers, of (seed, draw, ident) alone: no other parameter of the space changes them."""
    return lambda index: lambda ident: uniform(seed, "draw", index, ident)
