"""scikit-learn's two gradient boostings: a fit cut down is, to the last bit, the fit of fewer rounds; or it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sharing_cases import (
    Case,
    assert_case_exact,
    assert_exact,
    assert_lists_only_compared,
    data_of,
    each_of,
    refusal_of,
    rule_of,
    with_rounds,
)
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from hpsearch.trainables.sharing import rules_of
from hpsearch.trainables.sharing.gradient_boosting import GRADIENT_BOOSTING
from hpsearch.trainables.sharing.hist_gradient_boosting import HIST_GRADIENT_BOOSTING

ALL = ("binary", "multiclass", "regression")

EXACT_CASES = {
    "sampled": Case({"subsample": 0.7, "max_features": 0.6}, ALL, scored=True),
    "slow": Case({"learning_rate": 0.05, "max_depth": 2, "init": "zero"}, ALL),
    "trees": Case(
        {"learning_rate": 1.0, "min_samples_split": 5, "min_samples_leaf": 3, "min_weight_fraction_leaf": 0.01,
         "min_impurity_decrease": 0.001, "max_leaf_nodes": 6, "ccp_alpha": 0.0005, "max_features": "sqrt"},
        ("binary", "regression"), "array",
    ),
    "exponential": Case({"loss": "exponential", "subsample": 0.5}),
    "huber": Case({"loss": "huber", "alpha": 0.8, "subsample": 0.5}, ("regression",)),
    "quantile": Case({"loss": "quantile", "alpha": 0.3, "subsample": 0.5}, ("regression",)),
    "absolute": Case({"loss": "absolute_error", "max_features": 3}, ("regression",)),
}  # fmt: skip

HIST_CASES = {
    "sampled columns": Case({"max_features": 0.6}, ALL, scored=True),
    "float32 with gaps": Case({"max_features": 0.6, "learning_rate": 0.05}, ALL, "float32"),
    "categories": Case({"categorical_features": "from_dtype", "max_features": 0.6}, ALL, "frame"),
    "trees": Case(
        {"learning_rate": 1.0, "max_leaf_nodes": 6, "max_depth": 3, "min_samples_leaf": 5, "l2_regularization": 0.1,
         "max_bins": 31, "class_weight": "balanced"},
        ("binary", "multiclass"),
    ),
    "constraints": Case(
        {"monotonic_cst": [1, 0, 0, -1, 0, 0, 0, 0], "interaction_cst": [[0, 1, 2], [3, 4, 5, 6, 7]], "max_features": 0.6},
        ("binary", "regression"),
    ),
    "absolute": Case({"loss": "absolute_error"}, ("regression",)),
    "quantile": Case({"loss": "quantile", "quantile": 0.3}, ("regression",)),
    "gamma": Case({"loss": "gamma"}, ("regression",)),
    "poisson": Case({"loss": "poisson"}, ("regression",)),
}  # fmt: skip


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """They take all that the machine has, and wait for one another on a busy one."""
    with threadpool_limits(1):
        yield


def exact(task: str, **settings: Any) -> Any:
    return (GradientBoostingRegressor if task == "regression" else GradientBoostingClassifier)(**{"random_state": 3, **settings})


def hist(task: str, **settings: Any) -> Any:
    cls = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
    return cls(**{"random_state": 3, "early_stopping": False, **settings})


@pytest.mark.parametrize(("name", "task"), each_of(EXACT_CASES))
def test_a_cut_fit_is_the_fit_of_fewer_rounds(name: str, task: str) -> None:
    assert_case_exact(exact, EXACT_CASES[name], task)


@pytest.mark.parametrize(("name", "task"), each_of(HIST_CASES))
def test_a_cut_fit_of_histograms_is_the_fit_of_fewer_rounds(name: str, task: str) -> None:
    assert_case_exact(hist, HIST_CASES[name], task)


def test_two_threads_share_as_one_does() -> None:
    with threadpool_limits(2):
        assert_exact(hist("binary", max_features=0.6), "binary", data_of("binary", rows=80), rounds=(1, 3))


def test_every_setting_that_is_admitted_was_compared() -> None:
    stopping = {"random_state", "warm_start", "validation_fraction", "n_iter_no_change", "tol", "verbose"}
    assert_lists_only_compared(GRADIENT_BOOSTING, GradientBoostingClassifier(), EXACT_CASES, frozenset(stopping | {"criterion"}))
    assert_lists_only_compared(
        HIST_GRADIENT_BOOSTING, HistGradientBoostingClassifier(), HIST_CASES, frozenset(stopping | {"early_stopping", "scoring"})
    )


ENDS = "the fit ends by itself, after rounds of its own choice"
SHARES = "(auto: above 10,000 rows); early_stopping: false shares"
GOES_ON = "a fit that goes on from an earlier one is no longer that of its settings"
UNSEEDED = "without a whole number as seed, no two fits are the same"
REFUSED = [
    (exact("binary", n_iter_no_change=5), f"n_iter_no_change = 5: {ENDS}"),
    (exact("binary", warm_start=True), f"warm_start = true: {GOES_ON}"),
    (exact("binary", random_state=None), f"random_state = null: {UNSEEDED}"),
    (exact("binary", n_estimators=2.0), "n_estimators = 2.0: not a whole number of at least 1"),
    (exact("binary", init=LogisticRegression()), "init = LogisticRegression(): an estimator of one's own may start each fit"),
    (hist("binary", early_stopping="auto"), f"early_stopping = 'auto': {ENDS} {SHARES}"),
    (hist("binary", early_stopping=True), f"early_stopping = true: {ENDS} {SHARES}"),
    (hist("binary", random_state=None), f"random_state = null: {UNSEEDED}"),
    (hist("binary", warm_start=True), f"warm_start = true: {GOES_ON}"),
    (hist("binary", max_iter=0), "max_iter = 0: not a whole number of at least 1"),
    (hist("regression", loss=np.mean), "loss = <function mean at "),
]  # fmt: skip


@pytest.mark.parametrize(("estimator", "sentence"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_is_refused_says_why(estimator: Any, sentence: str) -> None:
    assert str(refusal_of(estimator)).startswith(sentence)


def test_without_a_seed_sharing_would_give_other_scores() -> None:
    data = data_of("binary")
    estimator = exact("binary", random_state=None, subsample=0.5)
    fitted, alone = (with_rounds(estimator, rounds).fit(data.X, data.y) for rounds in (12, 5))
    short = rule_of(estimator).shortened(fitted, 5)
    assert not np.array_equal(short.predict_proba(data.X_new), alone.predict_proba(data.X_new))


def test_a_fit_that_ends_by_itself_lacks_the_rounds_to_share() -> None:
    data = data_of("binary")
    assert exact("binary", n_estimators=60, n_iter_no_change=2).fit(data.X, data.y).n_estimators_ < 60
    assert hist("binary", max_iter=60, early_stopping=True, n_iter_no_change=2).fit(data.X, data.y).n_iter_ < 60


def test_scores_out_of_bag_are_those_of_fewer_rounds() -> None:
    data = data_of("regression")
    estimator = exact("regression", subsample=0.6)
    fitted, alone = (with_rounds(estimator, rounds).fit(data.X, data.y) for rounds in (12, 5))
    short = rule_of(fitted).shortened(fitted, 5)
    for name in ("oob_scores_", "oob_improvement_", "oob_score_", "train_score_"):
        assert np.array_equal(getattr(short, name), getattr(alone, name)), name
    short.train_score_[:] = 0
    assert fitted.train_score_.min() > 0, "neither changes the other"


def test_classes_that_only_look_alike_have_no_rule() -> None:
    class Mine(GradientBoostingClassifier):
        pass

    assert rules_of(Mine()).path is None
