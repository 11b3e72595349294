"""The numbers a user decides by, checked against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hpsearch.results.statistics import confidence_interval, corrected_standard_error, variance_factor

NAN = math.nan


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


@pytest.mark.parametrize("folds", [2, 3, 5, 10])
def test_the_interval_of_a_score_holds_what_it_is_worth_in_95_of_100(folds: int) -> None:
    """Scores of folds that share training rows, as the correction assumes. With the textbook's 1/J fewer do, 80 to 92."""
    rng, ratio = np.random.default_rng(0), 1 / (folds - 1)
    scores = rng.normal(size=(20_000, folds)) + math.sqrt(ratio) * rng.normal(size=(20_000, 1))
    low, high = confidence_interval(scores.mean(axis=1), *corrected_standard_error(scores, ratio)[1:])
    assert np.mean((low <= 0) & (high >= 0)) == pytest.approx(0.95, abs=0.006)
    low, high = confidence_interval(scores.mean(axis=1), *corrected_standard_error(scores, 0.0)[1:])
    assert np.mean((low <= 0) & (high >= 0)) < 0.92
