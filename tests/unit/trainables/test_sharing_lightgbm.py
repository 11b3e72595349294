"""LightGBM's rounds: a fit cut down is, to the last bit, the fit of fewer rounds; where it would not be, it is refused."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from lightgbm import LGBMClassifier, LGBMRanker, LGBMRegressor
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

from hpsearch.trainables.sharing import BrokenPathError, rules_of
from hpsearch.trainables.sharing.lightgbm_rounds import LIGHTGBM_ROUNDS

ALL = ("binary", "multiclass", "regression")
SAMPLED = {"subsample": 0.7, "subsample_freq": 1, "colsample_bytree": 0.6, "random_state": 3}

CASES = {
    "sampled": Case(SAMPLED, ALL, scored=True),
    "sampled, float32 with gaps": Case({**SAMPLED, "learning_rate": 0.05, "subsample_freq": 3}, ALL, "float32", scored=True),
    "sampled, categories": Case({**SAMPLED, "learning_rate": 0.8}, ALL, "frame"),
    "no seed": Case({"subsample": 0.5, "subsample_freq": 1, "random_state": None}),
    "goss": Case({"data_sample_strategy": "goss", "learning_rate": 0.5, "top_rate": 0.3, "other_rate": 0.2}, ALL),
    "goss by its old name": Case({"boosting_type": "goss", "learning_rate": 0.5}),
    "trees": Case(
        {"num_leaves": 5, "max_depth": 3, "min_split_gain": 0.01, "min_child_weight": 0.1, "min_child_samples": 5,
         "reg_alpha": 0.1, "reg_lambda": 2.0, "max_bin": 31, "min_data_in_bin": 5, "max_delta_step": 0.4, "path_smooth": 1.0},
        ("binary", "regression"),
    ),
    "chance": Case(
        {"extra_trees": True, "colsample_bynode": 0.5, "feature_fraction_seed": 2, "extra_seed": 3, "bagging_seed": 4,
         "bagging_freq": 2, "pos_bagging_fraction": 0.8, "neg_bagging_fraction": 0.5, "data_random_seed": 9},
    ),
    "constraints": Case(
        {"monotone_constraints": [1, 0, 0, -1, 0, 0, 0, 0], "monotone_constraints_method": "intermediate",
         "monotone_penalty": 0.5, "interaction_constraints": [[0, 1, 2], [3, 4, 5, 6, 7]]},
    ),
    "many categories": Case(
        {"cat_smooth": 1.0, "cat_l2": 1.0, "max_cat_threshold": 2, "max_cat_to_onehot": 1, "min_data_per_group": 5}, form="frame"
    ),
    "gaps": Case(
        {"use_missing": False, "zero_as_missing": False, "enable_bundle": False, "feature_pre_filter": False}, form="float32"
    ),
    "weights": Case({"class_weight": "balanced", "boost_from_average": False}, ("binary", "multiclass")),
    "unbalanced": Case({"is_unbalance": True, "metric": "auc"}),
    "positive weight": Case({"scale_pos_weight": 2.0, "importance_type": "gain"}),
    "columns first": Case({**SAMPLED, "force_col_wise": True, "deterministic": True, "histogram_pool_size": 1.0}),
    "rows first": Case({**SAMPLED, "force_row_wise": True, "subsample_for_bin": 100, "device_type": "cpu"}),
    "one against all": Case({**SAMPLED, "objective": "multiclassova"}, ("multiclass",)),
    "cross entropy": Case({**SAMPLED, "objective": "cross_entropy"}),
    **{
        name: Case({**SAMPLED, "objective": name, **more}, ("regression",))
        for name, more in {
            "regression_l1": {"objective_seed": 4}, "huber": {"alpha": 0.5}, "fair": {"fair_c": 0.5}, "mape": {},
            "poisson": {"poisson_max_delta_step": 0.5}, "quantile": {"alpha": 0.3}, "gamma": {},
            "tweedie": {"tweedie_variance_power": 1.3},
        }.items()
    },
}  # fmt: skip


def made(task: str, **settings: Any) -> Any:
    return (LGBMRegressor if task == "regression" else LGBMClassifier)(**{"n_jobs": 1, "verbose": -1, **settings})


@pytest.mark.parametrize(("name", "task"), each_of(CASES))
def test_a_cut_fit_is_the_fit_of_fewer_rounds(name: str, task: str) -> None:
    assert_case_exact(made, CASES[name], task)


def test_two_threads_share_as_one_does() -> None:
    assert_exact(made("binary", **SAMPLED).set_params(n_jobs=2), "binary", data_of("binary"), rounds=(2, 5))


def test_every_setting_that_is_admitted_was_compared() -> None:
    elsewhere = frozenset({"num_threads", "early_stopping_round", "verbosity"})
    assert_lists_only_compared(LIGHTGBM_ROUNDS, LGBMClassifier(), CASES, elsewhere)


OWN = "sharing is known to be exact with the library's own objectives for numbers and classes alone"
REFUSED = [
    ({"boosting_type": "dart"}, "boosting_type = 'dart': only gbdt leaves the trees of earlier rounds as they are"),
    ({"boosting": "rf"}, "boosting = 'rf': only gbdt leaves the trees of earlier rounds as they are"),
    ({"early_stopping_round": 5}, "early_stopping_round = 5: the fit ends by itself, after rounds of its own choice"),
    ({"n_iter_no_change": 5}, "n_iter_no_change = 5: the fit ends by itself, after rounds of its own choice"),
    ({"objective": "lambdarank"}, f"objective = 'lambdarank': {OWN}"),
    ({"application": "xendcg"}, f"application = 'xendcg': {OWN}"),
    ({"device": "gpu"}, "device = 'gpu': sharing is known to be exact on the CPU alone"),
    ({"linear_tree": True}, "linear_tree = true: sharing is not known to be exact with it"),
    ({"use_quantized_grad": True}, "use_quantized_grad = true: sharing is not known to be exact with it"),
    ({"num_boost_round": 7}, "num_boost_round = 7: sharing is not known to be exact with it"),
    ({"num_iteration_predict": 2}, "num_iteration_predict = 2: sharing is not known to be exact with it"),
    ({"n_estimators": 0}, "n_estimators = 0: not a whole number of at least 1"),
]


@pytest.mark.parametrize(("settings", "sentence"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_is_refused_says_why(settings: dict[str, Any], sentence: str) -> None:
    assert refusal_of(LGBMClassifier(**settings)) == sentence


def test_functions_and_generators_are_refused() -> None:
    def halved(labels: np.ndarray, guesses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return (guesses - labels) / 2, np.full_like(guesses, 0.5)

    assert str(refusal_of(LGBMRegressor(objective=halved))).endswith(OWN)
    unseeded = str(refusal_of(LGBMRegressor(random_state=np.random.default_rng(1))))
    assert unseeded.endswith("without a whole number as seed, no two fits are the same")


def test_sharing_dart_would_give_other_scores() -> None:
    data = data_of("binary")
    estimator = made("binary", boosting_type="dart", drop_rate=0.5)
    fitted = with_rounds(estimator, 20).fit(data.X, data.y)
    alone = with_rounds(estimator, 5).fit(data.X, data.y)
    cut = fitted.predict_proba(data.X_new, num_iteration=5)
    assert not np.array_equal(cut, alone.predict_proba(data.X_new))


FEW_LEAVES = {"min_child_samples": 50, "min_split_gain": 1.5, "learning_rate": 0.3, "random_state": 3}


def test_rounds_that_find_nothing_to_split_add_nothing() -> None:
    data = data_of("binary")
    estimator = made("binary", **FEW_LEAVES)
    fitted = with_rounds(estimator, 60).fit(data.X, data.y)
    grown = fitted.booster_.current_iteration()
    assert 2 < grown < 50, "the case is one"
    for rounds in (grown - 1, grown, grown + 1, 60):
        alone = with_rounds(estimator, rounds).fit(data.X, data.y)
        short = rule_of(fitted).shortened(fitted, rounds)
        assert np.array_equal(short.predict_proba(data.X_new), alone.predict_proba(data.X_new))
        assert short.get_params() == alone.get_params()


def test_where_chance_decided_which_rounds_found_nothing_the_path_is_broken() -> None:
    data = data_of("binary")
    estimator = made("binary", **FEW_LEAVES, colsample_bytree=0.3)
    fitted = with_rounds(estimator, 60).fit(data.X, data.y)
    failed = 60 - fitted.booster_.current_iteration()
    assert failed > 0, "the case is one"
    alone = [with_rounds(estimator, rounds).fit(data.X, data.y).booster_.current_iteration() for rounds in range(1, 61)]
    assert alone != [min(rounds, 60 - failed) for rounds in range(1, 61)], "a cut by trees would be wrong"
    with pytest.raises(BrokenPathError) as caught:
        rule_of(fitted).shortened(fitted, 5)
    assert str(caught.value) == (
        f"{failed} of 60 rounds found no leaf to split, and which of them did depends on the rows and columns that were drawn"
    )


def test_rows_that_are_never_drawn_break_no_path() -> None:
    """LightGBM draws rows only with subsample_freq, which is 0 unless it is set."""
    data = data_of("binary")
    fitted = made("binary", **FEW_LEAVES, n_estimators=60, subsample=0.5).fit(data.X, data.y)
    assert rule_of(fitted).shortened(fitted, 2).n_iter_ == 2


def test_neither_the_cut_fit_nor_the_whole_changes_the_other() -> None:
    data = data_of("binary")
    fitted = made("binary").set_params(n_estimators=8, max_bin=31).fit(data.X, data.y)
    before = fitted.predict_proba(data.X_new)
    short = rule_of(fitted).shortened(fitted, 3)
    assert pickle.loads(pickle.dumps(short)).get_params()["n_estimators"] == 3
    short.set_params(max_bin=15, n_estimators=5).fit(data.X, data.y)
    assert (fitted.get_params()["max_bin"], fitted.get_params()["n_estimators"]) == (31, 8)
    assert np.array_equal(fitted.predict_proba(data.X_new), before)


def test_classes_that_only_look_alike_have_no_rule() -> None:
    class Mine(LGBMClassifier):
        pass

    assert [rules_of(Mine()).path, rules_of(LGBMRanker()).path] == [None, None]
