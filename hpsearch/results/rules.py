"""Which configuration to use: the best, or a cheaper one that may be as good.

"1se" is the one-standard-error rule (L. Breiman, J. H. Friedman, R. A. Olshen and C. J. Stone, "Classification and Regression
Trees", 1984, section 3.4.3): of those whose score lies within one standard error of the best's, the simplest. Departures: what is
simpler is not known of any estimator, so it is the one whose trials took the least time; and the error is corrected for what
folds share (`statistics`), which is larger than theirs.

"cheapest" takes the same of the best set, of all that are not told to be worse: where few splits tell little apart, that holds
much that is worse by far. What it may cost is for whoever asks to see: `compare`.

Times that differ by less than a tenth are taken for equal, and the better rank decides: a timer does not repeat itself better.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from hpsearch.core.errors import SpecError

RULES = ("best", "1se", "cheapest")

_ALIKE = 0.1  # of the time that the dearer takes


def chosen_row(ranked: pd.DataFrame, rule: str) -> int:
    """The place in the ranking, from 0, of the configuration that a rule names.

    Args:
        ranked: the ranked configurations, best first; one at least.

    Raises:
        SpecError: it needs a standard error of the best, which is not known.
    """
    if rule == "best":
        return 0
    candidates = np.flatnonzero(ranked["within_1se" if rule == "1se" else "in_best_set"].fillna(False).to_numpy(dtype=bool))
    if not len(candidates):
        raise SpecError(f"the rule {rule!r} needs the standard error of the best, which is not known; use the rule 'best'")
    seconds = ranked["seconds"].to_numpy(dtype=np.float64)[candidates]
    return int(candidates[seconds * (1 - _ALIKE) <= seconds.min()][0])
