"""Numbers with gaps and words in columns: imputed, scaled and one-hot encoded, then LightGBM; three folds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from benchmarks.cases.work import Fits, Work, shrunk, thinned

ROWS, NUMBERS, FOLDS = 100_000, 20, 3
LEVELS = {"region": 12, "product": 40, "channel": 5, "segment": 8}
GRID = {
    "clf__num_leaves": [15, 31],
    "clf__learning_rate": [0.03, 0.1],
    "clf__min_child_samples": [10, 20],
    "clf__n_estimators": [50, 100, 200, 300, 400],
}


def load() -> tuple[Any, Any]:
    """X: (n, 24), twenty columns of numbers of which one in twenty is missing, four of categories; y: 0 or 1."""
    rng = np.random.default_rng(13)
    n = shrunk(ROWS, 400)
    numbers = rng.normal(size=(n, NUMBERS))
    pull = numbers[:, 0] + numbers[:, 1] * numbers[:, 2] + np.cos(3 * numbers[:, 3])
    columns: dict[str, Any] = {}
    for name, levels in LEVELS.items():
        codes = rng.integers(0, levels, size=n)
        pull = pull + rng.normal(scale=0.6, size=levels)[codes]
        columns[name] = pd.Categorical.from_codes(codes, [f"{name}{level:02}" for level in range(levels)])
    numbers[rng.random(numbers.shape) < 0.05] = np.nan
    table = pd.DataFrame(numbers, columns=[f"n{index:02}" for index in range(NUMBERS)]).assign(**columns)
    return table, (pull + rng.normal(scale=0.8, size=n) > 0).astype(np.int64)


def fits() -> Fits:
    from lightgbm import LGBMClassifier
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.model_selection import StratifiedKFold
    from sklearn.pipeline import Pipeline, make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    X, y = load()
    prep = ColumnTransformer(
        [
            ("numeric", make_pipeline(SimpleImputer(), StandardScaler()), [name for name in X.columns if name not in LEVELS]),
            ("categorical", OneHotEncoder(handle_unknown="ignore"), list(LEVELS)),
        ]
    )
    model = Pipeline([("prep", prep), ("clf", LGBMClassifier(n_jobs=1, random_state=0, verbose=-1))])
    splits = list(StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(X, y))
    return Fits(X, y, model, splits, "roc_auc")


def work() -> Work:
    made = fits()
    return Work(thinned(GRID), made, lambda: made)
