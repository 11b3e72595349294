"""The analysis of variance of a complete grid: each configuration once, scored as often as every other.

The sums of squares are exact, and no model is fitted: a cell is the mean of a configuration's scores, and a term's effect is what
its parameters' means add to those of its parts (R. A. Fisher, "Statistical Methods for Research Workers", 1925, chapter VII).
What chance adds to a term is known where each configuration was scored on several splits or with several seeds: by the scatter of
the configurations' scores about their means and about what a split does to all of them alike. It is taken off each share (as in
W. L. Hays' omega squared), and shown as a share of its own.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chndtr, gammainc

from hpsearch.results.sensitivity.features import Features
from hpsearch.results.statistics import Floats

_TAIL = 0.025


@dataclass(frozen=True)
class Effect:
    """A term of the analysis: `features` by their numbers.

    Attributes:
        sum_of_squares: over the cells' means; df: its degrees of freedom.
        share: of the sum of squares in all, less what chance adds to it. May be below zero where it explains nothing.
        low, high: an interval of 95 % for it; NaN where nothing is known of chance.
    """

    features: tuple[int, ...]
    sum_of_squares: float
    df: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Anova:
    """The analysis of one grid.

    Attributes:
        cells: one axis a parameter; the mean score of each configuration.
        total: the sum of squares of the cells.
        noise: the variance of a cell's mean that chance makes, on `noise_df` degrees of freedom; NaN where nothing is known.
    """

    cells: Floats
    total: float
    noise: float
    noise_df: int

    @property
    def noise_share(self) -> float:
        """The part of the total that chance is expected to make; at most all of it."""
        return min(1.0, (self.cells.size - 1) * self.noise / self.total) if self.total > 0 else math.nan

    def effect(self, *features: int) -> Effect:
        """What the parameters explain together beyond all that fewer of them do."""
        values = _effect(self.cells, features)
        squares = float(np.square(values).sum()) * self.cells.size / values.size
        df = math.prod(self.cells.shape[feature] - 1 for feature in features)
        if self.total <= 0:
            return Effect(features, squares, df, 0.0, math.nan, math.nan)
        if math.isnan(self.noise):
            return Effect(features, squares, df, squares / self.total, math.nan, math.nan)
        share = (squares - df * self.noise) / self.total
        if self.noise == 0:
            return Effect(features, squares, df, share, share, share)
        rest, rest_df = self.total - squares, self.cells.size - 1 - df
        own = _interval(squares, df, self.noise)
        # Of all else, what chance adds to the whole is a part.
        others = _interval(rest, rest_df, self.noise) if rest_df else (0.0, 0.0, 0.0)
        chance = (self.cells.size - 1) * self.noise
        bounds = _ratio_interval(own, (others[0] + chance, max(0.0, others[1]) + chance, others[2] + chance))
        low, high = (ratio / (1 + ratio) if ratio < math.inf else 1.0 for ratio in bounds)
        return Effect(features, squares, df, share, low, high)

    def main_effects(self) -> list[Effect]:
        return [self.effect(feature) for feature in range(self.cells.ndim)]

    def pairs(self) -> list[Effect]:
        return [self.effect(*pair) for pair in itertools.combinations(range(self.cells.ndim), 2)]

    def marginal(self, *features: int) -> Floats:
        """The means over all other parameters: one axis a parameter."""
        means = self.cells.mean(axis=tuple(axis for axis in range(self.cells.ndim) if axis not in features))
        # In the order that was asked for, not in that of the axes.
        return np.asarray(means.transpose(np.argsort(np.argsort(features))))

    def marginal_error(self, feature: int) -> float:
        """The standard error that chance gives each of a parameter's means: what a split does to all alike is not in it."""
        return math.sqrt(self.noise * self.cells.shape[feature] / self.cells.size)

    def totals(self) -> Floats:
        """(n_features,): the share that varies along a parameter while all others stand still, less what chance adds to it."""
        shares = []
        for axis, levels in enumerate(self.cells.shape):
            squares = float(np.square(self.cells - self.cells.mean(axis=axis, keepdims=True)).sum())
            chance = 0.0 if math.isnan(self.noise) else self.cells.size * (levels - 1) / levels * self.noise
            shares.append((squares - chance) / self.total if self.total > 0 else 0.0)
        return np.array(shares)


def analyse_grid(features: Features, scores: Floats) -> Anova | None:
    """The analysis, or None where the configurations are no complete grid: each combination of the levels once.

    Args:
        features: of n configurations.
        scores: (n, J), one column a split or seed; J may be 1. No NaN.
    """
    shape = tuple(len(feature.levels) for feature in features.features)
    if not shape or 0 in shape or math.prod(shape) != len(scores) or np.isnan(features.places).any():
        return None
    codes = (features.places * np.array(shape)).astype(np.int64)
    at = np.ravel_multi_index(tuple(codes.T), shape)
    if len(np.unique(at)) != len(at):
        return None
    mean = scores.mean(axis=1)
    cells = np.empty(math.prod(shape))
    cells[at] = mean
    cells = cells.reshape(shape)
    df = max(0, (len(scores) - 1) * (scores.shape[1] - 1))
    return Anova(cells, float(np.square(cells - cells.mean()).sum()), _noise(scores), df)


def _noise(scores: Floats) -> float:
    n, n_columns = scores.shape
    if n_columns < 2 or n < 2:
        return math.nan
    residual = scores - scores.mean(axis=1, keepdims=True) - scores.mean(axis=0) + scores.mean()
    squares = float(np.square(residual).sum())
    return float(squares / ((n - 1) * (n_columns - 1)) / n_columns)


def _effect(cells: Floats, features: Sequence[int]) -> Floats:
    """The means over all other axes, less the effects of every part of the term: one axis a parameter."""
    effect = cells.mean(axis=tuple(axis for axis in range(cells.ndim) if axis not in features))
    # Taking the mean along an axis off leaves what varies along it, whatever else does.
    for axis in range(len(features)):
        effect = effect - effect.mean(axis=axis, keepdims=True)
    return np.asarray(effect)


def _interval(squares: float, df: int, noise: float) -> tuple[float, float, float]:
    """Low, point and high of the sum of squares that the effects alone make."""
    low, high = noncentrality_interval(squares / noise, df)
    return low * noise, squares - df * noise, high * noise


def _ratio_interval(top: tuple[float, float, float], bottom: tuple[float, float, float]) -> tuple[float, float]:
    """An interval of 95 % for the ratio of two independent quantities from those of each: low, point, high.

    A. Donner and G. Y. Zou, "Closed-form confidence intervals for functions of the normal mean and standard deviation",
    Statistical Methods in Medical Research 21 (2012), 347–359.
    """
    (low_a, a, high_a), (low_b, b, high_b) = top, bottom
    a = max(0.0, a)
    square = (a * b) ** 2
    least, most = high_b * (2 * b - high_b), low_b * (2 * b - low_b)
    low = _root(square - low_a * (2 * a - low_a) * least)
    high = _root(square - high_a * (2 * a - high_a) * most)
    return (a * b - low) / least if least > 0 else 0.0, (a * b + high) / most if most > 0 else math.inf


def _root(value: float) -> float:
    return math.sqrt(max(0.0, value))


def noncentrality_interval(statistic: float, df: int) -> tuple[float, float]:
    """The noncentralities of a chi-squared that has `statistic` at its upper and its lower 2.5 %: an interval of 95 %.

    0 where even no effect at all gives as much. By inverting the distribution (J. H. Steiger and R. T. Fouladi, 1997).
    """

    def below(noncentrality: float) -> float:
        return float(chndtr(statistic, df, noncentrality)) if noncentrality else float(gammainc(df / 2, statistic / 2))

    def solve(wanted: float) -> float:
        if below(0.0) <= wanted:
            return 0.0
        low, high = 0.0, max(1.0, 2 * statistic)
        while below(high) > wanted:
            high *= 2
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if below(middle) > wanted else (low, middle)
        return low

    return solve(1 - _TAIL), solve(_TAIL)
