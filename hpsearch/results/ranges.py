"""Wider and finer ranges of one parameter, as a spec writes them. Pure.

A grid that is widened keeps every value that it has: what was run is used again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hpsearch.results import scales
from hpsearch.results.design import Design
from hpsearch.results.statistics import Floats
from hpsearch.space import Choice, Domain, FloatRange, IntRange, SpaceError

EXACT = 2**53
_POINTS = 5  # of a finer range in a grid
_MOST_POINTS = 1_000  # of a grid's axis that is looked at value by value


@dataclass(frozen=True)
class Axis:
    """The values of one parameter, and how they were asked for.

    Attributes:
        levels: the different values tried, in order. low, high: the ends of its range.
        grid: of a grid or a list, the values that it takes and those tried, in order; empty where values are drawn.
        has_ends: whether `low` and `high` are ends that somebody chose: the largest of some draws is none.
        step: None where it has none.
    """

    levels: Floats
    low: float
    high: float
    whole: bool
    log: bool
    step: float | None
    grid: tuple[float, ...]
    has_ends: bool
    is_list: bool

    def edge(self, value: float) -> str:
        """ "low" or "high" where a value lies at that end of the range, or of the grid; else ""."""
        if not self.has_ends:
            return ""
        return scales.edge(value, self.low, self.high, log=self.log, drawn=not self.grid)

    def within_limits(self, value: float) -> float:
        """The nearest that there may be."""
        lower, upper = scales.limits(self.low, self.high, log=self.log, whole=self.whole)
        return min(max(value, lower), upper, EXACT)


def axis_of(name: str, values: Floats, whole: bool, design: Design) -> Axis | None:
    """None where the spec does not have the parameter any more, has it in several branches, or has no ends for it.

    Args:
        values: of all configurations that have it.
    """
    levels = np.unique(values)
    if len(levels) == 0:
        return None
    domain: Domain | None = None
    if design.space is not None:
        domains = design.space.domains(name) if name in design.space.names() else ()
        if len(domains) != 1:
            return None
        (domain,) = domains
    low, high = float(levels[0]), float(levels[-1])
    if domain is None or isinstance(domain, Choice):
        is_list = domain is not None
        asked = [] if domain is None else [float(value) for value in domain.values if type(value) in (int, float)]  # type: ignore[arg-type]
        points = _merged(levels, asked) if is_list or scales.is_grid(values.tolist()) else ()
        log = scales.is_geometric(points or levels.tolist())
        low, high = (points[0], points[-1]) if points else (low, high)
        return Axis(levels, low, high, whole, log, None, points, has_ends=bool(points), is_list=is_list)
    if not isinstance(domain, IntRange | FloatRange):
        return None
    in_grid = design.method == "grid"
    if in_grid and domain.grid_size() > _MOST_POINTS:
        return None
    points = _merged(levels, _points(domain)) if in_grid else ()
    low, high = (points[0], points[-1]) if points else (min(low, domain.low), max(high, domain.high))
    step = None if domain.step is None else float(domain.step)
    return Axis(levels, low, high, whole, domain.log and low > 0, step, points, has_ends=True, is_list=False)


def wider(axis: Axis, end: str) -> str:
    """Half as much again beyond one of the ends, as far as there may be anything; "" where there is not."""
    if axis.grid:
        return _wider_grid(axis, end)
    low, high = scales.scaled_values(np.array([axis.low, axis.high]), log=axis.log).tolist()
    half = (high - low) / 2
    if axis.step is not None:
        half = max(1, math.ceil(half / axis.step)) * axis.step
    at = _unscaled(low - half if end == "low" else high + half, axis)
    if axis.step is None:
        at = _rounded(at, 1 if axis.log else 2)
    at = axis.within_limits(float(round(at)) if axis.whole else float(f"{at:.12g}"))
    if (at >= axis.low) if end == "low" else (at <= axis.high):
        return ""
    return _range(axis, *((at, axis.high) if end == "low" else (axis.low, at)), step=axis.step)


def _wider_grid(axis: Axis, end: str) -> str:
    """The grid's own values and half as many more in the same progression, as a range where one has all of them, else listed."""
    more = _continued(axis, end)
    if not more:
        return ""
    if not axis.is_list:
        values = sorted((*axis.grid, *more))
        points = None if axis.step is not None else len(values)
        if _in_range(axis, values[0], values[-1], points) == values:
            return _range(axis, values[0], values[-1], step=axis.step, points=points)
    rounded = more if axis.whole else [_rounded(value, 4) for value in more]
    return f"[{', '.join(_written(value, axis.whole) for value in sorted({*axis.grid, *rounded}))}]"


def _in_range(axis: Axis, low: float, high: float, points: int | None) -> list[float]:
    """The values that a grid takes of a range; none where there is no such range."""
    log = axis.log and axis.step is None
    try:
        if axis.whole:
            return _points(IntRange(int(low), int(high), None if axis.step is None else int(axis.step), points, log))
        return _points(FloatRange(low, high, axis.step, points, log))
    except SpaceError:
        return []


def _continued(axis: Axis, end: str) -> list[float]:
    before, last = axis.grid[-2:] if end == "high" else axis.grid[1::-1]
    powers = range(1, max(1, len(axis.grid) // 2) + 1)
    found = [last * (last / before) ** power if axis.log else last + power * (last - before) for power in powers]
    whole = [float(round(value)) if axis.whole else float(f"{value:.12g}") for value in found]
    fit = [value for value in dict.fromkeys(whole) if axis.within_limits(value) == value and value not in axis.grid]
    limit = axis.within_limits(whole[0])
    # From 2, 4, 6 the next is no depth of a tree, and 1 is.
    return fit or ([limit] if axis.whole and limit not in axis.grid else [])


def finer(axis: Axis, low: float, high: float) -> str:
    """The part and a value more at either end in a grid, else a quarter of its length; "" where there is nothing between."""
    levels = axis.levels
    if axis.grid:
        at = np.searchsorted(levels, [low, high])
        low, high = float(levels[max(at[0] - 1, 0)]), float(levels[min(at[1] + 1, len(levels) - 1)])
    else:
        first, last = scales.scaled_values(np.array([low, high]), log=axis.log).tolist()
        more = (last - first) / 4
        low, high = (_rounded(_unscaled(at, axis), 2) for at in (first - more, last + more))
        if axis.whole:
            low, high = math.floor(low), math.ceil(high)
        low, high = max(low, axis.low), min(high, axis.high)
    if low >= high or (axis.whole and axis.grid and high - low < _POINTS):
        return ""
    points = max(_POINTS, 2 * int(((levels >= low) & (levels <= high)).sum()) - 1)
    return _range(axis, low, high, points=points if axis.grid else None)


def _range(axis: Axis, low: float, high: float, *, step: float | None = None, points: int | None = None) -> str:
    kind = "int" if axis.whole else "float"
    text = f"{kind}: [{_written(low, axis.whole)}, {_written(high, axis.whole)}]"
    if axis.log:
        text += ", log: true"
    if step is not None:
        text += f", step: {_written(step, axis.whole)}"
    elif points is not None:
        text += f", points: {points}"
    return f"{{{text}}}"


def _points(domain: IntRange | FloatRange) -> list[float]:
    return [float(domain.grid_at(index)) for index in range(domain.grid_size())]  # type: ignore[arg-type]


def _merged(levels: Floats, asked: Sequence[float]) -> tuple[float, ...]:
    return tuple(sorted({*levels.tolist(), *asked}))


def _unscaled(at: float, axis: Axis) -> float:
    return math.exp(at) if axis.log else at


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


def _written(value: float, whole: bool) -> str:
    """As YAML writes it, of either version: an exponent has a point before it."""
    text = str(int(value)) if whole else repr(float(value))
    return text if "." in text else text.replace("e", ".0e")
