"""A support vector machine on scikit-learn's handwritten digits: nothing is shared, so that overhead alone is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.cases.work import Fits, Work, shrunk, thinned

FOLDS, DEMO_FOLDS = 10, 5
# Doubling a double is exact, so these are the very numbers that a spec's `points` give.
GRID = {"C": [2.0**i for i in range(-6, 10)], "gamma": [5e-5 * 2**i for i in range(14)]}
DEMO_GRID = {"kernel": ["rbf"], "C": [0.25 * 2**i for i in range(8)], "gamma": [5e-5 * 2**i for i in range(8)]}


def load() -> tuple[Any, Any]:
    """X: (1797, 64); y: the digit."""
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    n = shrunk(len(y), 300)
    return X[:n], y[:n]


def work() -> Work:
    return _work(load(), thinned(GRID), FOLDS)


def demo() -> Work:
    """The grid of search_spaces/digits_svm.yaml, at its own size always."""
    from sklearn.datasets import load_digits

    return _work(load_digits(return_X_y=True), DEMO_GRID, DEMO_FOLDS)


def _work(data: tuple[Any, Any], grid: Mapping[str, Sequence[Any]], folds: int) -> Work:
    from sklearn.model_selection import StratifiedKFold
    from sklearn.svm import SVC

    X, y = data
    made = Fits(X, y, SVC(), list(StratifiedKFold(folds, shuffle=True, random_state=0).split(X, y)), "accuracy")
    return Work(grid, made, lambda: made)
