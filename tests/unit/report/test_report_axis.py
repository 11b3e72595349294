"""How an axis is read: a wrong scale hides where the good values are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from hpsearch.core.metric import Metric, Mode
from hpsearch.report import axis

UP, DOWN = Metric("accuracy", Mode.MAX), Metric("loss", Mode.MIN)


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


@pytest.mark.parametrize(
    ("low", "high", "marked"),
    [
        (0.0, 1.0, (0.0, 0.5, 1.0)),
        (0.502, 0.998, (0.6, 0.7, 0.8, 0.9)),
        (3, 19, (5.0, 10.0, 15.0)),
        (-0.42, -0.25, (-0.4, -0.35, -0.3, -0.25)),
    ],
)
def test_ticks_of_a_linear_axis_are_round(low: float, high: float, marked: tuple[float, ...]) -> None:
    assert axis.round_ticks(low, high) == marked


@pytest.mark.parametrize(
    ("low", "high", "log", "expected"),
    [
        (0.09, 0.26, False, ["0.10 s", "0.15 s", "0.20 s", "0.25 s"]),
        (0.0, 0.0008, False, ["0 µs", "200 µs", "400 µs", "600 µs", "800 µs"]),
        (0.0, 620.0, False, ["0 min", "5 min", "10 min"]),
        (0.5, 100.0, True, ["1 s", "10 s", "1 min"]),
        (6.0, 95.0, True, ["10 s", "20 s", "30 s", "1 min"]),
    ],
)
def test_times_have_the_digits_that_tell_them_apart(low: float, high: float, log: bool, expected: list[str]) -> None:
    assert [text for _, text in axis.time_ticks(low, high, log=log)] == expected


def test_each_time_lies_where_its_label_says() -> None:
    assert dict(axis.time_ticks(0.5, 100.0, log=True)) == {1.0: "1 s", 10.0: "10 s", 60.0: "1 min"}
    assert [at for at, _ in axis.time_ticks(0.0, 620.0, log=False)] == [0.0, 300.0, 600.0]
