"""The rounds of scikit-learn's HistGradientBoostingClassifier and HistGradientBoostingRegressor: the first of their predictors.

**Exact, and why.** Bins and the first prediction are settled before the first round. A round adds trees that depend on the
predictions of the rounds before alone; the columns of a split are drawn from one stream, in the order of the rounds. Predicting
adds the trees up in order.

**Refused.** Early stopping, `auto` too: it begins above 10,000 rows, ends the fit by itself, and takes rows away for that. A
loss of the user's own, `warm_start`, and a `random_state` that is no whole number.
"""

from __future__ import annotations

from collections.abc import Mapping

from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.sharing.path_rule import PathRule
from hpsearch.trainables.sharing.white_list import (
    ENDS_ITSELF,
    OWN_OBJECTIVE,
    UNSEEDED,
    WARM_START,
    WhiteList,
    is_whole,
    one_of,
    words,
)

_LOSSES = ("log_loss", "squared_error", "absolute_error", "gamma", "poisson", "quantile")

_ALLOWED = WhiteList(
    any_value=words("""
        quantile learning_rate max_leaf_nodes max_depth min_samples_leaf l2_regularization max_features max_bins
        categorical_features monotonic_cst interaction_cst class_weight verbose
        scoring validation_fraction n_iter_no_change tol
    """),  # the last four say how early_stopping would end the fit
    some_values={
        "loss": (one_of(*_LOSSES), OWN_OBJECTIVE),
        "random_state": (is_whole, UNSEEDED),
        "early_stopping": (one_of(False), f"{ENDS_ITSELF} (auto: above 10,000 rows); early_stopping: false shares"),
        "warm_start": (one_of(False), WARM_START),
    },
)


def _cut(fitted: Estimator, rounds: int) -> Mapping[str, object]:
    return {"_predictors": fitted._predictors[:rounds]}


HIST_GRADIENT_BOOSTING = PathRule("max_iter", _ALLOWED, _cut)
