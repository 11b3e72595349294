"""Which classes share what: a line each.

By the module and name of the class itself: a derived class may fit otherwise. No library is imported for this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.sharing.bin_rule import BinRule
from hpsearch.trainables.sharing.forests import FOREST_SIZE
from hpsearch.trainables.sharing.gradient_boosting import GRADIENT_BOOSTING
from hpsearch.trainables.sharing.hist_gradient_boosting import HIST_GRADIENT_BOOSTING
from hpsearch.trainables.sharing.lightgbm_bins import LIGHTGBM_BINS
from hpsearch.trainables.sharing.lightgbm_rounds import LIGHTGBM_ROUNDS
from hpsearch.trainables.sharing.path_rule import PathRule
from hpsearch.trainables.sharing.word_rule import WORDS, WordRule
from hpsearch.trainables.sharing.xgboost_bins import XGBOOST_BINS
from hpsearch.trainables.sharing.xgboost_rounds import XGBOOST_ROUNDS


@dataclass(frozen=True)
class Rules:
    """A class's rules; None where it has none of a kind."""

    path: PathRule | None = None
    bins: BinRule | None = None
    words: WordRule | None = None


_RULES: Mapping[str, Rules] = {
    "lightgbm.sklearn.LGBMClassifier": Rules(LIGHTGBM_ROUNDS, LIGHTGBM_BINS),
    "lightgbm.sklearn.LGBMRegressor": Rules(LIGHTGBM_ROUNDS, LIGHTGBM_BINS),
    "sklearn.ensemble._forest.ExtraTreesClassifier": Rules(FOREST_SIZE),
    "sklearn.ensemble._forest.ExtraTreesRegressor": Rules(FOREST_SIZE),
    "sklearn.ensemble._forest.RandomForestClassifier": Rules(FOREST_SIZE),
    "sklearn.ensemble._forest.RandomForestRegressor": Rules(FOREST_SIZE),
    "sklearn.ensemble._gb.GradientBoostingClassifier": Rules(GRADIENT_BOOSTING),
    "sklearn.ensemble._gb.GradientBoostingRegressor": Rules(GRADIENT_BOOSTING),
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier": Rules(HIST_GRADIENT_BOOSTING),
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingRegressor": Rules(HIST_GRADIENT_BOOSTING),
    "sklearn.feature_extraction.text.CountVectorizer": Rules(words=WORDS),
    "sklearn.feature_extraction.text.TfidfVectorizer": Rules(words=WORDS),
    "xgboost.sklearn.XGBClassifier": Rules(XGBOOST_ROUNDS, XGBOOST_BINS),
    "xgboost.sklearn.XGBRegressor": Rules(XGBOOST_ROUNDS, XGBOOST_BINS),
}


def rules_of(estimator: Estimator) -> Rules:
    """The rules of the estimator's very class."""
    return _RULES.get(_name(type(estimator)), Rules())


def is_derived(estimator: Estimator) -> bool:
    """Whether a class that the estimator's own is derived from has rules."""
    return any(_name(cls) in _RULES for cls in type(estimator).__mro__[1:])


def ruled_classes() -> Mapping[str, Rules]:
    """All classes that have rules, by their dotted paths."""
    return _RULES


def _name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"
