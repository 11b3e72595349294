"""A metric and its direction: the only place that knows min from max."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


class Mode(StrEnum):
    MIN = "min"
    MAX = "max"


@dataclass(frozen=True, slots=True)
class Metric:
    """What is optimised. `target`: the study may stop when a score is at least this good."""

    name: str
    mode: Mode
    target: float | None = None

    def is_better(self, a: float, b: float) -> bool:
        """Whether `a` is strictly better than `b`. A finite score beats NaN and infinities; those never beat anything."""
        if not math.isfinite(a):
            return False
        if not math.isfinite(b):
            return True
        return a < b if self.mode is Mode.MIN else a > b

    def loss(self, score: float) -> float:
        """`score` turned so that less is better: for sorting and for statistics, never for people."""
        return score if self.mode is Mode.MIN else -score

    def score(self, loss: float) -> float:
        """The inverse of `loss`."""
        return self.loss(loss)

    def best(self, items: Iterable[T], key: Callable[[T], float]) -> T | None:
        """The first item whose finite score no other beats; None where no score is finite."""
        winner: T | None = None
        for item in items:
            if math.isfinite(key(item)) and (winner is None or self.is_better(key(item), key(winner))):
                winner = item
        return winner
