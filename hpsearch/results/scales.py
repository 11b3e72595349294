"""How the values of a numeric parameter are laid out: linear or geometric, and where their ends are. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from hpsearch.results.statistics import Floats

MANY_LEVELS = 20  # up to here the distinct values are taken for a grid's, above for draws
_EDGE = 0.03  # a draw lies at the edge when this near to it, as a share of the axis
_EVEN = 0.2  # of steps, their standard deviation as a share of their mean


def is_geometric(values: Sequence[float]) -> bool:
    """Whether the values, at least three different ones, are laid out on a logarithmic scale.

    Few levels: their ratios are more alike than their differences. Many: their logarithms are spread more evenly than they are.
    """
    levels = np.unique(np.asarray(values, dtype=np.float64))
    if len(levels) < 3 or levels[0] <= 0:
        return False
    with np.errstate(over="ignore"):
        span = levels[-1] / levels[0]
    if len(levels) <= MANY_LEVELS:
        return bool(span >= 4 and _unevenness(np.log(levels)) < _unevenness(levels))
    return bool(span >= 10 and _from_uniform(np.log(levels)) < _from_uniform(levels))


def is_grid(values: Sequence[float]) -> bool:
    """Whether values, of which no spec tells, are a grid's: few levels, that recur or are laid out evenly."""
    levels = np.unique(np.asarray(values, dtype=np.float64))
    if not 3 <= len(levels) <= MANY_LEVELS:
        return False
    if len(values) >= 2 * len(levels):
        return True
    return _unevenness(np.log(levels) if is_geometric(levels.tolist()) else levels) < _EVEN


def edge(best: float, low: float, high: float, *, log: bool, drawn: bool) -> str:
    """ "low" or "high" where the best value lies at that end of a range; "" where it does not.

    Args:
        drawn: no draw is an end itself: what lies next to it counts.
    """
    at, start, stop = scaled_values(np.array([best, low, high]), log=log).tolist()
    margin = _EDGE * (stop - start) if drawn else 0.0
    if at <= start + margin:
        return "low"
    return "high" if at >= stop - margin else ""


def limits(low: float, high: float, *, log: bool, whole: bool) -> tuple[float, float]:
    """Beyond which nothing is to be tried of what was tried from `low` to `high`; infinite where nothing tells."""
    if whole:
        return (min(1.0, low) if low >= 0 else -math.inf), math.inf
    # A strength or a rate that is searched by factors may end at 1 as at any other power of ten.
    return (0.0 if low >= 0 else -math.inf), (1.0 if low >= 0 and high <= 1 and not log else math.inf)


def covers(part: Sequence[float], values: Sequence[float], *, log: bool) -> bool:
    """Whether `part` reaches over all of the axis: a grid from end to end, draws but for a twentieth at either side."""
    whole, inside = (scaled_values(np.unique(np.asarray(some, dtype=np.float64)), log=log) for some in (values, part))
    margin = 0.0 if len(whole) <= MANY_LEVELS else 0.05 * float(whole[-1] - whole[0])
    return bool(inside[0] <= whole[0] + margin and inside[-1] >= whole[-1] - margin)


def near_enough(loss: Floats) -> Floats:
    """Those of some losses, sorted, that are not so bad that the others would shrink to a line beside them.

    Far is what lies beyond the median by more than six times what the best quarter to the worst quarter spans, or than six
    times the best's lead over the median where that is more: one diverged configuration must not hide the rest. Of fewer than
    eight losses none is.
    """
    loss = np.sort(loss)
    if len(loss) < 8:
        return loss
    quarter, median, three_quarters = np.quantile(loss, [0.25, 0.5, 0.75])
    return np.asarray(loss[loss <= median + 6 * max(three_quarters - quarter, median - loss[0])])


def scaled_values(values: Floats, *, log: bool) -> Floats:
    """Where values lie on their axis."""
    return np.asarray(np.log(values)) if log else values


def _unevenness(levels: Floats) -> float:
    steps = np.diff(levels)
    return float(steps.std() / steps.mean())


def _from_uniform(levels: Floats) -> float:
    """The Kolmogorov distance of the values from an even spread between their ends."""
    place = (levels - levels[0]) / (levels[-1] - levels[0])
    return float(np.abs(place - np.linspace(0, 1, len(levels))).max())
