"""Gradient boosting on a table of numbers, four axes with the number of rounds among them, three folds."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.cases.work import Fits, Work, shrunk, thinned

ROWS, COLUMNS, FOLDS = 36_000, 30, 3
GRID = {
    "max_depth": [3, 5, 7],
    "learning_rate": [0.05, 0.1, 0.3],
    "subsample": [0.7, 1.0],
    "n_estimators": [25, 50, 100, 200, 300],
}


def load() -> tuple[Any, Any]:
    """X: (n, 30) normal; y: 0 or 1, by a rule of eight columns that no single tree holds, with noise."""
    rng = np.random.default_rng(11)
    n = shrunk(ROWS, 300)
    X = rng.normal(size=(n, COLUMNS))
    pull = X[:, 0] * X[:, 1] + np.sin(2 * X[:, 2]) + X[:, 3] * (X[:, 4] > 0) + 0.5 * X[:, 5] - np.abs(X[:, 6]) + X[:, 7] / 2
    return X, (pull + rng.normal(scale=0.7, size=n) > pull.mean()).astype(np.int64)


def fits() -> Fits:
    from sklearn.model_selection import StratifiedKFold
    from xgboost import XGBClassifier

    X, y = load()
    model = XGBClassifier(tree_method="hist", n_jobs=1, random_state=0)
    splits = list(StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(X, y))
    return Fits(X, y, model, splits, "accuracy")


def work() -> Work:
    made = fits()
    return Work(thinned(GRID), made, lambda: made)
