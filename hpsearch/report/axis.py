"""How an axis is to be shown: how much of it, and with which ticks. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from hpsearch.core.durations import unit_of
from hpsearch.core.metric import Metric
from hpsearch.results.scales import MANY_LEVELS, near_enough, scaled_values

_APART = 1.5  # letters between the labels of two ticks
# Round times, in the unit each is said in: an axis over decades has the first of these that give it enough ticks.
_COARSE = {"µs": (1, 10, 100), "ms": (1, 10), "s": (0.1, 1, 10), "min": (1, 10), "h": (1, 10), "d": (1, 10, 100)}
_FINE = {
    "µs": (1, 2, 5, 10, 20, 50, 100, 200, 500), "ms": (1, 2, 5, 10, 20, 50), "s": (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30),
    "min": (1, 2, 5, 10, 20, 30), "h": (1, 2, 5, 10), "d": (1, 2, 5, 10, 20, 50, 100, 200, 500),
}  # fmt: skip
_UNITS_S = {"µs": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_MOST_TIMES = 5


def view(scores: Sequence[float], metric: Metric) -> tuple[float, float]:
    """The scores to show, lowest and highest: all of them, unless some are so bad that the others would shrink to a line.

    The best is always inside; cut off is what is far from the rest (`scales.near_enough`), unless that is a fifth of all.
    """
    loss = np.array([metric.loss(score) for score in scores], dtype=np.float64)
    kept = near_enough(loss)
    high = kept[-1] if len(kept) >= 0.8 * len(loss) else loss.max()
    ends = sorted((metric.score(float(kept[0])), metric.score(float(high))))
    return ends[0], ends[1]


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


def round_ticks(low: float, high: float) -> tuple[float, ...]:
    """Round numbers on a linear axis, three to seven of them: steps of 1, 2 or 5 in some power of ten."""
    power = 10.0 ** math.floor(math.log10((high - low) / 2))
    for step in (5 * power, 2 * power, power, power / 2, power / 5):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first >= 2:
            break
    return tuple(float(f"{place * step:.12g}") for place in range(first, last + 1))


def time_ticks(low: float, high: float, *, log: bool) -> tuple[tuple[float, str], ...]:
    """Round times from `low` to `high`, in seconds, with their labels: no two of them alike.

    Linear: all in one unit with as many decimals as their step needs. Logarithmic: each in its own unit.
    """
    if log:
        for times in (_COARSE, _FINE):
            found = [(size * _UNITS_S[unit], f"{size:g} {unit}") for unit, sizes in times.items() for size in sizes]
            found = [(at, text) for at, text in found if low <= at <= high]
            if len(found) >= 3:
                return tuple(found[:: -(-len(found) // _MOST_TIMES)])
    unit = next((unit for unit in ("d", "h", "min") if high >= 2 * _UNITS_S[unit]), unit_of(high)[1])
    values = round_ticks(low / _UNITS_S[unit], high / _UNITS_S[unit])
    places = common_decimals(values) or 0
    return tuple((value * _UNITS_S[unit], f"{value:.{places}f} {unit}") for value in values)


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
    scaled = scaled_values(levels, log=log)
    place = (scaled - scaled[0]) / (scaled[-1] - scaled[0]) * letters
    widths = np.array([len(text(value)) for value in levels.tolist()])
    is_even = bool(np.ptp(np.diff(place)) <= 0.1 * np.diff(place).mean())
    for step in range(1, max(2, (len(levels) + 1) // 2) if is_even else 2):
        room = np.diff(place[::step]) - (widths[::step][:-1] + widths[::step][1:]) / 2
        if (room >= _APART).all():
            return tuple(levels[::step].tolist())
    return ()
