"""How an axis is to be read: linear or geometric, and how much of it is worth showing. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hpsearch.core.metric import Metric

Floats = NDArray[np.float64]

MANY_LEVELS = 20  # up to here the distinct values are taken for a grid's, above for draws
_APART = 1.5  # letters between the labels of two ticks
_EDGE = 0.03  # the best lies at the edge when this near to it, as a share of the axis (of draws; a grid's edge is its end)


def is_geometric(values: Sequence[float]) -> bool:
    """Whether the values, at least three different ones, are laid out on a logarithmic scale.

    Few levels: their ratios are more alike than their differences. Many: their logarithms are spread more evenly than they are.
    """
    levels = np.unique(np.asarray(values, dtype=np.float64))
    if len(levels) < 3 or levels[0] <= 0:
        return False
    span = levels[-1] / levels[0]
    if len(levels) <= MANY_LEVELS:
        return bool(span >= 4 and _unevenness(np.log(levels)) < _unevenness(levels))
    return bool(span >= 10 and _from_uniform(np.log(levels)) < _from_uniform(levels))


def edge(best: float, values: Sequence[float], *, log: bool) -> str:
    """ "low" or "high" where the best value lies at that end of the values tried; "" where it does not, or below three values."""
    scaled = np.unique(_scaled(np.asarray(values, dtype=np.float64), log=log))
    if len(scaled) < 3:
        return ""
    at = float(_scaled(np.asarray([best]), log=log)[0])
    margin = 0.0 if len(scaled) <= MANY_LEVELS else _EDGE * float(scaled[-1] - scaled[0])
    if at <= scaled[0] + margin:
        return "low"
    return "high" if at >= scaled[-1] - margin else ""


def covers(part: Sequence[float], values: Sequence[float], *, log: bool) -> bool:
    """Whether `part` reaches over all of the axis: a grid from end to end, draws but for a twentieth at either side."""
    whole, inside = (_scaled(np.unique(np.asarray(some, dtype=np.float64)), log=log) for some in (values, part))
    margin = 0.0 if len(whole) <= MANY_LEVELS else 0.05 * float(whole[-1] - whole[0])
    return bool(inside[0] <= whole[0] + margin and inside[-1] >= whole[-1] - margin)


def view(scores: Sequence[float], metric: Metric) -> tuple[float, float]:
    """The scores to show, lowest and highest: all of them, unless some are so bad that the others would shrink to a line.

    The best is always inside. Cut off is what is worse than the median by more than six times what the best quarter to the
    worst quarter spans (one diverged configuration must not hide the rest).
    """
    loss = np.sort(np.array([metric.loss(score) for score in scores], dtype=np.float64))
    low, high = float(loss[0]), float(loss[-1])
    if len(loss) >= 8:
        quarter, median, three_quarters = (float(value) for value in np.quantile(loss, [0.25, 0.5, 0.75]))
        limit = median + 6 * max(three_quarters - quarter, median - low)
        kept = loss[loss <= limit]
        if limit < high and len(kept) >= 0.8 * len(loss):
            high = float(kept[-1])
    ends = sorted((metric.score(low), metric.score(high)))
    return ends[0], ends[1]


def _scaled(values: Floats, *, log: bool) -> Floats:
    return np.asarray(np.log(values)) if log else values


def _unevenness(levels: Floats) -> float:
    steps = np.diff(levels)
    return float(steps.std() / steps.mean())


def _from_uniform(levels: Floats) -> float:
    """The Kolmogorov distance of the values from an even spread between their ends."""
    place = (levels - levels[0]) / (levels[-1] - levels[0])
    return float(np.abs(place - np.linspace(0, 1, len(levels))).max())


def common_decimals(values: Sequence[float]) -> int | None:
    """How many decimals write every one of some evenly spaced values exactly; None where plain decimals do not suit them."""
    step = min((b - a for a, b in pairwise(sorted(values))), default=0.0)
    if step <= 1e-7 or max(abs(value) for value in values) >= 1e6:
        return None
    return next((places for places in range(8) if all(abs(round(value, places) - value) < step * 1e-3 for value in values)), None)


def ticks(low: float, high: float) -> tuple[float, ...]:
    """Round numbers on a logarithmic axis: the powers of ten inside it; with fewer than three, also their halves and fifths."""
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    for steps in ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0)):
        found = tuple(step * 10.0**power for power in powers for step in steps if low <= step * 10.0**power <= high)
        if len(found) >= 3:
            return found if len(found) <= 7 else found[:: math.ceil(len(found) / 7)]
    return found


def level_ticks(values: Sequence[float], text: Callable[[float], str], *, log: bool, letters: float) -> tuple[float, ...]:
    """The values tried themselves, where there are few and their labels have room; else every second, third, ... of an even grid.

    Args:
        text: a value's label. letters: how many letters go side by side between the lowest and the highest value.

    Returns:
        at least two; none where round numbers serve better: many values, one, or a few that lie as they were drawn.
    """
    levels = np.unique(np.asarray(values, dtype=np.float64))
    if not 2 <= len(levels) <= MANY_LEVELS:
        return ()
    scaled = _scaled(levels, log=log)
    place = (scaled - scaled[0]) / (scaled[-1] - scaled[0]) * letters
    widths = np.array([len(text(value)) for value in levels.tolist()])
    is_even = bool(np.ptp(np.diff(place)) <= 0.1 * np.diff(place).mean())
    for step in range(1, max(2, (len(levels) + 1) // 2) if is_even else 2):
        room = np.diff(place[::step]) - (widths[::step][:-1] + widths[::step][1:]) / 2
        if (room >= _APART).all():
            return tuple(levels[::step].tolist())
    return ()
