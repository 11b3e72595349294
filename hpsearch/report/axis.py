"""How an axis is to be shown: how much of it, and with which ticks. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from hpsearch.core.metric import Metric
from hpsearch.results.scales import MANY_LEVELS, near_enough, scaled_values

_APART = 1.5  # letters between the labels of two ticks


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
    """Round numbers on a linear axis, three to six of them: steps of 1, 2 or 5 in some power of ten."""
    power = 10.0 ** math.floor(math.log10((high - low) / 2))
    step = next(part * power for part in (5.0, 2.0, 1.0, 0.5, 0.2) if (high - low) / (part * power) >= 2)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(float(f"{place * step:.12g}") for place in range(first, last + 1))


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
