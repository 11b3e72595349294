"""Whether a search that draws finds anything at all: else it would be a study of no trials."""

from __future__ import annotations

from hpsearch.core.errors import SpecError
from hpsearch.search import draws
from hpsearch.search.base import make_searcher
from hpsearch.space import SpaceError
from hpsearch.spec import StudySpec


def refuse_empty(spec: StudySpec) -> None:
    """Looks for about a second. Where so many draws as prove it would take longer, nothing is said here: `effects` warns.

    Raises:
        SpecError: drawing ends before a configuration is found that constraints admit.
    """
    if not spec.space.constraints or spec.search.method in ("grid", "list"):
        return
    searcher = make_searcher(spec.space, spec.search)
    looks = spec.space.drawn_looks
    left = draws.FRUITLESS_DRAWS if looks >= draws.LOOKS else looks
    while not searcher.ended:
        try:
            if left < 0 or searcher.ask(1):
                return
        except SpaceError:  # a constraint without an answer: said with its place, where effects are counted
            return
        left -= min(draws.LOOKS, looks)
    fix = "check what they say, or narrow the space to where they hold"
    raise SpecError([spec.problem("constraints", f": of {draws.FRUITLESS_DRAWS:,} configurations drawn they admit none; {fix}")])
