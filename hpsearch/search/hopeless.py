"""Whether a shuffled grid too large to be counted finds anything at all: else a run would look for minutes in vain."""

from __future__ import annotations

from hpsearch.core.errors import SpecError
from hpsearch.plan import admission
from hpsearch.search.grid import GridSearcher
from hpsearch.space import SpaceError
from hpsearch.spec import StudySpec

_LOOKS = 100_000
# Of spaces that are looked at more slowly than so many in half a second, nothing is said: it would take long to be sure.
_SLOW = 10_000


def refuse_hopeless(spec: StudySpec) -> None:
    """Looks for some seconds, as the search itself would; only where a smaller sample has found nothing.

    A grid in its own order is left in peace: it passes what constraints exclude in blocks, and may come to the rest at any time.

    Raises:
        SpecError: constraints admit none of the first configurations.
    """
    search, space = spec.search, spec.space
    if search.method != "grid" or search.order != "shuffled" or search.first or not space.constraints or space.looks < _SLOW:
        return
    left = admission(spec)
    if left.exact or left.count:
        return
    searcher = GridSearcher(space, shuffled_by=search.seed)
    while searcher.looked < _LOOKS:
        try:
            if searcher.ask(1):
                return
        except SpaceError:  # a constraint without an answer: the run tells when it comes to it
            return
    rule = f"of the first {searcher.looked:,} configurations of the shuffled grid they admit none"
    fix = "check what they say, narrow the space to where they hold, or drop search.order"
    raise SpecError([spec.problem("constraints", f": {rule}; {fix}")])
