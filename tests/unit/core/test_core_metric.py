"""The best trial is the best: in the direction that the user wrote, and never one without a number."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.core.metric import Metric, Mode

LOSS = Metric("loss", Mode.MIN)
SCORE = Metric("score", Mode.MAX)
BAD = (math.nan, math.inf, -math.inf)


def test_direction() -> None:
    assert LOSS.is_better(1.0, 2.0)
    assert not LOSS.is_better(2.0, 1.0)
    assert SCORE.is_better(2.0, 1.0)
    assert not SCORE.is_better(1.0, 2.0)


@pytest.mark.parametrize("metric", [LOSS, SCORE])
def test_a_tie_is_not_better(metric: Metric) -> None:
    assert not metric.is_better(1.0, 1.0)


@pytest.mark.parametrize("metric", [LOSS, SCORE])
@pytest.mark.parametrize("bad", BAD)
def test_no_number_never_wins(metric: Metric, bad: float) -> None:
    # A loss of -inf or a score of +inf is a broken trial, not the best one.
    assert metric.is_better(0.0, bad)
    assert not metric.is_better(bad, 0.0)
    assert not metric.is_better(bad, math.nan)


@given(
    st.sampled_from([LOSS, SCORE]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_sorting_by_loss_agrees_with_is_better(metric: Metric, a: float, b: float) -> None:
    assert metric.is_better(a, b) == (metric.loss(a) < metric.loss(b))
    assert metric.score(metric.loss(a)) == a


def test_the_first_of_equals_is_the_best() -> None:
    items = [("a", 0.5), ("b", math.nan), ("c", 0.9), ("d", 0.9), ("e", math.inf)]
    assert SCORE.best(items, key=lambda item: item[1]) == ("c", 0.9)
    assert LOSS.best(items, key=lambda item: item[1]) == ("a", 0.5)


def test_there_is_no_best_without_a_number() -> None:
    assert SCORE.best(BAD, key=lambda value: value) is None
    assert SCORE.best([], key=lambda value: value) is None


def test_the_modes_are_written_as_in_a_spec() -> None:
    assert [Mode("min"), Mode("max")] == [Mode.MIN, Mode.MAX]
