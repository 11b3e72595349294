"""What a searcher is, and the registry of the ones there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from hpsearch.core.values import Params
from hpsearch.search.grid import GridSearcher
from hpsearch.search.random import RandomSearcher
from hpsearch.space import Space
from hpsearch.spec.model import SearchSpec


class Searcher(Protocol):
    """Suggests configurations. Asking again after the end gives nothing."""

    def ask(self, n: int) -> Sequence[Params]:
        """The next `n` configurations of the space, fewer at the end, none once exhausted."""


_REGISTRY: dict[str, Callable[[Space, SearchSpec], Searcher]] = {
    "grid": lambda space, _: GridSearcher(space),
    "random": lambda space, search: RandomSearcher(space, trials=search.trials or 0, seed=search.seed),
}


def make_searcher(space: Space, search: SearchSpec) -> Searcher:
    """The searcher that the `search` block names, at its beginning."""
    return _REGISTRY[search.method](space, search)
