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
from scipy.special import stdtr, stdtrit  # Student's t; scipy.stats takes half a second to import

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


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
        sd, se, df: each (n_configs,). NaN where a row has fewer than two scores: from one split nothing can be said.
    """
    count = np.isfinite(scores).sum(axis=1)
    sd = np.full(len(scores), np.nan)
    enough = count >= 2
    with np.errstate(invalid="ignore"):
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


def corrected_t_test(scores: Floats, reference: Floats, test_over_train: float) -> Floats:
    """Two-sided p-values of the hypotheses that each row's expected score equals the reference's.

    Rows scored on the reference's splits are paired with it, split by split (t with J - 1 degrees of freedom). A row with
    other splits is compared unpaired: the two corrected variances are added, with the smaller J - 1 (a conservative stand-in
    for Welch's degrees of freedom, which the correction has no theory for).

    Args:
        scores: (n_configs, n_splits); NaN where a configuration was not scored on a split.
        reference: (n_splits,).

    Returns:
        (n_configs,) p-values; NaN where either side has fewer than two scores.
    """
    has_reference = np.isfinite(reference)
    has = np.isfinite(scores)
    paired = (has == has_reference).all(axis=1) & (has_reference.sum() >= 2)
    p = np.full(len(scores), np.nan)
    if paired.any():
        difference = scores[paired][:, has_reference] - reference[has_reference]
        n_splits = int(has_reference.sum())
        variance = difference.var(axis=1, ddof=1) * variance_factor(n_splits, test_over_train)
        p[paired] = _two_sided(difference.mean(axis=1), np.sqrt(variance), np.full(len(difference), n_splits - 1.0))
    if not paired.all():
        p[~paired] = _unpaired(scores[~paired], reference, test_over_train)
    return p


def _unpaired(scores: Floats, reference: Floats, test_over_train: float) -> Floats:
    _, se, df = corrected_standard_error(scores, test_over_train)
    _, reference_se, reference_df = corrected_standard_error(reference[np.newaxis, :], test_over_train)
    known = np.isfinite(se) & np.isfinite(reference_se[0])
    p = np.full(len(scores), np.nan)
    if known.any():
        difference = np.nanmean(scores[known], axis=1) - np.nanmean(reference)
        joint = np.sqrt(se[known] ** 2 + reference_se[0] ** 2)
        p[known] = _two_sided(difference, joint, np.minimum(df[known], reference_df[0]))
    return p


def _two_sided(difference: Floats, se: Floats, df: Floats) -> Floats:
    # No spread at all: the difference is certain, or there is none. Division would give NaN for the latter.
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(difference == 0, 0.0, np.abs(difference) / se)
    return np.asarray(2 * stdtr(df, -t), dtype=np.float64)


def holm(p_values: Floats) -> Floats:
    """Holm's step-down adjusted p-values: rejecting those below alpha keeps the family-wise error at alpha.

    S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6 (1979), 65–70.
    NaN stays NaN and counts as no hypothesis.
    """
    adjusted = np.full(len(p_values), np.nan)
    tested = np.flatnonzero(np.isfinite(p_values))
    order = tested[np.argsort(p_values[tested], kind="stable")]
    steps = len(order) - np.arange(len(order))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(p_values[order] * steps))
    return adjusted
