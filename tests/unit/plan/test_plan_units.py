"""Units: long enough that the dispatcher keeps up, short enough that workers finish together and little is lost."""

from __future__ import annotations

from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from hpsearch.plan import longest_first, unit_seconds
from hpsearch.plan.units import DISPATCH_S, LONGEST_UNIT_S

remaining = st.floats(0.0, 1e9, allow_nan=False)
worker_counts = st.integers(1, 10_000)
groups = st.lists(st.tuples(st.integers(0, 9), st.floats(0.0, 1e4)), max_size=60)


@given(remaining, worker_counts)
def test_a_unit_outlasts_its_dispatch_and_is_no_longer_than_may_be_lost(left_s: float, workers: int) -> None:
    """Else the dispatcher, which takes about a millisecond a unit, would be what everybody waits for."""
    assert workers * DISPATCH_S <= unit_seconds(left_s, workers) <= max(LONGEST_UNIT_S, workers * DISPATCH_S)


@given(remaining, worker_counts)
def test_units_shrink_towards_the_end(left_s: float, workers: int) -> None:
    assert unit_seconds(left_s / 2, workers) <= unit_seconds(left_s, workers)


def test_a_share_of_what_is_left() -> None:
    assert unit_seconds(0.5, 2) == LONGEST_UNIT_S
    assert unit_seconds(0.05, 2) == 0.0125  # a fourth of what is left
    assert unit_seconds(0.001, 2) == 2 * DISPATCH_S


@given(groups)
def test_longest_first_loses_nothing_and_keeps_groups_together(items: list[tuple[int, float]]) -> None:
    numbered = list(enumerate(items))
    found = longest_first(numbered, lambda each: each[1][0], lambda each: each[1][1])
    assert sorted(found) == numbered
    names = [name for _, (name, _) in found]
    assert len(list(groupby(names))) == len(set(names))
    for name in set(names):
        members = [place for place, (other, _) in found if other == name]
        assert members == sorted(members), "within a group, as they came"


def test_the_longest_groups_come_first_and_alike_ones_stay() -> None:
    seconds = {"a": 1.0, "b": 4.0, "c": 1.1, "d": 2.0}
    assert longest_first("abcd", str, seconds.__getitem__) == ["b", "d", "a", "c"]
    assert longest_first("aabbb", str, {"a": 3.0, "b": 2.1}.__getitem__) == list("aabbb"), "about as long"
    assert longest_first("aabbbbb", str, {"a": 3.0, "b": 2.1}.__getitem__) == list("bbbbbaa"), "a group's seconds add up"
    assert longest_first("abcd", str, {**seconds, "b": 0.09, "a": 0.001, "c": 0.05, "d": 0.1}.__getitem__) == list("abcd")
