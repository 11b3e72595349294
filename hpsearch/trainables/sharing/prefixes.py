"""A pipeline's steps before the last, fitted once for each fold and each setting of theirs, by one worker of a node.

Exact, since a step that is fitted with the same parameters and seed to the same rows gives the same rows: what it gives is kept
and handed on as it is. An estimator that works in place must not change it for the next: arrays are marked read-only (who
fails on that is evaluated alone), frames are copied. A step that gives other rows each time is shared by nobody: see `steady`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpsearch.core.clock import Clock
from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.folds import Fold
from hpsearch.trainables.sharing.cache import Cache, nbytes
from hpsearch.trainables.sharing.exchange import Exchange, Rows
from hpsearch.trainables.sharing.steady import UnsteadyStepError, is_known_to_be_steady, mark_of
from hpsearch.trainables.sharing.words import Counting, Words
from hpsearch.trainables.table import Features

_NO_STEPS = (None, "passthrough")
_POLL_S = 0.02
_POLL_PART = 0.02  # of what it has waited so far: long waits are asked about less often


@dataclass(frozen=True)
class Transformed:
    """A fold as it comes to the next step. `steps`: those before it. `costs`: the seconds that fitting each of them took.

    The steps are fitted where this worker has fitted them; nobody looks into those of others (see `exchange`).
    """

    X_train: Features
    X_test: Features
    steps: tuple[tuple[str, Any], ...] = ()
    costs: tuple[float, ...] = ()


class Prefixes:
    """Fits what neither `cache` nor another worker has."""

    def __init__(self, clock: Clock, cache: Cache, exchange: Exchange, words: Words) -> None:
        self._clock = clock
        self._cache = cache
        self._words = words
        self._exchange = exchange
        self._given: dict[int, bool] = {}  # by the step's place: whether what it gave last was worth giving to others
        self._claimed: tuple[str, ...] = ()  # what others may be waiting for
        # Seconds in which others were waited for, or rows given and taken: no trial's own.
        self.aside_s = 0.0

    def turn(self, left: Sequence[int], pipeline: Estimator, keys: Sequence[str]) -> int:
        """Which fold of `left` comes next: one at hand, else one that others have fitted, else one that is this worker's to fit.

        Waits while others are at all of them. Nobody is asked about steps that were not worth giving when they were last fitted.
        """
        wanted = {index: tuple(keys[self._at_hand(index, keys)[1] :]) for index in left}
        for index, missing in wanted.items():
            if not missing:
                return index
        fewest = min(len(keys) - len(missing) for missing in wanted.values())
        if not any(self._given.get(place, True) for place in range(fewest, len(keys))):
            return left[0]
        start = self._clock.monotonic()
        while (turn := self._exchange.claim(wanted)) is None:
            self._clock.sleep(max(_POLL_S, _POLL_PART * (self._clock.monotonic() - start)))
        self._claimed = wanted[turn.fold]
        if turn.rows is not None:
            self._keep(turn.fold, turn.key, _taken(turn.rows, pipeline))
            self._claimed = self._claimed[self._claimed.index(turn.key) + 1 :]
        self.aside_s += self._clock.monotonic() - start
        return turn.fold

    def through(
        self, pipeline: Estimator, fold: Fold, index: int, keys: Sequence[str]
    ) -> tuple[Transformed, tuple[float, ...], float]:
        """The fold `index` as it comes to the pipeline's last step.

        Args:
            pipeline: configured, unfitted; its steps are fitted.
            keys: of each step but the last; see `ahead.prefix_keys`.

        Returns:
            The fold; the seconds that fitting each step took, whenever it was and whoever did it; the seconds spent now.

        Raises:
            UnsteadyStepError: a step gives other rows each time.
        """
        found, depth = self._at_hand(index, keys)
        now = Transformed(fold.X_train, fold.X_test) if found is None else found
        spent = 0.0
        try:
            for place in range(depth, len(keys)):
                name, step = pipeline.steps[place]
                now, seconds = self._fitted(now, name, step, fold, index)
                spent += seconds
                now = self._offered(now, index, place, keys[place])
                self._keep(index, keys[place], now)
        finally:
            if self._claimed:  # which could not be fitted
                self._exchange.withhold(index, self._claimed)
                self._claimed = ()
        return now, now.costs, spent

    def _at_hand(self, index: int, keys: Sequence[str]) -> tuple[Transformed | None, int]:
        """The fold after as many steps as are kept, and how many these are."""
        for depth in range(len(keys), 0, -1):
            kept: Transformed | None = self._cache.get(("steps", index, keys[depth - 1]))
            if kept is not None:
                return kept, depth
        return None, 0

    def _keep(self, index: int, key: str, made: Transformed) -> None:
        self._cache.keep(("steps", index, key), made, nbytes(made.X_train) + nbytes(made.X_test))

    def _offered(self, made: Transformed, index: int, place: int, key: str) -> Transformed:
        """Gives to the others what is worth it. Returns the same, which may lie in memory that all of them share."""
        start = self._clock.monotonic()
        rows = Rows(made.X_train, made.X_test, made.costs)
        is_worth_it = rows.is_worth_giving
        if made.steps[-1][1] not in _NO_STEPS:
            self._given[place] = is_worth_it
        if is_worth_it:
            rows = self._exchange.publish(index, key, rows)
            made = Transformed(_sealed(rows.X_train), _sealed(rows.X_test), made.steps, made.costs)
        elif key in self._claimed:
            self._exchange.withhold(index, (key,))
        self._claimed = tuple(each for each in self._claimed if each != key)
        self.aside_s += self._clock.monotonic() - start
        return made

    def _fitted(self, before: Transformed, name: str, step: Any, fold: Fold, index: int) -> tuple[Transformed, float]:
        """The fold after the step, and the seconds that were spent now: they may have served other fits too."""
        steps = (*before.steps, (name, step))
        if step in _NO_STEPS:
            return Transformed(before.X_train, before.X_test, steps, (*before.costs, 0.0)), 0.0
        start = self._clock.monotonic()
        # Documents come as they are to the first step alone.
        with nullcontext(Counting()) if before.steps else self._words.counted(step, index) as counting:
            X_train = own(before.X_train)
            if hasattr(step, "fit_transform"):
                X_train = step.fit_transform(X_train, fold.y_train)
            else:
                X_train = step.fit(X_train, fold.y_train).transform(X_train)
            mark = "" if (is_steady := is_known_to_be_steady(step)) else mark_of(X_train)
            X_test = step.transform(own(before.X_test))
        seconds = self._clock.monotonic() - start
        cost = seconds - counting.spent_s + counting.part_s
        if not is_steady:
            marks = mark_of(X_test), mark_of(step.transform(own(before.X_test)))
            if marks[0] != marks[1] or mark_of(X_train) != mark:
                raise UnsteadyStepError(f"{name}: {type(step).__name__} gives other rows each time")
        return Transformed(_sealed(X_train), _sealed(X_test), steps, (*before.costs, cost)), seconds


def _taken(rows: Rows, pipeline: Estimator) -> Transformed:
    return Transformed(_sealed(rows.X_train), _sealed(rows.X_test), tuple(pipeline.steps[: len(rows.costs)]), rows.costs)


def own(X: Features) -> Features:
    """Rows for who may change them: a frame's copy; an array, which says itself that it must not be changed."""
    return X.copy() if hasattr(X, "iloc") else X


def _sealed(X: Features) -> Features:
    arrays = [X] if isinstance(X, np.ndarray) else [getattr(X, name, None) for name in ("data", "indices", "indptr")]
    for array in arrays:
        if isinstance(array, np.ndarray):
            array.setflags(write=False)
    return X
