"""The space block: parameters, the sub-spaces under a choice's values, and conditions.

A sub-space is read as what it means: parameters that wait for that value. `when` says the same with a name, which is looked
for in the innermost sub-space first, then outwards, then anywhere: `dart.rate_drop` says which, where several have the name.
Constraints see all names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from hpsearch.core.names import did_you_mean
from hpsearch.core.values import Value
from hpsearch.space.admitted import glance
from hpsearch.space.conditions import Condition, Parameter, named
from hpsearch.space.constraints import Constraint
from hpsearch.space.domains import Constant, Domain, SpaceError
from hpsearch.space.expressions import ExpressionError
from hpsearch.space.space import Space
from hpsearch.spec.domain_forms import DOMAIN_FORMS, PARAMETER_NAME
from hpsearch.spec.domains import BRANCHES, key_value, read_domain
from hpsearch.spec.kinds import Many, Own, Text
from hpsearch.spec.nodes import ListNode, MapNode, Mark, plain
from hpsearch.spec.places import Place

Names = Sequence[tuple[str, Place]]
"""Each parameter's name and where it stands; a name may stand in several branches."""


@dataclass(frozen=True)
class _Scope:
    """Where a parameter is written. `prefixes`: of idents, the innermost first."""

    prefixes: tuple[str, ...] = ("",)
    when: tuple[Condition, ...] = ()

    def inside(self, parent: str, key: str, value: Value) -> _Scope:
        prefix = f"{parent}.{key}."
        # Conditions of the scopes around it are the parent's own, and need no repeating.
        return _Scope((prefix, *self.prefixes), (Condition(parent, (value,)),))


@dataclass(frozen=True)
class _Written:
    parameter: Parameter
    place: Place
    scope: _Scope


def read_space(place: Place, constraints: Place, *, grid: bool) -> tuple[Space, Names]:
    """The space, and its names with their places. `grid`: whether a grid will be made of it.

    Problems are noted; what could not be read is one null, and exists always.
    """
    before = len(place.log.problems)
    written = list(_parameters(place, place, _Scope(), grid))
    parameters = [replace(each.parameter, when=(*each.parameter.when, *_conditions(each, written))) for each in written]
    names = [(each.parameter.name, each.place) for each in written]
    if len(place.log.problems) == before:
        try:
            space = Space(tuple(parameters), tuple(_constraints(constraints, parameters)))
            _check_existence(space, written, grid=grid)
            _try_constraints(space, constraints, grid=grid)
            return space, names
        except SpaceError as error:
            for problem in error.problems:
                place.log.add(_mark(problem.path, written), f"{place.path}.{problem.path}", problem.message)
    alone = {each.name: Parameter(each.name, each.domain, place=each.place) for each in reversed(parameters)}
    return Space(tuple(reversed(alone.values()))), names


def _constraints(place: Place, parameters: Sequence[Parameter]) -> Iterator[Constraint]:
    for at in place.items(CONSTRAINTS.says):
        text = at.text(None)
        if text is not None:
            try:
                yield Constraint.of(text, parameters, at.path)
            except ExpressionError as error:
                # The column is the expression's: in a quoted or folded text it is not the file's.
                at.refuse(f"{error}{f' (column {error.column})' if error.column > 1 else ''}")


def _check_existence(space: Space, written: Sequence[_Written], *, grid: bool) -> None:
    """Notes parameters that no configuration has."""
    never = {each.ident for each in space.never_active}
    by_ident = {each.parameter.ident: each.parameter.domain for each in written}
    for parameter, each in zip(space.parameters, written, strict=True):
        at = each.place.child("when") if each.place.child("when") else each.place
        if parameter.ident in never:
            at.add(": no configuration has this parameter: its conditions exclude each other")
        elif grid:
            for condition in parameter.when:
                if all(by_ident[condition.parent].grid_find(value) is None for value in condition.values):
                    at.add(f": no configuration has this parameter: {condition.parent} has no such value in the grid")


def _try_constraints(space: Space, place: Place, *, grid: bool) -> None:
    """Notes what is wrong with a constraint on some configurations, and where none is left of a grid."""
    if not space.constraints or place.log.problems:
        return
    some = glance(space, grid=grid)
    for constraint in space.constraints:
        alone = Space(space.parameters, (constraint,))
        try:
            for params in some:
                alone.admits(params)
        except SpaceError as error:
            at = next(each for each in place.items() if each.path == constraint.place)
            at.add(error.problems[0].message)
    if grid and not place.log.problems and space.grid_size() == len(some) and not any(map(space.admits, some)):
        place.add(f"no configuration of the grid is left, of {len(some)}")


def _parameters(root: Place, place: Place, scope: _Scope, grid: bool) -> Iterator[_Written]:
    for name, at in place.entries("a mapping of parameters to their values"):
        if name.startswith("param."):
            at.add("is not supported yet")
        elif not PARAMETER_NAME.fullmatch(name):
            at.add("is no parameter name; use letters, digits, _ and -, a letter first")
        else:
            domain = read_domain(at)
            if grid and domain is not None:
                _check_grid(domain, at)
            ident = scope.prefixes[0] + name
            parameter = Parameter(name, domain or Constant(None), scope.when, ident, at.path.removeprefix(f"{root.path}."))
            yield _Written(parameter, at, scope)
            yield from _branches(root, at, ident, scope, grid)


def _branches(root: Place, place: Place, ident: str, scope: _Scope, grid: bool) -> Iterator[_Written]:
    choice = place.child(BRANCHES)
    if isinstance(choice.node, MapNode):
        for key, entry in choice.node.entries.items():
            at = choice.child(key)
            if isinstance(at.node, MapNode):
                yield from _parameters(root, at, scope.inside(ident, key, key_value(key, entry)), grid)


def _conditions(each: _Written, written: Sequence[_Written]) -> Iterator[Condition]:
    for name, at in each.place.child("when").entries("a mapping of parameters to the values that they must have"):
        parent = _find(name, each.scope, written, at)
        if parent is not None and at.node is not None:
            values = tuple(plain(item) for item in at.node.items) if isinstance(at.node, ListNode) else (plain(at.node),)
            if not values:
                at.refuse("needs at least one value")
            yield Condition(parent, values)


def _find(name: str, scope: _Scope, written: Sequence[_Written], at: Place) -> str | None:
    """The ident of the parameter that `name` says, seen from a scope; notes a problem where there is not exactly one."""
    parameters = [each.parameter for each in written]
    idents = {each.ident for each in parameters}
    for prefix in scope.prefixes:
        if prefix + name in idents:
            return prefix + name
    found = named(name, parameters)
    if len(found) == 1:
        return found[0].ident
    if found:
        at.add(f"{len(found)} parameters have this name; write {' or '.join(each.ident for each in found)}")
    else:
        at.add(f"there is no such parameter{did_you_mean(name, [each.name for each in parameters])}")
    return None


def _check_grid(domain: Domain, place: Place) -> None:
    try:
        domain.grid_size()
    except SpaceError as error:
        for problem in error.problems:
            place.add(f"{problem.message}; or search by method: random")


def _mark(path: str, written: Sequence[_Written]) -> Mark:
    """Where the parameter stands whose place `path` begins with, or its condition."""
    place = next(each.place for each in written if path in (each.parameter.place, f"{each.parameter.place}.when"))
    return place.child("when").mark if path.endswith(".when") else place.mark


SPACE = Own(
    "a mapping of parameters to a value, a list of values, or a domain",
    Place.value,
    {"$ref": "#/definitions/space"},
    tuple(DOMAIN_FORMS.values()),
)
CONSTRAINTS = Many(Text(), "a list of conditions")
