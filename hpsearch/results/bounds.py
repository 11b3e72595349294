"""The ranges of scikit-learn's scorers, as far as they are known: no score lies outside, and so no interval should."""

from __future__ import annotations

import math
import re

_UNBOUNDED = (-math.inf, math.inf)

# By the scorer's whole name; the first that fits.
_RANGES = (
    (r"neg_.*", (-math.inf, 0.0)),
    (r"(accuracy|balanced_accuracy|top_k_accuracy|average_precision|rand_score|fowlkes_mallows_score)", (0.0, 1.0)),
    (r"(f1|precision|recall|jaccard)(_(micro|macro|weighted|samples))?", (0.0, 1.0)),
    (r"roc_auc(_(ovr|ovo)(_weighted)?)?", (0.0, 1.0)),
    (r"(normalized_mutual_info|homogeneity|completeness|v_measure)_score", (0.0, 1.0)),
    (r"matthews_corrcoef", (-1.0, 1.0)),
    (r"(r2|explained_variance|d2_.*|adjusted_rand_score|adjusted_mutual_info_score)", (-math.inf, 1.0)),
    (r"positive_likelihood_ratio|mutual_info_score", (0.0, math.inf)),
)


def scorer_range(name: str) -> tuple[float, float]:
    """The lowest and the highest score that the scorer can give; infinite where there is none, or it is not known."""
    return next((bounds for pattern, bounds in _RANGES if re.fullmatch(pattern, name)), _UNBOUNDED)
