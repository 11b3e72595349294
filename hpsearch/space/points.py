"""Sequences of numbers known by their length and their nth element: steps, evenly spaced and geometric points.

Numbers are taken as they are written (0.1 is one tenth, not the binary fraction next to it), computed by index and rounded
once, at the end: nothing accumulates, and 0.5 to 0.9 by 0.1 has five elements of which the last is 0.9.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from functools import cached_property
from typing import Protocol

# 17 digits make a float and 19 a 64-bit integer; the rest absorbs the rounding of a power before the one rounding that counts.
_CONTEXT = Context(prec=60)


def exact(number: float) -> Fraction:
    """The number as it is written: `exact(0.1)` is 1/10."""
    return Fraction(number) if isinstance(number, int) else Fraction(Decimal(repr(number)))


class Points(Protocol):
    """`count` increasing numbers, the nth by arithmetic."""

    @property
    def count(self) -> int: ...

    def at(self, index: int) -> Fraction:
        """The element at `index`, 0 <= index < count."""


def find(points: Points, number: float, convert: Callable[[Fraction], float]) -> int | None:
    """The index of the element that `convert` makes `number` of; None where there is none."""
    below, above = 0, points.count - 1  # by hand: bisect takes no more than 2^63 elements
    while below < above:
        middle = (below + above) // 2
        below, above = (below, middle) if convert(points.at(middle)) >= number else (middle + 1, above)
    return below if convert(points.at(below)) == number else None


@dataclass(frozen=True)
class Steps:
    """From `low` by `step`; `high` is the last element where it lies on the step."""

    low: Fraction
    high: Fraction
    step: Fraction

    @property
    def count(self) -> int:
        return (self.high - self.low) // self.step + 1

    def at(self, index: int) -> Fraction:
        return self.low + index * self.step


@dataclass(frozen=True)
class Linear:
    """`count` >= 2 evenly spaced points, both ends included."""

    low: Fraction
    high: Fraction
    count: int

    def at(self, index: int) -> Fraction:
        return self.low + (self.high - self.low) * Fraction(index, self.count - 1)

    def is_sparse(self, index: int) -> bool:
        """Whether the next point is more than 1 away."""
        return self.high - self.low > self.count - 1


@dataclass(frozen=True)
class Geometric:
    """`count` >= 2 points, each the same multiple of the one before, both ends included; `low` > 0."""

    low: Fraction
    high: Fraction
    count: int

    def at(self, index: int) -> Fraction:
        # The ends are exact by rule, not by luck of the rounding.
        if index in (0, self.count - 1):
            return self.low if index == 0 else self.high
        return Fraction(_CONTEXT.multiply(_decimal(self.low), self._power(index)))

    def is_sparse(self, index: int) -> bool:
        """Whether the next point is more than 1 away. Distances grow with the index."""
        return self.at(min(index + 1, self.count - 1)) - self.at(index) > 1

    def _power(self, index: int) -> Decimal:
        """(high / low) to the power of index / (count - 1)."""
        ratio = _decimal(self.high / self.low)
        return _CONTEXT.power(ratio, _CONTEXT.divide(Decimal(index), Decimal(self.count - 1)))


@dataclass(frozen=True)
class Rounded:
    """`points` rounded to whole numbers, each once.

    Where neighbours are at most 1 apart, rounding meets every integer between them; where they are more than 1 apart, no two
    round to the same integer. Distances never shrink along the sequence, so the distinct values are all integers up to a
    knee and the rounded points beyond it: counted and indexed without making them.
    """

    points: Linear | Geometric

    @cached_property
    def _knee(self) -> int:
        """The first index whose next point is more than 1 away; the last index where there is none."""
        below, above = 0, self.points.count - 1
        while below < above:
            middle = (below + above) // 2
            if self.points.is_sparse(middle):
                above = middle
            else:
                below = middle + 1
        return below

    @cached_property
    def _dense(self) -> int:
        """How many integers lie between the first point and the knee, without the knee's own."""
        return round(self.points.at(self._knee)) - round(self.points.at(0))

    @property
    def count(self) -> int:
        return self._dense + self.points.count - self._knee

    def at(self, index: int) -> Fraction:
        if index < self._dense:
            return Fraction(round(self.points.at(0)) + index)
        return Fraction(round(self.points.at(self._knee + index - self._dense)))


def _decimal(number: Fraction) -> Decimal:
    return _CONTEXT.divide(Decimal(number.numerator), Decimal(number.denominator))
