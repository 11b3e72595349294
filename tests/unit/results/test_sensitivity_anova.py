"""Complete grids taken apart: against sums done by hand and by numpy's least squares, and intervals against simulation."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from hpsearch.results.sensitivity.anova import Anova, analyse_grid, noncentrality_interval
from hpsearch.results.sensitivity.features import Feature, Features
from hpsearch.results.statistics import Floats


def grid(*sizes: int) -> Features:
    """All combinations of so many levels each, in the order of itertools.product."""
    places = np.array(list(itertools.product(*[(np.arange(size) + 0.5) / size for size in sizes])))
    features = (
        Feature(f"x{index}", tuple(map(float, range(size))), 0.0, 1.0, log=False, is_number=True)
        for index, size in enumerate(sizes)
    )
    return Features(tuple(features), places)


def analysed(features: Features, scores: Floats) -> Anova:
    found = analyse_grid(features, scores if scores.ndim == 2 else scores[:, np.newaxis])
    assert found is not None
    return found


def by_regression(features: Features, y: Floats, term: tuple[int, ...]) -> float:
    """The sum of squares that dummies of a term add to those of all its parts: what statistics packages do."""

    def dummies(columns: tuple[int, ...]) -> Floats:
        codes = [(features.places[:, column] * len(features.features[column].levels)).astype(int) for column in columns]
        _, cell = np.unique(np.stack(codes, axis=1), axis=0, return_inverse=True)
        return np.asarray(np.eye(cell.max() + 1)[cell])

    def residual(terms: list[tuple[int, ...]]) -> float:
        design = np.hstack([np.ones((len(y), 1)), *map(dummies, terms)])
        fitted = design @ np.linalg.lstsq(design, y, rcond=None)[0]
        return float(np.square(y - fitted).sum())

    parts = [part for size in range(1, len(term)) for part in itertools.combinations(term, size)]
    return residual(parts) - residual([*parts, term])


@pytest.mark.parametrize("term", [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2)])
def test_sums_of_squares_are_those_of_regressions_on_dummies(term: tuple[int, ...]) -> None:
    features = grid(3, 4, 5)
    y = np.random.default_rng(0).normal(size=60)
    found = analysed(features, y).effect(*term)
    assert found.sum_of_squares == pytest.approx(by_regression(features, y, term), rel=1e-10)
    assert found.df == math.prod(len(features.features[feature].levels) - 1 for feature in term)


def test_all_terms_of_a_grid_add_up_to_the_whole() -> None:
    y = np.random.default_rng(1).normal(size=24)
    found = analysed(grid(2, 3, 4), y)
    shares = [effect.share for effect in (*found.main_effects(), *found.pairs(), found.effect(0, 1, 2))]
    assert sum(shares) == pytest.approx(1.0)
    assert found.total == pytest.approx(float(np.square(y - y.mean()).sum()))


def test_a_known_function_has_its_known_shares() -> None:
    """y = a + 2b + ab over levels ±1: variances 1, 4 and 1."""
    features = grid(2, 2, 2)
    a, b = (np.sign(features.places[:, column] - 0.5) for column in (0, 1))
    found = analysed(features, a + 2 * b + a * b)
    assert [effect.share for effect in found.main_effects()] == pytest.approx([1 / 6, 4 / 6, 0])
    assert found.effect(0, 1).share == pytest.approx(1 / 6)
    assert found.totals() == pytest.approx([2 / 6, 5 / 6, 0])


def test_the_order_of_the_configurations_does_not_matter() -> None:
    features, y = grid(3, 4), np.random.default_rng(2).normal(size=12)
    mixed = np.random.default_rng(3).permutation(12)
    again = analysed(Features(features.features, features.places[mixed]), y[mixed])
    assert again.effect(0).share == pytest.approx(analysed(features, y).effect(0).share)


@pytest.mark.parametrize("case", ["one missing", "one twice", "draws", "inactive"])
def test_what_is_no_complete_grid_is_not_taken_for_one(case: str) -> None:
    features, places = grid(3, 4).features, grid(3, 4).places.copy()
    if case == "one missing":
        places = places[:-1]
    elif case == "one twice":
        places[0] = places[1]
    elif case == "draws":
        features = (features[0], Feature("u", (), 0.0, 1.0, log=False, is_number=True))
    else:
        places[0, 0] = np.nan
    assert analyse_grid(Features(features, places), np.ones((len(places), 1))) is None


def test_chance_is_known_from_splits_and_taken_off() -> None:
    """On noise alone each share is zero on average, and the noise's is all; ups and downs of a split are no noise."""
    features, rng = grid(4, 5), np.random.default_rng(4)
    found = [analysed(features, rng.normal(size=(20, 5)) + 10 * rng.normal(size=5)) for _ in range(400)]
    mains = np.array([[effect.share for effect in one.main_effects()] for one in found])
    # Not quite zero: the whole that shares are of is drawn too, and of 1 / chi-squared(19) the mean is 1 / 17.
    assert mains.mean(axis=0) == pytest.approx([df * (1 / 19 - 1 / 17) for df in (3, 4)], abs=0.015)
    assert np.mean([one.noise_share for one in found]) == pytest.approx(0.9, abs=0.05), "at most all of it"


def test_what_chance_adds_to_a_total_is_taken_off() -> None:
    """Of a parameter that does nothing, the total is zero on average; chance alone makes a quarter of the differences."""
    rng, features = np.random.default_rng(11), grid(3, 5)
    scores = [features.places[:, :1] * 2 + rng.normal(size=5) + rng.normal(size=(15, 5)) for _ in range(400)]
    idle = [analysed(features, each).totals()[1] for each in scores]
    assert np.mean(idle) == pytest.approx(0.0, abs=0.03)


def test_one_score_each_leaves_chance_unknown() -> None:
    effect = analysed(grid(3, 4), np.arange(12.0)).effect(0)
    assert math.isnan(effect.low)
    assert math.isnan(effect.high)


def test_constant_scores_have_no_shares() -> None:
    found = analysed(grid(3, 4), np.ones((12, 5)))
    assert [effect.share for effect in found.main_effects()] == [0.0, 0.0]


def test_scores_without_any_noise_have_no_width() -> None:
    effect = analysed(grid(3, 4), np.repeat(np.arange(12.0)[:, np.newaxis], 5, axis=1)).effect(0)
    assert effect.low == effect.high == pytest.approx(effect.share)


def test_what_explains_nearly_all_has_an_interval_that_says_so() -> None:
    """The other part is small, and so is hardly known: that takes nothing from the first."""
    rng = np.random.default_rng(0)
    scores = np.repeat([10.0, 20.0, 30.0], 3)[:, np.newaxis] + rng.normal(size=(9, 5))
    found = Anova(scores.reshape(3, 3, 5)).effect(0)
    assert 0.9 < found.low < found.share < found.high < 1


def test_intervals_hold_the_true_share_in_95_of_100_studies() -> None:
    features, rng = grid(4, 3, 5), np.random.default_rng(5)
    truth = 0.5 * np.sin(5 * features.places[:, 0]) + 0.3 * features.places[:, 1]
    noise = 0.25 / 5
    whole = float(np.square(truth - truth.mean()).sum()) + 59 * noise
    exact = analysed(features, truth)
    held = np.zeros(3)
    for _ in range(400):
        found = analysed(features, truth[:, np.newaxis] + rng.normal(size=5) + 0.5 * rng.normal(size=(60, 5)))
        true = [effect.sum_of_squares / whole for effect in exact.main_effects()]
        effects = zip(found.main_effects(), true, strict=True)
        held += [effect.low <= share + 1e-12 <= effect.high + 2e-12 for effect, share in effects]
    assert (held / 400 > 0.925).all(), held / 400
    assert (held / 400 < 0.99).all(), held / 400


def test_intervals_hold_where_chance_adds_more_to_one_term_than_to_others() -> None:
    """Configurations that differ in rounds alone err alike, so that the others' effects scatter more than one would think."""
    features, rng = grid(4, 3, 5), np.random.default_rng(6)
    truth = 0.3 * features.places[:, 1] + 0.3 * features.places[:, 2]
    held = np.zeros(3)
    for _ in range(400):
        shared = 0.25 * rng.normal(size=(4, 3, 1, 5)) + 0.02 * rng.normal(size=(4, 3, 5, 5))
        found = analysed(features, truth[:, np.newaxis] + shared.reshape(60, 5))
        exact = analysed(features, truth)
        whole = exact.total + (5 * 11 * 0.25**2 + 59 * 0.02**2) / 5
        true = [effect.sum_of_squares / whole for effect in exact.main_effects()]
        effects = zip(found.main_effects(), true, strict=True)
        held += [effect.low <= share + 1e-12 <= effect.high + 2e-12 for effect, share in effects]
    assert (held / 400 > 0.92).all(), held / 400


def test_the_error_of_a_means_is_that_of_its_own_term() -> None:
    """Against the scatter of the means of many studies, with chance that is the rows' alone."""
    features, rng = grid(4, 5), np.random.default_rng(7)
    studies = [analysed(features, np.repeat(rng.normal(size=(4, 6)), 5, axis=0)) for _ in range(300)]
    for parameter, wanted in ((0, 1 / math.sqrt(6)), (1, 0.0)):
        assert np.sqrt(np.mean([one.marginal_error(parameter) ** 2 for one in studies])) == pytest.approx(wanted, abs=0.02)


def test_a_variance_on_few_degrees_of_freedom_makes_wider_intervals() -> None:
    known, guessed = noncentrality_interval(20.0, 3), noncentrality_interval(20.0, 3, 8.0)
    assert guessed[0] < known[0] < known[1] < guessed[1]
    assert noncentrality_interval(20.0, 3, 2e4) == pytest.approx(known, rel=1e-3)


def test_a_statistic_that_no_effect_would_often_give_has_zero_in_its_interval() -> None:
    low, high = noncentrality_interval(2.0, 3)
    assert low == 0.0
    assert high == pytest.approx(8.19, abs=0.01)
    assert noncentrality_interval(0.01, 3) == (0.0, 0.0)
