"""Where configurations may stand: against truths that a simulation knows."""

from __future__ import annotations

import numpy as np
import pytest

from hpsearch.results import luck
from hpsearch.results.luck import optimism, standing
from hpsearch.results.statistics import Floats
from tests.unit.results.results_builders import Study

J, RATIO = 5, 0.25


def scored(worth: Floats, rng: np.random.Generator) -> Floats:
    """Losses on five folds, correlated as the correction assumes."""
    n = len(worth)
    own, common = rng.normal(size=(n, J)), np.sqrt(RATIO) * rng.normal(size=(n, 1))
    return np.asarray(worth[:, np.newaxis] + own + common + rng.normal(size=J))


def sorted_by_mean(worth: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    losses = scored(worth, rng)
    order = np.argsort(losses.mean(axis=1))
    return losses[order], worth[order]


def test_intervals_of_ranks_hold_the_true_rank_in_95_of_100() -> None:
    rng = np.random.default_rng(0)
    held = []
    for _ in range(100):
        losses, worth = sorted_by_mean(np.linspace(0, 3, 20), rng)
        true = np.argsort(np.argsort(worth)) + 1
        found = standing(losses, RATIO)
        held.append(((found.rank_low <= true) & (true <= found.rank_high)).mean())
    assert np.mean(held) == pytest.approx(0.95, abs=0.03)


@pytest.mark.parametrize("kind", ["even", "normal"])
def test_the_winners_chance_is_how_often_it_is_the_best(kind: str) -> None:
    rng = np.random.default_rng(2)
    told, was = [], []
    for _ in range(150):
        worth = np.linspace(0, 3, 20) if kind == "even" else rng.normal(size=60)
        losses, sorted_worth = sorted_by_mean(worth, rng)
        told.append(standing(losses, RATIO).p_best[0])
        was.append(sorted_worth[0] == worth.min())
    assert np.mean(told) == pytest.approx(np.mean(was), abs=0.13)


def test_of_configurations_that_are_all_alike_none_is_sure_of_anything() -> None:
    rng = np.random.default_rng(3)
    found = [standing(sorted_by_mean(np.zeros(30), rng)[0], RATIO) for _ in range(30)]
    assert np.mean([one.p_best[0] for one in found]) < 0.25
    assert np.median([one.rank_high[0] for one in found]) >= 15
    assert all(one.p_best.sum() == pytest.approx(1.0) for one in found)


def test_who_is_far_ahead_is_first_for_sure() -> None:
    worth = np.r_[-50.0, np.linspace(0, 3, 19)]
    losses, _ = sorted_by_mean(worth, np.random.default_rng(4))
    found = standing(losses, RATIO)
    assert (found.p_best[0], found.rank_low[0], found.rank_high[0]) == (1.0, 1, 1)


def test_many_are_placed_as_a_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    losses, _ = sorted_by_mean(np.random.default_rng(5).normal(size=1500), np.random.default_rng(6))
    few = standing(losses, RATIO)
    monkeypatch.setattr(luck, "_DRAWN", 400)
    many = standing(losses, RATIO)
    assert np.abs(few.rank_low - many.rank_low).mean() < 30
    assert np.abs(few.rank_high - many.rank_high).mean() < 30
    assert few.p_best[:20] == pytest.approx(many.p_best[:20], abs=0.04)


def test_what_is_not_known_has_no_standing() -> None:
    losses = np.array([[1.0, 2.0], [np.nan, 3.0], [4.0, 5.0]])
    found = standing(losses, RATIO)
    assert np.isnan(found.p_best[1])
    assert np.isfinite(found.p_best[[0, 2]]).all()
    assert np.isnan(standing(losses[:1], RATIO).p_best).all()
    assert np.isnan(standing(losses[:, :1], RATIO).rank_low).all()


def test_equal_scores_share_their_chances() -> None:
    found = standing(np.tile([1.0, 2.0, 3.0], (4, 1)), RATIO)
    assert found.p_best == pytest.approx(np.full(4, 0.25))


def test_the_winner_of_noise_owes_its_lead_to_luck() -> None:
    """On noise alone the honest loss is what all are worth, however low the winner's own is."""
    rng = np.random.default_rng(7)
    found = [optimism(rng.normal(size=(50, J))) for _ in range(200)]
    assert np.mean([one.naive for one in found if one]) < -0.8
    assert np.mean([one.honest for one in found if one]) == pytest.approx(0.0, abs=0.1)


def test_optimism_by_hand() -> None:
    """Without the first split the second row wins, which loses there; without the second, the first."""
    found = optimism(np.array([[0.0, 3.0], [2.0, 0.0]]))
    assert found is not None
    assert (found.naive, found.honest, found.winners) == (1.0, 2.5, 2)
    assert optimism(np.array([[1.0, 2.0]])) is None
    assert optimism(np.array([[1.0], [2.0]])) is None


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("far", [1e20, 1e300])
def test_one_that_diverged_on_a_split_wins_nothing_by_it(far: float) -> None:
    """Without that split its other losses are what they are, and not nothing; nor is every other one a tie."""
    good = np.array([[0.1, 0.2, 0.1], [0.2, 0.3, 0.2]])
    with_far = np.vstack([good, [far, 0.9, 0.9]])
    found = optimism(with_far)
    assert found == optimism(good)
    assert np.isfinite(standing(with_far, 0.5).rank_high).all()


def test_the_table_has_the_standing() -> None:
    study = Study()
    rng = np.random.default_rng(8)
    for C in range(10):
        study.add({"C": C}, folds=(0.5 + 0.05 * C + 0.01 * rng.normal(size=5)).tolist())
    configs = study.results().configs
    assert configs["p_best"].iloc[0] > 0.5
    assert configs["rank_low"].iloc[0] == 1
    assert (configs["rank_low"] <= configs["rank"]).all()
    assert (configs["rank_high"] >= configs["rank"]).all()


def test_one_that_diverged_takes_nobodys_chances() -> None:
    losses, _ = sorted_by_mean(np.linspace(0, 3, 20), np.random.default_rng(9))
    alone = standing(losses, RATIO).p_best
    beside = standing(np.vstack([losses, np.full(J, 1e6) + np.arange(J)]), RATIO).p_best
    assert beside[:20] == pytest.approx(alone, abs=0.04)
    assert beside[20] == 0.0


def test_who_is_far_behind_by_his_own_noise_too_is_not_the_best() -> None:
    """Ten scatter fifteen times as much as the others, and lag by two to ten times that."""
    rng, hopeless = np.random.default_rng(12), []
    for _ in range(40):
        losses = np.vstack([scored(rng.normal(size=30), rng), rng.uniform(30, 150, (10, 1)) + 15 * scored(np.zeros(10), rng)])
        order = np.argsort(losses.mean(axis=1))
        hopeless.append(standing(losses[order], RATIO).p_best[order >= 30].sum())
    assert np.mean(hopeless) < 0.03


def test_scores_of_zero_and_without_noise_are_numbers_too() -> None:
    losses = np.vstack([np.zeros(J), np.zeros(J), np.random.default_rng(10).normal(2, 0.1, size=(5, J))])
    found = standing(losses, RATIO)
    assert found.p_best[:2].sum() == pytest.approx(1.0)


def test_of_two_configurations_either_may_be_first() -> None:
    """Both have the noise that their difference shows: none is sure of the other's place."""
    rng = np.random.default_rng(11)
    held, told, was = [], [], []
    for _ in range(200):
        losses, worth = sorted_by_mean(rng.normal(size=2), rng)
        found = standing(losses, RATIO)
        true = np.argsort(np.argsort(worth)) + 1
        held.append(((found.rank_low <= true) & (true <= found.rank_high)).mean())
        told.append(found.p_best[0])
        was.append(worth[0] < worth[1])
        assert found.rank_low[0] == 1
    assert np.mean(held) > 0.95
    assert 0.55 < np.mean(told) < np.mean(was) + 0.05


def test_of_two_splits_nobody_is_sure_by_luck_with_its_own_variance() -> None:
    """On one degree of freedom some variances are next to nothing, and whose they are would be sure of its place."""
    rng = np.random.default_rng(12)
    held, told, was = [], [], []
    for _ in range(60):
        worth = rng.normal(size=60)
        losses = worth[:, np.newaxis] + rng.normal(size=(60, 2)) + rng.normal(size=(60, 1))
        order = np.argsort(losses.mean(axis=1))
        losses, worth = losses[order], worth[order]
        found = standing(losses, 1.0)
        true = np.argsort(np.argsort(worth)) + 1
        held.append(((found.rank_low <= true) & (true <= found.rank_high)).mean())
        told.append(found.p_best[0])
        was.append(worth[0] == worth.min())
    assert np.mean(held) > 0.87
    assert np.mean(told) == pytest.approx(np.mean(was), abs=0.09)


def test_ranks_among_very_many_know_how_little_is_known_of_their_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four configurations and two splits: nothing to borrow from, and one degree of freedom."""
    rng = np.random.default_rng(13)
    widths: dict[int, list[float]] = {2000: [], 3: []}
    for _ in range(60):
        losses = rng.normal(size=(4, 2))
        losses = losses[np.argsort(losses.mean(axis=1))]
        for drawn, found in widths.items():
            monkeypatch.setattr(luck, "_DRAWN", drawn)
            place = standing(losses, 1.0)
            found.append(float((place.rank_high - place.rank_low).mean()))
    assert np.mean(widths[3]) == pytest.approx(np.mean(widths[2000]), abs=0.35)


def test_among_equal_winners_the_one_that_is_lucky_on_the_split_left_out_is_not_chosen() -> None:
    """Accuracies of few rows are often equal; what they are all worth is -0.9."""
    rng = np.random.default_rng(14)
    honest = []
    for _ in range(1000):
        right = -rng.binomial(50, 0.9, size=(60, J)).astype(np.float64)
        found = optimism(right[np.argsort(right.mean(axis=1), kind="stable")])
        assert found is not None
        honest.append(found.honest / 50)
    assert np.mean(honest) == pytest.approx(-0.9, abs=0.003)
    tied = optimism(np.array([[0.1 + 0.2, 0.0], [0.3, 1.0]]))
    assert tied is not None
    assert (tied.honest, tied.winners, tied.tied) == (pytest.approx((0.5 + 0.3) / 2), 2, 1)
