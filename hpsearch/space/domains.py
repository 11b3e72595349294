"""The domains: a constant, a choice, an ordinal, and (in `ranges` and `normals`) numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from hpsearch.core.errors import Problem
from hpsearch.core.values import Value, canonical, freeze
from hpsearch.space.domain import (
    UNSET,
    Default,
    Domain,
    SpaceError,
    Unset,
    check_index,
    default_problems,
    nth_part,
    refuse,
    said,
    shown,
)
from hpsearch.space.normals import Normal
from hpsearch.space.ranges import FloatRange, IntRange

__all__ = [
    "UNSET",
    "Choice",
    "Constant",
    "Default",
    "Domain",
    "FloatRange",
    "IntRange",
    "Normal",
    "Ordinal",
    "SpaceError",
    "Unset",
]


@dataclass(frozen=True)
class Constant:
    """One value."""

    value: Value
    default: Default = UNSET

    is_continuous: ClassVar[bool] = False
    is_numeric: ClassVar[bool] = False
    is_log: ClassVar[bool] = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", freeze(self.value))
        refuse(default_problems(self))

    def grid_size(self) -> int:
        return 1

    def grid_at(self, index: int) -> Value:
        check_index(index, 1)
        return self.value

    def grid_find(self, value: Value) -> int | None:
        return 0 if self.contains(value) else None

    def sample(self, u: float) -> Value:
        return self.value

    def size(self) -> int | None:
        return 1

    def taken(self, value: Value) -> Value:
        return value

    def contains(self, value: Value) -> bool:
        return canonical(value) == canonical(self.value)

    def is_in_bounds(self, value: Value) -> bool:
        return self.contains(value)

    @property
    def says(self) -> str:
        return shown(self.value)


@dataclass(frozen=True)
class Choice:
    """One of some values, in the order given. `3`, `3.0` and `"3"` are three values."""

    values: tuple[Value, ...]
    default: Default = UNSET

    is_continuous: ClassVar[bool] = False
    is_log: ClassVar[bool] = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(freeze(value) for value in self.values))
        refuse(self._problems())
        refuse(default_problems(self))

    def _problems(self) -> Iterator[Problem]:
        if not self.values:
            yield Problem("a choice needs at least one value")
        seen: dict[str, int] = {}
        for index, value in enumerate(self.values):
            first = seen.setdefault(canonical(value), index)
            if first != index:
                yield Problem(f" = {shown(value)}: stands at [{first}] already; a choice names each value once", f"[{index}]")

    @cached_property
    def _indices(self) -> dict[str, int]:
        return {canonical(value): index for index, value in enumerate(self.values)}

    @property
    def is_numeric(self) -> bool:
        return all(type(value) is int for value in self.values) or all(type(value) is float for value in self.values)

    def grid_size(self) -> int:
        return len(self.values)

    def grid_at(self, index: int) -> Value:
        check_index(index, len(self.values))
        return self.values[index]

    def grid_find(self, value: Value) -> int | None:
        return self._indices.get(canonical(value))

    def sample(self, u: float) -> Value:
        return self.values[nth_part(u, len(self.values))]

    def size(self) -> int | None:
        return len(self.values)

    def taken(self, value: Value) -> Value:
        return value

    def contains(self, value: Value) -> bool:
        return canonical(value) in self._indices

    def is_in_bounds(self, value: Value) -> bool:
        return self.contains(value)

    @property
    def says(self) -> str:
        return said(self.values)


@dataclass(frozen=True)
class Ordinal(Choice):
    """One of some values from least to most: neighbours are alike, which samplers and plots may use."""
