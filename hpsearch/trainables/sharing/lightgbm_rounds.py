"""LightGBM's rounds: a model written out with fewer rounds, and read in again, is the model of fewer rounds.

**Exact, and why.** A round of `gbdt` adds trees that depend on the predictions of the rounds before alone; rows and columns are
drawn from streams seeded once a fit, in the order of the rounds. LightGBM's own classes write each model out and read it in again
at the end of a fit, so doing that once more changes no bit. With several threads LightGBM itself promises equal fits with
`deterministic: true` alone; sharing changes nothing of that.

**Rounds that add nothing.** Where no leaf can be split, a round adds no tree, and the next one tries again. Without random
numbers it fails like the one before, for ever, and all numbers of rounds beyond the last that grew give the same model. With
them a later round may succeed; which rounds failed is nowhere recorded, and the path is broken.

**Refused.** DART gives earlier trees new weights; `rf` averages over all trees. Early stopping ends a fit as it goes. A callable
objective may remember. Linear trees, quantised gradients and the costs of features (CEGB), which remember what was used, are not
among what was compared; nor is a GPU. The ranker is not evaluated by cross-validation of rows.
"""

from __future__ import annotations

from collections.abc import Mapping

from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.known_names import known_names
from hpsearch.trainables.sharing.path_rule import BrokenPathError, PathRule
from hpsearch.trainables.sharing.white_list import (
    ENDS_ITSELF,
    OWN_OBJECTIVE,
    UNSEEDED,
    WhiteList,
    is_text_or_unset,
    is_whole_or_unset,
    one_of,
    words,
)

_OBJECTIVES = (
    "binary", "multiclass", "multiclassova", "cross_entropy",
    "regression", "regression_l1", "huber", "fair", "poisson", "quantile", "mape", "gamma", "tweedie",
)  # fmt: skip

_SEEDS = ("seed", "bagging_seed", "feature_fraction_seed", "data_random_seed", "extra_seed", "objective_seed")

_ALLOWED = WhiteList(
    any_value=words("""
        num_leaves max_depth learning_rate bin_construct_sample_cnt class_weight min_gain_to_split
        min_sum_hessian_in_leaf min_data_in_leaf bagging_fraction bagging_freq pos_bagging_fraction neg_bagging_fraction
        feature_fraction feature_fraction_bynode extra_trees top_rate other_rate
        lambda_l1 lambda_l2 max_bin min_data_in_bin max_delta_step path_smooth
        monotone_constraints monotone_constraints_method monotone_penalty interaction_constraints
        cat_smooth cat_l2 max_cat_threshold max_cat_to_onehot min_data_per_group
        scale_pos_weight is_unbalance boost_from_average alpha fair_c poisson_max_delta_step tweedie_variance_power
        use_missing zero_as_missing enable_bundle feature_pre_filter histogram_pool_size
        importance_type verbosity num_threads deterministic force_col_wise force_row_wise
    """),
    some_values={
        "boosting": (one_of("gbdt", "gbrt", "goss"), "only gbdt leaves the trees of earlier rounds as they are"),
        "data_sample_strategy": (one_of("bagging", "goss"), "sharing is not known to be exact with it"),
        "objective": (one_of(None, *_OBJECTIVES), OWN_OBJECTIVE),
        "device_type": (one_of("cpu"), "sharing is known to be exact on the CPU alone"),
        "early_stopping_round": (one_of(None, 0), ENDS_ITSELF),
        "metric": (is_text_or_unset, "sharing is known to be exact with the library's own metrics alone"),
        **dict.fromkeys(_SEEDS, (is_whole_or_unset, UNSEEDED)),
    },
)

_NO_CHANCE: Mapping[str, tuple[object, ...]] = {
    "bagging_freq": (None, 0),  # rows are drawn every so many rounds, whatever the fraction
    "feature_fraction": (None, 1, 1.0),
    "feature_fraction_bynode": (None, 1, 1.0),
    "extra_trees": (None, False),
    "boosting": ("gbdt", "gbrt"),
    "data_sample_strategy": ("bagging",),
}
"""Settings that draw random numbers in each round, unless they have one of these values."""


def _cut(fitted: Estimator, rounds: int) -> Mapping[str, object]:
    from lightgbm import Booster

    whole = fitted.booster_
    grown = whole.current_iteration()
    if grown < fitted.n_estimators and _draws(fitted):
        raise BrokenPathError(
            f"{fitted.n_estimators - grown} of {fitted.n_estimators} rounds found no leaf to split,"
            " and which of them did depends on the rows and columns that were drawn"
        )
    short = Booster(model_str=whole.model_to_string(num_iteration=min(rounds, grown)))
    # What a fit leaves, and a model that is read in lacks.
    short.best_iteration, short.best_score, short.params = whole.best_iteration, whole.best_score, whole.params
    told = fitted._other_params  # where set_params keeps a second copy of what it was given, which get_params prefers
    return {"_Booster": short, "_other_params": {**told, "n_estimators": rounds} if "n_estimators" in told else told}


def _draws(fitted: Estimator) -> bool:
    names = known_names(fitted)
    assert names is not None, "LightGBM's names are known"
    given = {names.same(name): value for name, value in fitted.get_params(deep=False).items()}
    return any(name in given and given[name] not in values for name, values in _NO_CHANCE.items())


LIGHTGBM_ROUNDS = PathRule("n_estimators", _ALLOWED, _cut)
