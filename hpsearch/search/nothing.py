"""Whether a search finds anything at all: else it would be a study of no trials, or one that looks for minutes in vain."""

from __future__ import annotations

from hpsearch.core.errors import SpecError
from hpsearch.plan import admission
from hpsearch.search import draws
from hpsearch.search.base import make_searcher
from hpsearch.search.grid import GridSearcher
from hpsearch.space import SpaceError
from hpsearch.spec import StudySpec

_GRID_LOOKS = 100_000
# Of grids that are looked at more slowly than so many in half a second, nothing is said: it would take long to be sure.
_SLOW = 10_000


def refuse_empty(spec: StudySpec) -> None:
    """Looks for a second or two, as the search itself would. Where it would take longer to be sure, nothing is said here.

    Raises:
        SpecError: drawing ends before a configuration is found that constraints admit; or they admit none of the first of a
            shuffled grid.
    """
    if not spec.space.constraints or spec.search.method == "list":
        return
    look = _in_vain_through_grid if spec.search.method == "grid" else _in_vain_by_draws
    try:
        nothing = look(spec)
    except SpaceError:  # a constraint without an answer: said with its place, where effects are counted, or once it is come to
        return
    if nothing:
        raise SpecError([spec.problem("constraints", f": of {nothing}")])


def _in_vain_by_draws(spec: StudySpec) -> str:
    """What was looked at for nothing, and what to do; empty where something was found, or may be. Raises: SpaceError."""
    searcher = make_searcher(spec.space, spec.search)
    looks = spec.space.drawn_looks
    left = draws.FRUITLESS_DRAWS if looks >= draws.LOOKS else looks
    while not searcher.ended:
        if left < 0 or searcher.ask(1):
            return ""
        left -= min(draws.LOOKS, looks)
    fix = "check what they say, or narrow the space to where they hold"
    return f"{draws.FRUITLESS_DRAWS:,} configurations drawn they admit none; {fix}"


def _in_vain_through_grid(spec: StudySpec) -> str:
    """As `_in_vain_by_draws`, of a shuffled grid of which a smaller sample has found nothing.

    A grid in its own order is left in peace: it passes what constraints exclude in blocks, and may come to the rest at any time.
    """
    search, space = spec.search, spec.space
    if search.order != "shuffled" or search.first or space.looks < _SLOW:
        return ""
    left = admission(spec)
    if left.exact or left.count:
        return ""
    searcher = GridSearcher(space, shuffled_by=search.seed)
    while searcher.looked < _GRID_LOOKS:
        if searcher.ask(1):
            return ""
    fix = "check what they say, narrow the space to where they hold, or drop search.order"
    return f"the first {searcher.looked:,} configurations of the shuffled grid they admit none; {fix}"
