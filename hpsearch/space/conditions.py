"""When a parameter exists: conditions on the values of others, and what follows from them for a whole space."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from keyword import iskeyword
from typing import TypeAlias

from hpsearch.core.errors import Problem
from hpsearch.core.names import did_you_mean
from hpsearch.core.values import Value, canonical
from hpsearch.space.domain import Domain, SpaceError, instead_of, shown

NAMED = 5
"""Of the parameters that a reference may mean: as many are said."""
_DEEPEST = 64  # as many as a file may have levels

Texts: TypeAlias = frozenset[str]
"""Values, each by its canonical text."""


@dataclass(frozen=True)
class Condition:
    """Holds where the parameter `parent` (an ident) is active and has one of `values`."""

    parent: str
    values: tuple[Value, ...]

    @cached_property
    def texts(self) -> Texts:
        return frozenset(canonical(value) for value in self.values)


@dataclass(frozen=True)
class Parameter:
    """A named domain, and the conditions under which it exists: all of them must hold.

    Attributes:
        ident: unique in its space; the name, where left out. Parameters that are never active together may have one name:
            the idents booster.dart.rate and booster.tree.rate are both called rate in a configuration.
        place: where it is written, relative to the space; the ident, where left out.
    """

    name: str
    domain: Domain
    when: tuple[Condition, ...] = ()
    ident: str = ""
    place: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "when", tuple(self.when))
        object.__setattr__(self, "ident", self.ident or self.name)
        object.__setattr__(self, "place", self.place or self.ident)


class Vocabulary:
    """What references in conditions and constraints may mean, found once for all of a space.

    `fixed`: names of what is the same in all trials, and no part of the space.
    """

    def __init__(self, parameters: Sequence[Parameter], fixed: Collection[str] = ()) -> None:
        self._fixed = frozenset(fixed)
        self.names = {each.name for each in parameters}
        self._meant: dict[str, list[Parameter]] = {}
        self.idents = {each.ident: each for each in parameters}
        for each in parameters:
            parts = each.ident.split(".")
            endings = {".".join(parts[place:]) for place in range(len(parts))}
            for reference in endings | {each.name}:
                self._meant.setdefault(reference, []).append(each)
        odd = sorted((name for name in self.names if not _can_be_read(name)), key=len, reverse=True)
        self._odd = re.compile(rf"(?<![\w.-])({'|'.join(map(re.escape, odd))})(?![\w-])") if odd else None

    def meant(self, reference: str) -> list[Parameter]:
        """The parameter of this ident, or those whose name, or ident's end, it is.

        Several parameters of one name are told apart by their branches: dart.rate_drop, SVC.C.
        """
        return [self.idents[reference]] if reference in self.idents else self._meant.get(reference, [])

    def near(self, reference: str) -> str:
        """The end of a message on a reference that means nothing: a name like it, or what it may be short for."""
        if reference in self._fixed:
            return "; it stands under trial.fixed: move it to the space, where one value is a parameter too"
        parts = reference.split(".")
        if len(parts) > 1 and (ending := self.meant(parts[-1])):
            # x.y.c for a.x.b.y.c: all of its parts are there, in order, and more between them.
            fit = [each for each in ending if _is_within(parts, each.ident.split("."))] or ending
            return f"; write {' or '.join(each.ident for each in fit[:NAMED])}"
        return did_you_mean(reference, self.names)

    def unfit(self, text: str) -> str | None:
        """A parameter's name in the text of a constraint that would be read as something else; None where there is none."""
        found = None if self._odd is None else self._odd.search(text)
        return None if found is None else found[1]


def _can_be_read(name: str) -> bool:
    """Whether Python's parser, which reads constraints, takes the name for one."""
    return all(part.isidentifier() and not iskeyword(part) for part in name.split("."))


def _is_within(some: Sequence[str], parts: Sequence[str]) -> bool:
    ahead = iter(parts)
    return all(each in ahead for each in some)


def parents_first(parameters: Sequence[Parameter]) -> tuple[Parameter, ...]:
    """The parameters with every parent before its children.

    Raises:
        SpaceError: with every condition that cannot be: on what is no parameter, on a value that its parent never has, on
            a parameter without countable values, in a circle.
    """
    known = {parameter.ident: parameter for parameter in parameters}
    problems = [problem for parameter in parameters for problem in _problems(parameter, known)]
    parents = {each.ident: [c.parent for c in each.when if c.parent in known] for each in parameters}
    order: tuple[str, ...] = ()
    while parents and not order:
        try:
            order = tuple(TopologicalSorter(parents).static_order())
        except CycleError as error:
            circle: list[str] = error.args[1]
            first = known[min(circle, key=list(known).index)]
            rule = f": {' waits for '.join(reversed(circle))}: a parameter cannot wait for itself"
            problems.append(Problem(rule, f"{first.place}.when"))
            parents |= {ident: [] for ident in circle}  # cut, so that the next one is found
    if problems:
        raise SpaceError(problems)
    ordered = tuple(known[ident] for ident in order)
    depth: dict[str, int] = {}
    for each in ordered:
        depth[each.ident] = 1 + max((depth[condition.parent] for condition in each.when), default=0)
    if deep := [each for each in ordered if depth[each.ident] == _DEEPEST + 1]:
        rule = f": more than {_DEEPEST} parameters wait for one another in a row"
        raise SpaceError([Problem(rule, f"{each.place}.when") for each in deep])
    return ordered


def _problems(parameter: Parameter, known: Mapping[str, Parameter]) -> Iterator[Problem]:
    at = f"{parameter.place}.when"
    for condition in parameter.when:
        parent = known.get(condition.parent)
        if parent is None:
            near = did_you_mean(condition.parent, known)
            yield Problem(f": there is no parameter {condition.parent}{near}", at)
        elif parent.domain.size() is None:
            yield Problem(f": {parent.ident} has no countable values; a condition names some of a choice or an int range", at)
        else:
            for value in condition.values:
                if not parent.domain.contains(value):
                    rule = f"is not one of that parameter's values{instead_of(value, parent.domain)}"
                    yield Problem(f".{parent.ident} = {shown(value)}: {rule}", at)


def demands(ordered: Sequence[Parameter]) -> dict[str, dict[str, Texts]]:
    """By ident: which parents, and theirs in turn, must have which values for the parameter to be active.

    An empty set: it never is. `ordered` has parents first.
    """
    found: dict[str, dict[str, Texts]] = {}
    for parameter in ordered:
        own: dict[str, Texts] = {}
        for condition in parameter.when:
            for parent, texts in (*found[condition.parent].items(), (condition.parent, condition.texts)):
                own[parent] = own[parent] & texts if parent in own else texts
        found[parameter.ident] = own
    return found


def is_sure(
    some: Sequence[Parameter],
    demanded: Mapping[str, Mapping[str, Texts]],
    known: Mapping[str, Parameter],
    given: Mapping[str, Texts],
) -> bool:
    """Whether each configuration that meets `given` has one of these: no condition is left open, or all values of one parent do.

    Args:
        given: values that parents surely have one of, by ident. demanded: as `demands` gives them. known: parameters by ident.
    """
    under: dict[str, Texts] = {}
    for each in some:
        own = demanded[each.ident]
        left = {parent: texts for parent, texts in own.items() if parent not in given or not given[parent] <= texts}
        if not left:
            return True
        if len(left) == 1:
            ((parent, texts),) = left.items()
            under[parent] = under.get(parent, frozenset()) | texts
    return any(
        given[parent] <= texts if parent in given else len(texts) == known[parent].domain.size()
        for parent, texts in under.items()
    )


def name_clashes(parameters: Sequence[Parameter], demanded: Mapping[str, Mapping[str, Texts]]) -> Iterator[Problem]:
    """A problem for each that some configuration would hold beside one of its name before it."""
    by_name: dict[str, list[Parameter]] = {}
    for parameter in parameters:
        by_name.setdefault(parameter.name, []).append(parameter)
    for name, several in by_name.items():
        for place, first in sorted(_met([demanded[each.ident] for each in several]).items()):
            one, other = several[first], several[place]
            twice = one.ident == other.ident
            again = "stands twice" if twice else f"can be active together with {one.ident}, also called {name}"
            yield Problem(f" {again}; a configuration has one of each name", other.place)


def _met(demanded: Sequence[Mapping[str, Texts]]) -> dict[int, int]:
    """By the place of each that may be active together with one before it: the first such."""
    found: dict[int, int] = {}
    groups = [(list(range(len(demanded))), frozenset[str]())]
    while groups:
        group, settled = groups.pop()
        parent, parts, rest = _parted(group, demanded, settled)
        groups += [(part, settled | {parent}) for part in parts if len(part) > 1]
        for one in rest:
            for other in group:
                first, second = min(one, other), max(one, other)
                if first != second and first < found.get(second, second) and may_meet(demanded[first], demanded[second]):
                    found[second] = first
    return found


def _parted(
    group: Sequence[int], demanded: Sequence[Mapping[str, Texts]], settled: frozenset[str]
) -> tuple[str, list[list[int]], list[int]]:
    """A parent of which most of the group demand one value each, the parts that it makes of them, and all others.

    So thousands of branches of one choice are not compared in pairs.
    """
    single = Counter(parent for each in group for parent, texts in demanded[each].items() if len(texts) == 1)
    for parent, n in single.most_common():
        if parent in settled or 2 * n <= len(group):
            continue
        parts: dict[Texts, list[int]] = {}
        for each in group:
            texts = demanded[each].get(parent, frozenset())
            parts.setdefault(texts if len(texts) == 1 else frozenset(), []).append(each)
        rest = parts.pop(frozenset(), [])
        if len(parts) > 1:
            return parent, list(parts.values()), rest
    return "", [], list(group)


def may_meet(one: Mapping[str, Texts], other: Mapping[str, Texts]) -> bool:
    """Whether two parameters with these demands may be active together."""
    return not any(one[parent].isdisjoint(other[parent]) for parent in one.keys() & other.keys())
