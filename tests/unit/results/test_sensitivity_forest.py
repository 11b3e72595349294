"""Forests taken apart: exactly, against integrals of the forest itself; and against functions whose indices are known."""

from __future__ import annotations

import numpy as np
import pytest
from known_functions import draws, ishigami, sobol_g, sobol_g_shares, uniform
from sklearn.ensemble import RandomForestRegressor

from benchmarks.chances import of_forest_intervals
from hpsearch.results.sensitivity.boxes import boxes_of
from hpsearch.results.sensitivity.features import Feature, Features
from hpsearch.results.sensitivity.forest import ForestFit, fit_forest
from hpsearch.results.statistics import Floats


def mains(fit: ForestFit) -> list[float]:
    return [share.share for share in fit.main_effects()]


@pytest.fixture(scope="module")
def small_forest() -> tuple[RandomForestRegressor, Floats]:
    places = uniform(60, 3)
    return RandomForestRegressor(5, random_state=0).fit(places, ishigami(places)), places


def test_marginals_are_the_forests_own_means_over_all_else(small_forest: tuple[RandomForestRegressor, Floats]) -> None:
    """Against predictions at every combination of a fine grid of the other axes."""
    model, _ = small_forest
    boxes = boxes_of([tree.tree_ for tree in model.estimators_], 3)
    fine = (np.arange(80) + 0.5) / 80
    x, y, z = (axis.ravel() for axis in np.meshgrid(fine, fine, fine, indexing="ij"))
    values = model.predict(np.stack([x, y, z], axis=1)).reshape(80, 80, 80)
    assert boxes.mean == pytest.approx(values.mean(), abs=0.05)
    assert boxes.marginal(0, 8) == pytest.approx(values.reshape(8, 10, 6400).mean(axis=(1, 2)), abs=0.1)
    two = values.reshape(4, 20, 4, 20, 80).mean(axis=(1, 3, 4))
    assert boxes.marginal_of_two((0, 1), (4, 4)) == pytest.approx(two, abs=0.15)


def test_marginals_are_consistent_with_one_another(small_forest: tuple[RandomForestRegressor, Floats]) -> None:
    """To rounding: the mean over one axis of two is the other's, and the mean of that the forest's."""
    model, _ = small_forest
    boxes = boxes_of([tree.tree_ for tree in model.estimators_], 3)
    two = boxes.marginal_of_two((1, 2), (7, 64))
    assert two.mean(axis=1) == pytest.approx(boxes.marginal(1, 7), abs=1e-9)
    assert two.mean(axis=0) == pytest.approx(boxes.marginal(2, 64), abs=1e-9)
    assert boxes.marginal(0, 64).mean() == pytest.approx(boxes.mean, abs=1e-9)


def test_a_tree_of_one_cut_has_the_marginal_that_one_can_see() -> None:
    places = np.array([[0.2], [0.3], [0.7], [0.8]])
    model = RandomForestRegressor(1, bootstrap=False).fit(places, np.array([1.0, 1.0, 5.0, 5.0]))
    boxes = boxes_of([tree.tree_ for tree in model.estimators_], 1)
    assert boxes.marginal(0, 4) == pytest.approx([1, 1, 5, 5], abs=1e-6)
    assert boxes.mean == pytest.approx(3.0, abs=1e-6)


def test_ishigamis_function() -> None:
    """The second parameter's waves are what a forest learns last: of its share a fifth is taken for something else still."""
    places = uniform(2000, 5)
    fit = fit_forest(draws(places), ishigami(places))
    assert mains(fit) == pytest.approx([0.314, 0.442, 0, 0, 0], abs=0.1)
    assert mains(fit)[0] == pytest.approx(0.314, abs=0.03)
    pairs = {share.term: share.share for share in fit.pairs(range(5))}
    assert pairs[0, 2] == pytest.approx(0.244, abs=0.07)
    assert max(share for term, share in pairs.items() if term != (0, 2)) < 0.03
    assert fit.totals() == pytest.approx([0.557, 0.442, 0.244, 0, 0], abs=0.08)


def test_sobols_g_function() -> None:
    places = uniform(2000, 6)
    fit = fit_forest(draws(places), sobol_g(places))
    shares, pairs = sobol_g_shares()
    assert mains(fit) == pytest.approx([*shares, 0, 0], abs=0.08)
    found = {share.term: share.share for share in fit.pairs(range(4))}
    assert found[0, 1] == pytest.approx(pairs[0, 1], abs=0.04)


def test_pure_noise_is_unexplained() -> None:
    """What a share is worth on noise alone: next to nothing, whatever a forest has learnt by heart."""
    places = uniform(200, 6)
    fits = [fit_forest(draws(places), np.random.default_rng(seed).normal(size=200), seed=seed) for seed in range(5)]
    assert max(fit.explained for fit in fits) < 0.1
    assert max(max(mains(fit)) for fit in fits) < 0.05


def test_half_noise_halves_the_shares() -> None:
    places, rng = uniform(2000, 4), np.random.default_rng(1)
    y = 4 * places[:, 0] + 2 * places[:, 1]
    noisy = y + y.std() * rng.normal(size=2000)
    fit = fit_forest(draws(places), noisy)
    assert fit.r2 == pytest.approx(0.45, abs=0.08)
    assert mains(fit)[:2] == pytest.approx([0.8 * fit.r2, 0.2 * fit.r2], abs=0.04)


def test_a_text_is_one_parameter_whatever_the_order_of_its_names() -> None:
    rng = np.random.default_rng(2)
    codes, other = rng.integers(0, 6, 400), rng.random(400)
    effect = np.array([3.0, -1.0, 2.0, 0.0, -2.0, 1.0])
    feature = Feature("kind", tuple("abcdef"), 0.0, 1.0, log=False, is_number=False)
    features = Features((feature, draws(other[:, np.newaxis]).features[0]), np.stack([(codes + 0.5) / 6, other], axis=1))
    fit = fit_forest(features, effect[codes] + other)
    variance = effect.var() + 1 / 12
    assert mains(fit) == pytest.approx([effect.var() / variance, 1 / 12 / variance], abs=0.03)
    edges, curve = fit.curve(0)
    assert len(edges) == 7
    assert curve - curve.mean() == pytest.approx(effect - effect.mean(), abs=0.2)
    _, _, surface = fit.surface(1, 0)
    assert surface.mean(axis=0) == pytest.approx(curve, abs=0.05)


def test_a_curve_is_the_functions_mean_and_its_band_is_wider_on_less() -> None:
    few, many = uniform(60, 3), uniform(2000, 3)
    fits = [fit_forest(draws(places), ishigami(places)) for places in (few, many)]
    edges, curve = fits[1].curve(1)
    middle = np.pi * (edges[:-1] + edges[1:] - 1)
    assert curve == pytest.approx(7 * np.sin(middle) ** 2, abs=1.6)
    assert fits[0].curve_band(1).mean() > 2 * fits[1].curve_band(1).mean()


def test_standard_errors_are_of_the_size_of_the_scatter_between_studies() -> None:
    shares, errors = [], []
    for seed in range(12):
        places = uniform(250, 3, seed=100 + seed)
        found = fit_forest(draws(places), 3 * places[:, 0] + np.sin(6 * places[:, 1]), seed=seed).main_effects()
        shares.append([share.share for share in found[:2]])
        errors.append([share.se for share in found[:2]])
    scatter = np.std(shares, axis=0, ddof=1)
    told = np.mean(errors, axis=0)
    assert (told > 0.6 * scatter).all(), (told, scatter)
    assert (told < 2.5 * scatter).all(), (told, scatter)


def test_intervals_hold_what_other_trials_would_give() -> None:
    """Of 300 trials with as much noise as signal; more of them is in benchmarks/CHANCES.md."""
    held = of_forest_intervals(300, 0.5, 25)
    assert held["share of x1"] >= 88
    assert held["share of x2"] >= 80
    assert held["dependence on x1"] >= 90


def test_equal_seeds_give_equal_shares() -> None:
    places = uniform(50, 3)
    assert mains(fit_forest(draws(places), ishigami(places), seed=3)) == mains(
        fit_forest(draws(places), ishigami(places), seed=3)
    )
