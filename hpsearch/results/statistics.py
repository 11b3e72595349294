"""What can be said of scores that come from overlapping training sets. Pure numpy; direction plays no part here.

Folds of one data set share most of their training rows, so their scores are correlated and the textbook standard error is
far too small. Everything below uses the correction of

    C. Nadeau and Y. Bengio, "Inference for the Generalization Error", Machine Learning 52 (2003), 239–281, section 5,

which replaces the factor 1/J of the variance of a mean over J splits by 1/J + n_test/n_train. The paper derives it for
repeated random splits; R. Bouckaert and E. Frank, "Evaluating the Replicability of Significance Tests for Comparing Learning
Algorithms" (PAKDD 2004), show that it holds its size for repeated k-fold cross-validation as well, which is how it is used here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit  # Student's t; scipy.stats takes half a second to import

Floats = NDArray[np.float64]


LARGEST = 1e100  # of a score in what follows: what diverged further is no worse for it, and its square is still a number
_SMALLEST = 1e-150  # of a difference whose square is a number


def bounded(scores: Floats) -> Floats:
    """The scores, those beyond LARGEST at it."""
    return np.clip(scores, -LARGEST, LARGEST)


def all_alike(scores: Floats) -> bool:
    """Whether they differ by nothing, or by so little that no variance can be computed of it."""
    return bool(np.ptp(bounded(scores)) < _SMALLEST)


def variance_factor(n_splits: int | NDArray[np.int64], test_over_train: float) -> Floats:
    """1/J + n_test/n_train: what the sample variance over J splits is multiplied by to give the variance of their mean.

    `test_over_train` is 0 for evaluations that share no data-dependent split, such as the seeds of a function trial.
    """
    return np.asarray(1.0 / np.asarray(n_splits, dtype=np.float64) + test_over_train)


def corrected_standard_error(scores: Floats, test_over_train: float) -> tuple[Floats, Floats, Floats]:
    """Standard deviation, Nadeau–Bengio standard error and degrees of freedom of each row's mean.

    Args:
        scores: (n_configs, n_splits); NaN where a configuration was not scored on a split.
        test_over_train: n_test / n_train of the splits.

    Returns:
        sd, se, df: each (n_configs,). NaN where a row has fewer than two scores: from one split nothing can be said; nor where
        one is beyond LARGEST.
    """
    count = np.isfinite(scores).sum(axis=1)
    sd = np.full(len(scores), np.nan)
    enough = (count >= 2) & ~(np.abs(scores) > LARGEST).any(axis=1)
    with np.errstate(invalid="ignore", over="ignore"):  # of what diverged the spread is infinite
        sd[enough] = np.nanstd(scores[enough], axis=1, ddof=1)
    se = np.full(len(scores), np.nan)
    se[enough] = sd[enough] * np.sqrt(variance_factor(count[enough], test_over_train))
    df = np.where(enough, count - 1.0, np.nan)
    return sd, se, df


def confidence_interval(score: Floats, se: Floats, df: Floats, *, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """score ± t(df) · se: the bounds, each (n,); NaN where there is no standard error."""
    known = np.isfinite(se)
    half = np.full(len(score), np.nan)
    half[known] = stdtrit(df[known], 0.5 + confidence / 2) * se[known]
    return score - half, score + half
