"""Which configuration is the best: one rule, for the ranking, the progress, `status` and the mirror alike.

The best configuration has all expected repeats completed, and of those that have, the best mean score, which is finite. Among
equals the first of the spec's `tie_break` decides, then the next, then the smaller config_id. A tie-break is a mean over the
same repeats (the peak of memory is the highest), and a configuration that lacks it comes last.

Means are exactly rounded, so that neither a score nor a tie depends on the order in which results came in.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from hpsearch.core.metric import Metric, Mode
from hpsearch.core.values import Params

# What a trial costs, by name: less is better whatever the metric's mode.
COSTS = ("fit_s", "score_s", "seconds", "peak_rss_bytes")
_HIGHEST = "peak_rss_bytes"

Key: TypeAlias = "tuple[float | str, ...]"


@dataclass(frozen=True, slots=True)
class Measured:
    """One completed trial, as far as the rule looks at it. `costs`: by the names of COSTS; None where one is not known."""

    config_id: str
    params: Params
    seed: int
    metrics: Mapping[str, float]
    costs: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Best:
    """A configuration that has all its repeats.

    Attributes:
        score: the mean of the study's metric. metrics: the means of all metrics that each of its repeats has.
        key: sorts configurations, the best first.
    """

    config_id: str
    params: Params
    score: float
    metrics: Mapping[str, float]
    key: Key


@dataclass(frozen=True)
class BestRule:
    """The rule, of one study.

    Attributes:
        seeds: the repeats that a configuration must have.
        tie_break: names of metrics or COSTS, the first decides first.
        scorers: whether metrics are scikit-learn's, of which more is better. A function's go the way of the study's own.
    """

    metric: Metric
    seeds: tuple[int, ...] = (0,)
    tie_break: tuple[str, ...] = ()
    scorers: bool = False

    def direction(self, name: str) -> Metric:
        """What is better in a tie-break."""
        if name in COSTS:
            return Metric(name, Mode.MIN)
        return Metric(name, Mode.MAX if self.scorers and name != self.metric.name else self.metric.mode)

    def standing(self, trials: Iterable[Measured]) -> Best | None:
        """One configuration, by its completed trials; None where a repeat or a finite score is missing."""
        repeats = {trial.seed: trial for trial in trials if trial.seed in self.seeds}
        if len(repeats) < len(self.seeds):
            return None
        counted = list(repeats.values())
        score = _mean_of(counted, self.metric.name)
        if not math.isfinite(score):
            return None
        names = [name for name in counted[0].metrics if all(name in trial.metrics for trial in counted)]
        losses = [self.direction(name).loss(_tie_of(counted, name)) for name in self.tie_break]
        ties = [loss if math.isfinite(loss) else math.inf for loss in losses]
        return Best(
            config_id=counted[0].config_id,
            params=counted[0].params,
            score=score,
            metrics={name: _mean_of(counted, name) for name in names},
            key=(self.metric.loss(score), *ties, counted[0].config_id),
        )

    def best(self, standings: Iterable[Best | None]) -> Best | None:
        """The first of some configurations; None where there is none."""
        return min((one for one in standings if one is not None), key=lambda one: one.key, default=None)


def exact_mean(values: list[float]) -> float:
    """The mean, exactly rounded; NaN where a value is not finite, or their sum is not."""
    if len(values) == 1:
        return values[0]
    if not values or not all(map(math.isfinite, values)):
        return math.nan
    try:
        return math.fsum(values) / len(values)
    except OverflowError:
        return math.nan


def _mean_of(trials: list[Measured], name: str) -> float:
    return exact_mean([trial.metrics.get(name, math.nan) for trial in trials])


def _tie_of(trials: list[Measured], name: str) -> float:
    if name not in COSTS:
        return _mean_of(trials, name)
    costs = [math.nan if (cost := trial.costs.get(name)) is None else float(cost) for trial in trials]
    return max((cost for cost in costs if not math.isnan(cost)), default=math.nan) if name == _HIGHEST else exact_mean(costs)
