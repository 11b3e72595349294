"""The constraints block: conditions read, and tried on some configurations of the space."""

from __future__ import annotations

from collections.abc import Iterator

from hpsearch.space.admitted import glance
from hpsearch.space.conditions import Vocabulary
from hpsearch.space.constraints import Constraint
from hpsearch.space.domains import SpaceError
from hpsearch.space.expressions import Expression, ExpressionError
from hpsearch.space.space import Space
from hpsearch.spec.kinds import Many, Text
from hpsearch.spec.nodes import ScalarNode
from hpsearch.spec.places import Place

_MOST = 200
_LONGEST = 10_000  # characters, all together

CONSTRAINTS = Many(Text(), "a list of conditions")


def read_constraints(place: Place, known: Vocabulary, *, sees_all: bool) -> Iterator[Constraint]:
    """Those that can be read; problems are noted.

    Args:
        sees_all: whether a name that is not known is none. Where it may be one, conditions are only looked at for how they are
            written, and none is given.
    """
    length = 0
    for index, at in enumerate(place.items(CONSTRAINTS.says)):
        text = _text(at)
        length += len(text or "")
        if index >= _MOST or (length > _LONGEST and index):
            most = f"{_MOST:,} constraints, and {_LONGEST:,} characters of them"
            place.add(f": there are at most {most}; write the space so that it needs fewer")
            return
        if text is not None:
            try:
                if sees_all:
                    yield Constraint.of(text, known, at.path)
                else:
                    Expression.parse(text)
            except ExpressionError as error:
                # The column is the expression's: in a quoted or folded text it is not the file's.
                at.refuse(f"{error}{f' (column {error.column})' if error.column > 1 else ''}")


def _text(at: Place) -> str | None:
    """The condition's; None after noting why it is none. Quotes around a number would make no condition of it."""
    if not isinstance(at.node, ScalarNode) or (not at.is_null and not isinstance(at.node.value, str)):
        at.refuse("must be a condition, such as max_depth <= 7")
        return None
    return at.text(None)


def try_constraints(space: Space, place: Place, *, grid: bool) -> None:
    """Notes what is wrong with a constraint on some configurations, and where none is left of a grid."""
    if not space.constraints:
        return
    chosen = glance(space, grid=grid)
    before = len(place.log.problems)
    for constraint in space.constraints:
        try:
            for each in chosen:
                constraint.holds(each)
        except SpaceError as error:
            at = next(each for each in place.items() if each.path == constraint.place)
            at.add(error.problems[0].message)
    if len(place.log.problems) > before:
        return
    if grid and space.grid_size() == len(chosen) and all(map(space.unmet, chosen)):
        alone = {each.place for each in space.constraints if not any(map(each.holds, chosen))}
        for at in (each for each in place.items() if each.path in alone):
            at.refuse(f"no configuration of the grid meets it, of {len(chosen)}")
        if not alone:
            place.add(f"no configuration of the grid is left, of {len(chosen)}; each by itself leaves some, all together none")
