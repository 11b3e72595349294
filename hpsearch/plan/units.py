"""How much work a unit holds: guided self-scheduling within what dispatch costs and what a loss would cost.

Polychronopoulos & Kuck (1987), "Guided self-scheduling": each lease takes a share of what remains, so units shrink towards the
end and workers finish together. Departures: shares are of the seconds that trials are expected to take, not of their number;
bounded below by the dispatcher's own cost (about 1 ms a unit, so that with S workers a unit must last S x 2 ms for it to keep
up) and above by a time, so that progress stays live and a killed worker loses little.

What is left at the end goes longest first (Graham 1969, "Bounds on multiprocessing timing anomalies": within 4/3 of the best
order), so that no long trial begins when all others are done.

Memory bounds a unit by what is in it, not by a number here: one setting of first steps, whose fold data the worker's cache
holds to a limit of its own; the fits of one path at a time, one a split; and at most LARGEST_UNIT results.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

DISPATCH_S = 0.002
LONGEST_UNIT_S = 0.1
LARGEST_UNIT = 500
"""Trials."""

T = TypeVar("T")


def unit_seconds(remaining_s: float, workers: int) -> float:
    """How long the next unit may take; one trial, or one path's trials, come in any case.

    Args:
        remaining_s: what is not yet leased, of one worker (an upper bound will do).
        workers: live workers, at least 1.
    """
    floor = workers * DISPATCH_S
    return min(max(remaining_s / (2 * workers), floor), max(LONGEST_UNIT_S, floor))


def longest_first(items: Sequence[T], group: Callable[[T], Hashable], seconds: Callable[[T], float]) -> list[T]:
    """The items in groups, those of the longest groups first: by doublings of the longest unit.

    Groups that are about as long, and all that are short enough for any order, stay as they came: an estimate that is a bit off
    moves nothing.
    """
    groups: dict[Hashable, list[T]] = {}
    for item in items:
        groups.setdefault(group(item), []).append(item)
    doublings = {name: _doublings(sum(map(seconds, members))) for name, members in groups.items()}
    return [item for name in sorted(groups, key=lambda name: -doublings[name]) for item in groups[name]]


def _doublings(seconds: float) -> int:
    return 0 if seconds <= LONGEST_UNIT_S else math.ceil(math.log2(seconds / LONGEST_UNIT_S))
