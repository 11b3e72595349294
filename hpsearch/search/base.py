"""What a searcher is, and the registry of the ones there are."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from hpsearch.core.values import Params
from hpsearch.search.draws import DrawSearcher, random_draws
from hpsearch.search.grid import GridSearcher
from hpsearch.space import Space
from hpsearch.spec.model import SearchSpec


class Searcher(Protocol):
    """Suggests configurations."""

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""

    @property
    def given_up(self) -> str:
        """Why it ended though more may be left, as a sentence; empty where it has not."""

    def ask(self, n: int) -> Sequence[Params]:
        """The next up to `n` configurations. None, before the end, where constraints admit too few to find one in a moment."""

    def last(self, n: int) -> Sequence[Params] | None:
        """The last up to `n` of all that it suggests; None where that cannot be told in a moment.

        Asked at the beginning, of a searcher that is thrown away afterwards.
        """


_CHUNK = 1000


class Listed:
    """Configurations that the spec writes out, and then those of another searcher, which leaves them out."""

    def __init__(self, first: Sequence[Params], then: Searcher | None = None) -> None:
        self._first = deque(first)
        self._then = then

    @property
    def ended(self) -> bool:
        return not self._first and (self._then is None or self._then.ended)

    @property
    def given_up(self) -> str:
        return "" if self._then is None else self._then.given_up

    def ask(self, n: int) -> Sequence[Params]:
        found = [self._first.popleft() for _ in range(min(n, len(self._first)))]
        return [*found, *(self._then.ask(n - len(found)) if self._then is not None and len(found) < n else ())]

    def last(self, n: int) -> Sequence[Params] | None:
        after = () if self._then is None else self._then.last(n)
        return None if after is None else [*self._first, *after][-n:]


def _grid(space: Space, search: SearchSpec) -> Searcher:
    return GridSearcher(space, shuffled_by=search.seed if search.order == "shuffled" else None, besides=search.first)


def _random(space: Space, search: SearchSpec) -> Searcher:
    return DrawSearcher(space, trials=search.trials or 0, draws=random_draws(search.seed), besides=search.first)


def _sobol(space: Space, search: SearchSpec) -> Searcher:
    from hpsearch.search.sobol import SobolDraws

    draws = SobolDraws([each.ident for each in space.parameters], search.seed)
    return DrawSearcher(space, trials=search.trials or 0, draws=draws, besides=search.first)


_REGISTRY: dict[str, Callable[[Space, SearchSpec], Searcher]] = {
    "grid": _grid,
    "random": _random,
    "sobol": _sobol,
    "list": lambda space, search: Listed(search.first),
}


def make_searcher(space: Space, search: SearchSpec) -> Searcher:
    """The searcher that the `search` block names, at its beginning."""
    searcher = _REGISTRY[search.method](space, search)
    return Listed(search.first, searcher) if search.first and search.method != "list" else searcher


def configuration_at(space: Space, search: SearchSpec, index: int) -> Params | None:
    """The configuration that the search suggests as number `index`, from 0; None where it ends before that."""
    searcher = make_searcher(space, search)
    if isinstance(searcher, GridSearcher) and not space.constraints:
        searcher.skip_to(min(index, space.grid_size()))  # the others are found by looking at all before them
    else:
        before = index
        while before and not searcher.ended:
            before -= len(searcher.ask(min(before, _CHUNK)))
    found: Sequence[Params] = ()
    while not found and not searcher.ended:
        found = searcher.ask(1)
    return next(iter(found), None)
