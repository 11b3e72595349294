"""Searches that draw, without repetition. What draw i gives depends on (seed, i) alone."""

from __future__ import annotations

from collections import deque
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
FRUITLESS_DRAWS = 50_000
# Draws that are made in one call, besides those asked for, at most: in which nobody else is answered.
LOOKS = 20_000
# Configurations that are drawn to know the last ones.
_WALKED = 20_000
_CHUNK = 256


class DrawSearcher:
    """`trials` different configurations, or as many as the space has.

    Equal configurations are one trial, and a user who asks for 200 trials means 200 different ones. So it keeps a mark of
    each configuration where repetitions can occur (some 80 bytes; no more than the space has). Where each has a value of
    uncountably many they cannot, but for chance in the last bits.
    """

    def __init__(self, space: Space, *, trials: int, draws: Draws, besides: Sequence[Params] = ()) -> None:
        """`besides`: configurations that come from elsewhere: some of the `trials`, and left out here."""
        size = space.size()
        self._space = space
        self._draws = draws
        self._may_repeat = space.may_repeat
        self._found = 0
        # What is written out may lie off a step, where no draw leads.
        left = None if size is None else size - sum(space.active(params) is not None for params in besides)
        self._wanted = trials - len(besides) if left is None else min(trials - len(besides), left)
        self._fruitless = 0
        self._index = 0
        self._seen = {_mark(params) for params in besides}

    @property
    def ended(self) -> bool:
        return self._found >= self._wanted or self._fruitless >= FRUITLESS_DRAWS

    @property
    def given_up(self) -> str:
        return ""  # it counts as used up, and `plan` says how many there are

    def ask(self, n: int) -> Sequence[Params]:
        found: list[Params] = []
        for _ in range(min(LOOKS, self._space.drawn_looks) + n):
            if len(found) == n or self.ended:
                break
            params = self._draw()
            self._fruitless += 1
            if params is not None and self._is_new(params):
                self._fruitless = 0
                self._found += 1
                found.append(params)
        return found

    def last(self, n: int) -> Sequence[Params] | None:
        if not self._may_repeat and not self._space.constraints:
            return [self._space.sample(self._draws(index)) for index in range(max(0, self._wanted - n), self._wanted)]
        found: deque[Params] = deque(maxlen=n)
        while not self.ended:
            if self._wanted > _WALKED or self._index > self._space.samples:  # of draws, too
                return None
            found.extend(self.ask(min(_CHUNK, self._space.samples)))
        return list(found)

    def _is_new(self, params: Params) -> bool:
        """Whether the configuration has not been there."""
        if not self._may_repeat:
            return True
        mark = _mark(params)
        if mark in self._seen:
            return False
        self._seen.add(mark)
        return True

    def _draw(self) -> Params | None:
        """The next draw; None where constraints exclude it."""
        index, self._index = self._index, self._index + 1
        return self._space.draw(self._draws(index))


def _mark(params: Params) -> int:
    return int(digest(params, length=16), 16)


def random_draws(seed: int) -> Draws:
    """Independent numbers, of (seed, draw, ident) alone: no other parameter of the space changes them."""
    return lambda index: lambda ident: uniform(seed, "draw", index, ident)
