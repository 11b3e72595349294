"""Which configurations may be the best one: the best set. Scores come as losses here, so that less is always better.

The question is that of subset selection (S. S. Gupta, Technometrics 7 (1965), 225–245), or multiple comparisons with the best
(J. C. Hsu, Annals of Statistics 9 (1981), 1026–1034). A configuration is left out where the winner beats it by more than the
truly best one is beaten by any of the n - 1 others in 95 of 100 studies. Since all others count, it does no harm that the
winner was chosen for winning.

1. The winner's lead over a configuration: the mean of their differences, split by split.
2. Its variance: that of the differences times Nadeau and Bengio's 1/J + n_test/n_train, moderated by what all configurations
   together say of variances (`moderation`), though never below what the differences show by themselves: one noisy
   configuration among quiet ones must gain nothing. The prior is fitted to each configuration's deviations from the mean of the
   better half, not to the differences, which all share the winner's noise. Two splits are too few for it.
3. t = lead / standard error, on J - 1 + the prior's degrees of freedom. p: the chance that the largest of n - 1 independent
   normal deviates over one common s is as large. One s is right, since the winner is chosen by its mean, which says nothing of
   s; independence is the least favourable case of leads that share a configuration (Slepian's inequality).

What is promised is that the truly best configuration is in the set. Others exactly as good drop out now and then: of 60 that
are all alike, at least one does in some 40 of 100 studies. Measured with `python -m benchmarks.best_set`, whose scores are
correlated as the correction assumes (all figures: benchmarks/BEST_SET.md; a small form of it is a test). One given best
configuration is left out in so many percent of studies, with 10 / 60 / 500 configurations (standard errors below .4 / .4 / .9):

                                      5 folds            10 folds           3 folds
    all alike                         2.6 / 1.7 / 0.9    2.9 / 2.0 / 1.2    2.3 / 1.5 / 0.7
    a tenth with ten times the sd     3.0 / 2.2 / 5.1    2.4 / 1.2 / 1.3    4.3 / 5.1 / 8.0
    half with ten times the sd        3.7 / 0.7 / 0.0    2.9 / 1.7 / 0.8    5.1 / 0.9 / 0.0
    a tenth constant                  3.2 / 1.0 / 0.3    3.4 / 1.7 / 0.7    2.9 / 0.9 / 0.3
    half bad, ten times the sd        0.9 / 0.2 / 0.3    1.2 / 0.1 / 0.0    1.0 / 0.7 / 2.4
    half bad and constant             2.1 / 4.0 / 2.8    2.1 / 2.4 / 1.6    2.6 / 5.5 / 7.1

One that lags by five paired standard deviations is left out in 100 of 100 studies of 5 or 10 folds and in 93 to 95 of 3; by
three, in 96 to 98 of 5 folds. (The plain corrected t with Holm's procedure: five, with 5 folds, in 95 / 60 / 19.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, gammaln, log_ndtr

from hpsearch.results.moderation import Prior, fit_prior
from hpsearch.results.statistics import Floats, bounded, corrected_standard_error, variance_factor

_NODES = 192  # of the integral over s
_TAIL = 1e-14  # of its distribution, left out at either end
_EXACT = 4096  # p-values that are integrated one by one; more are read from a table of as many
_LARGEST_T = 1e6
_ROUNDING = 16 * np.finfo(np.float64).eps  # differences of equal scores, relative to the scores


def p_of_being_best(losses: Floats, test_over_train: float) -> Floats:
    """The p-value of each configuration's being the best of all, or as good as that: small for what the first row clearly beats.

    Rows scored on the first one's splits are compared split by split. A row with other splits is compared unpaired: the two
    corrected variances are added, with the smaller J - 1 (a conservative stand-in for Welch's degrees of freedom, which the
    correction has no theory for).

    Args:
        losses: (n_configs, n_splits), the smallest mean first; NaN where a configuration was not scored on a split.
        test_over_train: n_test / n_train of the splits.

    Returns:
        (n_configs,) p-values, corrected for n_configs - 1 comparisons; NaN where either side has fewer than two scores.
    """
    losses = bounded(losses)
    has = np.isfinite(losses)
    paired = (has == has[0]).all(axis=1)
    n_others, p = len(losses) - 1, np.full(len(losses), np.nan)
    if has[0].sum() >= 2:
        t, df = _paired(losses[paired][:, has[0]], test_over_train)
        p[paired] = studentized_maximum(t, n_others, df)
        t, dfs = _unpaired(losses[~paired], losses[0], test_over_train)
        rows = np.flatnonzero(~paired)
        for df in np.unique(dfs[np.isfinite(dfs)]).tolist():
            p[rows[dfs == df]] = studentized_maximum(t[dfs == df], n_others, df)
    p[0] = 1.0
    return p


def noise_of(losses: Floats, test_over_train: float) -> tuple[Floats, float]:
    """The standard error of each row's mean about what the splits have in common, moderated, and its degrees of freedom.

    Args:
        losses: (n_configs, n_splits) with two splits or more, the smallest mean first. No NaN.
    """
    losses = bounded(losses)
    rounding = _ROUNDING * np.abs(losses).max(axis=1)
    df = losses.shape[1] - 1
    variance, total = _zeroed(_deviations(losses), rounding**2), float(df)
    # Of two splits too: each variance on its own is then next to nothing, and some would look sure by luck.
    if (prior := _prior(losses, rounding)) is not None:
        total += prior.df
        variance = (prior.df * prior.s2 + df * variance) / total
    # Of equal scores without any noise, chance decides who is first.
    return np.maximum(np.sqrt(variance * variance_factor(losses.shape[1], test_over_train)), rounding), total


def _paired(losses: Floats, test_over_train: float) -> tuple[Floats, float]:
    """t of the first row's lead over each row, and the degrees of freedom. No NaN in `losses`."""
    n_splits = losses.shape[1]
    df = n_splits - 1
    # Each row's own: one configuration that diverged to 1e16 would make all others equal.
    size = np.abs(losses).max(axis=1)
    rounding = _ROUNDING * np.maximum(size, size[0])
    difference = losses - losses[0]
    lead, variance = _zeroed(difference.mean(axis=1), rounding), _zeroed(difference.var(axis=1, ddof=1), rounding**2)
    total = float(df)
    if df >= 2 and (prior := _prior(losses, rounding)) is not None:
        total += prior.df
        # Of a difference between two configurations, whose noises add.
        expected = prior.s2 + prior.s2[0]
        variance = np.maximum(variance, (prior.df * expected + df * variance) / total)
    return _t(lead, np.sqrt(variance * variance_factor(n_splits, test_over_train))), total


def _prior(losses: Floats, rounding: Floats) -> Prior | None:
    """The prior of each row's variance about what the splits have in common."""
    variance = _zeroed(_deviations(losses), rounding**2)
    # Settings that do the same are one observation, not ten. They are found by mean and variance; and put in order by the mean.
    distinct, group = np.unique(losses.mean(axis=1) + 1j * variance, return_inverse=True)
    prior = fit_prior(distinct.imag, losses.shape[1] - 1)
    return None if prior is None else Prior(prior.df, prior.s2[group])


def _deviations(losses: Floats) -> Floats:
    """The variance of each row about the splits' common ups and downs: (n,), on J - 1 degrees of freedom.

    What is common is the mean of the better half, of which the rows in it are a part themselves: that is made up for. Of two rows
    it is the mean of both: one alone would be all that is common, and have no variance to make up for.
    """
    half = max((len(losses) + 1) // 2, min(len(losses), 2))
    variance = (losses - losses[:half].mean(axis=0)).var(axis=1, ddof=1)
    share = np.full(len(losses), 1 + 1 / half)
    share[:half] = 1 - 1 / half
    with np.errstate(invalid="ignore"):
        return np.asarray(variance / share)


def _unpaired(losses: Floats, best: Floats, test_over_train: float) -> tuple[Floats, Floats]:
    """t of the lead over each row and its degrees of freedom, NaN for a row with fewer than two scores."""
    _, se, df = corrected_standard_error(losses, test_over_train)
    _, best_se, best_df = corrected_standard_error(best[np.newaxis, :], test_over_train)
    n_scores = np.maximum(np.isfinite(losses).sum(axis=1), 1)
    lead = np.nansum(losses, axis=1) / n_scores - np.nanmean(best)
    return _t(lead, np.sqrt(se**2 + best_se[0] ** 2)), np.minimum(df, best_df[0])


def _t(lead: Floats, se: Floats) -> Floats:
    # No spread at all: the lead is certain, or there is none. Division would give NaN for the latter.
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(lead <= 0, 0.0, lead / se)


def _zeroed(values: Floats, rounding: Floats) -> Floats:
    return np.where(np.abs(values) <= rounding, 0.0, values)


def studentized_maximum(t: Floats, n: int, df: float) -> Floats:
    """The chance that the largest of `n` independent standard normals over one s is at least `t`; s² is χ²(df) / df.

    1 for t <= 0: nothing is ahead. For n = 1 this is the one-sided p-value of Student's t.
    """
    t = np.minimum(t, _LARGEST_T)
    if len(t) <= _EXACT:
        p = _tail(t, n, df)
    else:
        # A smooth, falling curve: between two points of a table it is as good as straight.
        at = np.expm1(np.linspace(0.0, np.log1p(float(t.max())), _EXACT))
        p = np.interp(t, at, _tail(at, n, df))
    return np.where(t > 0, p, 1.0)


def _tail(t: Floats, n: int, df: float) -> Floats:
    s, weights = _scale_nodes(df)
    # 1 - Φ(ts)^n, without losing what is small.
    exceeded = -np.expm1(n * log_ndtr(np.multiply.outer(t, s)))
    return np.asarray(np.clip(exceeded @ weights, 0.0, 1.0))


def _scale_nodes(df: float) -> tuple[Floats, NDArray[np.float64]]:
    """Values of s and the weights of their density, evenly spaced in log s: it falls off smoothly at both ends."""
    low, high = (float(np.log(2 * gammaincinv(df / 2, tail) / df)) / 2 for tail in (_TAIL, 1 - _TAIL))
    log_s = np.linspace(low, high, _NODES)
    log_density = df / 2 * np.log(df / 2) - gammaln(df / 2) + df * log_s - df * np.exp(2 * log_s) / 2
    weights = np.exp(log_density)
    return np.exp(log_s), weights / weights.sum()
