"""Counting and indexing of conditional spaces by arithmetic, without listing a configuration.

Parameters that no condition joins multiply. Where conditions join some, the configurations are those of its first parent's
values, one value after the other: under each value the others that exist there are a smaller space of the same kind. Values
under which the same parameters exist count alike, so the work is for each kind of value, never for each value.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, TypeAlias

from hpsearch.core.values import Value, canonical
from hpsearch.space.conditions import Parameter
from hpsearch.space.domain import Domain


class Tree(Protocol):
    """Configurations in an order, `count` of them."""

    @property
    def count(self) -> int: ...

    def at(self, index: int) -> Iterator[tuple[str, Value]]:
        """Ident and value of each parameter that exists in the configuration at `index`, 0 <= index < count."""

    def stride(self, idents: frozenset[str]) -> int:
        """How many neighbours, from a multiple of this on, surely have the same values of these parameters; `count` for all."""

    def has(self, idents: frozenset[str]) -> bool:
        """Whether one of these parameters is here."""


@dataclass(frozen=True)
class Axis:
    """A parameter on whose value nothing depends."""

    parameter: Parameter
    count: int

    def at(self, index: int) -> Iterator[tuple[str, Value]]:
        yield self.parameter.ident, self.parameter.domain.grid_at(index)

    def stride(self, idents: frozenset[str]) -> int:
        return 1 if self.has(idents) else self.count

    def has(self, idents: frozenset[str]) -> bool:
        return self.parameter.ident in idents


@dataclass(frozen=True)
class Product:
    """Independent parts; the last varies fastest."""

    parts: tuple[Tree, ...]

    @cached_property
    def count(self) -> int:
        return math.prod(part.count for part in self.parts)

    @cached_property
    def _from_last(self) -> tuple[tuple[int, Tree], ...]:
        return tuple((part.count, part) for part in reversed(self.parts))

    def at(self, index: int) -> Iterator[tuple[str, Value]]:
        for count, part in self._from_last:
            index, place = divmod(index, count)
            yield from part.at(place)

    def stride(self, idents: frozenset[str]) -> int:
        after = 1
        for count, part in self._from_last:
            if part.has(idents):
                return after * part.stride(idents)
            after *= count
        return after

    def has(self, idents: frozenset[str]) -> bool:
        return any(part.has(idents) for part in self.parts)


@dataclass(frozen=True)
class Gate:
    """A parent's values in order, as runs of neighbours under which the same parameters exist.

    `runs`: of each, the position of its first value, and what follows every value of it. `levels`: values in all.
    """

    parameter: Parameter
    runs: tuple[tuple[int, Tree], ...]
    levels: int

    @cached_property
    def _starts(self) -> list[int]:
        """The index of each run's first configuration, and at the end the count of all."""
        starts = [0]
        ends = [*(first for first, _ in self.runs[1:]), self.levels]
        for (first, after), end in zip(self.runs, ends, strict=True):
            starts.append(starts[-1] + (end - first) * after.count)
        return starts

    @cached_property
    def count(self) -> int:
        return self._starts[-1]

    def at(self, index: int) -> Iterator[tuple[str, Value]]:
        run = bisect_right(self._starts, index) - 1
        first, after = self.runs[run]
        steps, place = divmod(index - self._starts[run], after.count)
        yield self.parameter.ident, self.parameter.domain.grid_at(first + steps)
        yield from after.at(place)

    def stride(self, idents: frozenset[str]) -> int:
        return 1 if self.has(idents) else self.count  # its blocks differ in length

    def has(self, idents: frozenset[str]) -> bool:
        return self.parameter.ident in idents or any(after.has(idents) for _, after in self.runs)


def grid_tree(parameters: Sequence[Parameter]) -> Tree:
    """The grid of `parameters`, which come with parents first, and all of which must have a grid."""
    return _Builder(lambda domain: domain.grid_size(), lambda domain, value, _: domain.grid_find(value)).tree(parameters)


def count_draws(parameters: Sequence[Parameter]) -> int:
    """How many configurations drawing can give, where every domain's values are countable. Parents come first."""
    # In which order the values would come is no matter here: the nth that is asked for has position n.
    find: _Find = lambda domain, value, asked: asked if domain.contains(value) else None  # noqa: E731
    return _Builder(lambda domain: domain.size() or 0, find).tree(parameters).count


_Find: TypeAlias = Callable[[Domain, Value, int], int | None]
"""The position of a value in a domain, given how many have been asked for before; None where it has none."""


class _Builder:
    """Trees of parts of one space. A part that is met again under another value is the same tree."""

    def __init__(self, count: Callable[[Domain], int], find: _Find) -> None:
        self._count = count
        self._find = find
        self._made: dict[frozenset[tuple[str, frozenset[str]]], Tree] = {}

    def tree(self, parameters: Sequence[Parameter]) -> Tree:
        """Of parameters whose `when` holds the conditions alone that are not settled yet."""
        parts = tuple(self._part(group) for group in _groups(parameters))
        return parts[0] if len(parts) == 1 else Product(parts)

    def _part(self, group: tuple[Parameter, ...]) -> Tree:
        mark = frozenset((each.ident, frozenset(condition.parent for condition in each.when)) for each in group)
        if mark not in self._made:
            self._made[mark] = self._axis(group[0]) if len(group) == 1 else self._gate(group)
        return self._made[mark]

    def _axis(self, parameter: Parameter) -> Axis:
        return Axis(parameter, self._count(parameter.domain))

    def _gate(self, group: tuple[Parameter, ...]) -> Gate:
        root = next(each for each in group if not each.when)
        positions = self._named_positions(root, group)
        runs: list[tuple[int, Tree]] = []
        levels = self._count(root.domain)
        # A value that no condition names is as the one before it, unless that is named.
        for start in sorted({0, *positions.values(), *(position + 1 for position in positions.values())} - {levels}):
            texts = frozenset(text for text, position in positions.items() if position == start)
            after = self.tree(_under(root, texts, group))
            if not runs or runs[-1][1] != after:
                runs.append((start, after))
        return Gate(root, tuple(runs), levels)

    def _named_positions(self, root: Parameter, group: Sequence[Parameter]) -> dict[str, int]:
        """Position of each of the root's values that a condition names, by its text."""
        found: dict[str, int] = {}
        for value in (value for each in group for c in each.when if c.parent == root.ident for value in c.values):
            text = canonical(value)
            if text not in found and (position := self._find(root.domain, value, len(found))) is not None:
                found[text] = position
        return found


def _under(root: Parameter, texts: frozenset[str], group: Sequence[Parameter]) -> list[Parameter]:
    """What exists of the group beside its root, where that has the value of `texts`, its conditions on the root settled."""
    gone: set[str] = set()
    left: list[Parameter] = []
    for each in group:
        if each.ident == root.ident:
            continue
        mine = [condition for condition in each.when if condition.parent == root.ident]
        if all(condition.texts & texts for condition in mine) and gone.isdisjoint(c.parent for c in each.when):
            left.append(replace(each, when=tuple(c for c in each.when if c.parent != root.ident)))
        else:
            gone.add(each.ident)
    return left


def _groups(parameters: Sequence[Parameter]) -> list[tuple[Parameter, ...]]:
    """The parameters that conditions join, directly or through others, each group and its members in the given order."""
    leader = {each.ident: each.ident for each in parameters}

    def lead(ident: str) -> str:
        while leader[ident] != ident:
            ident = leader[ident]
        return ident

    for each in parameters:
        for condition in each.when:
            one, other = lead(each.ident), lead(condition.parent)
            leader[one] = other
    groups: dict[str, list[Parameter]] = {}
    for each in parameters:
        groups.setdefault(lead(each.ident), []).append(each)
    return [tuple(group) for group in groups.values()]
