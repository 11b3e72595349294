"""Unit sizes: large enough that the dispatcher keeps up, small enough that workers finish together and little is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hpsearch.plan import SecondsPerTrial, unit_size
from hpsearch.plan.units import DISPATCH_S, LARGEST_UNIT, LONGEST_UNIT_S

remaining_trials = st.integers(0, 10**12)
worker_counts = st.integers(1, 10_000)
durations = st.floats(0.0, 1e5, allow_nan=False)


@given(remaining_trials, worker_counts)
def test_one_trial_while_nothing_is_known(remaining: int, workers: int) -> None:
    assert unit_size(remaining, workers, None) == 1


@given(remaining_trials, worker_counts, durations)
def test_a_unit_has_a_trial_and_no_more_than_may_be_lost(remaining: int, workers: int, seconds: float) -> None:
    size = unit_size(remaining, workers, seconds)
    assert 1 <= size <= LARGEST_UNIT
    longest = max(LONGEST_UNIT_S, workers * DISPATCH_S)
    assert size == 1 or size * seconds <= longest * (1 + 1e-9)


@given(remaining_trials, worker_counts, durations)
def test_units_shrink_towards_the_end_and_with_slower_trials(remaining: int, workers: int, seconds: float) -> None:
    size = unit_size(remaining, workers, seconds)
    assert unit_size(remaining // 2, workers, seconds) <= size
    assert unit_size(remaining, workers, 2 * seconds + 1e-6) <= size


@given(st.integers(1, 10**6), st.integers(1, 16), st.floats(1e-6, 1e-3))
def test_quick_trials_come_in_units_that_outlast_their_dispatch(remaining: int, workers: int, seconds: float) -> None:
    """Else the dispatcher, which takes about a millisecond a unit, would be what everybody waits for."""
    size = unit_size(remaining, workers, seconds)
    assert size * seconds >= min(workers * DISPATCH_S, LARGEST_UNIT * seconds) * (1 - 1e-9)


def test_a_share_of_what_is_left() -> None:
    assert unit_size(1000, 2, 0.0005) == 200  # 0.1 s of work
    assert unit_size(100, 2, 0.0005) == 25  # a fourth of what is left
    assert unit_size(4, 2, 0.0005) == 8  # an upper bound: taking more than there is does no harm
    assert unit_size(1000, 2, 10.0) == 1


def test_the_estimate_follows_the_newest() -> None:
    estimate = SecondsPerTrial()
    assert estimate.mean_s is None
    estimate = estimate.after(10.0)
    assert estimate.mean_s == 10.0
    for _ in range(50):
        estimate = estimate.after(1.0)
    assert estimate.mean_s is not None
    assert abs(estimate.mean_s - 1.0) < 0.001
