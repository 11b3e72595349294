"""Evaluating an estimator or a pipeline: fit and score on every split, as a lone, naive evaluation would."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hpsearch.core.clock import Clock
from hpsearch.core.trial import Evaluation, SplitScore, Trial
from hpsearch.trainables.bases import Bases
from hpsearch.trainables.estimators import Estimator, configure
from hpsearch.trainables.folds import Cut, Fold, Folds, is_read_only_error
from hpsearch.trainables.handle import TrialRun
from hpsearch.trainables.scorers import Scorers
from hpsearch.trainables.sharing.ahead import Ahead, PathShare, bin_key, last_step, prefix_keys
from hpsearch.trainables.sharing.bins import Bins
from hpsearch.trainables.sharing.cache import Cache
from hpsearch.trainables.sharing.exchange import Exchange, NoExchange
from hpsearch.trainables.sharing.fits import Held, HeldFits
from hpsearch.trainables.sharing.prefixes import Prefixes, Transformed
from hpsearch.trainables.sharing.prefixes import own as own_rows
from hpsearch.trainables.sharing.rules import rules_of
from hpsearch.trainables.sharing.steady import UnsteadyStepError
from hpsearch.trainables.sharing.words import Words
from hpsearch.trainables.table import Array, Features, Table
from hpsearch.trainables.threads import joblib_threads

_log = logging.getLogger(__name__)
_ROUNDING_S = 1e-9  # of seconds that were added up in another order


@dataclass(frozen=True)
class _Fitted:
    """A fit on a split, ready to be scored. Seconds: spent on it now, and its trial's fair part of what was ever spent."""

    estimator: Estimator
    X_test: Features
    spent_s: float
    fair_s: float


class FittingObjective:
    """An estimator or pipeline on a table.

    Of one trial it keeps nothing for the next but what gives the next the same scores to the last bit: folds, and, for the trials
    that `expect` names, what they share.

    Args:
        shares: whether work is shared; not where seconds are what is compared.
        exchange: the way to workers that share first steps with this one; none where left out.
    """

    def __init__(
        self,
        bases: Bases,
        table: Table,
        scorers: Scorers,
        metrics: Sequence[str],
        cpus: float,
        clock: Clock,
        *,
        shares: bool = True,
        exchange: Exchange | None = None,
    ) -> None:
        self._bases = bases
        self._splits = table.splits
        self._folds = Folds(table)
        self._scorers = scorers
        self._metrics = tuple(metrics)
        self._cpus = cpus
        self._clock = clock
        self._needs_writable: set[int] = set()  # bases, by identity: each is kept as long as this
        self._unsteady: set[int] = set()  # so are these, of which a step gives other rows each time
        self._shares = shares
        self._ahead = Ahead()
        cache = Cache()
        # Of what others fitted come the rows alone, and no pipeline to look into.
        others = exchange if exchange is not None and scorers.see_predictions_alone else NoExchange()
        self._prefixes = Prefixes(clock, cache, others, Words(clock, cache, table))
        self._bins = Bins(clock, cache)
        self._held = HeldFits()
        self._broken: set[str] = set()  # groups of trials whose one fit does not answer for all

    def expect(self, trials: Sequence[Trial]) -> None:
        """The trials that come next, in this order: what they have in common is done once."""
        # What is cut short is known to predict as the smaller fit, and may hold more of the larger one than a scorer should see.
        cuts = self._scorers.see_predictions_alone
        self._ahead = Ahead.of(trials, self._bases, cuts=cuts) if self._shares else Ahead()
        self._broken.clear()

    def evaluate(self, trial: Trial, run: TrialRun) -> Evaluation:
        """Scores of each split, and each metric's mean over them: scikit-learn's, to the last bit.

        A NaN score stays NaN, in its split and in the mean. Whatever the estimator or a scorer raises goes through.
        """
        base, own = self._bases.of(trial.params)
        part = _Part(
            self._ahead.paths.get(trial.key),
            prefix_keys(base, own, trial.seed) if self._ahead.prefixes else (),
            bin_key(base, own, trial.seed) if self._ahead.bins else None,
        )

        def fresh() -> Estimator:
            return configure(base, own, trial.seed, self._cpus)

        aside_before_s = self._prefixes.aside_s
        with joblib_threads(self._cpus):
            by_split = {index: self._on_split(index, base, fresh, part) for index in self._turns(base, part)}
        aside_s = self._prefixes.aside_s - aside_before_s
        found = [by_split[index] for index in range(len(self._splits))]
        scores = tuple(score for score, _ in found)
        means = {name: _mean([split.scores[name] for split in scores]) for name in self._metrics}
        moved = [moved for _, moved in found]
        is_shared = abs(sum(moved)) > _ROUNDING_S  # what moved between the trial's own splits stayed with it
        return Evaluation(means, scores, moved_s=sum(moved) - aside_s, shared=is_shared)

    def _turns(self, base: Estimator, part: _Part) -> Iterator[int]:
        """The splits in the order in which their rows can be had, each when it can be."""
        left = list(range(len(self._splits)))
        while left:
            is_alone = not part.prefixes or id(base) in self._needs_writable or id(base) in self._unsteady
            index = left[0] if is_alone else self._prefixes.turn(left, base, part.prefixes)
            left.remove(index)
            yield index

    def _on_split(self, index: int, base: Estimator, fresh: Callable[[], Estimator], part: _Part) -> tuple[SplitScore, float]:
        """The split's scores, and the seconds in them that other trials' attempts spent, less those spent for others."""
        if id(base) not in self._needs_writable:
            try:
                return self._steadily(index, base, fresh, part)
            except (ValueError, TypeError, BufferError) as error:
                if not is_read_only_error(error):
                    raise
                _log.warning("%s fails on read-only arrays; its folds are copied for each fit", type(base).__name__)
                self._needs_writable.add(id(base))
        return self._fit_and_score(index, fresh(), _Part(), writable=True)

    def _steadily(self, index: int, base: Estimator, fresh: Callable[[], Estimator], part: _Part) -> tuple[SplitScore, float]:
        if id(base) not in self._unsteady:
            try:
                return self._fit_and_score(index, fresh(), part)
            except UnsteadyStepError as error:
                _log.warning("trials share no work: %s", error)
                self._unsteady.add(id(base))
        return self._fit_and_score(index, fresh(), _Part())

    def _fit_and_score(
        self, index: int, estimator: Estimator, part: _Part, *, writable: bool = False
    ) -> tuple[SplitScore, float]:
        split = self._splits[index]
        fold = self._folds.fold(index, estimator, writable=writable)
        fitted = self._alone(estimator, fold) if part.is_alone else self._shared(index, estimator, fold, part)
        start = self._clock.monotonic()
        scores = self._scorers.score(fitted.estimator, fitted.X_test, fold.y_test)
        score_s = self._clock.monotonic() - start
        times = {"fit_s": fitted.fair_s, "score_s": score_s, "seconds": fitted.fair_s + score_s}
        scores |= {name: times[name] for name in self._scorers.times}
        made = SplitScore(split.repeat, split.fold, scores, len(split.train), len(split.test), fitted.fair_s, score_s)
        return made, fitted.fair_s - fitted.spent_s

    def _alone(self, estimator: Estimator, fold: Fold) -> _Fitted:
        held = self._fit(estimator, fold.X_train, fold.y_train)
        fold.let_go_of_train()  # before the other side is cut
        return _Fitted(estimator, fold.X_test, held.spent_s, held.seconds)

    def _shared(self, index: int, estimator: Estimator, fold: Fold, part: _Part) -> _Fitted:
        last, _ = last_step(estimator)
        if not part.prefixes:
            last, spent, fair = self._last(index, last, lambda: fold.X_train, fold, part)
            fold.let_go_of_train()
            return _Fitted(last, fold.X_test, spent, fair)
        before, costs, spent = self._prefixes.through(estimator, fold, index, part.prefixes)
        fair = sum(cost / max(1, self._ahead.prefixes[key]) for cost, key in zip(costs, part.prefixes, strict=True))
        last, fit_spent, fit_fair = self._last(index, last, lambda: own_rows(before.X_train), fold, part)
        spent, fair = spent + fit_spent, fair + fit_fair
        if not before.steps:
            return _Fitted(last, fold.X_test, spent, fair)
        if self._scorers.see_predictions_alone:
            return _Fitted(last, own_rows(before.X_test), spent, fair)
        return _Fitted(_joined(estimator, before, last), fold.X_test, spent, fair)

    def _last(self, index: int, last: Estimator, train: Cut, fold: Fold, part: _Part) -> tuple[Estimator, float, float]:
        """What predicts, fitted; the seconds spent on it now, and this trial's part. `train` is asked only for a fit."""

        def fitted(estimator: Estimator) -> Held:
            return self._fit(estimator, train(), fold.y_train, index, part.bins)

        path = part.path
        rule = rules_of(last).path if path is not None and path.group not in self._broken else None
        if path is None or rule is None or rule.refusal(last) is not None:
            return self._own_fit(fitted(last), part)
        from sklearn.base import clone

        def fit() -> Held:
            return fitted(clone(last).set_params(**{rule.parameter: path.most}))

        try:
            held, spent = self._held.get(path.group, index, fit)
            answer = held.estimator if path.rounds == path.most else rule.shortened(held.estimator, path.rounds)
        except Exception as error:
            if is_read_only_error(error):
                raise
            # Fewer rounds may do where the most did not, and then have every right to.
            _log.info("%s is fitted for each trial: %s", type(last).__name__, error)
            self._broken.add(path.group)
            fold.let_go_of_train()  # which that fit may have changed
            return self._own_fit(fitted(last), part)
        return answer, spent, held.seconds * path.rounds / path.total + self._binning_s(held, part)

    def _own_fit(self, held: Held, part: _Part) -> tuple[Estimator, float, float]:
        return held.estimator, held.spent_s, held.seconds + self._binning_s(held, part)

    def _binning_s(self, held: Held, part: _Part) -> float:
        """A trial's part of the binning."""
        return held.binning_s / max(1, self._ahead.bins[part.bins]) if part.bins is not None else 0.0

    def _fit(self, estimator: Estimator, X: Features, y: Array | None, split: int = 0, bins: str | None = None) -> Held:
        return self._bins.fit(estimator, X, y, split, bins)


@dataclass(frozen=True)
class _Part:
    """What a trial shares: a fit's path, the steps before the last, and the binning of what comes from them."""

    path: PathShare | None = None
    prefixes: tuple[str, ...] = ()
    bins: str | None = None

    @property
    def is_alone(self) -> bool:
        return self.path is None and not self.prefixes and self.bins is None


def _joined(pipeline: Estimator, before: Transformed, last: Estimator) -> Estimator:
    """The whole pipeline, fitted, of steps that were fitted apart: for scorers that look into it."""
    from sklearn.base import clone

    joined = clone(pipeline)
    joined.steps = [*before.steps, (pipeline.steps[-1][0], last)]
    return joined


def _mean(values: Sequence[float]) -> float:
    # numpy's own summation order, which GridSearchCV's means have.
    return float(np.average(np.array(values, dtype=np.float64)))
