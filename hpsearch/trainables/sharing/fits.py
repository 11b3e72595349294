"""What one fit answers for several trials: held while the trials that share it are evaluated, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hpsearch.trainables.estimators import Estimator


@dataclass(frozen=True)
class Held:
    """A fitted estimator, and what it took.

    Attributes:
        seconds: of the fit, its rows' binning aside where that is shared.
        binning_s: of the binning, whoever's fit it was in.
        spent_s: on both, in this fit.
    """

    estimator: Estimator
    seconds: float
    binning_s: float
    spent_s: float


class HeldFits:
    """The fits of one group of trials, one for each split. Another group's take their place."""

    def __init__(self) -> None:
        self._group: str | None = None
        self._by_split: dict[int, Held] = {}

    def get(self, group: str, split: int, fit: Callable[[], Held]) -> tuple[Held, float]:
        """The group's fit on a split, and the seconds spent now: none where it is held already."""
        if group != self._group:
            self._group, self._by_split = group, {}
        if (held := self._by_split.get(split)) is not None:
            return held, 0.0
        held = self._by_split[split] = fit()
        return held, held.spent_s
