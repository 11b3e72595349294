"""The size of a forest: one cut down is, to the last bit, the smaller forest; where it would not be, it is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sharing_cases import Case, assert_exact, assert_lists_only_compared, data_of, each_of, refusal_of, rule_of, with_rounds
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)

from hpsearch.trainables.sharing import rules_of
from hpsearch.trainables.sharing.forests import FOREST_SIZE

ALL = ("binary", "multiclass", "regression")

CASES = {
    "plain": Case({}, ALL, scored=True),
    "sampled": Case({"max_samples": 0.5, "bootstrap": True, "max_features": 0.4, "n_jobs": 1}, ALL, "float32"),
    "trees": Case(
        {"max_depth": 5, "min_samples_split": 5, "min_samples_leaf": 3, "min_weight_fraction_leaf": 0.01,
         "max_leaf_nodes": 9, "min_impurity_decrease": 0.001, "ccp_alpha": 0.0005},
        ALL,
    ),
    "monotone": Case({"monotonic_cst": [1, 0, 0, -1, 0, 0, 0, 0]}, ("binary", "regression")),
    "balanced": Case({"class_weight": "balanced_subsample", "bootstrap": True, "criterion": "entropy"}, ("binary", "multiclass")),
    "absolute": Case({"criterion": "absolute_error", "max_samples": 20, "bootstrap": True}, ("regression",)),
}  # fmt: skip

CLASSES = {
    "regression": (RandomForestRegressor, ExtraTreesRegressor),
    "binary": (RandomForestClassifier, ExtraTreesClassifier),
    "multiclass": (RandomForestClassifier, ExtraTreesClassifier),
}


@pytest.mark.parametrize("which", [0, 1], ids=["forest", "extra trees"])
@pytest.mark.parametrize(("name", "task"), each_of(CASES))
def test_a_cut_forest_is_the_smaller_forest(name: str, task: str, which: int) -> None:
    case = CASES[name]
    estimator = CLASSES[task][which](**{"random_state": 3, **case.settings})
    assert_exact(estimator, task, data_of(task, case.form, rows=160), scored=case.scored)


def test_two_threads_grow_the_same_trees() -> None:
    """Of a forest of two, the sum is the same in any order."""
    estimator = RandomForestClassifier(random_state=3, n_jobs=2)
    data = data_of("multiclass", rows=160)
    fitted = with_rounds(estimator, 8).fit(data.X, data.y)
    short, alone = rule_of(estimator).shortened(fitted, 2), with_rounds(estimator, 2).fit(data.X, data.y)
    assert np.array_equal(short.predict_proba(data.X_new), alone.predict_proba(data.X_new))


def test_every_setting_that_is_admitted_was_compared() -> None:
    elsewhere = frozenset({"random_state", "warm_start", "oob_score", "verbose"})
    assert_lists_only_compared(FOREST_SIZE, RandomForestClassifier(), CASES, elsewhere)


REFUSED = [
    ({"oob_score": True}, "oob_score = true: the rows left out are scored once, for all trees together"),
    ({"warm_start": True}, "warm_start = true: a fit that goes on from an earlier one is no longer that of its settings"),
    ({"warm_start": 0}, "warm_start = 0: a fit that goes on from an earlier one is no longer that of its settings"),
    ({"random_state": None}, "random_state = null: without a whole number as seed, no two fits are the same"),
    ({"n_estimators": 0}, "n_estimators = 0: not a whole number of at least 1"),
]


@pytest.mark.parametrize(("settings", "sentence"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_is_refused_says_why(settings: dict[str, Any], sentence: str) -> None:
    assert refusal_of(RandomForestClassifier(**{"random_state": 1, **settings})) == sentence


@pytest.mark.parametrize("settings", [{"random_state": None}, {"random_state": 1, "oob_score": True}], ids=str)
def test_sharing_what_is_refused_would_give_something_else(settings: dict[str, Any]) -> None:
    data = data_of("binary", rows=160)
    estimator = RandomForestClassifier(**settings)
    fitted, alone = (with_rounds(estimator, size).fit(data.X, data.y) for size in (40, 30))
    short = rule_of(estimator).shortened(fitted, 30)
    same_score = getattr(short, "oob_score_", None) == getattr(alone, "oob_score_", None)
    assert not np.array_equal(short.predict_proba(data.X_new), alone.predict_proba(data.X_new)) or not same_score


def test_neither_the_cut_forest_nor_the_whole_changes_the_other() -> None:
    data = data_of("binary", rows=160)
    fitted = RandomForestClassifier(8, random_state=1).fit(data.X, data.y)
    short = rule_of(fitted).shortened(fitted, 3)
    short.estimators_.clear()
    assert len(fitted.estimators_) == 8


def test_forests_that_are_scored_otherwise_have_no_rule() -> None:
    assert rules_of(IsolationForest()).path is None
