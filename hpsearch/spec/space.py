"""The space block: parameters, the sub-spaces under a choice's values, and conditions.

A sub-space is read as what it means: parameters that wait for that value. `when` says the same with a name, which is looked
for in the innermost sub-space first, then outwards, then anywhere: `dart.rate_drop` says which, where several have the name.
Constraints see all names.

In a branch under what chooses the estimator or a step, names are that class's own: a step's are STEP__NAME in configurations. A
function's group is read as parameters with dots in their names, whose idents have the dots too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from hpsearch.core.values import Value
from hpsearch.space.admitted import glance
from hpsearch.space.conditions import Condition, Parameter, Vocabulary
from hpsearch.space.constraints import Constraint
from hpsearch.space.domains import Constant, Domain, SpaceError
from hpsearch.space.expressions import ExpressionError
from hpsearch.space.space import Space
from hpsearch.spec.domain_forms import DOMAIN_FORMS
from hpsearch.spec.domains import BRANCHES, is_group, read_domain
from hpsearch.spec.fixed import Names
from hpsearch.spec.kinds import Many, Own, Text
from hpsearch.spec.model import CHOOSER, OWN
from hpsearch.spec.naming import Naming
from hpsearch.spec.nodes import MapNode, Mark, key_value
from hpsearch.spec.places import Place

_MOST_PARAMETERS = 1_000
_LONGEST_NAME = 250  # as MLflow has them
_MOST_CONSTRAINTS = 200
_LONGEST_CONSTRAINTS = 10_000  # characters, all together


@dataclass(frozen=True)
class _Scope:
    """Where a parameter is written.

    Attributes:
        prefixes: of idents, the innermost first.
        step: what begins the names of all parameters here, "clf__", in the branches under a step.
        group: what begins their names and idents, "model.", in a group.
    """

    prefixes: tuple[str, ...] = ("",)
    when: tuple[Condition, ...] = ()
    step: str = ""
    group: str = ""

    def inside(self, parent: str, key: str, value: Value, step: str) -> _Scope:
        prefix = f"{parent}.{key}."
        # Conditions of the scopes around it are the parent's own, and need no repeating.
        return _Scope((prefix, *self.prefixes), (Condition(parent, (value,)),), self.step or step)


@dataclass(frozen=True)
class _Written:
    parameter: Parameter
    place: Place
    scope: _Scope


@dataclass(frozen=True)
class _Reading:
    """What all scopes share. `grid`: whether a grid will be made of the space."""

    root: Place
    naming: Naming
    grid: bool


def read_space(place: Place, constraints: Place, naming: Naming, *, grid: bool) -> tuple[Space, Names]:
    """The space, and its names with their places. `grid`: whether a grid will be made of it.

    Problems are noted; what could not be read is one null, and exists always.
    """
    before = len(place.log.problems)
    written = list(islice(_parameters(_Reading(place, naming, grid), place, _Scope()), _MOST_PARAMETERS + 1))
    if len(written) > _MOST_PARAMETERS:
        place.add(f": more than {_MOST_PARAMETERS:,} parameters; put what belongs together into one list or mapping")
        return Space(()), []
    _check_once(written)
    known = Vocabulary([each.parameter for each in written])
    parameters = [replace(each.parameter, when=(*each.parameter.when, *_conditions(each, known))) for each in written]
    names = [(each.parameter.name, each.place) for each in written]
    if len(place.log.problems) > before:
        return _stand_in(parameters), names

    def note(error: SpaceError) -> None:
        for problem in error.problems:
            place.log.add(_mark(problem.path, written), f"{place.path}.{problem.path}", problem.message)

    try:
        space = Space(tuple(parameters), tuple(_constraints(constraints, known)))
    except SpaceError as error:
        note(error)
        return _unconditional(parameters), names
    _check_existence(space, written, grid=grid)
    try:
        if grid and len(place.log.problems) == before:
            space.grid_size()  # which it may be impossible to tell
        _try_constraints(space, constraints, grid=grid)
    except SpaceError as error:
        note(error)
    return space, names


def _stand_in(parameters: Sequence[Parameter]) -> Space:
    """The space in which something could not be read; where its conditions cannot hold then, without any."""
    try:
        return Space(tuple(parameters))
    except SpaceError:
        return _unconditional(parameters)


def _unconditional(parameters: Sequence[Parameter]) -> Space:
    alone = {each.name: Parameter(each.name, each.domain, place=each.place) for each in reversed(parameters)}
    return Space(tuple(reversed(alone.values())))


def _constraints(place: Place, known: Vocabulary) -> Iterator[Constraint]:
    length = 0
    for index, at in enumerate(place.items(CONSTRAINTS.says)):
        text = at.text(None)
        length += len(text or "")
        if index >= _MOST_CONSTRAINTS or (length > _LONGEST_CONSTRAINTS and index):
            most = f"{_MOST_CONSTRAINTS:,} constraints, and {_LONGEST_CONSTRAINTS:,} characters of them"
            place.add(f": there are at most {most}; write the space so that it needs fewer")
            return
        if text is not None:
            try:
                yield Constraint.of(text, known, at.path)
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
    chosen = glance(space, grid=grid)
    for constraint in space.constraints:
        try:
            for each in chosen:
                constraint.holds(each)
        except SpaceError as error:
            at = next(each for each in place.items() if each.path == constraint.place)
            at.add(error.problems[0].message)
    if grid and not place.log.problems and space.grid_size() == len(chosen) and all(map(space.unmet, chosen)):
        alone = {each.place for each in space.constraints if not any(map(each.holds, chosen))}
        for at in (each for each in place.items() if each.path in alone):
            at.refuse(f"no configuration of the grid meets it, of {len(chosen)}")
        if not alone:
            place.add(f"no configuration of the grid is left, of {len(chosen)}; each by itself leaves some, all together none")


def _parameters(reading: _Reading, place: Place, scope: _Scope) -> Iterator[_Written]:
    for key, at in place.entries("a mapping of parameters to their values"):
        name = f"{scope.step}{scope.group}{key}"
        if len(name) > _LONGEST_NAME:
            at.add(f": a name of {len(name)} characters; a parameter's has at most {_LONGEST_NAME}")
        elif problem := _name_problem(reading.naming, key, scope):
            at.add(problem)
        elif reading.naming.has_groups and at.node is not None and is_group(at.node):
            yield from _parameters(reading, at, replace(scope, group=f"{scope.group}{key}."))
        else:
            domain = read_domain(at)
            if reading.grid and domain is not None:
                _check_grid(domain, at)
            ident = f"{scope.prefixes[0]}{scope.group}{key}"
            where = at.path.removeprefix(f"{reading.root.path}.")
            parameter = Parameter(name, domain or Constant(None), scope.when, ident, where)
            yield _Written(parameter, at, scope)
            yield from _branches(reading, at, parameter, scope)


def _name_problem(naming: Naming, key: str, scope: _Scope) -> str | None:
    if scope.step and (bare := key.removeprefix(scope.step)) != key:
        return f"is in a branch of {scope.step.removesuffix('__')}, where names are its own; write {bare}"
    if naming.is_chosen and key == CHOOSER and scope.when:
        return f"is what chooses the estimator; write {OWN}{CHOOSER} for the estimator's own parameter"
    return naming.problem(key)


def _branches(reading: _Reading, place: Place, parent: Parameter, scope: _Scope) -> Iterator[_Written]:
    choice = place.child(BRANCHES)
    if isinstance(choice.node, MapNode):
        step = reading.naming.prefix(parent.name)
        # What a choice brings stands beside the choice, in its group.
        group = parent.name[: parent.name.rfind(".") + 1] if reading.naming.has_groups else ""
        for key, entry in choice.node.entries.items():
            at = choice.child(key)
            if isinstance(at.node, MapNode):
                inner = scope.inside(parent.ident, key, key_value(key, entry), step)
                yield from _parameters(reading, at, replace(inner, group=group))


def _check_once(written: Sequence[_Written]) -> None:
    """Notes what stands twice, with dots and as a group: `model.lr` beside `model: {lr: ...}`."""
    seen: set[str] = set()
    for each in written:
        if each.parameter.ident in seen:
            each.place.add("stands in the space twice, with dots and as a group; drop one of the two")
        seen.add(each.parameter.ident)


def _conditions(each: _Written, known: Vocabulary) -> Iterator[Condition]:
    for name, at in each.place.child("when").entries("a mapping of parameters to the values that they must have"):
        parent = _find(name, each.scope, known, at)
        if parent is not None and at.node is not None:
            value = at.value()
            values = value if isinstance(value, tuple) else (value,)
            if not values:
                at.refuse("needs at least one value")
            yield Condition(parent, values)


def _find(name: str, scope: _Scope, known: Vocabulary, at: Place) -> str | None:
    """The ident of the parameter that `name` says, seen from a scope; notes a problem where there is not exactly one."""
    for prefix in scope.prefixes:
        if prefix + name in known.idents:
            return prefix + name
    found = known.meant(name)
    if len(found) == 1:
        return found[0].ident
    if found:
        at.add(f"{len(found)} parameters have this name; write {' or '.join(each.ident for each in found)}")
    else:
        at.add(f"there is no such parameter{known.near(name) if at.log.seeks_near else ''}")
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
    {"type": "object"},  # the rest hangs on what runs: schema.json_schema
    tuple(DOMAIN_FORMS.values()),
)
CONSTRAINTS = Many(Text(), "a list of conditions")
