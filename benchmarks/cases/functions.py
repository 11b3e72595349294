"""Functions that return a number, at once or after a sleep: what is left is the cost of running them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from benchmarks.cases.work import Fits, Params, Scores, Work, scale, shrunk

TRIALS, SLEEPING, SLOTS = 20_000, 2_000, 16
FEWER = 2_000  # of those that do nothing, for a tool that takes minutes for them
THOUSAND = 1_000  # of those that MLflow is on for
SLEEP_S = 1.0


def run(params: dict[str, Any]) -> dict[str, float]:
    """The trial of studies/trivial.yaml and studies/sleep.yaml."""
    if seconds := params.get("seconds", 0.0):
        time.sleep(seconds)
    return {"score": score_of(params["x"])}


def score_of(x: int) -> float:
    return -float((x - 300) ** 2)


@dataclass(frozen=True)
class Call:
    """`run` with what all trials have in common."""

    seconds: float = 0.0

    def __call__(self, params: Params) -> Scores:
        return [run({**params, "seconds": self.seconds})["score"]]


def trivial() -> Work:
    return _work(shrunk(TRIALS, 20))


def fewer() -> Work:
    return _work(shrunk(FEWER, 20))


def sleeping() -> Work:
    """On sixteen slots; a tenth of the scale has a tenth of the trials, on a tenth of the slots, for a tenth of the time."""
    return _work(shrunk(SLEEPING, 20), jobs=shrunk(SLOTS, 2), seconds=SLEEP_S * max(0.05, min(1.0, scale())))


def thousand() -> Work:
    return _work(shrunk(THOUSAND, 20))


def one() -> Work:
    return _work(1)


def _work(trials: int, jobs: int = 2, seconds: float = 0.0) -> Work:
    def fits() -> Fits:
        import numpy as np

        from benchmarks.cases.function_as_estimator import AsEstimator, scorers

        return Fits(
            np.zeros((1, 1)), np.zeros(1), AsEstimator(0, seconds), [(np.array([0]), np.array([0]))], scorers if seconds else None
        )

    return Work({"x": list(range(trials))}, Call(seconds), fits, jobs=jobs, seconds=seconds)
