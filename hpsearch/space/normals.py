"""Normal and lognormal floats: drawn from, never in a grid."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Context
from fractions import Fraction
from functools import cached_property
from statistics import NormalDist
from typing import ClassVar

from hpsearch.core.errors import Problem
from hpsearch.core.values import Value
from hpsearch.space.domain import UNSET, Default, SpaceError, as_float, default_problems, refuse, shown
from hpsearch.space.points import exact

# The last bits of a quantile, an exponential and a logarithm differ from machine to machine, and so would the trial's key.
_DIGITS = Context(prec=12)
# Beyond this share of either tail the quantile is infinite.
_TAIL = 2.0**-53
# So many standard deviations from the mean no quantile lies.
_FARTHEST = 8.3
# Of these a float still holds e to the power of them.
_LOGS = (-744.0, 709.0)


@dataclass(frozen=True)
class Normal:
    """Floats with a normal distribution of the given mean and standard deviation, rounded to 12 digits.

    With `log`, mean and standard deviation are those of the value's natural logarithm: a lognormal distribution. With `step`,
    a draw is the nearest multiple of it.
    """

    mean: float
    sd: float
    log: bool = False
    step: float | None = None
    default: Default = UNSET

    is_numeric: ClassVar[bool] = True

    def __post_init__(self) -> None:
        refuse(self._problems())
        for name in ("mean", "sd", "step"):
            if (number := getattr(self, name)) is not None:
                object.__setattr__(self, name, float(number))
        if self.default is not UNSET:
            object.__setattr__(self, "default", self.taken(self.default))
        refuse(default_problems(self))

    def _problems(self) -> Iterator[Problem]:
        good: dict[str, float] = {}
        for name in ("mean", "sd", "step"):
            number = getattr(self, name)
            if name == "step" and number is None:
                continue
            if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
                yield Problem(f" = {shown(number)}: must be a finite number", name)
            elif name != "mean" and number <= 0:
                yield Problem(f" = {shown(number)}: must be above 0", name)
            elif name != "step":
                good[name] = number
        if self.log and self.step is not None:
            yield Problem(f" = {shown(self.step)}: a log scale has no step; drop it", "step")
        if len(good) == 2:
            yield from self._beyond(good["mean"], good["sd"])

    def _beyond(self, mean: float, sd: float) -> Iterator[Problem]:
        """A draw that no float holds would be infinite, or none above 0."""
        low, high = _LOGS if self.log else (-sys.float_info.max, sys.float_info.max)
        ends = (mean - _FARTHEST * sd, mean + _FARTHEST * sd)
        if low <= ends[0] and ends[1] <= high:
            return
        name, number = ("sd", sd) if low <= mean <= high else ("mean", mean)
        rule = "draws would be larger than any float" if ends[1] > high else "draws would be nearer to 0 than any float"
        fix = "; mean and sd are of the value's natural logarithm" if self.log else "; write a smaller one"
        if self.log and name == "mean" and mean > 0:
            fix += f": for values around {mean:g} write {math.log(mean):.3g}"
        yield Problem(f" = {shown(number)}: {rule}{fix}", name)

    @cached_property
    def _step(self) -> Fraction:
        return exact(self.step or 1)

    @cached_property
    def _prior(self) -> NormalDist:
        return NormalDist(self.mean, self.sd)

    @property
    def is_log(self) -> bool:
        return self.log

    def grid_size(self) -> int:
        kind = "lognormal" if self.log else "normal"
        raise SpaceError([Problem(f"a {kind} has no end, so it cannot be in a grid; write float: [low, high] with points")])

    def grid_at(self, index: int) -> Value:
        raise IndexError(f"index {index} of {self.grid_size()} values")

    def grid_find(self, value: Value) -> int | None:
        return None

    def sample(self, u: float) -> Value:
        quantile = self._prior.inv_cdf(min(max(u, _TAIL), 1 - _TAIL))
        rounded = _DIGITS.create_decimal(quantile)
        if self.log:
            return float(_DIGITS.exp(rounded))
        if self.step is not None:
            times = round(Fraction(rounded) / self._step)
            return times * self._step.numerator / self._step.denominator  # of integers: rounded once
        return float(rounded)

    @property
    def is_continuous(self) -> bool:
        return self.step is None

    def size(self) -> int | None:
        return None

    def taken(self, value: Value) -> Value:
        return as_float(value)

    def contains(self, value: Value) -> bool:
        if type(value) is not float or not math.isfinite(value):
            return False
        if self.log:
            return value > 0
        return self.step is None or exact(value) % exact(self.step) == 0

    def is_in_bounds(self, value: Value) -> bool:
        return type(value) is float and math.isfinite(value) and (value > 0 or not self.log)

    @property
    def says(self) -> str:
        return "a number above 0" if self.log else "a number"
