"""The size of scikit-learn's random forests and extra trees: the first of their trees.

**Exact, and why.** Each tree has a seed of its own, drawn in order before any is grown, and knows nothing of the others.
Predicting adds the trees up in order; with several threads, in the order in which they finish, so that the last bit of a sum
may differ between two predictions of one and the same forest, shared or not.

**Refused.** `oob_score` scores all trees together at the end of the fit; `warm_start`; a `random_state` that is no whole number.
"""

from __future__ import annotations

from collections.abc import Mapping

from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.sharing.path_rule import PathRule
from hpsearch.trainables.sharing.white_list import UNSEEDED, WARM_START, WhiteList, is_whole, one_of, words

_ALLOWED = WhiteList(
    any_value=words("""
        criterion max_depth min_samples_split min_samples_leaf min_weight_fraction_leaf max_features max_leaf_nodes
        min_impurity_decrease bootstrap n_jobs verbose class_weight ccp_alpha max_samples monotonic_cst
    """),
    some_values={
        "random_state": (is_whole, UNSEEDED),
        "oob_score": (one_of(False), "the rows left out are scored once, for all trees together"),
        "warm_start": (one_of(False), WARM_START),
    },
)


def _cut(fitted: Estimator, rounds: int) -> Mapping[str, object]:
    return {"estimators_": fitted.estimators_[:rounds]}


FOREST_SIZE = PathRule("n_estimators", _ALLOWED, _cut)
