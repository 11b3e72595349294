"""The churn study as a user runs it, on Ray, against GridSearchCV: every configuration, fold and metric is equal, bit for bit.

The scikit-learn side is written as one would write it without hpsearch. XGBoost gets one thread on both sides: it sums its
intercept in as many parts as it has threads, so that the last bits depend on their number.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from harness import ROOT, Shell
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from xgboost import XGBClassifier

import hpsearch

SPACES = ROOT / "search_spaces"
GRID: dict[str, list[Any]] = {
    "clf__max_depth": [3, 5, 7],
    "clf__learning_rate": [0.03, None, 0.3],  # the middle one is geometric, and taken from what hpsearch ran
    "clf__n_estimators": [100, 200, 300],
}
FOLDS = 5
METRICS = ("roc_auc", "neg_log_loss")


def test_the_churn_study_gives_grid_search_cvs_whole_table(cluster_shell: Shell) -> None:
    done = cluster_shell("run", SPACES / "churn_xgboost.yaml")
    assert done.code == 0, done.err
    results = hpsearch.load("churn-xgboost", directory=cluster_shell.folder / "studies")

    rates = sorted({float(params["clf__learning_rate"]) for params in results.params.values()})  # type: ignore[arg-type]
    assert np.allclose(rates, np.geomspace(0.03, 0.3, 3), rtol=1e-15)
    theirs = grid_search({**GRID, "clf__learning_rate": rates})

    ours = as_table(results.evaluations.join(results.configs.set_index("config_id").filter(like="param."), on="config_id"))
    assert len(ours) == 27 * FOLDS
    assert list(ours.index) == list(theirs.index)
    for name in METRICS:
        both = pd.DataFrame({"ours": ours[f"metric.{name}"].to_numpy(), "theirs": theirs[name].to_numpy()}, index=theirs.index)
        assert (both["ours"] == both["theirs"]).all(), both[both["ours"] != both["theirs"]]
        # Equal because nothing depends on the parameters would be no proof.
        assert theirs[name].groupby("fold").nunique().min() > 20

    means = results.configs.set_index([f"param.{name}" for name in GRID]).sort_index()
    for name in METRICS:
        expected = theirs[f"mean_{name}"].xs(0, level="fold")
        assert means[f"metric.{name}"].tolist() == expected.tolist()
    best = theirs["mean_roc_auc"].idxmax()
    assert tuple(results.select("best")[name] for name in GRID) == best[:-1]  # type: ignore[index]


def grid_search(grid: dict[str, list[Any]]) -> pd.DataFrame:
    """scikit-learn's own search: a row for each configuration and fold, indexed by the parameters and the fold."""
    frame = pd.read_csv(SPACES / "data" / "churn.csv")
    X, y = frame.drop(columns="churn"), (frame["churn"] == "yes").astype(int)
    prepare = ColumnTransformer(
        [
            ("numeric", make_pipeline(SimpleImputer(), StandardScaler()), make_column_selector(dtype_include="number")),
            ("categorical", OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
        ]
    )
    pipeline = Pipeline([("prep", prepare), ("clf", XGBClassifier(tree_method="hist", random_state=0, n_jobs=1))])
    cv = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    search = GridSearchCV(pipeline, grid, scoring=list(METRICS), refit=False, cv=cv, n_jobs=2, error_score="raise").fit(X, y)
    found = search.cv_results_
    rows = [
        {f"param.{name}": params[name] for name in grid}
        | {"fold": fold}
        | {name: found[f"split{fold}_test_{name}"][index] for name in METRICS}
        | {f"mean_{name}": found[f"mean_test_{name}"][index] for name in METRICS}
        for index, params in enumerate(found["params"])
        for fold in range(FOLDS)
    ]
    return as_table(pd.DataFrame(rows))


def as_table(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.set_index([*(f"param.{name}" for name in GRID), "fold"]).sort_index()
