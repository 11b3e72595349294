"""XGBoost's rounds: a fit cut down is, to the last bit, the fit of fewer rounds; where it would not be, it is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
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
from xgboost import XGBClassifier, XGBRanker, XGBRegressor, XGBRFClassifier, XGBRFRegressor
from xgboost.callback import LearningRateScheduler

from hpsearch.trainables.sharing import rules_of
from hpsearch.trainables.sharing.xgboost_rounds import XGBOOST_ROUNDS

ALL = ("binary", "multiclass", "regression")
SAMPLED = {"subsample": 0.7, "colsample_bytree": 0.6, "random_state": 3}

CASES = {
    "sampled": Case(SAMPLED, ALL, scored=True),
    "sampled, float32 with gaps": Case({**SAMPLED, "learning_rate": 0.05}, ALL, "float32", scored=True),
    "sampled, categories": Case({**SAMPLED, "enable_categorical": True, "learning_rate": 1.0}, ALL, "frame"),
    "no seed": Case({"subsample": 0.5, "random_state": None}),
    "exact": Case({**SAMPLED, "tree_method": "exact", "max_depth": 3, "gamma": 0.1, "min_child_weight": 2.0}),
    "approx": Case(
        {"tree_method": "approx", "max_bin": 32, "colsample_bylevel": 0.5, "colsample_bynode": 0.7, "reg_alpha": 0.1,
         "reg_lambda": 2.0, "subsample": 0.8},
    ),
    "forests": Case(
        {"booster": "gbtree", "tree_method": "hist", "num_parallel_tree": 3, "subsample": 0.5, "colsample_bynode": 0.5,
         "grow_policy": "lossguide", "max_leaves": 6, "max_depth": 0, "max_cached_hist_node": 64},
        ("binary", "multiclass"),
    ),
    "weights": Case({"max_delta_step": 0.5, "scale_pos_weight": 2.0, "base_score": 0.4, "eval_metric": ["auc", "logloss"]}),
    "constraints": Case(
        {"monotone_constraints": (1, 0, 0, -1, 0, 0, 0, 0), "interaction_constraints": "[[0, 1, 2], [3, 4, 5, 6, 7]]",
         "feature_weights": np.arange(1.0, 9.0), "colsample_bynode": 0.5},
    ),
    "many categories": Case(
        {"enable_categorical": True, "max_cat_to_onehot": 1, "max_cat_threshold": 2, "device": "cpu"}, form="frame"
    ),
    "columns": Case({"feature_types": ["q"] * 7 + ["int"], "missing": 0.5, "importance_type": "weight", "verbosity": 0,
                     "validate_parameters": True}),
    "softmax": Case({"objective": "multi:softmax", "subsample": 0.7}, ("multiclass",)),
    "logistic": Case({"objective": "binary:logistic", "subsample": 0.7}),
    "other names": Case({"eta": 0.2, "lambda": 3.0, "alpha": 0.2, "min_split_loss": 0.1, "seed": 5, "subsample": 0.7}),
    **{
        name: Case({"objective": name, "subsample": 0.7, **more}, ("regression",))
        for name, more in {
            "reg:squarederror": {}, "reg:squaredlogerror": {}, "reg:absoluteerror": {}, "reg:gamma": {}, "count:poisson": {},
            "reg:pseudohubererror": {"huber_slope": 0.5}, "reg:quantileerror": {"quantile_alpha": 0.3},
            "reg:tweedie": {"tweedie_variance_power": 1.3},
        }.items()
    },
}  # fmt: skip


def made(task: str, **settings: Any) -> Any:
    return (XGBRegressor if task == "regression" else XGBClassifier)(**{"n_jobs": 1, **settings})


@pytest.mark.parametrize(("name", "task"), each_of(CASES))
def test_a_cut_fit_is_the_fit_of_fewer_rounds(name: str, task: str) -> None:
    assert_case_exact(made, CASES[name], task)


def test_two_threads_share_as_one_does() -> None:
    assert_exact(made("binary", **SAMPLED).set_params(n_jobs=2), "binary", data_of("binary"), rounds=(2, 5))


def test_every_setting_that_is_admitted_was_compared() -> None:
    elsewhere = frozenset({"n_jobs", "early_stopping_rounds", "callbacks"})
    assert_lists_only_compared(XGBOOST_ROUNDS, XGBClassifier(), CASES, elsewhere)


def halved(labels: np.ndarray, guesses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return (guesses - labels) / 2, np.full_like(guesses, 0.5)


REFUSED = [
    ({"booster": "dart"}, "booster = 'dart': only gbtree leaves the trees of earlier rounds as they are"),
    ({"booster": "gblinear"}, "booster = 'gblinear': only gbtree leaves the trees of earlier rounds as they are"),
    ({"early_stopping_rounds": 5}, "early_stopping_rounds = 5: the fit ends by itself, after rounds of its own choice"),
    (
        {"objective": "rank:ndcg"},
        "objective = 'rank:ndcg': sharing is known to be exact with the library's own objectives for numbers and classes alone",
    ),
    ({"tree_method": "gpu_hist"}, "tree_method = 'gpu_hist': sharing is not known to be exact with it"),
    ({"device": "cuda"}, "device = 'cuda': sharing is known to be exact on the CPU alone"),
    ({"process_type": "update"}, "process_type = 'update': sharing is not known to be exact with it"),
    ({"multi_strategy": "multi_output_tree"}, "multi_strategy = 'multi_output_tree': sharing is not known to be exact with it"),
    ({"n_estimators": 0}, "n_estimators = 0: not a whole number of at least 1"),
    ({"n_estimators": 10.0}, "n_estimators = 10.0: not a whole number of at least 1"),
    ({"n_estimators": True}, "n_estimators = true: not a whole number of at least 1"),
    ({"n_estimators": None}, "n_estimators = null: not a whole number of at least 1"),
]


@pytest.mark.parametrize(("settings", "sentence"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_is_refused_says_why(settings: dict[str, Any], sentence: str) -> None:
    assert refusal_of(XGBClassifier(**{"n_estimators": 10, **settings})) == sentence


def test_functions_and_generators_are_refused() -> None:
    def says(**settings: Any) -> str:
        return str(refusal_of(XGBRegressor(n_estimators=10, **settings)))

    assert says(objective=halved).endswith("the library's own objectives for numbers and classes alone")
    assert says(eval_metric=halved).endswith("the library's own metrics alone")
    assert says(callbacks=[LearningRateScheduler(lambda step: 0.3)]).endswith("callbacks may change the fit from round to round")
    generator = np.random.RandomState(1)
    assert says(random_state=generator).endswith("without a whole number as seed, no two fits are the same")
    assert generator.randint(100) == np.random.RandomState(1).randint(100), "asking draws no number"


@pytest.mark.parametrize(
    "settings", [{"booster": "dart", "rate_drop": 0.5}, {"booster": "gblinear", "updater": "coord_descent"}], ids=str
)
def test_sharing_what_is_refused_would_give_other_scores(settings: dict[str, Any]) -> None:
    data = data_of("binary")
    estimator = made("binary", random_state=1, **settings)
    fitted = with_rounds(estimator, 20).fit(data.X, data.y)
    alone = with_rounds(estimator, 5).fit(data.X, data.y)
    ranged = fitted.predict_proba(data.X_new, iteration_range=(0, 5))
    assert not np.array_equal(ranged, alone.predict_proba(data.X_new))


def test_classes_that_only_look_alike_have_no_rule() -> None:
    class Mine(XGBClassifier):
        pass

    assert [rules_of(each).path for each in (Mine(), XGBRFClassifier(), XGBRFRegressor(), XGBRanker())] == [None] * 4


def trees(forest: Any, data: Any) -> list[pd.DataFrame]:
    """A forest's trees: of their leaves `Split` is empty, and `Gain` what they give."""
    fitted = forest.set_params(random_state=1, n_jobs=1).fit(data.X, data.y)
    return [tree.reset_index(drop=True) for _, tree in fitted.get_booster().trees_to_dataframe().groupby("Tree")]


def leaves(tree: pd.DataFrame) -> np.ndarray:
    values: np.ndarray = tree.Gain[tree.Feature == "Leaf"].to_numpy(np.float32)
    return values


def test_a_forest_of_one_round_is_no_part_of_a_larger_one() -> None:
    """Its trees are those of a larger one; what their leaves give is not, and no multiple of that gives it back to the bit."""
    data = data_of("regression")
    smaller, larger = trees(XGBRFRegressor(n_estimators=19), data), trees(XGBRFRegressor(n_estimators=20), data)
    for own, others in zip(smaller, larger[:19], strict=True):
        assert own.Split.equals(others.Split)
        assert leaves(own) == pytest.approx(leaves(others) * 20 / 19, rel=1e-6)
    scaled = [leaves(tree) * np.float32(20 / 19) for tree in larger[:19]]
    assert not any(np.array_equal(leaves(own), others) for own, others in zip(smaller, scaled, strict=True))


def test_of_several_classes_a_forest_of_one_round_shares_not_even_its_trees() -> None:
    """They are grown class by class from one stream of random numbers: more of the first are other draws for the second."""
    data = data_of("multiclass")
    smaller, larger = trees(XGBRFClassifier(n_estimators=2), data), trees(XGBRFClassifier(n_estimators=4), data)
    alike = [own.Split.equals(larger[number // 2 * 4 + number % 2].Split) for number, own in enumerate(smaller)]
    assert alike == [True] * 2 + [False] * 4


def test_neither_the_cut_fit_nor_the_whole_changes_the_other() -> None:
    data = data_of("binary")
    fitted = made("binary", n_estimators=8, eta=0.3).fit(data.X, data.y)
    before = fitted.predict_proba(data.X_new)
    short = rule_of(fitted).shortened(fitted, 3)
    short.set_params(max_depth=2, eta=0.9, n_estimators=5).fit(data.X, data.y)
    assert fitted.get_params()["eta"] == 0.3
    assert np.array_equal(fitted.predict_proba(data.X_new), before)
