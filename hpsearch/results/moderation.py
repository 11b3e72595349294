"""What the configurations of a study say together about how far a variance over a few splits can be trusted.

Five folds give a variance four degrees of freedom, with which nothing short of an abyss is significant among sixty
comparisons. But a study estimates as many variances as it has configurations, and they are much alike: what is known of all
of them helps with each. This is the empirical Bayes model of

    G. K. Smyth, "Linear Models and Empirical Bayes Methods for Assessing Differential Expression in Microarray Experiments",
    Statistical Applications in Genetics and Molecular Biology 3 (2004), article 3, section 6,

with a prior that follows the score, as in M. A. Sartor et al., BMC Bioinformatics 7 (2006), 538: bad configurations scatter
more than good ones. Departures, all to the careful side: the trend is a polynomial in the rank; the prior's degrees of freedom
are fitted to the excess variance plus one standard error of it; variances that are exactly zero are left out of the fit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import legvander
from scipy.special import polygamma, psi

from hpsearch.results.statistics import Floats

# A trend is fitted with so many more coefficients as there are configurations for: one above each of these numbers.
_TREND = (10, 20, 40)
# Residual degrees of freedom below which the spread of the variances is not worth an estimate.
_LEAST = 4


@dataclass(frozen=True)
class Prior:
    """A variance σ² is drawn as s2 · df / χ²(df).

    Attributes:
        df: how many degrees of freedom the other configurations are worth.
        s2: (n,), the location for each configuration, in order of rank.
    """

    df: float
    s2: Floats


def fit_prior(variances: Floats, df: int) -> Prior | None:
    """The prior of some sample variances, by the moments of their logarithms; None where there are too few of them.

    Args:
        variances: (n,), each on `df` degrees of freedom, best configuration first.
    """
    known = np.isfinite(variances) & (variances > 0)
    n = int(known.sum())
    coefficients = 1 + sum(n >= least for least in _TREND)
    if n - coefficients < _LEAST:
        return None
    # log s² = log σ² + log(χ²(df) / df), whose mean and variance are known.
    logs = np.log(variances[known]) - psi(df / 2) + math.log(df / 2)
    place = legvander(np.linspace(-1.0, 1.0, len(variances)), coefficients - 1)
    basis = place[known]
    weights = np.linalg.solve(basis.T @ basis, basis.T @ logs)
    fitted = np.clip(place @ weights, logs.min(), logs.max())
    spare = n - coefficients
    excess = _excess(logs - basis @ weights, spare, float(polygamma(1, df / 2)))
    # More than all these variances have together they cannot be worth.
    most = float(spare * df)
    if excess <= 0:
        return Prior(most, np.exp(fitted))
    prior_df = 2 * _inverse_trigamma(excess)
    return Prior(min(prior_df, most), np.exp(fitted + psi(prior_df / 2) - math.log(prior_df / 2)))


def _excess(apart: Floats, spare: int, expected: float) -> float:
    """The variance of logarithms beyond what is `expected` of equal variances, to the careful side."""
    return float(np.square(apart).sum()) / spare * (1 + math.sqrt(2 / spare)) - expected


def moderated(variances: Floats, df: Floats) -> tuple[Floats, Floats]:
    """Sample variances and their degrees of freedom, each with what all of them say together: Smyth's posterior, without a trend.

    As they are where they are too few to tell how much they differ.

    Args:
        variances: (n,), each on its own `df` degrees of freedom.
    """
    known = (variances > 0) & (df > 0)
    spare = int(known.sum()) - 1
    if spare < _LEAST:
        return variances, df
    s2, on = variances[known], df[known]
    logs = np.log(s2) - psi(on / 2) + np.log(on / 2)
    excess = _excess(logs - logs.mean(), spare, float(polygamma(1, on / 2).mean()))
    pooled = float((s2 * on).sum() / on.sum())
    most = float(on.sum())
    if excess <= 0:
        prior_df, prior = most, pooled
    else:
        prior_df = min(2 * _inverse_trigamma(excess), most)
        prior = math.exp(float(logs.mean()) + float(psi(prior_df / 2)) - math.log(prior_df / 2))
    return (prior_df * prior + df * variances) / (prior_df + df), prior_df + df


def _inverse_trigamma(value: float) -> float:
    """x with trigamma(x) = value > 0, by Newton's method on 1 / trigamma, which is nearly linear (Smyth's appendix)."""
    if value > 1e7:
        return 1 / math.sqrt(value)
    if value < 1e-6:
        return 1 / value
    x = 0.5 + 1 / value
    for _ in range(50):
        trigamma = float(polygamma(1, x))
        step = trigamma * (1 - trigamma / value) / float(polygamma(2, x))
        x += step
        if -step / x < 1e-8:
            break
    return x
