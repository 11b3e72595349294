"""The space block: its parameters and constraints made one space; where something is wrong, what can still be told of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hpsearch.space.conditions import Parameter
from hpsearch.space.domains import Constant, SpaceError
from hpsearch.space.space import Space
from hpsearch.spec.constraints import read_constraints, try_constraints
from hpsearch.spec.domain_forms import DOMAIN_FORMS
from hpsearch.spec.fixed import Names
from hpsearch.spec.kinds import Own
from hpsearch.spec.naming import Naming
from hpsearch.spec.nodes import Mark
from hpsearch.spec.parameters import Unread, Written, read_parameters
from hpsearch.spec.places import Place


@dataclass(frozen=True)
class SpaceRead:
    """A space as far as it could be read.

    Attributes:
        space: what could not be read is one null in it, and exists always.
        names: of the parameters, with their places.
        by_values: what the values of a configuration are held against: the space; where something is wrong with it, each of its
            parameters alone. None where not even all names are known.
    """

    space: Space
    names: Names
    by_values: Space | None


def read_space(place: Place, constraints: Place, naming: Naming, *, grid: bool) -> SpaceRead:
    """`grid`: whether a grid will be made of the space. Problems are noted."""
    before = len(place.log.problems)
    read = read_parameters(place, naming, grid=grid)
    if read is None:
        return SpaceRead(Space(()), [], None)
    written, sees_all = read.written, read.sees_all
    parameters = [each.parameter for each in written]
    names = [(each.parameter.name, each.place) for each in written]
    conditions = tuple(read_constraints(constraints, read.known, sees_all=sees_all))

    def note(error: SpaceError) -> None:
        for problem in error.problems:
            place.log.add(_mark(problem.path, written), f"{place.path}.{problem.path}", problem.message)

    try:
        space = Space(tuple(parameters))
    except SpaceError as error:
        note(error)
        alone = _unconditional(parameters)
        return SpaceRead(alone, names, alone if sees_all else None)
    _check_existence(space, written, grid=grid)
    if len(place.log.problems) > before or any(isinstance(each.domain, Unread) for each in parameters):
        return SpaceRead(_stand_in(parameters), names, _unconditional(parameters) if sees_all else None)
    try:
        if grid:
            space.grid_size()  # which it may be impossible to tell
    except SpaceError as error:
        note(error)
    else:
        space = replace(space, constraints=conditions)
        try_constraints(space, constraints, grid=grid)
    return SpaceRead(space, names, space if len(place.log.problems) == before else _unconditional(parameters))


def _stand_in(parameters: Sequence[Parameter]) -> Space:
    """The space in which something could not be read; where its conditions cannot hold then, without any."""
    nulls = [replace(each, domain=Constant(None)) if isinstance(each.domain, Unread) else each for each in parameters]
    try:
        return Space(tuple(nulls))
    except SpaceError:
        return _unconditional(nulls)


def _unconditional(parameters: Sequence[Parameter]) -> Space:
    """Each name once, and always; of one that stands in several branches any value may be meant."""
    several = Counter(each.name for each in parameters)
    alone = {
        each.name: Parameter(each.name, each.domain if several[each.name] == 1 else Unread(), place=each.place)
        for each in parameters
    }
    return Space(tuple(alone.values()))


def _check_existence(space: Space, written: Sequence[Written], *, grid: bool) -> None:
    """Notes parameters that no configuration has."""
    never = {each.ident for each in space.never_active}
    by_ident = {each.ident: each.domain for each in space.parameters}
    for parameter, each in zip(space.parameters, written, strict=True):
        at = each.place.child("when") if each.place.child("when") else each.place
        if parameter.ident in never:
            at.add(": no configuration has this parameter: its conditions exclude each other")
        elif grid:
            for condition in parameter.when:
                if all(by_ident[condition.parent].grid_find(value) is None for value in condition.values):
                    at.add(f": no configuration has this parameter: {condition.parent} has no such value in the grid")


def _mark(path: str, written: Sequence[Written]) -> Mark:
    """Where the parameter stands whose place `path` begins with, or its condition."""
    place = next(each.place for each in written if path in (each.parameter.place, f"{each.parameter.place}.when"))
    return place.child("when").mark if path.endswith(".when") else place.mark


SPACE = Own(
    "a mapping of parameters to a value, a list of values, or a domain",
    Place.value,
    {"type": "object"},  # the rest hangs on what runs: schema.json_schema
    tuple(DOMAIN_FORMS.values()),
)
