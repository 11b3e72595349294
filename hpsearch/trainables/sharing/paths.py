"""Which estimators' fits answer for fewer rounds: a line each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.sharing.forests import FOREST_SIZE
from hpsearch.trainables.sharing.gradient_boosting import GRADIENT_BOOSTING
from hpsearch.trainables.sharing.hist_gradient_boosting import HIST_GRADIENT_BOOSTING
from hpsearch.trainables.sharing.lightgbm_rounds import LIGHTGBM_ROUNDS
from hpsearch.trainables.sharing.xgboost_rounds import XGBOOST_ROUNDS


class PathRule(Protocol):
    """One fit with the most rounds answers for fewer."""

    @property
    def parameter(self) -> str:
        """The estimator's own name of the number of rounds: "n_estimators", "max_iter"."""

    def refusal(self, estimator: Estimator) -> str | None:
        """Why a fit of this estimator cannot answer for fewer rounds, as the end of a sentence for people; None: it can, exactly.

        Args:
            estimator: configured as a trial's is, and not fitted. Of the trials of one path, ask for each: a value of the
                parameter itself may be no number of rounds.
        """

    def refusals(self, estimator: Estimator) -> Mapping[str, str]:
        """Each setting that `refusal` could name: why, by the estimator's own name of it. Empty: none is refused."""

    def shortened(self, fitted: Estimator, rounds: int) -> Estimator:
        """A fitted estimator that predicts, bit for bit, as one fitted with `rounds` alone.

        It shares memory with `fitted`, and neither changes the other.

        Args:
            fitted: with at least `rounds`, and configured as an estimator that is not refused.

        Raises:
            BrokenPathError: this fit cannot answer for fewer after all, which no setting could tell. Fit with `rounds` alone.
        """


_RULES: Mapping[str, PathRule] = {
    "lightgbm.sklearn.LGBMClassifier": LIGHTGBM_ROUNDS,
    "lightgbm.sklearn.LGBMRegressor": LIGHTGBM_ROUNDS,
    "sklearn.ensemble._forest.ExtraTreesClassifier": FOREST_SIZE,
    "sklearn.ensemble._forest.ExtraTreesRegressor": FOREST_SIZE,
    "sklearn.ensemble._forest.RandomForestClassifier": FOREST_SIZE,
    "sklearn.ensemble._forest.RandomForestRegressor": FOREST_SIZE,
    "sklearn.ensemble._gb.GradientBoostingClassifier": GRADIENT_BOOSTING,
    "sklearn.ensemble._gb.GradientBoostingRegressor": GRADIENT_BOOSTING,
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier": HIST_GRADIENT_BOOSTING,
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingRegressor": HIST_GRADIENT_BOOSTING,
    "xgboost.sklearn.XGBClassifier": XGBOOST_ROUNDS,
    "xgboost.sklearn.XGBRegressor": XGBOOST_ROUNDS,
}
"""By the module and name of the class itself: a derived class may fit otherwise. No library is imported for this."""


def path_rule(estimator: Estimator) -> PathRule | None:
    """The rule for the estimator's very class; None where there is none."""
    cls = type(estimator)
    return _RULES.get(f"{cls.__module__}.{cls.__qualname__}")


def is_derived(estimator: Estimator) -> bool:
    """Whether a class that the estimator's own is derived from has a rule."""
    return any(f"{cls.__module__}.{cls.__qualname__}" in _RULES for cls in type(estimator).__mro__[1:])


def ruled_classes() -> tuple[str, ...]:
    """The dotted paths of all classes that have a rule."""
    return tuple(_RULES)
