"""The numbers a user decides by: checked against values worked out by hand, and against studies where the truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hpsearch.results.statistics import (
    Floats,
    confidence_interval,
    corrected_standard_error,
    corrected_t_test,
    holm,
    variance_factor,
)

NAN = math.nan


def t4_two_sided(t: float) -> float:
    """The two-sided p-value of Student's t with 4 degrees of freedom, which has a closed form."""
    scale = 1 + t * t / 4
    return 1 - 0.75 * (abs(t) / math.sqrt(scale)) * (1 - t * t / scale / 12)


def test_the_standard_error_is_nadeau_and_bengios() -> None:
    """Five folds of a hundred rows: squared deviations add to .004, so s² = .001, and (1/5 + 20/80) s² = .00045."""
    sd, se, df = corrected_standard_error(np.array([[0.80, 0.82, 0.78, 0.84, 0.76]]), 20 / 80)
    assert sd[0] == pytest.approx(math.sqrt(0.001))
    assert se[0] == pytest.approx(math.sqrt(0.00045))
    assert df[0] == 4
    low, high = confidence_interval(np.array([0.8]), se, df)
    assert (low[0], high[0]) == pytest.approx((0.8 - 2.776445 * math.sqrt(0.00045), 0.8 + 2.776445 * math.sqrt(0.00045)))


def test_without_shared_rows_it_is_the_textbooks() -> None:
    """Seeds of a function trial: 1/J alone."""
    _, se, _ = corrected_standard_error(np.array([[1.0, 2.0, 3.0, 4.0]]), 0.0)
    assert se[0] == pytest.approx(math.sqrt(5 / 3 / 4))
    assert variance_factor(4, 0.0) == 0.25


def test_one_score_has_no_standard_error() -> None:
    """A number here would be invented."""
    sd, se, df = corrected_standard_error(np.array([[0.9, NAN], [NAN, NAN]]), 0.25)
    assert np.isnan([*sd, *se, *df]).all()


def test_the_paired_test_by_hand() -> None:
    """Differences .01 .02 .03 .02 .02: mean .02, s² = .00005, t² = .0004 / (.45 · .00005) = 160/9."""
    reference = np.array([0.80, 0.82, 0.78, 0.84, 0.76])
    p = corrected_t_test(np.array([reference - [0.01, 0.02, 0.03, 0.02, 0.02]]), reference, 0.25)
    assert p[0] == pytest.approx(t4_two_sided(math.sqrt(160 / 9)))
    assert p[0] == pytest.approx(0.013517, abs=5e-7)


def test_pairing_sees_a_small_constant_lead_through_hard_folds() -> None:
    """Folds differ by .3, the configurations by .01 on each: unpaired, nothing would be seen."""
    reference = np.array([0.6, 0.7, 0.8, 0.9, 0.65])
    noise = np.array([0.001, -0.001, 0.0005, -0.0005, 0.0])
    assert corrected_t_test((reference - 0.01 + noise)[np.newaxis], reference, 0.25)[0] < 0.001


def test_equal_rows_and_constant_leads_need_no_division() -> None:
    """No spread: certain equality or certain difference, and never NaN."""
    reference = np.array([0.5, 0.5, 0.5])
    assert corrected_t_test(np.array([reference, reference - 0.25]), reference, 0.5).tolist() == [1.0, 0.0]


def test_other_splits_are_compared_unpaired() -> None:
    """Scores on splits of one's own: both variances count, with the smaller side's degrees of freedom."""
    reference = np.array([1.0, 2.0, 3.0, NAN, NAN, NAN])
    other = np.array([[NAN, NAN, NAN, 5.0, 6.0, 7.0]])
    t = 4 / math.sqrt(2 * (1 / 3 + 0.5))  # each side: s² = 1, factor 1/3 + 1/2
    df2 = 1 - t / math.sqrt(2 + t * t)  # two-sided p for 2 degrees of freedom
    assert corrected_t_test(other, reference, 0.5)[0] == pytest.approx(df2)


def test_holm_by_hand() -> None:
    """.01·3, then .03·2, then .04·1, never falling; NaN is no hypothesis and costs the others nothing."""
    assert holm(np.array([0.01, 0.04, NAN, 0.03]))[[0, 1, 3]].tolist() == pytest.approx([0.03, 0.06, 0.06])
    assert math.isnan(holm(np.array([0.01, NAN]))[1])
    assert holm(np.array([0.6, 0.9])).tolist() == [1.0, 1.0]


def cross_validated(rng: np.random.Generator, n_rules: int, *, rows: int, folds: int, repeats: int) -> Floats:
    """Accuracies (n_rules, folds * repeats) of threshold rules fitted on one feature each, all features equally good.

    By symmetry no rule is better than another; whatever differs is luck with the data.
    """
    y = rng.integers(0, 2, rows) * 2 - 1
    x = 0.5 * y[:, np.newaxis] + rng.normal(size=(rows, n_rules))
    test = np.zeros((folds * repeats, rows))
    for repeat in range(repeats):
        for fold, part in enumerate(np.array_split(rng.permutation(rows), folds)):
            test[repeat * folds + fold, part] = 1
    train = 1 - test
    centre = sum((train * (y == side)) @ x / (train * (y == side)).sum(axis=1, keepdims=True) for side in (-1, 1)) / 2
    right = np.sign(x[np.newaxis] - centre[:, np.newaxis, :]) == y[np.newaxis, :, np.newaxis]
    return np.einsum("sr,srk->ks", test, right) / test.sum(axis=1)


def test_the_corrected_test_holds_its_size_where_the_naive_one_does_not() -> None:
    """Ten times ten-fold, two equally good rules: a plain paired t-test finds a "difference" in about half of all studies."""
    rng = np.random.default_rng(11)
    corrected, naive = [], []
    for _ in range(400):
        first, second = cross_validated(rng, 2, rows=100, folds=10, repeats=10)
        corrected.append(corrected_t_test(first[np.newaxis], second, 10 / 90)[0] < 0.05)
        naive.append(corrected_t_test(first[np.newaxis], second, 0.0)[0] < 0.05)
    assert np.mean(naive) > 0.35
    assert np.mean(corrected) < 0.08  # .05, and three standard errors of 400 studies


def test_the_best_set_keeps_what_is_as_good_as_the_best() -> None:
    """Fifteen equally good configurations, five folds: any given one is left out of the best set in at most 5 % of studies."""
    rng = np.random.default_rng(12)
    left_out = []
    for _ in range(300):
        scores = cross_validated(rng, 15, rows=100, folds=5, repeats=1)
        best = int(scores.mean(axis=1).argmax())
        others = np.delete(np.arange(15), best)
        p = holm(corrected_t_test(scores[others], scores[best], 20 / 80))
        left_out.append(best != 0 and p[list(others).index(0)] < 0.05)
    assert np.mean(left_out) <= 0.05
