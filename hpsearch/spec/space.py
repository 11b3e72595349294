"""The space block: parameters, the sub-spaces under a choice's values, and conditions.

A sub-space is read as what it means: parameters that wait for that value. `when` says the same with a name, which is looked
for in the innermost sub-space first, then outwards, then anywhere: `dart.rate_drop` says which, where several have the name.
Constraints see all names.

In a branch under what chooses the estimator or a step, names are that class's own: a step's are STEP__NAME in configurations. A
function's group is read as parameters with dots in their names, whose idents have the dots too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from hpsearch.core.errors import SHOWN
from hpsearch.core.values import Value
from hpsearch.space.conditions import Condition, Parameter, Vocabulary
from hpsearch.space.domains import Constant, Domain, SpaceError
from hpsearch.space.space import Space
from hpsearch.spec.constraints import read_constraints, try_constraints
from hpsearch.spec.domain_forms import DOMAIN_FORMS, is_domain
from hpsearch.spec.domains import BRANCHES, is_group, read_domain
from hpsearch.spec.fixed import Names
from hpsearch.spec.kinds import Own
from hpsearch.spec.model import CHOOSER, OWN
from hpsearch.spec.naming import Naming
from hpsearch.spec.nodes import MapNode, Mark, key_value
from hpsearch.spec.places import Place

_MOST_PARAMETERS = 1_000
_LONGEST_NAME = 250  # as MLflow has them


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
    """What all scopes share.

    Attributes:
        grid: whether a grid will be made of the space.
        hidden: what could not be read, and may hold parameters of which nothing is known.
    """

    root: Place
    naming: Naming
    grid: bool
    hidden: list[Place] = field(default_factory=list)


@dataclass(frozen=True)
class _Unread(Constant):
    """What stands in for a domain that could not be read: null in every configuration, and it may have had any value."""

    value: Value = None

    def contains(self, value: Value) -> bool:
        return True


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
    reading = _Reading(place, naming, grid)
    written = list(islice(_parameters(reading, place, _Scope()), _MOST_PARAMETERS + 1))
    if len(written) > _MOST_PARAMETERS:
        place.add(f": more than {_MOST_PARAMETERS:,} parameters; put what belongs together into one list or mapping")
        return SpaceRead(Space(()), [], None)
    written = _each_once(written)
    known = Vocabulary([each.parameter for each in written], naming.fixed)
    sees_all = not reading.hidden and isinstance(place.node, MapNode)
    parameters = [
        replace(each.parameter, when=(*each.parameter.when, *_conditions(each, known, sees_all=sees_all))) for each in written
    ]
    names = [(each.parameter.name, each.place) for each in written]
    conditions = tuple(read_constraints(constraints, known, sees_all=sees_all))

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
    if len(place.log.problems) > before or any(isinstance(each.domain, _Unread) for each in parameters):
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
    nulls = [replace(each, domain=Constant(None)) if isinstance(each.domain, _Unread) else each for each in parameters]
    try:
        return Space(tuple(nulls))
    except SpaceError:
        return _unconditional(nulls)


def _unconditional(parameters: Sequence[Parameter]) -> Space:
    """Each name once, and always; of one that stands in several branches any value may be meant."""
    several = Counter(each.name for each in parameters)
    alone = {
        each.name: Parameter(each.name, each.domain if several[each.name] == 1 else _Unread(), place=each.place)
        for each in parameters
    }
    return Space(tuple(alone.values()))


def _check_existence(space: Space, written: Sequence[_Written], *, grid: bool) -> None:
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


def _parameters(reading: _Reading, place: Place, scope: _Scope) -> Iterator[_Written]:
    for key, at in place.entries("a mapping of parameters to their values"):
        name = f"{scope.step}{scope.group}{key}"
        if len(name) > _LONGEST_NAME:
            at.add(f": a name of {len(name)} characters; a parameter's has at most {_LONGEST_NAME}")
            reading.hidden.append(at)
        elif problem := _name_problem(reading.naming, key, scope):
            at.add(problem)
            reading.hidden.append(at)
        elif reading.naming.has_groups and at.node is not None and is_group(at.node):
            yield from _parameters(reading, at, replace(scope, group=f"{scope.group}{key}."))
        else:
            domain = None if _lacks_texts(at) else read_domain(at)
            if reading.grid and domain is not None:
                _check_grid(domain, at)
            if isinstance(at.node, MapNode) and not is_domain(at.node):  # its key misspelt: under it sub-spaces may stand
                reading.hidden.append(at)
            ident = f"{scope.prefixes[0]}{scope.group}{key}"
            where = at.path.removeprefix(f"{reading.root.path}.")
            parameter = Parameter(name, domain or _Unread(), scope.when, ident, where)
            yield _Written(parameter, at, scope)
            yield from _branches(reading, at, parameter, scope)


def _lacks_texts(place: Place) -> bool:
    """Whether the environment lacks something that stands here: what the values are is not known then."""
    unread, path = place.log.unread, place.path
    return len(unread) > SHOWN or any(each.startswith(path) and each[len(path) :][:1] in ("", ".", "[") for each in unread)


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


def _each_once(written: Sequence[_Written]) -> list[_Written]:
    """The first of each. Notes what stands twice, with dots and as a group: `model.lr` beside `model: {lr: ...}`."""
    found: dict[str, _Written] = {}
    for each in written:
        if found.setdefault(each.parameter.ident, each) is not each:
            each.place.add("stands in the space twice, with dots and as a group; drop one of the two")
    return list(found.values())


def _conditions(each: _Written, known: Vocabulary, *, sees_all: bool) -> Iterator[Condition]:
    for name, at in each.place.child("when").entries("a mapping of parameters to the values that they must have"):
        parent = _find(name, each.scope, known, at, sees_all=sees_all)
        if parent is not None and at.node is not None:
            value = at.value()
            values = value if isinstance(value, tuple) else (value,)
            if values:
                yield Condition(parent, values)
            else:
                at.refuse("needs at least one value")


def _find(name: str, scope: _Scope, known: Vocabulary, at: Place, *, sees_all: bool) -> str | None:
    """The ident of the parameter that `name` says, seen from a scope; notes a problem where there is not exactly one.

    Args:
        sees_all: whether a name that is not known is none.
    """
    for prefix in scope.prefixes:
        if prefix + name in known.idents:
            return prefix + name
    found = known.meant(name)
    if len(found) == 1:
        return found[0].ident
    if found:
        at.add(f"{len(found)} parameters have this name; write {' or '.join(each.ident for each in found)}")
    elif sees_all:
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
