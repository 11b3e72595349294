"""How many trials a unit holds: guided self-scheduling within what dispatch costs and what a loss would cost.

Polychronopoulos & Kuck (1987), "Guided self-scheduling": each lease takes a share of what remains, so units shrink
towards the end and workers finish together. Departure: bounded below by the dispatcher's own cost (about 1 ms a unit, so
that with S workers a unit must last S x 2 ms for it to keep up) and above by a time, so that progress stays live and a
killed worker loses little.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

DISPATCH_S = 0.002
LONGEST_UNIT_S = 0.1
LARGEST_UNIT = 500


@dataclass(frozen=True, slots=True)
class SecondsPerTrial:
    """A running mean of the seconds that a trial takes; the newest weigh most. `mean_s` is None until something is known."""

    mean_s: float | None = None
    weight: float = 0.2

    def after(self, seconds: float) -> SecondsPerTrial:
        """The estimate once a further trial has taken `seconds`."""
        mean = seconds if self.mean_s is None else (1 - self.weight) * self.mean_s + self.weight * seconds
        return SecondsPerTrial(mean, self.weight)


def unit_size(remaining: int, workers: int, seconds_per_trial: float | None) -> int:
    """Trials in the next unit, at least 1.

    Args:
        remaining: trials not yet leased (an upper bound will do).
        workers: live workers, at least 1.
        seconds_per_trial: None while nothing is known: then one trial, to learn.
    """
    if seconds_per_trial is None:
        return 1
    seconds = max(seconds_per_trial, 1e-6)
    guided = math.ceil(remaining / (2 * workers))
    floor = math.ceil(workers * DISPATCH_S / seconds)
    ceiling = max(1, int(max(LONGEST_UNIT_S, workers * DISPATCH_S) / seconds))
    return max(1, min(max(guided, floor), ceiling, LARGEST_UNIT))
