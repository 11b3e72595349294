"""What a forest says of a target: which part of its variance goes with which parameters, and which with nothing it sees.

A term's share is the variance of its effect over that of the forest's function, times the part of the target's variance that the
forest foretells for trials it has not seen (out of bag). So shares never add up to one where there is noise: on noise alone,
where a forest foretells nothing, they are all zero.

The intervals are of one thing, how shares would vary with other trials of the same study. To first order a share varies with the
covariance of a sample's effect and the whole's, which needs no large forest for each sample. What a forest smooths away of a
jagged function is not in them: `docs/statistics.md` has measured how much that is.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.results.sensitivity.boxes import Boxes, boxes_of
from hpsearch.results.sensitivity.features import Feature, Features
from hpsearch.results.statistics import Floats

TREES = 64
# A tree learns from so many trials at most, and has so many leaves at most: more would tell little, and cost time.
MOST_LEARNT, _MOST_LEAVES = 10_000, 5_000
_CELLS, _CELLS_OF_TWO = 64, 32  # of an axis of draws, looked at alone and with another
_POINTS = 2048  # at which the forest's variance and the parameters' totals are taken
# Samples of the trials that the intervals stand on, and the trees grown on each.
_SAMPLES, _TREES_OF_SAMPLE = 12, 6

Term = tuple[int, ...]  # the features it is made of: one or two


@dataclass(frozen=True)
class Share:
    """The part of the target's variance that a term explains, and its standard error."""

    term: Term
    share: float
    se: float


@dataclass(frozen=True)
class ForestFit:
    """A forest on trials in the unit cube. Made by `fit_forest`.

    Attributes:
        r2: of predictions for trials by the trees that have not seen them; below 0 where their mean is the better prediction.
        r2_se: its standard error.
        whole, samples: the forest, and small ones on samples of the trials, drawn with replacement.
        points: (n, n_features), evenly spread over the cube. values: the forest's at them.
    """

    features: tuple[Feature, ...]
    r2: float
    r2_se: float
    whole: Boxes
    samples: tuple[Boxes, ...]
    points: Floats
    values: Floats
    _others: Floats
    _model: Any
    _orders: tuple[NDArray[np.int64] | None, ...]

    @property
    def explained(self) -> float:
        """The part of the target's variance that the forest foretells."""
        return max(0.0, self.r2)

    def predict(self, places: Floats) -> Floats:
        """The forest's values at (n, n_features) places: (n,)."""
        return np.asarray(self._model.predict(_reordered(places, self._orders)))

    def curve(self, feature: int) -> tuple[Floats, Floats]:
        """The edges of cells along one axis and the forest's mean in each, over all else: (k + 1,), (k,). Partial dependence."""
        cells = self._cells(feature)
        return np.linspace(0.0, 1.0, cells + 1), self._in_order(self.whole.marginal(feature, cells), feature)

    def curve_band(self, feature: int) -> Floats:
        """The standard error of `curve` over samples of the trials: (k,)."""
        curves = np.array([boxes.marginal(feature, self._cells(feature)) for boxes in self.samples])
        return self._in_order(curves.std(axis=0, ddof=1), feature)

    def surface(self, first: int, second: int) -> tuple[Floats, Floats, Floats]:
        """The same over two axes: their edges, and (k of the first, k of the second) means."""
        cells = self._cells_of_two(first, second)
        means = self.whole.marginal_of_two((first, second), cells)
        x, y = (np.linspace(0.0, 1.0, count + 1) for count in cells)
        return x, y, self._in_order(self._in_order(means, first).T, second).T

    def main_effects(self) -> list[Share]:
        """One share a parameter."""
        return self._shares([(feature,) for feature in range(len(self.features))])

    def pairs(self, among: Sequence[int]) -> list[Share]:
        """What two parameters explain together beyond what each does alone, for every pair of `among`."""
        return self._shares(list(itertools.combinations(sorted(among), 2)))

    def totals(self) -> Floats:
        """(n_features,): what a parameter explains alone and with others: what is lost where it is not known.

        By M. J. W. Jansen's estimator (Computer Physics Communications 117 (1999), 35–43) on the forest's function.
        """
        lost = np.zeros(len(self.features))
        for feature in range(len(lost)):
            moved = self.points.copy()
            moved[:, feature] = self._others[:, feature]
            lost[feature] = 0.5 * np.mean(np.square(self._model.predict(moved) - self.values))
        return lost * self._scale

    @property
    def _scale(self) -> float:
        variance = float(self.values.var())
        return self.explained / variance if variance > 0 else 0.0

    def _shares(self, terms: Sequence[Term]) -> list[Share]:
        shares = []
        for term in terms:
            effect = self._effect(self.whole, term)
            share = float(np.square(effect).mean()) * self._scale
            # A square's variation is twice the root's: that of the effects along the whole's.
            along = [float((self._effect(boxes, term) * effect).mean()) * self._scale for boxes in self.samples]
            of_effect = 2 * float(np.std(along, ddof=1))
            of_r2 = share / self.explained * self.r2_se if self.explained else 0.0
            shares.append(Share(term, share, float(np.hypot(of_effect, of_r2))))
        return shares

    def _effect(self, boxes: Boxes, term: Term) -> Floats:
        """What the term adds to the forest's mean and, of two parameters, to their own effects: over cells of equal weight."""
        if len(term) == 1:
            return boxes.marginal(term[0], self._cells(term[0])) - boxes.mean
        first, second = term
        means = boxes.marginal_of_two((first, second), self._cells_of_two(first, second))
        return np.asarray(means - means.mean(axis=1, keepdims=True) - means.mean(axis=0) + means.mean())

    def _cells(self, feature: int) -> int:
        return self.features[feature].cells(_CELLS)

    def _cells_of_two(self, first: int, second: int) -> tuple[int, int]:
        return self.features[first].cells(_CELLS_OF_TWO), self.features[second].cells(_CELLS_OF_TWO)

    def _in_order(self, cells: Floats, feature: int) -> Floats:
        order = self._orders[feature]
        return cells if order is None else cells[order]


def fit_forest(features: Features, y: Floats, *, seed: int = 0) -> ForestFit:
    """A forest that foretells `y` from the parameters.

    Args:
        features: no NaN in it, and at least one parameter.
        y: (n,), finite and not all equal; n at least 4.
        seed: equal ones give equal forests.
    """
    from scipy.stats.qmc import Sobol
    from sklearn.ensemble import RandomForestRegressor

    orders = tuple(
        None if feature.is_number else _by_mean(features.places[:, column], len(feature.levels), y)
        for column, feature in enumerate(features.features)
    )
    places = _reordered(features.places, orders)
    n, n_features = places.shape
    learnt = min(n, MOST_LEARNT)
    settings: dict[str, Any] = {
        "max_features": 1.0,
        "min_samples_leaf": max(1, learnt // _MOST_LEAVES),
        "max_samples": learnt if learnt < n else None,
    }
    with np.errstate(invalid="ignore"):  # of a target whose square is no float32: what scikit-learn makes of that is not read
        model = RandomForestRegressor(TREES, oob_score=True, random_state=seed, **settings).fit(places, y)
    rng = np.random.default_rng(seed)
    samples = []
    for sample in range(_SAMPLES):
        rows = rng.integers(0, n, n)
        small = RandomForestRegressor(_TREES_OF_SAMPLE, random_state=seed + 1 + sample, **settings).fit(places[rows], y[rows])
        samples.append(boxes_of([tree.tree_ for tree in small.estimators_], n_features))
    points, others = np.split(Sobol(2 * n_features, seed=seed).random(_POINTS), 2, axis=1)
    return ForestFit(
        features=features.features,
        **_r2(y, model.oob_prediction_),
        whole=boxes_of([tree.tree_ for tree in model.estimators_], n_features),
        samples=tuple(samples),
        points=points,
        values=model.predict(points),
        _others=others,
        _model=model,
        _orders=orders,
    )


def _by_mean(places: Floats, n_levels: int, y: Floats) -> NDArray[np.int64]:
    """Where each level stands when they are sorted by the mean of `y`: of splits of a text, the best is between such neighbours.

    By W. D. Fisher, "On Grouping for Maximum Homogeneity", JASA 53 (1958), 789–798.
    """
    codes = np.minimum((places * n_levels).astype(np.int64), n_levels - 1)
    count = np.bincount(codes, minlength=n_levels)
    mean = np.bincount(codes, weights=y, minlength=n_levels) / np.maximum(count, 1)
    return np.argsort(np.argsort(np.where(count, mean, y.mean()), kind="stable"), kind="stable")


def _reordered(places: Floats, orders: Sequence[NDArray[np.int64] | None]) -> Floats:
    moved = places.copy()
    for column, order in enumerate(orders):
        if order is not None:
            codes = np.minimum((places[:, column] * len(order)).astype(np.int64), len(order) - 1)
            moved[:, column] = (order[codes] + 0.5) / len(order)
    return moved


def _r2(y: Floats, foretold: Floats) -> dict[str, float]:
    squares, losses = np.square(y - y.mean()), np.square(y - foretold)
    r2 = 1 - losses.mean() / squares.mean()
    # Of a ratio of means, by its linear part.
    linear = (losses - (1 - r2) * squares) / squares.mean()
    return {"r2": float(r2), "r2_se": float(linear.std(ddof=1) / np.sqrt(len(y)))}
