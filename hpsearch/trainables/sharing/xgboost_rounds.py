"""XGBoost's rounds: a booster's slice is the booster of fewer rounds.

**Exact, and why.** A round of `gbtree` adds trees that depend on the predictions of the rounds before alone, and leaves those as
they are. Random numbers (rows, columns) come from one stream that each fit seeds anew and draws from in the order of its rounds.
The base score is settled before the first round. Slicing copies trees without changing a bit, and predicting adds them up in
the same order. That holds with any number of threads, several trees a round, and every tree method.

**Refused.** DART gives earlier trees new weights; gblinear has one set of weights, which each round changes. Early stopping and
callbacks end or change a fit as it goes. A callable objective may remember. `process_type: update` and other updaters rework
trees. On a GPU nothing was compared.

XGBRFClassifier and XGBRFRegressor have no rule: their `n_estimators` is the number of trees of a single round, each of whose
leaves is divided by that number, and multiplied back it is another in its last bit; of several classes, only the first has the
same trees in a larger forest. The ranker is not evaluated by cross-validation of rows, so there is nothing to compare it with.
"""

from __future__ import annotations

from collections.abc import Mapping

from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.sharing.path_rule import PathRule
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
    "binary:logistic", "multi:softprob", "multi:softmax",
    "reg:squarederror", "reg:squaredlogerror", "reg:absoluteerror", "reg:pseudohubererror", "reg:logistic",
    "reg:quantileerror", "reg:gamma", "reg:tweedie", "count:poisson",
)  # fmt: skip

_ALLOWED = WhiteList(
    any_value=words("""
        max_depth max_leaves max_bin grow_policy learning_rate gamma min_child_weight max_delta_step
        subsample colsample_bytree colsample_bylevel colsample_bynode feature_weights num_parallel_tree
        reg_alpha reg_lambda scale_pos_weight base_score missing monotone_constraints interaction_constraints
        enable_categorical feature_types max_cat_to_onehot max_cat_threshold
        importance_type verbosity validate_parameters n_jobs
        tweedie_variance_power huber_slope quantile_alpha max_cached_hist_node
    """),
    some_values={
        "booster": (one_of(None, "gbtree"), "only gbtree leaves the trees of earlier rounds as they are"),
        "objective": (one_of(None, *_OBJECTIVES), OWN_OBJECTIVE),
        "tree_method": (one_of(None, "auto", "hist", "approx", "exact"), "sharing is not known to be exact with it"),
        "device": (one_of(None, "cpu"), "sharing is known to be exact on the CPU alone"),
        "random_state": (is_whole_or_unset, UNSEEDED),
        "early_stopping_rounds": (one_of(None), ENDS_ITSELF),
        "callbacks": (one_of(None), "callbacks may change the fit from round to round"),
        "eval_metric": (is_text_or_unset, "sharing is known to be exact with the library's own metrics alone"),
    },
)


def _cut(fitted: Estimator, rounds: int) -> Mapping[str, object]:
    return {"_Booster": fitted.get_booster()[:rounds]}


XGBOOST_ROUNDS = PathRule("n_estimators", _ALLOWED, _cut)
