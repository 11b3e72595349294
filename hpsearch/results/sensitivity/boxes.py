"""A forest as what it is: boxes of the unit cube with a value each.

A leaf of a tree is all points whose features lie between bounds. So a forest's function, its mean over some of the features and
the variance of that are sums over leaves, exact but for the width of the cells they are looked at in, with nothing drawn. This is
the way of

    F. Hutter, H. Hoos and K. Leyton-Brown, "An Efficient Approach for Assessing Hyperparameter Importance", ICML 2014,

with one departure: the function that is taken apart is the forest's mean, not each tree's by itself. A single tree follows the
noise of its trials, which then counts as interactions.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.results.statistics import Floats


@dataclass(frozen=True)
class Boxes:
    """The leaves of a forest's trees.

    Attributes:
        low, high: (n_leaves, n_features), bounds within [0, 1].
        mass: (n_leaves,), value times volume over the number of trees: they sum to the mean of the forest's function.
    """

    low: Floats
    high: Floats
    mass: Floats

    @property
    def mean(self) -> float:
        return float(self.mass.sum())

    def marginal(self, feature: int, cells: int) -> Floats:
        """The function's mean over each of `cells` equal parts of one axis and all of the others: (cells,)."""
        edges = np.linspace(0.0, 1.0, cells + 1)
        starts, slopes = np.zeros(cells + 1), np.zeros(cells + 1)
        # A leaf's integral along the axis grows from its low end to its high end: (x - low)+ - (x - high)+.
        for ends, sign in ((self.low[:, feature], 1.0), (self.high[:, feature], -1.0)):
            slope = sign * self.mass / self._extent(feature)
            at = _first_edge(ends, cells)
            slopes += np.bincount(at, weights=slope, minlength=cells + 1)
            starts += np.bincount(at, weights=slope * ends, minlength=cells + 1)
        integral = edges * slopes.cumsum() - starts.cumsum()
        return np.asarray(np.diff(integral) * cells)

    def marginal_of_two(self, features: tuple[int, int], cells: tuple[int, int]) -> Floats:
        """The same over the parts of two axes: (cells[0], cells[1])."""
        x, y = np.ix_(*(np.linspace(0.0, 1.0, count + 1) for count in cells))
        shape = cells[0] + 1, cells[1] + 1
        sums = np.zeros((4, shape[0] * shape[1]))  # of slopes, and of these times a, b and ab in (x - a)+ (y - b)+
        density = self.mass / self._extent(features[0]) / self._extent(features[1])
        ends = [((self.low[:, feature], 1.0), (self.high[:, feature], -1.0)) for feature in features]
        for (a, sign_a), (b, sign_b) in itertools.product(*ends):
            at = _first_edge(a, cells[0]) * shape[1] + _first_edge(b, cells[1])
            slope = sign_a * sign_b * density
            for row, weights in enumerate((slope, slope * a, slope * b, slope * a * b)):
                sums[row] += np.bincount(at, weights=weights, minlength=sums.shape[1])
        slopes, by_a, by_b, by_both = sums.reshape(4, *shape).cumsum(axis=1).cumsum(axis=2)
        integral = x * y * slopes - y * by_a - x * by_b + by_both
        return np.asarray(np.diff(np.diff(integral, axis=0), axis=1) * cells[0] * cells[1])

    def _extent(self, feature: int) -> Floats:
        return np.asarray(self.high[:, feature] - self.low[:, feature])


def _first_edge(places: Floats, cells: int) -> NDArray[np.int64]:
    """The number of the first of the edges of `cells` equal parts that does not lie below each place."""
    return np.ceil(places * cells).astype(np.int64)


def boxes_of(trees: Sequence[Any], n_features: int) -> Boxes:
    """The leaves of scikit-learn's regression trees (`tree_` of each), fitted on points of the unit cube.

    Level by level for all trees at once: a node's box is its parent's, cut at the parent's threshold.
    """
    sizes = [tree.node_count for tree in trees]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    of_tree = np.repeat(starts[:-1], sizes)
    left = np.concatenate([tree.children_left for tree in trees])
    right = np.concatenate([tree.children_right for tree in trees])
    is_leaf = left < 0
    left, right = left + of_tree, right + of_tree
    axis = np.concatenate([tree.feature for tree in trees])
    threshold = np.concatenate([tree.threshold for tree in trees])
    low, high = np.zeros((len(axis), n_features)), np.ones((len(axis), n_features))
    nodes = starts[:-1]
    while len(nodes := nodes[~is_leaf[nodes]]):
        below, above, cut, at = left[nodes], right[nodes], axis[nodes], threshold[nodes]
        low[below] = low[above] = low[nodes]
        high[below] = high[above] = high[nodes]
        high[below, cut] = at
        low[above, cut] = at
        nodes = np.concatenate([below, above])
    value = np.concatenate([tree.value[:, 0, 0] for tree in trees])[is_leaf]
    low, high = low[is_leaf], high[is_leaf]
    return Boxes(low, high, value * np.prod(high - low, axis=1) / len(trees))
