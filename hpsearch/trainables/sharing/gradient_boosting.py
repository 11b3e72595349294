"""The rounds of scikit-learn's GradientBoostingClassifier and GradientBoostingRegressor: the first of their trees.

**Exact, and why.** A round adds trees that depend on the predictions of the rounds before alone. Rows, columns and ties are
drawn from one stream, in the order of the rounds. The first prediction is fitted before them. Predicting adds the trees up in
order.

**Refused.** `n_iter_no_change` ends the fit by itself, and takes rows away for that; `warm_start`; an estimator of the user's
own as `init`, which may differ from fit to fit; a `random_state` that is no whole number.
"""

from __future__ import annotations

from collections.abc import Mapping

from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.sharing.path_rule import PathRule
from hpsearch.trainables.sharing.white_list import ENDS_ITSELF, UNSEEDED, WARM_START, WhiteList, is_whole, one_of, words

_ALLOWED = WhiteList(
    any_value=words("""
        loss learning_rate subsample criterion min_samples_split min_samples_leaf min_weight_fraction_leaf max_depth
        min_impurity_decrease max_features alpha verbose max_leaf_nodes ccp_alpha
        validation_fraction tol
    """),  # the last two say how n_iter_no_change would end the fit
    some_values={
        "random_state": (is_whole, UNSEEDED),
        "n_iter_no_change": (one_of(None), ENDS_ITSELF),
        "warm_start": (one_of(False), WARM_START),
        "init": (one_of(None, "zero"), "an estimator of one's own may start each fit elsewhere"),
    },
)

# With subsample below 1 alone: the scores on the rows left out.
_OUT_OF_BAG = ("oob_improvement_", "oob_scores_")


def _cut(fitted: Estimator, rounds: int) -> Mapping[str, object]:
    by_round = ("estimators_", "train_score_", *(name for name in _OUT_OF_BAG if hasattr(fitted, name)))
    # Copies: a view would let one change the other.
    changed: dict[str, object] = {name: getattr(fitted, name)[:rounds].copy() for name in by_round}
    if hasattr(fitted, "oob_scores_"):
        changed["oob_score_"] = fitted.oob_scores_[rounds - 1]
    return {**changed, "n_estimators_": rounds}


GRADIENT_BOOSTING = PathRule("n_estimators", _ALLOWED, _cut)
