"""How values are laid out: a wrong scale hides where the good ones are."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hpsearch.results import scales


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
    assert scales.is_geometric(values) is geometric


def test_draws_are_geometric_when_their_logarithms_are_spread_evenly() -> None:
    """A random search says nothing of its scale: the values do."""
    rng = np.random.default_rng(0)
    assert scales.is_geometric((10 ** rng.uniform(-4, 0, 100)).tolist())
    assert not scales.is_geometric(rng.uniform(0.01, 1, 100).tolist())


@pytest.mark.parametrize(("best", "where"), [(1, "low"), (1.01, ""), (2, ""), (9, "high")])
def test_a_grids_edge_is_its_end(best: float, where: str) -> None:
    """The second of many values is no edge."""
    assert scales.edge(best, 1, 9, log=False, drawn=False) == where


def test_the_edge_of_draws_is_a_margin_on_the_axiss_own_scale() -> None:
    """The largest of a hundred draws is never the bound itself; .0011 is near .001 on a log axis only."""
    for best, log, where in ((0.0012, True, "low"), (0.02, True, ""), (0.02, False, "low"), (0.9, True, "high")):
        assert scales.edge(best, 0.001, 1, log=log, drawn=True) == where


@pytest.mark.parametrize(
    ("values", "grid"),
    [
        ([1, 2, 3], True),
        ([1, 10, 100, 1000], True),
        ([1, 2, 5] * 2, True),
        ([1, 2], False),
        ([0.13, 0.2, 0.71, 0.83, 0.84], False),
        (list(range(30)), False),
    ],
)
def test_values_that_recur_or_lie_evenly_are_a_grids(values: list[float], grid: bool) -> None:
    """The largest of a few draws is no end that anybody chose."""
    assert scales.is_grid(values) is grid


@pytest.mark.parametrize(
    ("values", "log", "whole", "limits"),
    [
        ([0, 1, 2], False, False, (0, math.inf)),
        ([-1, 0, 1], False, False, (-math.inf, math.inf)),
        ([1, 2, 3], False, True, (1, math.inf)),
        ([0, 2], False, True, (0, math.inf)),
        ([-1, 0, 1], False, True, (-math.inf, math.inf)),
        ([0.2, 0.6, 1], False, False, (0, 1)),
        ([0.01, 0.1, 1], True, False, (0, math.inf)),
    ],
)
def test_where_values_end_by_nature(values: list[float], log: bool, whole: bool, limits: tuple[float, float]) -> None:
    """To advise a fraction above one, or a tree of depth zero, costs the reader's trust."""
    assert scales.limits(min(values), max(values), log=log, whole=whole) == limits


def test_covering_an_axis() -> None:
    """ "All of it" means from end to end of a grid, and nearly so of draws."""
    assert scales.covers([1, 4], [1, 2, 3, 4], log=False)
    assert not scales.covers([1, 3], [1, 2, 3, 4], log=False)
    assert scales.covers([0.02, 0.98], np.linspace(0, 1, 100).tolist(), log=False)
    assert not scales.covers([0.2, 0.98], np.linspace(0, 1, 100).tolist(), log=False)


def test_one_that_diverged_is_far_and_the_worst_of_the_others_is_not() -> None:
    """The middle half of 0 to 20 spans ten, and six times that beyond their median is 70."""
    losses = np.arange(21.0)
    assert scales.near_enough(np.append(losses, 100.0)).tolist() == losses.tolist()
    assert len(scales.near_enough(np.append(losses, 60.0))) == 22
    assert len(scales.near_enough(np.array([0.0] * 6 + [1e9]))) == 7
