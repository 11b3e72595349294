"""How an axis is read: a wrong scale hides where the good values are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from hpsearch.core.metric import Metric, Mode
from hpsearch.report import axis

UP, DOWN = Metric("accuracy", Mode.MAX), Metric("loss", Mode.MIN)


@pytest.mark.parametrize(
    ("values", "geometric"),
    [
        ([0.1, 1, 10, 100], True),
        ([100, 200, 400], True),
        ([1, 3, 10, 30], True),
        ([3, 5, 7, 9], False),
        ([1, 2, 3, 4, 5, 6], False),
        ([1, 2, 3], False),
        ([0, 1, 10], False),
        ([-1, 1, 10], False),
        ([1, 10], False),
    ],
)
def test_a_grid_is_geometric_when_its_ratios_are_alike(values: list[float], geometric: bool) -> None:
    """Three decades on a linear axis are one dot and a void."""
    assert axis.is_geometric(values) is geometric


def test_draws_are_geometric_when_their_logarithms_are_spread_evenly() -> None:
    """A random search says nothing of its scale: the values do."""
    rng = np.random.default_rng(0)
    assert axis.is_geometric((10 ** rng.uniform(-4, 0, 100)).tolist())
    assert not axis.is_geometric(rng.uniform(0.01, 1, 100).tolist())


@pytest.mark.parametrize(("best", "where"), [(1, "low"), (2, ""), (9, "high")])
def test_a_grids_edge_is_its_end(best: float, where: str) -> None:
    """The second of many values is no edge."""
    assert axis.edge(best, [1, 2, 3, 5, 9], log=False) == where


def test_two_values_have_no_edge() -> None:
    """One of them is always the last."""
    assert axis.edge(1, [1, 2], log=False) == ""


def test_the_edge_of_draws_is_a_margin_on_the_axiss_own_scale() -> None:
    """The largest of a hundred draws is never the bound itself; .0011 is near .001 on a log axis only."""
    values = np.geomspace(0.001, 1, 100).tolist()
    assert axis.edge(0.0012, values, log=True) == "low"
    assert axis.edge(0.02, values, log=True) == ""
    assert axis.edge(0.02, values, log=False) == "low"
    assert axis.edge(0.9, values, log=True) == "high"


def test_covering_an_axis() -> None:
    """ "All of it" means from end to end of a grid, and nearly so of draws."""
    assert axis.covers([1, 4], [1, 2, 3, 4], log=False)
    assert not axis.covers([1, 3], [1, 2, 3, 4], log=False)
    assert axis.covers([0.02, 0.98], np.linspace(0, 1, 100).tolist(), log=False)
    assert not axis.covers([0.2, 0.98], np.linspace(0, 1, 100).tolist(), log=False)


@pytest.mark.parametrize(("metric", "sign"), [(DOWN, 1.0), (UP, -1.0)])
def test_a_diverged_configuration_is_cut_off_on_the_bad_side(metric: Metric, sign: float) -> None:
    """One loss of 10^6 must not press all others into a line; and the best is never cut off."""
    scores = [sign * score for score in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1e6)]
    low, high = axis.view(scores, metric)
    assert {low, high} == {sign * 0.1, sign * 0.9}


def test_an_ordinary_spread_and_an_exceptional_best_are_shown_whole() -> None:
    """Only what is worse may be left out, and only a few of them."""
    assert axis.view([0.1, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0], UP) == (0.1, 1.0)
    assert axis.view([*[0.5, 0.51, 0.52] * 4, 1000.0], UP) == (0.5, 1000.0)
    half = [*[1.0, 1.1, 1.2] * 4, *[1000.0] * 11]
    assert axis.view(half, DOWN) == (1.0, 1000.0)


def test_ticks_are_round_and_few() -> None:
    """A narrow range still gets three, eight decades not more than seven."""
    assert axis.ticks(0.05, 20) == (0.1, 1.0, 10.0)
    assert axis.ticks(0.9, 12) == (1.0, 3.0, 10.0)
    assert axis.ticks(90, 420) == (100.0, 200.0) or len(axis.ticks(90, 420)) >= 2
    assert len(axis.ticks(1e-8, 1e4)) <= 7


def test_decimals_of_ticks_agree() -> None:
    """.45 .60 .75, not .45 .6 .75; and none where numbers need powers of ten."""
    assert axis.common_decimals([0.45, 0.6, 0.75]) == 2
    assert axis.common_decimals([0.025, 0.05, 0.075]) == 3
    assert axis.common_decimals([0, 20, 40]) == 0
    assert axis.common_decimals([0, 2e6, 4e6]) is None
    assert axis.common_decimals([0, 1e-8]) is None


@pytest.mark.parametrize(
    ("values", "log", "expected"),
    [
        ([16, 32, 64], True, (16, 32, 64)),
        ([0.25, 0.5, 1, 2, 4, 8, 16, 32], True, (0.25, 0.5, 1, 2, 4, 8, 16, 32)),
        ([3, 5, 7], False, (3, 5, 7)),
        (range(1, 21), False, range(1, 20, 2)),
        ([0.1, 0.35], False, (0.1, 0.35)),
        ([1, 1.001, 2], False, ()),
        ([0.3], False, ()),
        (np.linspace(0, 1, 50), False, ()),
    ],
)
def test_a_grid_is_labelled_with_its_own_values(values: Sequence[float], log: bool, expected: Sequence[float]) -> None:
    """A batch size of 16 is not to be sought between 10 and 20; round numbers are for draws, and where labels would touch."""
    assert axis.level_ticks(list(values), lambda value: f"{value:g}", log=log, letters=45) == tuple(expected)
