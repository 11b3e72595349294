"""Scores are GridSearchCV's on the same splits, to the last bit: a user may move between the two and compare numbers.

Every fold of every configuration is compared with ==, and so is the mean. The GridSearchCV side reads the data as
one would without hpsearch, and gives `random_state=0` where hpsearch gives its default seed.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.datasets import load_diabetes, load_digits
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, RepeatedStratifiedKFold, ShuffleSplit, StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from xgboost import XGBClassifier

from hpsearch.core.identity import config_id, trial_key
from hpsearch.core.trial import Evaluation, Trial
from hpsearch.spec.loader import parse_spec
from hpsearch.spec.model import StudySpec
from hpsearch.trainables import build, prepare

SPACES = Path(__file__).parents[2] / "search_spaces"


class NoRun:
    """Estimators report nothing on the way."""

    scratch = Path("unused")
    cpus = 1
    gpus = 0

    def report(self, metrics: Any, step: float) -> None:
        raise AssertionError("an estimator trial reported")

    def attach(self, path: Path) -> None:
        raise AssertionError("an estimator trial attached")


@dataclass
class Evaluated:
    spec: StudySpec
    params: list[dict[str, Any]]
    evaluations: list[Evaluation]


def evaluate_grid(text: str) -> Evaluated:
    """Every configuration of the spec's grid, by way of a pickled program and a read-only table, as in a worker."""
    spec = parse_spec(text, file="exact.yaml", folder=SPACES)
    prepared = prepare(spec)
    objective = build(pickle.loads(pickle.dumps(prepared.program)), shipped(prepared.table))
    params, evaluations = [], []
    for index in range(spec.space.grid_size()):
        active = spec.space.grid_at(index)
        whole = {**spec.trial.fixed, **active}
        trial = Trial(trial_key(prepared.context, whole, 0), config_id(whole), whole, 0)
        params.append(dict(active))
        evaluations.append(objective.evaluate(trial, NoRun()))
    return Evaluated(spec, params, evaluations)


def shipped(table: Any) -> Any:
    """The table as Ray's object store hands it out: its buffers out of band, and read-only."""
    buffers: list[pickle.PickleBuffer] = []
    head = pickle.dumps(table, protocol=5, buffer_callback=buffers.append)
    assert buffers, "nothing would be shared between workers"
    return pickle.loads(head, buffers=[memoryview(bytes(buffer.raw())) for buffer in buffers])


def assert_same(ours: Evaluated, estimator: Any, X: Any, y: Any, cv: Any, metrics: list[str]) -> None:
    """GridSearchCV over the very same configurations, one by one in the same order."""
    grid = [{name: [value] for name, value in params.items()} for params in ours.params]
    search = GridSearchCV(estimator, grid, scoring=metrics, refit=False, cv=cv, error_score="raise").fit(X, y)
    assert len(search.cv_results_["params"]) == len(ours.evaluations) > 1
    for index, evaluation in enumerate(ours.evaluations):
        for name in metrics:
            theirs = [search.cv_results_[f"split{fold}_test_{name}"][index] for fold in range(search.n_splits_)]
            assert [split.scores[name] for split in evaluation.splits] == theirs, (name, ours.params[index])
            assert evaluation.metrics[name] == search.cv_results_[f"mean_test_{name}"][index]
    # Equal because nothing depends on the parameters would be no proof.
    assert len({evaluation.metrics[metrics[0]] for evaluation in ours.evaluations}) > 1


def churn() -> tuple[pd.DataFrame, np.ndarray]:
    frame = pd.read_csv(SPACES / "data" / "churn.csv")
    return frame.drop(columns="churn"), (frame["churn"] == "yes").to_numpy().astype(int)


def test_svm_on_digits() -> None:
    ours = evaluate_grid("""
        version: 1
        name: svm
        trial: {estimator: sklearn.svm.SVC}
        data: {sklearn: digits}
        evaluate: {cv: {folds: 5, seed: 3}, metrics: [accuracy, f1_macro]}
        metric: {name: accuracy, mode: max}
        space: {C: {float: [0.1, 10], log: true, points: 3}, gamma: [scale, 0.0001], kernel: [rbf, poly]}
    """)
    X, y = load_digits(return_X_y=True)
    assert_same(ours, SVC(), X, y, StratifiedKFold(5, shuffle=True, random_state=3), ["accuracy", "f1_macro"])


def test_random_forest_with_repeats() -> None:
    """A forest draws random numbers: the trial's seed must arrive as random_state, and repeats as scikit-learn's own."""
    ours = evaluate_grid("""
        version: 1
        name: forest
        trial: {estimator: sklearn.ensemble.RandomForestClassifier, fixed: {n_estimators: 12}}
        data: {sklearn: digits}
        evaluate: {cv: {folds: 3, repeats: 2, seed: 5}, metrics: [accuracy, neg_log_loss]}
        metric: {name: neg_log_loss, mode: max}
        space: {max_depth: [4, 8], max_features: [sqrt, 0.5]}
    """)
    X, y = load_digits(return_X_y=True)
    forest = RandomForestClassifier(n_estimators=12, random_state=0)
    assert_same(
        ours, forest, X, y, RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=5), ["neg_log_loss", "accuracy"]
    )


def test_a_regressor_on_holdouts() -> None:
    ours = evaluate_grid("""
        version: 1
        name: holdout
        trial: {estimator: sklearn.ensemble.RandomForestRegressor, fixed: {n_estimators: 10}}
        data: {sklearn: diabetes}
        evaluate: {holdout: {fraction: 0.25, repeats: 4, seed: 1}, metrics: [r2, neg_mean_absolute_error]}
        metric: {name: r2, mode: max}
        space: {max_depth: {int: [2, 6], step: 2}, min_samples_leaf: [1, 5]}
    """)
    X, y = load_diabetes(return_X_y=True)
    forest = RandomForestRegressor(n_estimators=10, random_state=0)
    assert_same(ours, forest, X, y, ShuffleSplit(4, test_size=0.25, random_state=1), ["r2", "neg_mean_absolute_error"])


def columns_as_by_hand() -> ColumnTransformer:
    numeric = make_pipeline(SimpleImputer(), StandardScaler())
    return ColumnTransformer(
        [
            ("numeric", numeric, make_column_selector(dtype_include="number")),
            ("categorical", OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
        ]
    )


CHURN_PIPELINE = """
        version: 1
        name: churn
        data: {csv: data/churn.csv, target: churn, positive: "yes"}
        trial:
          pipeline:
            prep:
              columns:
                numeric: [sklearn.impute.SimpleImputer, sklearn.preprocessing.StandardScaler]
                categorical: sklearn.preprocessing.OneHotEncoder
"""


def test_a_pipeline_with_a_column_transformer() -> None:
    ours = evaluate_grid(f"""{CHURN_PIPELINE}
            clf: sklearn.linear_model.LogisticRegression
          fixed: {{prep__categorical__handle_unknown: ignore, clf__max_iter: 500}}
        evaluate: {{cv: {{folds: 4}}, metrics: [roc_auc, average_precision, neg_log_loss]}}
        metric: {{name: roc_auc, mode: max}}
        space:
          clf__C: [0.01, 1.0]
          prep__numeric__simpleimputer__strategy: [mean, median]
          clf__class_weight: [null, balanced]
    """)
    X, y = churn()
    pipeline = Pipeline([("prep", columns_as_by_hand()), ("clf", LogisticRegression(max_iter=500, random_state=0))])
    cv = StratifiedKFold(4, shuffle=True, random_state=0)
    assert_same(ours, pipeline, X, y, cv, ["roc_auc", "average_precision", "neg_log_loss"])


def test_xgboost_in_the_pipeline() -> None:
    ours = evaluate_grid(f"""{CHURN_PIPELINE}
            clf: xgboost.XGBClassifier
          fixed: {{prep__categorical__handle_unknown: ignore, clf__tree_method: hist, clf__n_estimators: 20}}
        evaluate: {{cv: {{folds: 3}}, metrics: [roc_auc, f1]}}
        metric: {{name: roc_auc, mode: max}}
        space: {{clf__max_depth: {{int: [2, 4], step: 2}}, clf__learning_rate: [0.1, 0.3], clf__subsample: [0.6, 1.0]}}
    """)
    X, y = churn()
    booster = XGBClassifier(tree_method="hist", n_estimators=20, random_state=0, n_jobs=1)
    pipeline = Pipeline([("prep", columns_as_by_hand()), ("clf", booster)])
    assert_same(ours, pipeline, X, y, StratifiedKFold(3, shuffle=True, random_state=0), ["roc_auc", "f1"])


@pytest.mark.parametrize("extra", ["", "eta: [0.05, 0.5]"])
def test_xgboost_alone(extra: str) -> None:
    """Also by the library's own name for a parameter, which the class's signature does not have.

    With one thread on both sides: XGBoost 3 sums its intercept in as many parts as it has threads, so that the last bits
    depend on their number.
    """
    ours = evaluate_grid(f"""
        version: 1
        name: boosting
        trial: {{estimator: xgboost.XGBClassifier, fixed: {{n_estimators: 8, colsample_bytree: 0.5}}}}
        data: {{sklearn: digits}}
        evaluate: {{cv: {{folds: 3}}, metrics: [accuracy, neg_log_loss]}}
        metric: {{name: accuracy, mode: max}}
        space: {{max_depth: [2, 4], {extra}}}
    """)
    X, y = load_digits(return_X_y=True)
    booster = XGBClassifier(n_estimators=8, colsample_bytree=0.5, random_state=0, n_jobs=1)
    assert_same(ours, booster, X, y, StratifiedKFold(3, shuffle=True, random_state=0), ["accuracy", "neg_log_loss"])


def test_xgboost_on_categories() -> None:
    """The frame's own categories against pandas's: codes come from the whole table, so no fold sees another coding."""
    ours = evaluate_grid("""
        version: 1
        name: categories
        trial: {estimator: xgboost.XGBClassifier, fixed: {n_estimators: 10, enable_categorical: true}}
        data: {csv: data/churn.csv, target: churn}
        evaluate: {cv: {folds: 3}}
        metric: {name: roc_auc, mode: max}
        space: {max_depth: [3, 6]}
    """)
    X, y = churn()
    text = [name for name in X.columns if not pd.api.types.is_numeric_dtype(X[name].dtype)]
    X = X.astype(dict.fromkeys(text, "category"))
    booster = XGBClassifier(n_estimators=10, enable_categorical=True, random_state=0, n_jobs=1)
    assert_same(ours, booster, X, y, StratifiedKFold(3, shuffle=True, random_state=0), ["roc_auc"])
