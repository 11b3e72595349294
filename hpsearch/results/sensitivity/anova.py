"""The analysis of variance of a complete grid: each configuration once, scored as often as every other.

The sums of squares are exact, and no model is fitted: a cell is the mean of a configuration's scores, and a term's effect is what
its parameters' means add to those of its parts (R. A. Fisher, "Statistical Methods for Research Workers", 1925, chapter VII).
What chance adds to a term is known where each configuration was scored on several splits or with several seeds: by how the term's
effects scatter from split to split, as in an analysis of repeated measures (the term's interaction with the splits is its error).
It is taken off each share (as in W. L. Hays' omega squared), and shown as a share of its own.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import chndtr, fdtrc, gammainc, gammaincinv, ndtr

from hpsearch.results.moderation import moderated
from hpsearch.results.sensitivity.features import Features
from hpsearch.results.statistics import Floats

_TAIL = 0.025
_SIZE = 0.05  # of a test
_ROUNDING = 1e-12  # of the whole
_MANY = 1e4  # degrees of freedom with which F is chi-squared; a noncentrality with which that is normal
_CERTAIN = 1e9  # degrees of freedom: a variance that is known


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
class Chance:
    """What chance adds to a term's sum of squares, a degree of freedom: `variance`, known on `df` degrees of freedom."""

    variance: float
    df: float


@dataclass(frozen=True)
class Anova:
    """The analysis of one grid.

    Attributes:
        by_split: one axis a parameter, the last one the splits: the scores of each configuration.
    """

    by_split: Floats

    @cached_property
    def cells(self) -> Floats:
        """One axis a parameter: the mean score of each configuration."""
        return np.asarray(self.by_split.mean(axis=-1))

    @cached_property
    def total(self) -> float:
        """The sum of squares of the cells."""
        return float(np.square(self.cells - self.cells.mean()).sum())

    @property
    def knows_chance(self) -> bool:
        """Whether configurations were scored more than once."""
        return self.by_split.shape[-1] > 1 and self.cells.size > 1

    @cached_property
    def noise_share(self) -> float:
        """The part of the total that chance is expected to make; at most all of it. NaN where nothing is known."""
        if not self.knows_chance or self.total <= 0:
            return math.nan
        return min(1.0, self._all_chance / self.total)

    def chance(self, *features: int) -> Chance:
        """What chance adds to a term; NaN where nothing is known. Of three parameters and more by its own scatter alone."""
        if not self.knows_chance:
            return Chance(math.nan, math.nan)
        term = tuple(sorted(features))
        return self._chances[term] if term in self._chances else self._own_chance(term)

    def effect(self, *features: int) -> Effect:
        """What the parameters explain together beyond all that fewer of them do."""
        values = _effect(self.cells, features, self.cells.ndim)
        squares = float(np.square(values).sum()) * self.cells.size / values.size
        df = self._df(features)
        if self.total <= 0:
            return Effect(features, squares, df, 0.0, math.nan, math.nan)
        if not self.knows_chance:
            return Effect(features, squares, df, squares / self.total, math.nan, math.nan)
        chance = self.chance(*features)
        share = (squares - df * chance.variance) / self.total
        if self.noise_share == 0:
            return Effect(features, squares, df, share, share, share)
        own = _interval(squares, df, chance)
        # Of all else, what chance adds to the whole is a part.
        all_chance = min(self._all_chance, self.total)
        rest_df = self.cells.size - 1 - df
        rest = Chance(max(0.0, all_chance - df * chance.variance) / max(1, rest_df), rest_df * (self.by_split.shape[-1] - 1))
        others = _interval(self.total - squares, rest_df, rest) if rest_df else (0.0, 0.0, 0.0)
        bounds = _ratio_interval(own, (others[0] + all_chance, max(0.0, others[1]) + all_chance, others[2] + all_chance))
        low, high = (ratio / (1 + ratio) if ratio < math.inf else 1.0 for ratio in bounds)
        return Effect(features, squares, df, share, low, high)

    def p_value(self, *features: int) -> float:
        """How likely a term of at most two parameters that adds nothing has as large a sum of squares: F against its chance.

        Where configurations were scored once, against what three and more parameters do together, as if all of that were chance
        (G. E. P. Box, W. G. Hunter and J. S. Hunter, "Statistics for Experimenters", 1978); NaN where there are no three.
        """
        squares, df = self.effect(*features).sum_of_squares, self._df(features)
        chance = self.chance(*features) if self.knows_chance else self._of_more
        if math.isnan(chance.variance) or df == 0:
            return math.nan
        if chance.variance <= 0:
            return 0.0 if squares > 0 else 1.0
        return float(fdtrc(df, min(chance.df, _CERTAIN), squares / df / chance.variance))

    @cached_property
    def _of_more(self) -> Chance:
        """What three and more parameters do together, as chance."""
        terms = [*self.main_effects(), *self.pairs()]
        df = self.cells.size - 1 - sum(term.df for term in terms)
        if df == 0:
            return Chance(math.nan, math.nan)
        return Chance(max(0.0, self.total - sum(term.sum_of_squares for term in terms)) / df, df)

    @cached_property
    def _all_chance(self) -> float:
        return self._scatter(self.by_split - self.cells[..., np.newaxis])

    @cached_property
    def _chances(self) -> dict[tuple[int, ...], Chance]:
        """Of each parameter and pair: by the scatter of the term's own effects from split to split.

        Chance need not add as much to all terms: configurations that differ in the number of rounds alone err alike. What is
        known of each is moderated by what is known of all, and of what is left together.
        """
        axes = range(self.cells.ndim)
        terms = [*((axis,) for axis in axes), *itertools.combinations(axes, 2)]
        found = [self._own_chance(term) for term in terms]
        dfs = [self._df(term) for term in terms]
        left = self.cells.size - 1 - sum(dfs)
        if left:
            rest = self._all_chance - sum(df * one.variance for df, one in zip(dfs, found, strict=True))
            found.append(Chance(max(0.0, rest) / left, left * (self.by_split.shape[-1] - 1)))
        variances, known_on = moderated(np.array([one.variance for one in found]), np.array([float(one.df) for one in found]))
        return {term: Chance(float(variances[place]), float(known_on[place])) for place, term in enumerate(terms)}

    def _own_chance(self, term: tuple[int, ...]) -> Chance:
        """By the scatter of the term's own effects."""
        by_split = _effect(self.by_split, term, self.cells.ndim)
        apart = by_split - by_split.mean(axis=-1, keepdims=True)
        df, splits = self._df(term), self.by_split.shape[-1]
        return Chance(self._scatter(apart) * self.cells.size * splits / apart.size / df, df * (splits - 1))

    def _scatter(self, apart: Floats) -> float:
        """What chance adds to the sum of squares of means over the splits, from how single splits lie apart; what one does to
        all configurations alike is none of it.
        """
        splits: int = apart.shape[-1]
        alike = apart.mean(axis=tuple(range(apart.ndim - 1)))
        return float(np.square(apart - alike).sum()) / ((splits - 1) * splits)

    def _df(self, features: Sequence[int]) -> int:
        return math.prod(self.cells.shape[feature] - 1 for feature in features)

    def main_effects(self) -> list[Effect]:
        return [self.effect(feature) for feature in range(self.cells.ndim)]

    def stands_out(self, feature: int) -> bool:
        """Whether a parameter's effect is more than the interactions of all would make of it by chance: an F test at 5 %.

        For a grid that was scored once. A parameter that is alone has nothing beside it, and stands out.
        """
        effects = self.main_effects()
        own, df = effects[feature].sum_of_squares, effects[feature].df
        rest = self.total - sum(effect.sum_of_squares for effect in effects)
        rest_df = self.cells.size - 1 - sum(effect.df for effect in effects)
        if rest_df == 0:
            return True
        rest = max(rest, self.total * _ROUNDING)
        return bool(fdtrc(df, rest_df, (own / df) / (rest / rest_df)) < _SIZE)

    def pairs(self) -> list[Effect]:
        return [self.effect(*pair) for pair in itertools.combinations(range(self.cells.ndim), 2)]

    def marginal(self, *features: int) -> Floats:
        """The means over all other parameters: one axis a parameter."""
        means = self.cells.mean(axis=tuple(axis for axis in range(self.cells.ndim) if axis not in features))
        # In the order that was asked for, not in that of the axes.
        return np.asarray(means.transpose(np.argsort(np.argsort(features))))

    def marginal_error(self, feature: int) -> float:
        """The standard error that chance gives each of a parameter's means: what a split does to all alike is not in it."""
        return math.sqrt(self.chance(feature).variance * self.cells.shape[feature] / self.cells.size)

    def totals(self) -> Floats:
        """(n_features,): the share that varies along a parameter while all others stand still, less what chance adds to it."""
        shares = []
        for axis in range(self.cells.ndim):
            squares = float(np.square(self.cells - self.cells.mean(axis=axis, keepdims=True)).sum())
            chance = 0.0
            if self.knows_chance:
                apart = self.by_split - self.by_split.mean(axis=axis, keepdims=True)
                chance = self._scatter(apart - apart.mean(axis=-1, keepdims=True))
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
    by_split = np.empty((math.prod(shape), scores.shape[1]))
    by_split[at] = scores
    return Anova(by_split.reshape(*shape, -1))


def _effect(scores: Floats, features: Sequence[int], parameters: int) -> Floats:
    """The means over all other parameters, less the effects of every part of the term: one axis a parameter of it.

    An axis beyond the `parameters` first, of splits, stays as it is.
    """
    effect = scores.mean(axis=tuple(axis for axis in range(parameters) if axis not in features))
    # Taking the mean along an axis off leaves what varies along it, whatever else does.
    for axis in range(len(features)):
        effect = effect - effect.mean(axis=axis, keepdims=True)
    return np.asarray(effect)


def _interval(squares: float, df: int, chance: Chance) -> tuple[float, float, float]:
    """Low, point and high of the sum of squares that the effects alone make."""
    if chance.variance <= 0:
        return squares, squares, squares
    low, high = noncentrality_interval(squares / chance.variance, df, chance.df)
    return low * chance.variance, squares - df * chance.variance, high * chance.variance


def _ratio_interval(top: tuple[float, float, float], bottom: tuple[float, float, float]) -> tuple[float, float]:
    """An interval of 95 % for the ratio of two independent quantities from those of each: low, point, high.

    A. Donner and G. Y. Zou, "Closed-form confidence intervals for functions of the normal mean and standard deviation",
    Statistical Methods in Medical Research 21 (2012), 347–359. Departure: where the bottom is known so badly that theirs has no
    lower end, it is the top's lowest to the bottom's highest, which is lower than need be.
    """
    (low_a, a, high_a), (low_b, b, high_b) = top, bottom
    a = max(0.0, a)
    square = (a * b) ** 2
    least, most = high_b * (2 * b - high_b), low_b * (2 * b - low_b)
    low = _root(square - low_a * (2 * a - low_a) * least)
    high = _root(square - high_a * (2 * a - high_a) * most)
    lowest = (a * b - low) / least if least > 0 else low_a / high_b if high_b > 0 else 0.0
    return lowest, (a * b + high) / most if most > 0 else math.inf


def _root(value: float) -> float:
    return math.sqrt(max(0.0, value))


def noncentrality_interval(statistic: float, df: int, known_on: float = math.inf) -> tuple[float, float]:
    """The noncentralities of a chi-squared that has `statistic` at its upper and its lower 2.5 %: an interval of 95 %.

    0 where even no effect at all gives as much. By inverting the distribution (J. H. Steiger and R. T. Fouladi, 1997).

    Args:
        known_on: the degrees of freedom on which the variance is known that it was divided by: an F distribution's.
    """

    # An F distribution is a chi-squared's whose scale is drawn: its mean over the scale's middles of hundredths.
    scales = np.ones(1)
    if known_on < _MANY:
        scales = gammaincinv(known_on / 2, (np.arange(100) + 0.5) / 100) * 2 / known_on

    def below(noncentrality: float) -> float:
        return float(_noncentral(statistic * scales, df, noncentrality).mean())

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


def _noncentral(statistics: Floats, df: int, noncentrality: float) -> Floats:
    """The noncentral chi-squared distribution's function; by the normal's where the noncentrality leaves nothing else of it."""
    if noncentrality > _MANY:
        mean, variance = df + noncentrality, 2 * (df + 2 * noncentrality)
        return np.asarray(ndtr((statistics - mean) / math.sqrt(variance)))
    return np.asarray(chndtr(statistics, df, noncentrality) if noncentrality else gammainc(df / 2, statistics / 2))
