"""What one fit does for others, to the last bit: one file for each rule, one line in `rules._RULES`.

In: an estimator as a trial configures it, then its fit with the most rounds. Out: why it cannot be shared, or estimators that
predict as fits with fewer rounds alone would. Or its fit on the binned rows of another, or to words that were counted once.

`ahead` and `grouping` tell which trials belong together, from an estimator and from parameters alone; `fits`, `prefixes`, `words`
and `bins` hold in a worker what its trials have in common, the last three in one bounded `cache`.

**Exact or not at all.** A rule lists what it was compared with (`white_list`); any other setting is refused, with the reason.
A rule's docstring has what is exact and why, and its tests hold every listed setting against fits of their own.

**Left out.** `ccp_alpha` of trees: an unpruned tree could answer for all others to the last bit, but only a private part of
scikit-learn prunes one that is grown. XGBRF*: see `xgboost_rounds`. AdaBoost and Bagging, whose own estimator may be anything.

Imports core, space and the rest of trainables; scikit-learn, XGBoost and LightGBM only once an estimator of theirs is there.
"""

from hpsearch.trainables.sharing.path_rule import BrokenPathError, PathRule
from hpsearch.trainables.sharing.rules import Rules, rules_of

__all__ = ["BrokenPathError", "PathRule", "Rules", "rules_of"]
