"""Whether a search finds anything at all: else it would be a study of no trials, or one that looks for minutes in vain."""

from __future__ import annotations

from hpsearch.core.errors import SpecError
from hpsearch.plan import admission
from hpsearch.search import draws
from hpsearch.search.base import make_searcher
from hpsearch.space import SpaceError
from hpsearch.spec import StudySpec


def refuse_empty(spec: StudySpec) -> None:
    """Looks for about a second, as the search itself would. Where it takes longer to be sure, nothing is said: `effects` warns.

    Raises:
        SpecError: constraints admit none of as many configurations, drawn or the first of a shuffled grid, as end a drawing.
    """
    search, space = spec.search, spec.space
    if not space.constraints or search.method == "list":
        return
    is_grid = search.method == "grid"
    if (space.looks if is_grid else space.drawn_looks) < draws.LOOKS or (is_grid and not _may_be_hopeless(spec)):
        return
    searcher, looked = make_searcher(space, search), 0
    try:
        while looked < draws.FRUITLESS_DRAWS and not searcher.ended:
            if searcher.ask(1):
                return
            looked += draws.LOOKS
    except SpaceError:  # a constraint without an answer: said with its place where effects are counted, or when it is come to
        return
    most = f"{draws.FRUITLESS_DRAWS:,}"
    rule = f": of {most} configurations drawn they admit none; check what they say, or narrow the space to where they hold"
    if is_grid:
        fix = "check what they say, narrow the space to where they hold, or drop search.order"
        rule = f": of the first {most} configurations of the shuffled grid they admit none; {fix}"
    raise SpecError([spec.problem("constraints", rule)])


def _may_be_hopeless(spec: StudySpec) -> bool:
    """Of a shuffled grid, whether a smaller sample has found nothing.

    A grid in its own order is left in peace: it passes what constraints exclude in blocks, and may come to the rest at any time.
    """
    if spec.search.order != "shuffled":
        return False
    left = admission(spec)
    return not left.exact and not left.count
