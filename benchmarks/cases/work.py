"""What a piece of work is to a tool that searches: a grid, and something that scores one configuration of it."""

from __future__ import annotations

import itertools
import json
import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, TypeAlias

Params: TypeAlias = Mapping[str, Any]
Scores: TypeAlias = Sequence[float]  # (n_splits,)

SCALE = "BENCH_SCALE"


@dataclass(frozen=True)
class Fits:
    """An estimator to be fitted on every split: what a tool takes that knows scikit-learn.

    Called with a configuration, it scores that alone, naively: what a user of a tool for functions would write.

    Attributes:
        splits: row numbers of (train, test), the same for everybody.
        scoring: as GridSearchCV takes it; of several scorers the one named "score" counts.
    """

    X: Any
    y: Any
    estimator: Any
    splits: Sequence[tuple[Any, Any]]
    scoring: str | Mapping[str, Callable[..., float]] | None = None

    def __call__(self, params: Params) -> Scores:
        from sklearn.base import clone
        from sklearn.model_selection import cross_val_score

        model = clone(self.estimator).set_params(**params)
        return [float(score) for score in cross_val_score(model, self.X, self.y, cv=self.splits, scoring=self.scoring)]


@dataclass(frozen=True)
class Work:
    """A grid, and what scores a configuration of it.

    Attributes:
        grid: values by axis; the configurations are all combinations.
        task: scores one configuration. Can be pickled.
        fits: the same as an estimator; a function, so that only who wants it imports scikit-learn.
        jobs: how many at once.
        holds_gil: whether fits in threads of one process get in each other's way.
        seconds: how long each trial sleeps, 0 where it does not: then it is told when each began.
    """

    grid: Mapping[str, Sequence[Any]]
    task: Callable[[Params], Scores]
    fits: Callable[[], Fits]
    jobs: int = 2
    holds_gil: bool = False
    seconds: float = 0.0

    @property
    def configurations(self) -> list[dict[str, Any]]:
        return [dict(zip(self.grid, values, strict=True)) for values in itertools.product(*self.grid.values())]

    @property
    def varying(self) -> tuple[str, ...]:
        """Axes with more than one value."""
        return tuple(name for name, values in self.grid.items() if len(values) > 1)


def key_of(params: Params, names: Iterable[str]) -> str:
    """A configuration as text, equal for equal ones in any process: its values of `names`."""
    return json.dumps({name: params[name] for name in sorted(names)})


def mean_of(scores: Scores) -> float:
    return fmean(scores)


def who() -> str:
    """This thread of this process."""
    return f"{os.getpid()}.{threading.get_ident()}"


def scale() -> float:
    """The part of the full size that is asked for."""
    return float(os.environ.get(SCALE, "1"))


def shrunk(full: int, least: int) -> int:
    """`full` rows or trials at the scale asked for, and no fewer than `least`."""
    return min(full, max(least, round(full * scale())))


def thinned(grid: Mapping[str, Sequence[Any]]) -> dict[str, Sequence[Any]]:
    """The whole grid at full size; below that, both ends of every axis."""
    return {name: values if scale() >= 1 else list(dict.fromkeys((values[0], values[-1]))) for name, values in grid.items()}
