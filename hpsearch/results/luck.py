"""How much of a ranking is luck: who might be first, where else each might stand, and what the winner's score owes to winning.

Scores come as losses here, so that less is always better, and the first row is the best.

Whoever is compared was scored on the same splits, so what a split does to all of them alike says nothing of them; what is left of
a configuration's scores about their mean is its noise, its variance moderated by what all say together (`moderation`) and raised
by Nadeau and Bengio's factor (`statistics`).

Ranks: each configuration's mean is drawn with as much noise again; the ranks that it holds in 95 of 100 draws are its interval.

Being best: who leads has mostly been lucky too, so its mean says too much of it. How good configurations of this study are at all
is estimated from all of their means, by the distribution under which these are likeliest (J. Kiefer and J. Wolfowitz, Annals of
Mathematical Statistics 27 (1956), 887–906), and each is drawn from what that and its own scores leave possible (empirical Bayes,
as W. Jiang and C.-H. Zhang, Annals of Statistics 37 (2009), 1647–1684). `p_best` is the part of draws in which it comes first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from hpsearch.results.comparison import noise_of
from hpsearch.results.statistics import Floats, bounded

_DRAWS, _AT_ONCE = 2_000, 400
# Above so many configurations each one's rank is taken from where its own interval lies among draws of all; and so many of those
# that may reach furthest are drawn for who is first.
_DRAWN = 2_000
_DRAWS_OF_ALL = 1_000_000
_Z = 1.959964
_GRID, _STEPS = 60, 200  # of the distribution of what configurations are worth: its values, and steps of its fit
_FAR = 10.0  # standard errors, between the least and the largest of these values at most
_TAILS = (0.025, 0.975)
_ROUNDING = 16 * np.finfo(np.float64).eps  # of sums that are equal, relative to the scores


@dataclass(frozen=True)
class Standing:
    """Of each configuration, in the order of the losses: (n,) each. NaN where nothing is known of its noise."""

    p_best: Floats
    rank_low: Floats
    rank_high: Floats


@dataclass(frozen=True)
class Optimism:
    """What the winner's score owes to having been chosen by it.

    Attributes:
        naive: the winner's mean. honest: the mean over splits of what is scored there by who wins on all the others; where
            several win, of what they score on average.
        winners: how many different configurations win when a split is left out. tied: with how many splits left out several do,
            since their scores are equal.
    """

    naive: float
    honest: float
    winners: int
    tied: int


def standing(losses: Floats, test_over_train: float, *, seed: int = 0) -> Standing:
    """Where each configuration may stand, by draws.

    Args:
        losses: (n, J), the smallest mean first; a row with a NaN in it has no standing and does not count for others.
        test_over_train: n_test / n_train of the splits.
    """
    n = len(losses)
    unknown = Standing(*(np.full(n, np.nan) for _ in range(3)))
    rows = np.flatnonzero(np.isfinite(losses).all(axis=1))
    if len(rows) < 2 or losses.shape[1] < 2:
        return unknown
    known = bounded(losses[rows])
    means = known.mean(axis=1)
    se, df = noise_of(known, test_over_train)
    rng = np.random.default_rng(seed)
    ranks_of = _drawn_ranks if len(rows) <= _DRAWN else _ranks_among_all
    low, high = ranks_of(means, se, df, rng)
    p_best = _chances(means, se, rng)
    for column, values in ((unknown.p_best, p_best), (unknown.rank_low, low), (unknown.rank_high, high)):
        column[rows] = values
    return unknown


def optimism(losses: Floats) -> Optimism | None:
    """By leaving each split out of the choice in turn; None where rows are incomplete, or there are fewer than two of either.

    R. J. Tibshirani and R. Tibshirani, "A bias correction for the minimum error rate in cross-validation", Annals of Applied
    Statistics 3 (2009), 822–829, compare the same two numbers on each split.
    """
    whole = bounded(losses[np.isfinite(losses).all(axis=1)])
    n, n_splits = whole.shape
    if n < 2 or n_splits < 2:
        return None
    # Summed anew for each: a score of 1e20 taken off again would leave nothing of the others.
    without = np.stack([np.delete(whole, split, axis=1).sum(axis=1) for split in range(n_splits)], axis=1)
    # Scores such as accuracies are often equal. The first of the ranking is first for the split left out too, so none is chosen.
    rounding = _ROUNDING * np.abs(whole).sum(axis=1)[without.argmin(axis=0)]
    winners = without <= without.min(axis=0) + rounding
    honest = float(np.mean((whole * winners).sum(axis=0) / winners.sum(axis=0)))
    return Optimism(float(whole.mean(axis=1).min()), honest, int(winners.any(axis=1).sum()), int((winners.sum(axis=0) > 1).sum()))


def _scales(df: float, size: int, rng: np.random.Generator) -> Floats:
    return np.asarray(np.sqrt(df / rng.chisquare(df, size))) if math.isfinite(df) else np.ones(size)


def _chances(means: Floats, se: Floats, rng: np.random.Generator) -> Floats:
    """(n,): how often each comes first among draws of what all may be worth."""
    reach = np.argsort(means - 3 * _Z * se, kind="stable")[:_DRAWN]
    starts = _groups(len(means))
    size = np.diff(np.append(starts, len(means)))
    # What lags by so much will not be first: how bad it is need not be told apart. All that is worse is one more value.
    worst = min(means.max(), means.min() + _FAR * float(np.median(se)))
    values = np.linspace(means.min(), worst, _GRID)
    step = values[1] - values[0]
    if step <= 0:
        return np.full(len(means), 1 / len(means))
    values = np.append(values, worst + step)
    se = np.maximum(se, step / 4)  # below which the grid tells nothing apart
    weights = np.full(len(values), 1 / len(values))
    likely = _likelihoods(np.add.reduceat(means, starts) / size, np.add.reduceat(se, starts) / size, values)
    for _ in range(_STEPS):
        weights = size @ _normalised(likely * weights) / len(means)
    posterior = _normalised(_likelihoods(means[reach], se[reach], values) * weights).cumsum(axis=1)
    first = np.zeros(len(reach))
    for _ in range(_DRAWS // _AT_ONCE):
        drawn = np.empty((_AT_ONCE, len(reach)))
        for column, upto in enumerate(posterior):
            drawn[:, column] = values[np.minimum(np.searchsorted(upto, rng.random(_AT_ONCE)), _GRID)]
        # Within a step of the grid any value is as likely.
        drawn += step * rng.random(drawn.shape)
        first += np.bincount(drawn.argmin(axis=1), minlength=len(reach))
    chances = np.zeros(len(means))
    chances[reach] = first / _DRAWS
    return chances


def _groups(n: int) -> NDArray[np.int64]:
    """Where groups of neighbours in the ranking begin, at most `_DRAWN`: the leaders each alone, many of the others as one."""
    alone = min(n, _DRAWN // 2)
    rest = np.linspace(alone, n, min(n - alone, _DRAWN // 2), endpoint=False).astype(np.int64)
    return np.append(np.arange(alone), rest)


def _likelihoods(means: Floats, se: Floats, values: Floats) -> Floats:
    """(n, grid), up to a factor for each row. The last value stands for all that is worse, too: for what is likeliest there."""
    worth = np.tile(values, (len(means), 1))
    worth[:, -1] = np.maximum(means, values[-1])
    away = -0.5 * np.square((means[:, np.newaxis] - worth) / se[:, np.newaxis])
    return np.asarray(np.exp(away - away.max(axis=1, keepdims=True)))


def _normalised(weights: Floats) -> Floats:
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _drawn_ranks(means: Floats, se: Floats, df: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """The bounds of each one's interval, from draws of all."""
    ranks = np.empty((_DRAWS, len(means)), dtype=np.int16)
    counted = np.arange(1, len(means) + 1, dtype=np.int16)[np.newaxis, :]
    for part in range(0, _DRAWS, _AT_ONCE):
        scales = _scales(df, _AT_ONCE, rng)[:, np.newaxis]
        drawn = means + se * rng.standard_normal((_AT_ONCE, len(means))) * scales
        np.put_along_axis(ranks[part : part + _AT_ONCE], np.argsort(drawn, axis=1), counted, axis=1)
    low, high = np.quantile(ranks, _TAILS, axis=0, method="inverted_cdf")
    return low, high


def _ranks_among_all(means: Floats, se: Floats, df: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Among very many, how many are ahead of a given loss is next to certain: only the configuration's own place is not."""
    each = max(1, _DRAWS_OF_ALL // len(means))
    others = np.sort((means + se * rng.standard_normal((each, len(means)))).ravel())
    reach = float(stdtrit(df, _TAILS[1])) * se
    ahead = (np.searchsorted(others, means + sign * reach) / each for sign in (-1, 1))
    low, high = (np.clip(np.round(count) + 1, 1, len(means)) for count in ahead)
    return low, high
