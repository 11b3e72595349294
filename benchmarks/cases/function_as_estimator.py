"""The function trial in the form in which a tool for estimators takes it."""

from __future__ import annotations

import time
from typing import Any

from sklearn.base import BaseEstimator

from benchmarks.cases.functions import Call
from benchmarks.cases.work import who


class AsEstimator(BaseEstimator):  # type: ignore[misc]
    """Fitting it runs the function; it remembers when and where that began."""

    def __init__(self, x: int = 0, seconds: float = 0.0) -> None:
        self.x = x
        self.seconds = seconds

    def fit(self, X: Any, y: Any = None) -> AsEstimator:
        self.started_ = time.time()
        self.who_ = who()
        (self.score_,) = Call(self.seconds)({"x": self.x})
        return self

    def score(self, X: Any, y: Any = None) -> float:
        return self.score_


def score(model: AsEstimator, X: Any, y: Any = None) -> float:
    return model.score_


def started(model: AsEstimator, X: Any, y: Any = None) -> float:
    return model.started_


def process(model: AsEstimator, X: Any, y: Any = None) -> float:
    return float(model.who_.partition(".")[0])


def thread(model: AsEstimator, X: Any, y: Any = None) -> float:
    return float(model.who_.partition(".")[2])


# A scorer gives a number, so who it was is told in two.
scorers = {"score": score, "started": started, "process": process, "thread": thread}
