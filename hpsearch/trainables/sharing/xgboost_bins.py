"""XGBoost's QuantileDMatrix: rows binned for one fit are those of any fit that bins alike.

**Exact, and why.** The `hist` method bins before the first round: by the rows, `missing`, `max_bin` and the columns' types, and
by weights, of which a trial has none. Fits read the matrix and change nothing in it; each keeps to itself what it predicts for
its rows. `feature_weights` come with the matrix, so they have to be equal.

The class makes its matrix in one method, `_create_dmatrix`, which an instance may have of its own. It is there while it fits, and
hands over the matrix where it is called as it is in the releases that were compared; otherwise it leaves all to the class.

**Refused.** `approx` bins anew in each round, and `exact` not at all. Beyond that, what has no path (see `xgboost_rounds`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.sharing.bin_rule import Binning, BinRule
from hpsearch.trainables.sharing.white_list import one_of, words
from hpsearch.trainables.sharing.xgboost_rounds import XGBOOST_ROUNDS
from hpsearch.trainables.table import Array, Features

_HOOK = "_create_dmatrix"

_FREE = words("""
    n_estimators max_depth max_leaves grow_policy learning_rate gamma min_child_weight max_delta_step
    subsample colsample_bytree colsample_bylevel colsample_bynode num_parallel_tree reg_alpha reg_lambda scale_pos_weight
    max_cat_to_onehot max_cat_threshold importance_type
""")

_ALLOWED = replace(
    XGBOOST_ROUNDS.allowed,
    some_values={
        **XGBOOST_ROUNDS.allowed.some_values,
        "tree_method": (one_of(None, "auto", "hist"), "only hist bins once, before the first round"),
    },
)

# What the method is called with besides these may be part of the matrix.
_KNOWN = words("data label missing enable_categorical feature_types feature_weights")
_ABSENT = words("weight base_margin group qid ref")


def _fit(estimator: Estimator, X: Features, y: Array, binning: Binning) -> None:
    make = getattr(estimator, _HOOK, None)
    if make is None:
        estimator.fit(X, y)
        return

    def create(*positional: object, **settings: Any) -> Any:
        given = {name for name, value in settings.items() if name not in _ABSENT or value is not None}
        if positional or not given <= _KNOWN or settings.get("data") is not X:
            return make(*positional, **settings)
        return binning(lambda: make(**settings))

    setattr(estimator, _HOOK, create)
    try:
        estimator.fit(X, y)
    finally:
        estimator.__dict__.pop(_HOOK, None)


XGBOOST_BINS = BinRule(_FREE, _ALLOWED, _fit)
