"""LightGBM's Dataset: rows binned for one fit are those of any fit that bins alike.

**Exact, and why.** A Dataset is made before the first round, of the rows, the labels, the weights of classes, and the settings
of binning and bundling; fits read it and change nothing in it. Settings that a Dataset may depend on have to be equal:
`min_child_samples` too, by which columns are left out that no leaf can be split by (`feature_pre_filter`): fewer columns to draw
from are other draws. So are seeds, of which one samples the rows that bins are found by.

LightGBM's classes make their Dataset by the name `Dataset` of their module, which stands for a function while one fits: one at a
time, and for the fitting thread alone. The rows themselves are freed once they are binned, as the classes do it.

**Refused.** Linear trees, which look at the rows again, and what else has no path (see `lightgbm_rounds`).
"""

from __future__ import annotations

import threading
from typing import Any

from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.sharing.bin_rule import Binning, BinRule
from hpsearch.trainables.sharing.lightgbm_rounds import LIGHTGBM_ROUNDS
from hpsearch.trainables.sharing.white_list import words
from hpsearch.trainables.table import Array, Features

_HOOK = "Dataset"

_FREE = words("""
    num_iterations num_leaves max_depth learning_rate min_gain_to_split min_sum_hessian_in_leaf
    bagging_fraction bagging_freq feature_fraction feature_fraction_bynode extra_trees top_rate other_rate
    lambda_l1 lambda_l2 max_delta_step path_smooth cat_smooth cat_l2 max_cat_threshold max_cat_to_onehot
    min_data_per_group scale_pos_weight importance_type
""")

# What a Dataset is made with besides these may be part of it.
_KNOWN = words("data label weight feature_name categorical_feature params")
_ABSENT = words("group init_score")

_one_at_a_time = threading.Lock()


def _fit(estimator: Estimator, X: Features, y: Array, binning: Binning) -> None:
    from lightgbm import sklearn as module

    whole = getattr(module, _HOOK, None)
    if whole is None:
        estimator.fit(X, y)
        return
    thread, asked = threading.get_ident(), False

    def create(*positional: object, **settings: Any) -> Any:
        nonlocal asked
        given = {name for name, value in settings.items() if name not in _ABSENT or value is not None}
        if asked or positional or not given <= _KNOWN or threading.get_ident() != thread:
            return whole(*positional, **settings)
        asked = True
        return binning(lambda: whole(**settings).construct())

    with _one_at_a_time:
        setattr(module, _HOOK, create)
        try:
            estimator.fit(X, y)
        finally:
            setattr(module, _HOOK, whole)


LIGHTGBM_BINS = BinRule(_FREE, LIGHTGBM_ROUNDS.allowed, _fit)
