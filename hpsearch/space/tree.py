"""Counting and indexing of conditional spaces by arithmetic, without listing a configuration.

Parameters that no condition joins multiply. Where conditions join some, the configurations are those of its first parent's
values, one value after the other: under each value the others that exist there are a smaller space of the same kind. Values
under which the same parameters exist count alike, so the work is for each kind of value, never for each value.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, TypeAlias

from hpsearch.core.errors import Problem
from hpsearch.core.values import Value, canonical
from hpsearch.space.conditions import Parameter
from hpsearch.space.domain import Domain, SpaceError

# Parameters that are placed under values, each time anew: half a second. Conditions on pairs of others would take the power of 2.
_MOST_WORK = 15_000


class Tree(Protocol):
    """Configurations in an order, `count` of them."""

    @property
    def count(self) -> int: ...

    def at(self, index: int) -> Iterator[tuple[Parameter, int]]:
        """Each parameter that exists in the configuration at `index`, 0 <= index < count, and the index of its value."""

    def stride(self, idents: frozenset[str]) -> int:
        """How many neighbours, from a multiple of this on, surely have the same values of these parameters; `count` for all."""

    @property
    def idents(self) -> frozenset[str]:
        """Of all parameters that are here."""


@dataclass(frozen=True)
class Axis:
    """A parameter on whose value nothing depends."""

    parameter: Parameter
    count: int

    def at(self, index: int) -> Iterator[tuple[Parameter, int]]:
        yield self.parameter, index

    def stride(self, idents: frozenset[str]) -> int:
        return 1 if self.parameter.ident in idents else self.count

    @cached_property
    def idents(self) -> frozenset[str]:
        return frozenset({self.parameter.ident})


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

    def at(self, index: int) -> Iterator[tuple[Parameter, int]]:
        for count, part in self._from_last:
            index, place = divmod(index, count)
            yield from part.at(place)

    def stride(self, idents: frozenset[str]) -> int:
        after = 1
        for count, part in self._from_last:
            if not part.idents.isdisjoint(idents):
                return after * part.stride(idents)
            after *= count
        return after

    @cached_property
    def idents(self) -> frozenset[str]:
        return frozenset().union(*(part.idents for part in self.parts))


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

    def at(self, index: int) -> Iterator[tuple[Parameter, int]]:
        run = bisect_right(self._starts, index) - 1
        first, after = self.runs[run]
        steps, place = divmod(index - self._starts[run], after.count)
        yield self.parameter, first + steps
        yield from after.at(place)

    def stride(self, idents: frozenset[str]) -> int:
        return self.count if self.idents.isdisjoint(idents) else 1  # its blocks differ in length

    @cached_property
    def idents(self) -> frozenset[str]:
        return frozenset({self.parameter.ident}).union(*(after.idents for _, after in self.runs))


def grid_tree(parameters: Sequence[Parameter]) -> Tree:
    """The grid of `parameters`, which come with parents first, and all of which must have a grid.

    Raises:
        SpaceError: conditions join so many parameters in so many ways that the cases cannot be told apart in a moment.
    """
    return _Builder(lambda domain: domain.grid_size(), lambda domain, value, _: domain.grid_find(value)).tree(parameters)


def count_draws(parameters: Sequence[Parameter]) -> int:
    """How many configurations drawing can give, where every domain's values are countable. Parents come first.

    Raises:
        SpaceError: as `grid_tree`.
    """
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
        self._products: dict[tuple[int, ...], Product] = {}
        self._work = 0

    def tree(self, parameters: Sequence[Parameter]) -> Tree:
        """Of parameters whose `when` holds the conditions alone that are not settled yet."""
        parts = tuple(self._part(group) for group in _groups(parameters))
        # Parts are made once each and kept, so their numbers tell them apart.
        return parts[0] if len(parts) == 1 else self._products.setdefault(tuple(map(id, parts)), Product(parts))

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
        under = _Under(root, group)
        at = {position: text for text, position in positions.items()}  # a value has one text
        for start in sorted({0, *positions.values(), *(position + 1 for position in positions.values())} - {levels}):
            left = under(at.get(start))
            self._work += 1 + len(left)
            if self._work > _MOST_WORK:
                rule = (
                    ": conditions join it with others in more cases than can be told apart; let fewer parameters wait for several"
                )
                raise SpaceError([Problem(rule, root.place)])
            after = self.tree(left)
            if not runs or runs[-1][1] is not after:
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


class _Under:
    """What exists of a group beside its root, under each of the root's values; its conditions on the root settled."""

    def __init__(self, root: Parameter, group: Sequence[Parameter]) -> None:
        self._root = root.ident
        self._group = group  # parents first
        self._waiting: dict[str, list[int]] = {}
        for index, each in enumerate(group):
            for condition in each.when:
                self._waiting.setdefault(condition.parent, []).append(index)
        below = self._below(self._waiting.get(self._root, ()))
        self._apart = [index for index, each in enumerate(group) if index not in below and each.ident != self._root]
        self._by_text: dict[str, list[int]] = {}
        for index in self._waiting.get(self._root, ()):
            mine = [condition.texts for condition in group[index].when if condition.parent == self._root]
            for text in frozenset.intersection(*mine):
                self._by_text.setdefault(text, []).append(index)

    def __call__(self, text: str | None) -> list[Parameter]:
        """Where the root has the value of this text; None: one that no condition names.

        The work is for what may exist then, not for the whole group.
        """
        chosen = set(self._by_text.get(text, ())) if text is not None else set()
        there = {self._group[index].ident for index in self._apart}
        left: dict[int, Parameter] = {}
        for index in sorted(self._below(chosen)):
            each = self._group[index]
            others = tuple(condition for condition in each.when if condition.parent != self._root)
            if (index in chosen or len(others) == len(each.when)) and all(condition.parent in there for condition in others):
                there.add(each.ident)
                left[index] = replace(each, when=others)
        left.update((index, self._group[index]) for index in self._apart)
        return [left[index] for index in sorted(left)]

    def _below(self, beginning: Iterable[int]) -> set[int]:
        """These, and what waits for them, directly or through others."""
        found, ahead = set(beginning), list(beginning)
        while ahead:
            for index in self._waiting.get(self._group[ahead.pop()].ident, ()):
                if index not in found:
                    found.add(index)
                    ahead.append(index)
        return found


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
