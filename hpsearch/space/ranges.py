"""Ranges of integers and floats."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import ClassVar

from hpsearch.core.errors import Problem
from hpsearch.core.values import Value
from hpsearch.space.domain import UNSET, Default, SpaceError, as_float, check_index, default_problems, nth_part, refuse, shown
from hpsearch.space.points import Geometric, Linear, Points, Rounded, Steps, exact, find


@dataclass(frozen=True)
class IntRange:
    """Integers from `low` to `high`, both included.

    A grid takes every `step`-th, or `points` of them (evenly spaced, or geometric with `log`; rounded, each once), or all.
    """

    low: int
    high: int
    step: int | None = None
    points: int | None = None
    log: bool = False
    default: Default = UNSET

    is_continuous: ClassVar[bool] = False
    is_numeric: ClassVar[bool] = True

    def __post_init__(self) -> None:
        refuse(_range_problems(self, whole=True))
        refuse(default_problems(self))

    @property
    def is_log(self) -> bool:
        return self.log

    @cached_property
    def _ends(self) -> tuple[Decimal, Decimal]:
        return _logs(self.low - 0.5, self.high + 0.5)

    @cached_property
    def _grid(self) -> Points:
        low, high = exact(self.low), exact(self.high)
        if self.points is None:
            return Steps(low, high, exact(self.step or 1))
        return Rounded(Geometric(low, high, self.points) if self.log else Linear(low, high, self.points))

    def grid_size(self) -> int:
        return (self.high - self.low) // (self.step or 1) + 1 if self.points is None else self._grid.count

    def grid_at(self, index: int) -> Value:
        check_index(index, self.grid_size())
        if self.points is None:
            return self.low + index * (self.step or 1)
        return int(self._grid.at(index))

    def grid_find(self, value: Value) -> int | None:
        if type(value) is not int:
            return None
        if self.points is None:
            return (value - self.low) // (self.step or 1) if self.contains(value) else None
        return find(self._grid, value, int)

    def sample(self, u: float) -> Value:
        if self.log:
            # Each integer owns the half unit on either side of it, so that the ends are drawn as often as their neighbours.
            value = round(_between(*self._ends, u))
            return min(max(value, self.low), self.high)
        step = self.step or 1
        return self.low + step * nth_part(u, (self.high - self.low) // step + 1)

    def size(self) -> int | None:
        return (self.high - self.low) // (self.step or 1) + 1

    def taken(self, value: Value) -> Value:
        return value

    def contains(self, value: Value) -> bool:
        return type(value) is int and self.is_in_bounds(value) and (value - self.low) % (self.step or 1) == 0

    def is_in_bounds(self, value: Value) -> bool:
        return type(value) is int and self.low <= value <= self.high

    @property
    def says(self) -> str:
        return f"a whole number from {self.low} to {self.high}"


@dataclass(frozen=True)
class FloatRange:
    """Floats from `low` to `high`.

    A grid takes `points` of them (evenly spaced, or geometric with `log`) or those on the `step`; a draw takes any, or those on
    the step.
    """

    low: float
    high: float
    step: float | None = None
    points: int | None = None
    log: bool = False
    default: Default = UNSET

    is_numeric: ClassVar[bool] = True

    def __post_init__(self) -> None:
        refuse(_range_problems(self, whole=False))
        for name in ("low", "high", "step"):
            if (number := getattr(self, name)) is not None:
                object.__setattr__(self, name, float(number))
        if self.default is not UNSET:
            object.__setattr__(self, "default", self.taken(self.default))
        refuse(self._crowding())
        refuse(default_problems(self))

    def _crowding(self) -> Iterator[Problem]:
        """Points that no two floats tell apart would be one trial counted twice."""
        if self.points is None and self.step is None:
            return
        last = self._grid.count - 1
        if all(float(self._grid.at(left)) < float(self._grid.at(left + 1)) for left in (0, last - 1)):
            return
        if self.points is not None:
            rule = f"{self.low!r} and {self.high!r} have not that many floats between them; write fewer"
            yield Problem(f" = {self.points}: {rule}", "points")
        else:
            rule = f"floats between {self.low!r} and {self.high!r} lie further apart; write a larger step"
            yield Problem(f" = {shown(self.step)}: {rule}", "step")

    @property
    def is_log(self) -> bool:
        return self.log

    @cached_property
    def _ends(self) -> tuple[Decimal, Decimal]:
        return _logs(self.low, self.high)

    @cached_property
    def _grid(self) -> Points:
        low, high = exact(self.low), exact(self.high)
        if self.step is not None:
            return Steps(low, high, exact(self.step))
        if self.points is None:
            steps = "" if self.log else f", or step: {_round_step(self.high - self.low)}"
            raise SpaceError([Problem(f"a float without points or step cannot be in a grid; add points: 5{steps}")])
        return Geometric(low, high, self.points) if self.log else Linear(low, high, self.points)

    def grid_size(self) -> int:
        return self._grid.count

    def grid_at(self, index: int) -> Value:
        check_index(index, self._grid.count)
        return float(self._grid.at(index))

    def grid_find(self, value: Value) -> int | None:
        return find(self._grid, value, float) if type(value) is float else None

    def sample(self, u: float) -> Value:
        if self.step is not None:
            return float(self._grid.at(nth_part(u, self._grid.count)))
        value = _between(*self._ends, u) if self.log else self.low * (1.0 - u) + self.high * u
        return min(max(value, self.low), self.high)

    @property
    def is_continuous(self) -> bool:
        return self.step is None

    def size(self) -> int | None:
        return None if self.step is None else self._grid.count

    def taken(self, value: Value) -> Value:
        return as_float(value)

    def contains(self, value: Value) -> bool:
        if type(value) is not float or not self.is_in_bounds(value):
            return False
        return self.step is None or (exact(value) - exact(self.low)) % exact(self.step) == 0

    def is_in_bounds(self, value: Value) -> bool:
        return type(value) is float and self.low <= value <= self.high

    @property
    def says(self) -> str:
        return f"a number from {self.low!r} to {self.high!r}"


def _range_problems(domain: IntRange | FloatRange, *, whole: bool) -> Iterator[Problem]:
    """Every rule of a range; a rule about two numbers is checked where both are numbers."""
    kind = "a whole number" if whole else "a finite number"
    good: dict[str, int | float] = {}
    for name in ("low", "high", "step"):
        number = getattr(domain, name)
        if name == "step" and number is None:
            continue
        if isinstance(number, bool) or not isinstance(number, int if whole else int | float) or not _is_finite(number):
            yield Problem(f" = {shown(number)}: must be {kind}{_whole_fix(number) if whole else ''}", name)
        else:
            good[name] = number
    low, high, step = good.get("low"), good.get("high"), good.get("step")
    if low is not None and high is not None and low >= high:
        fix = f"write {shown(low)} alone for one value" if low == high else f"write [{shown(high)}, {shown(low)}]"
        yield Problem(f" = {shown(high)}: a range ends above its low end, {shown(low)}; {fix}", "high")
    if low is not None and domain.log and low <= 0:
        yield Problem(f" = {shown(low)}: a log range starts above 0; write {'1' if whole else '1e-6'}, or drop log", "low")
    if step is not None and step <= 0:
        yield Problem(f" = {shown(step)}: must be above 0", "step")
    elif step is not None and low is not None and high is not None and low < high and step > high - low:
        yield Problem(f" = {shown(step)}: is longer than the range, {shown(low)} to {shown(high)}; write a smaller step", "step")
    if domain.step is not None and domain.log:
        yield Problem(f" = {shown(domain.step)}: a log range has no step; write points instead, or drop log", "step")
    if domain.points is not None:
        if type(domain.points) is not int or domain.points < 2:
            yield Problem(
                f" = {shown(domain.points)}: must be a whole number of at least 2{_points_fix(domain.points)}", "points"
            )
        if domain.step is not None:
            yield Problem(f" = {shown(domain.points)}: points and step exclude each other; drop one of them", "points")
    if type(domain.log) is not bool:
        yield Problem(f" = {shown(domain.log)}: must be true or false", "log")


def _points_fix(points: object) -> str:
    if type(points) is int and points == 1:
        return "; write one value alone"
    return f"; write {int(points)}" if isinstance(points, float) and points.is_integer() and points >= 2 else ""


def _round_step(span: float) -> str:
    """A power of ten that cuts `span` into 4 to 40 parts."""
    return str(Decimal(1).scaleb((Decimal(repr(min(span, 1e308))) / 4).adjusted()).normalize())


def _whole_fix(number: object) -> str:
    if not isinstance(number, float) or not math.isfinite(number):
        return ""
    return f"; write {int(number)}" if number.is_integer() else "; for fractions write float: in place of int:"


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # an integer beyond the largest float
        return False


def _logs(low: float, high: float) -> tuple[Decimal, Decimal]:
    # In decimals, since exp and log of floats differ in their last bit from machine to machine, and so would the trial's key.
    return Decimal(low).ln(), Decimal(high).ln()


def _between(low_log: Decimal, high_log: Decimal, u: float) -> float:
    share = Decimal(u)
    return float((low_log * (1 - share) + high_log * share).exp())
