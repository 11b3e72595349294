"""Random search without repetition: draw i depends on (seed, i) alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hpsearch.core.seeds import derived_seed
from hpsearch.core.values import Params, digest
from hpsearch.space import Space

# Where every value left is rare (a log range of ints, nearly used up), draws would go on for ever: after this many in a
# row that gave nothing new, the space counts as used up.
_FRUITLESS_DRAWS = 10_000


class RandomSearcher:
    """`trials` different configurations, or as many as the space has.

    Of each configuration it keeps 8 bytes, to leave out repetitions: equal configurations are one trial, and a user who
    asks for 200 trials means 200 different ones.
    """

    def __init__(self, space: Space, *, trials: int, seed: int) -> None:
        size = space.size()
        self._space = space
        self._seed = seed
        self._wanted = trials if size is None else min(trials, size)
        self._index = 0
        self._seen: set[int] = set()

    def ask(self, n: int) -> Sequence[Params]:
        found: list[Params] = []
        fruitless = 0
        while len(found) < n and len(self._seen) < self._wanted:
            params = self._draw()
            mark = int(digest(params, length=16), 16)
            if mark in self._seen:
                fruitless += 1
                if fruitless == _FRUITLESS_DRAWS:
                    self._wanted = len(self._seen)
                continue
            fruitless = 0
            self._seen.add(mark)
            found.append(params)
        return found

    def _draw(self) -> Params:
        rng = np.random.default_rng(derived_seed(self._seed, "draw", self._index))
        self._index += 1
        return self._space.sample(rng)
