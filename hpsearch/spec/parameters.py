"""The parameters of a space block, those of sub-spaces and groups too, each with all that it waits for.

A sub-space is read as what it means: parameters that wait for that value. `when` says the same with a name, which is looked
for in the innermost sub-space first, then outwards, then anywhere: `dart.rate_drop` says which, where several have the name.

In a branch under what chooses the estimator or a step, names are that class's own: a step's are STEP__NAME in configurations. A
function's group is read as parameters with dots in their names, whose idents have the dots too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from hpsearch.core.errors import SHOWN
from hpsearch.core.values import Value
from hpsearch.space.conditions import Condition, Parameter, Vocabulary
from hpsearch.space.domains import Constant, Domain, SpaceError
from hpsearch.spec.domain_forms import is_domain
from hpsearch.spec.domains import BRANCHES, is_group, read_domain
from hpsearch.spec.model import CHOOSER, OWN
from hpsearch.spec.naming import Naming
from hpsearch.spec.nodes import MapNode, key_value
from hpsearch.spec.places import Place

_MOST = 1_000
_LONGEST_NAME = 250  # as MLflow has them


@dataclass(frozen=True)
class Unread(Constant):
    """What stands in for a domain that could not be read: null in every configuration, and it may have had any value."""

    value: Value = None

    def contains(self, value: Value) -> bool:
        return True


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
class Written:
    """A parameter, where it stands, and within what."""

    parameter: Parameter
    place: Place
    scope: _Scope


@dataclass(frozen=True)
class ParametersRead:
    """The parameters of a block, each once, as far as they could be read.

    Attributes:
        known: what a name may mean.
        sees_all: whether a name that is not known is none: all parameters are there, whatever else is wrong with them.
    """

    written: Sequence[Written]
    known: Vocabulary
    sees_all: bool


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


def read_parameters(place: Place, naming: Naming, *, grid: bool) -> ParametersRead | None:
    """`grid`: whether a grid will be made of the space. Problems are noted; None after noting that there are too many to read."""
    reading = _Reading(place, naming, grid)
    found = list(islice(_parameters(reading, place, _Scope()), _MOST + 1))
    if len(found) > _MOST:
        place.add(f": more than {_MOST:,} parameters; put what belongs together into one list or mapping")
        return None
    found = _each_once(found)
    known = Vocabulary([each.parameter for each in found], naming.fixed)
    sees_all = not reading.hidden and isinstance(place.node, MapNode)
    return ParametersRead([_waiting(each, known, sees_all=sees_all) for each in found], known, sees_all)


def _parameters(reading: _Reading, place: Place, scope: _Scope) -> Iterator[Written]:
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
            parameter = Parameter(name, domain or Unread(), scope.when, ident, where)
            yield Written(parameter, at, scope)
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


def _branches(reading: _Reading, place: Place, parent: Parameter, scope: _Scope) -> Iterator[Written]:
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


def _each_once(written: Sequence[Written]) -> list[Written]:
    """The first of each. Notes what stands twice, with dots and as a group: `model.lr` beside `model: {lr: ...}`."""
    found: dict[str, Written] = {}
    for each in written:
        if found.setdefault(each.parameter.ident, each) is not each:
            each.place.add("stands in the space twice, with dots and as a group; drop one of the two")
    return list(found.values())


def _waiting(each: Written, known: Vocabulary, *, sees_all: bool) -> Written:
    """The parameter with what its own `when` asks for, too."""
    when = (*each.parameter.when, *_conditions(each, known, sees_all=sees_all))
    return replace(each, parameter=replace(each.parameter, when=when))


def _conditions(each: Written, known: Vocabulary, *, sees_all: bool) -> Iterator[Condition]:
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
