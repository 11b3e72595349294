"""What configurations have in common that give some parameters the same values: which others they may have, and which surely.

A parameter that chooses what runs decides so what the others are for: checks look at each choice alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, product
from math import prod
from typing import TypeAlias

from hpsearch.core.values import Params, Value, canonical
from hpsearch.space.conditions import Parameter, Texts, demands, is_sure, parents_first
from hpsearch.space.domains import Choice, Constant, SpaceError
from hpsearch.space.space import Space

# Of more combinations of choices, as many are given as show each choice, and these.
MOST = 100
_LOOKED_AT = 10_000

_Option: TypeAlias = "tuple[Parameter, Value] | None"


@dataclass(frozen=True)
class Variant:
    """The configurations in which some parameters have certain values.

    Attributes:
        chosen: those values, by name; a parameter that does not exist in these configurations is absent.
        choosers: those parameters, by name.
        parameters: all others that some of these configurations have.
    """

    chosen: Params
    choosers: Mapping[str, Parameter]
    parameters: tuple[Parameter, ...]
    _given: Mapping[str, Texts] = field(repr=False)
    _demands: Mapping[str, Mapping[str, Texts]] = field(repr=False)
    _domains: Mapping[str, Parameter] = field(repr=False)

    def is_always_there(self, name: str) -> bool:
        """Whether every one of these configurations has a parameter of this name, as far as `is_sure` tells."""
        some = [each for each in self.parameters if each.name == name]
        return is_sure(some, self._demands, self._domains, self._given)

    def may_meet(self, one: str, other: str) -> bool:
        """Whether one of these configurations may have both names; True also for a name that is no parameter's."""
        mine, others = ([self._demands[each.ident] for each in self.parameters if each.name == name] for name in (one, other))
        return not mine or not others or any(_joined([self._given, a, b]) is not None for a in mine for b in others)


def variants(space: Space, names: Collection[str]) -> tuple[Variant, ...]:
    """Each way to give values to the parameters of these names; one Variant, with all parameters, where there are none.

    Of more than MOST ways some are left out, but no value that one of the first _LOOKED_AT has. Ways that conditions exclude, or
    constraints on these parameters alone, are none.
    """
    ordered = parents_first(space.parameters)
    demanded, known = demands(ordered), {each.ident: each for each in ordered}
    options = [list(_options(space, name)) for name in names]
    found: list[Variant] = []
    shown: set[tuple[str, str]] = set()
    for ways in _in_turn(options):
        own = {(way[0].ident, canonical(way[1])) for way in ways if way is not None}
        if len(found) >= MOST and own <= shown:
            continue
        given = _given(ways, demanded)
        if given is not None and _is_met(space, ways) and not _is_missed(space, names, ways, demanded, known, given):
            shown |= own
            found.append(_variant(space, names, ways, given, demanded, known))
    return tuple(found)


def _options(space: Space, name: str) -> Iterator[_Option]:
    for each in space.parameters:
        if each.name == name and isinstance(each.domain, Choice | Constant):
            yield from ((each, each.domain.grid_at(index)) for index in range(each.domain.grid_size()))
    if not space.is_always_there(name):
        yield None


def _in_turn(options: Sequence[Sequence[_Option]]) -> Iterator[tuple[_Option, ...]]:
    """All combinations; of many, first some that have each option once, then as many of the others as are looked at."""
    every = product(*options)
    if prod(map(len, options)) <= MOST:
        return every
    longest = max(map(len, options))
    some = (tuple(each[index % len(each)] for each in options) for index in range(longest))
    return chain(some, islice(every, _LOOKED_AT))


def _given(ways: Sequence[_Option], demanded: Mapping[str, Mapping[str, Texts]]) -> Mapping[str, Texts] | None:
    """What holds where these values are chosen, by parent; None where that cannot be."""
    chosen = [way for way in ways if way is not None]
    own = ({parameter.ident: frozenset([canonical(value)])} for parameter, value in chosen)
    return _joined([*(demanded[parameter.ident] for parameter, _ in chosen), *own])


def _joined(several: Sequence[Mapping[str, Texts]]) -> dict[str, Texts] | None:
    whole: dict[str, Texts] = {}
    for each in several:
        for parent, texts in each.items():
            whole[parent] = whole[parent] & texts if parent in whole else texts
    return whole if all(whole.values()) else None


def _is_met(space: Space, ways: Sequence[_Option]) -> bool:
    """Whether no constraint on the chosen values alone excludes them."""
    chosen = {way[0].ident: way[1] for way in ways if way is not None}
    try:
        return all(constraint.holds(chosen) for constraint in space.constraints)
    except SpaceError:  # has no answer, which is said elsewhere
        return True


def _is_missed(
    space: Space,
    names: Collection[str],
    ways: Sequence[_Option],
    demanded: Mapping[str, Mapping[str, Texts]],
    known: Mapping[str, Parameter],
    given: Mapping[str, Texts],
) -> bool:
    """Whether a parameter is left out that surely exists."""
    absent = {name for name, way in zip(names, ways, strict=True) if way is None}
    return any(is_sure([each for each in space.parameters if each.name == name], demanded, known, given) for name in absent)


def _variant(
    space: Space,
    names: Collection[str],
    ways: Sequence[_Option],
    given: Mapping[str, Texts],
    demanded: Mapping[str, Mapping[str, Texts]],
    known: Mapping[str, Parameter],
) -> Variant:
    chosen = [way for way in ways if way is not None]
    # What waits for a value that is not chosen here waits in vain.
    absent = {each.ident for each in space.parameters if each.name in names} - {parameter.ident for parameter, _ in chosen}
    others = (each for each in space.parameters if each.name not in names and absent.isdisjoint(demanded[each.ident]))
    return Variant(
        chosen={parameter.name: value for parameter, value in chosen},
        choosers={parameter.name: parameter for parameter, _ in chosen},
        parameters=tuple(each for each in others if _joined([given, demanded[each.ident]]) is not None),
        _given=given,
        _demands=demanded,
        _domains=known,
    )
