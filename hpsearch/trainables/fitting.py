"""Evaluating an estimator or a pipeline: fit and score on every split, as a lone, naive evaluation would."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import numpy as np

from hpsearch.core.clock import Clock
from hpsearch.core.trial import Evaluation, SplitScore, Trial
from hpsearch.trainables.bases import Bases
from hpsearch.trainables.estimators import Estimator, configure
from hpsearch.trainables.folds import Fold, Folds, is_read_only_error
from hpsearch.trainables.handle import TrialRun
from hpsearch.trainables.scorers import Scorers
from hpsearch.trainables.splits import Split
from hpsearch.trainables.table import Table
from hpsearch.trainables.threads import joblib_threads

_log = logging.getLogger(__name__)


class FittingObjective:
    """An estimator or pipeline on a table. Holds the folds between trials, and nothing else of one trial for the next."""

    def __init__(
        self,
        bases: Bases,
        table: Table,
        splits: tuple[Split, ...],
        scorers: Scorers,
        metrics: Sequence[str],
        cpus: float,
        clock: Clock,
    ) -> None:
        self._bases = bases
        self._splits = splits
        self._folds = Folds(table, splits)
        self._scorers = scorers
        self._metrics = tuple(metrics)
        self._cpus = cpus
        self._clock = clock
        self._needs_writable: set[int] = set()  # bases, by identity: each is kept as long as this

    def evaluate(self, trial: Trial, run: TrialRun) -> Evaluation:
        """Scores of each split, and each metric's mean over them: scikit-learn's, to the last bit.

        A NaN score stays NaN, in its split and in the mean. Whatever the estimator or a scorer raises goes through.
        """
        base, own = self._bases.of(trial.params)

        def fresh() -> Estimator:
            return configure(base, own, trial.seed, self._cpus)

        with joblib_threads(self._cpus):
            scores = tuple(self._on_split(index, base, fresh) for index in range(len(self._splits)))
        means = {name: _mean([split.scores[name] for split in scores]) for name in self._metrics}
        return Evaluation(means, scores)

    def _on_split(self, index: int, base: Estimator, fresh: Callable[[], Estimator]) -> SplitScore:
        if id(base) not in self._needs_writable:
            try:
                return self._fit_and_score(index, fresh(), writable=False)
            except (ValueError, TypeError, BufferError) as error:
                if not is_read_only_error(error):
                    raise
                _log.warning("%s fails on read-only arrays; its folds are copied for each fit", type(base).__name__)
                self._needs_writable.add(id(base))
        return self._fit_and_score(index, fresh(), writable=True)

    def _fit_and_score(self, index: int, estimator: Estimator, *, writable: bool) -> SplitScore:
        split = self._splits[index]
        fold = self._folds.fold(index, estimator, writable=writable)
        start = self._clock.monotonic()
        _fit(estimator, fold)
        fitted = self._clock.monotonic()
        scores = self._scorers.score(estimator, fold.X_test, fold.y_test)
        scored = self._clock.monotonic()
        times = {"fit_s": fitted - start, "score_s": scored - fitted, "seconds": scored - start}
        scores |= {name: times[name] for name in self._scorers.times}
        return SplitScore(split.repeat, split.fold, scores, len(split.train), len(split.test), times["fit_s"], times["score_s"])


def _fit(estimator: Estimator, fold: Fold) -> None:
    if fold.y_train is None:
        estimator.fit(fold.X_train)
    else:
        estimator.fit(fold.X_train, fold.y_train)


def _mean(values: Sequence[float]) -> float:
    # numpy's own summation order, which GridSearchCV's means have.
    return float(np.average(np.array(values, dtype=np.float64)))
