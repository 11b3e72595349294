"""Which parameters must be tuned together: what two explain beyond what each does alone, where chance seldom gives as much.

Of many pairs one explains much by luck too: each has its part of the 2.5 % that one interval of 95 % errs by on that side
(Bonferroni's correction), among all pairs of the parameters that vary, drawn or not.
"""

from __future__ import annotations

import itertools
import math

import pandas as pd
from scipy.special import ndtr

from hpsearch.results.sensitivity.anova import Anova
from hpsearch.results.sensitivity.importance import Importance

_LEAST = 0.05  # of the differences: less is not worth the trials that two parameters at a time take
_TAIL = 0.025


def together(found: Importance, *, unknown: bool = False) -> pd.DataFrame:
    """The rows of an importance's table of pairs that must be tuned together, the largest share first.

    Args:
        unknown: those too of which nothing is known of chance: of two parameters whose configurations were scored once each.
    """
    pairs = found.table[(found.table["order"] == 2) & (found.table["share"] >= _LEAST)]
    looked_at = math.comb(len(found.features.names), 2)
    chances = [_chance(found, row) for _, row in pairs.iterrows()]
    return pairs[[unknown if math.isnan(chance) else chance <= _TAIL / looked_at for chance in chances]]


def _chance(found: Importance, row: pd.Series) -> float:
    """That a pair which adds nothing seems to explain as much; NaN where that cannot be told."""
    names = found.features.names
    if isinstance(found.fit, Anova):
        terms = itertools.combinations(range(len(names)), 2)
        return found.fit.p_value(*next(term for term in terms if row["term"] == " x ".join(names[place] for place in term)))
    if row["ci_low"] <= 0:
        return 1.0
    # Half of a forest's interval is 1.96 standard errors.
    half = row["share"] - row["ci_low"]
    return float(ndtr(-1.96 * row["share"] / half)) if half > 0 else 0.0
