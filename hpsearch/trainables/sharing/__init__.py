"""What one fit does for others, to the last bit: one file for each rule, one line in `paths._RULES` or `bins._RULES`.

In: an estimator as a trial configures it, then its fit with the most rounds. Out: why it cannot be shared, or estimators that
predict as fits with fewer rounds alone would. Or its fit on the binned rows of another.

`ahead` and `grouping` tell which trials belong together, from an estimator and from parameters alone; `fits`, `prefixes` and
`bins` hold in a worker what its trials have in common, the last two in one bounded `cache`.

**Exact or not at all.** A rule lists what it was compared with (`white_list`); any other setting is refused, with the reason.
A rule's docstring has what is exact and why, and its tests hold every listed setting against fits of their own.

**Left out.** `ccp_alpha` of trees: pruning at once and pruning in two steps add impurities up in another order, so only a fit
with `ccp_alpha: 0` could answer for others, through a private part of scikit-learn, for trees that are quick to fit. XGBRF*:
see `xgboost_rounds`. AdaBoost and Bagging, whose own estimator may be anything.

Imports core, space and the rest of trainables; scikit-learn, XGBoost and LightGBM only once an estimator of theirs is there.
"""

from hpsearch.trainables.sharing.paths import PathRule, path_rule
from hpsearch.trainables.sharing.prefix_rule import BrokenPathError

__all__ = ["BrokenPathError", "PathRule", "path_rule"]
