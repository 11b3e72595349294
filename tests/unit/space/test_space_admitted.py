"""What constraints leave of a grid: counted, or estimated with an interval that holds the truth."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from hpsearch.space import Constraint, FloatRange, IntRange, Parameter, Space


def space(constraint: str, *, high: int) -> Space:
    parameters = (Parameter("a", IntRange(1, high)), Parameter("b", IntRange(1, high)))
    return Space(parameters, (Constraint.of(constraint, parameters),))


def test_a_small_grid_is_counted() -> None:
    found = space("a < b", high=100).admitted
    assert (found.count, found.exact, found.low, found.high) == (4950, True, 4950, 4950)


@pytest.mark.parametrize(("constraint", "share"), [("a < b", 0.4995), ("a * 10 < b", 0.0495), ("a > 0", 1.0), ("a < 0", 0.0)])
def test_a_large_grid_is_estimated(constraint: str, share: float) -> None:
    found = space(constraint, high=1000).admitted
    assert not found.exact
    assert found.low <= round(share * 10**6) <= found.high
    assert found.high - found.low < 40_000
    assert found.low <= found.count <= found.high


def test_a_million_million_configurations_are_estimated_in_no_memory() -> None:
    """Not a timed test: listing them would take weeks."""
    parameters = tuple(Parameter(f"p{index}", IntRange(1, 1000)) for index in range(4))
    texts = ("p0 + p1 < p2 + p3", "max(p0, p1) < 900 or p2 in [1, 2, 3]")
    wide = Space(parameters, tuple(Constraint.of(text, parameters) for text in texts))
    tracemalloc.start()
    began = time.monotonic()
    found = wide.admitted
    assert time.monotonic() - began < 60
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()
    assert 0.3 < found.count / 10**12 < 0.5


def test_without_constraints_the_grid_itself() -> None:
    plain = Space((Parameter("a", FloatRange(0, 1, points=3)),))
    assert plain.admitted.count == 3
