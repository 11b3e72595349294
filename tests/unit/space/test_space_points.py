"""A grid's numbers must be the ones a user would write by hand: a value that is off in its last digit is another trial."""

from __future__ import annotations

import itertools
import math
import pickle
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.core.values import canonical
from hpsearch.space import FloatRange, IntRange
from hpsearch.space.points import Geometric, Linear, Rounded


def grid(domain: IntRange | FloatRange) -> list[object]:
    return [domain.grid_at(index) for index in range(domain.grid_size())]


@pytest.mark.parametrize(
    ("domain", "values"),
    [
        (IntRange(3, 9, step=2), [3, 5, 7, 9]),
        (IntRange(3, 8, step=2), [3, 5, 7]),
        (IntRange(-2, 1), [-2, -1, 0, 1]),
        (IntRange(1, 10, points=4), [1, 4, 7, 10]),
        (IntRange(1, 3, points=9), [1, 2, 3]),
        (IntRange(0, 5, points=3), [0, 2, 5]),
        (IntRange(1, 100, points=5, log=True), [1, 3, 10, 32, 100]),
        (IntRange(1, 5, points=7, log=True), [1, 2, 3, 4, 5]),
        (IntRange(2, 1024, points=10, log=True), [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]),
        (FloatRange(0.5, 0.9, step=0.1), [0.5, 0.6, 0.7, 0.8, 0.9]),
        (FloatRange(0.05, 0.3, step=0.1), [0.05, 0.15, 0.25]),
        (FloatRange(-0.3, 0.3, step=0.3), [-0.3, 0.0, 0.3]),
        (FloatRange(0, 1, points=5), [0.0, 0.25, 0.5, 0.75, 1.0]),
        (FloatRange(0.1, 0.7, points=7), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]),
        (FloatRange(1e-3, 1e3, log=True, points=7), [0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0]),
        (FloatRange(0.01, 0.3, log=True, points=4), [0.01, 0.031072325059538587, 0.09654893846056298, 0.3]),
        (FloatRange(5e-324, 1e308, log=True, points=2), [5e-324, 1e308]),
    ],
    ids=repr,
)
def test_grid_values_to_the_last_digit(domain: IntRange | FloatRange, values: list[object]) -> None:
    assert [canonical(value) for value in grid(domain)] == [canonical(value) for value in values]


def test_a_middle_value_stays_when_points_are_added() -> None:
    """Doubling the intervals of a finished grid must find the old trials again."""
    few, many = (grid(FloatRange(1e-5, 1e-1, log=True, points=points)) for points in (5, 9))
    assert set(few) < set(many)
    few, many = (grid(FloatRange(0.1, 0.3, points=points)) for points in (3, 5))
    assert set(few) < set(many)


def test_a_huge_grid_is_counted_and_indexed_without_being_made() -> None:
    steps = FloatRange(0, 1, step=1e-12)
    assert steps.grid_size() == 10**12 + 1
    assert steps.grid_at(123_456_789_012) == 0.123456789012
    rounded = IntRange(1, 10**15, points=10**9, log=True)
    assert rounded.grid_at(rounded.grid_size() - 1) == 10**15
    assert rounded.grid_at(0) == 1


@settings(deadline=None)
@given(st.integers(1, 2000), st.integers(1, 2000), st.integers(2, 400), st.booleans())
def test_rounded_points_are_the_distinct_roundings(low: int, span: int, count: int, log: bool) -> None:
    """The arithmetic of the knee must give what listing, rounding and deduplicating gives."""
    low_, high = Fraction(low), Fraction(low + span)
    points = Geometric(low_, high, count) if log else Linear(low_, high, count)
    listed = sorted({round(points.at(index)) for index in range(count)})
    rounded = Rounded(points)
    assert [int(rounded.at(index)) for index in range(rounded.count)] == listed


@settings(deadline=None)
@given(
    st.floats(1e-9, 1e9, allow_nan=False),
    st.floats(1.001, 1e6),
    st.integers(2, 50),
    st.booleans(),
)
def test_float_points_rise_and_end_on_the_bounds(low: float, ratio: float, points: int, log: bool) -> None:
    domain = FloatRange(low, low * ratio, points=points, log=log)
    values = [float(str(value)) for value in grid(domain)]
    assert values[0] == domain.low
    assert values[-1] == domain.high
    assert all(left < right for left, right in itertools.pairwise(values))
    if log and points > 2:
        assert math.isclose(values[1] / values[0], values[-1] / values[-2], rel_tol=1e-9)


def test_a_domain_travels_to_a_worker_and_back() -> None:
    domain = FloatRange(0.1, 0.5, points=5)
    domain.grid_at(2)
    assert pickle.loads(pickle.dumps(domain)) == domain
