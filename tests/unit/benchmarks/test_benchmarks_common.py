"""A benchmark's claim rests on paired runs of the same work."""

from __future__ import annotations

import pytest

from benchmarks.common import Plan, agreement, as_row, compare, interleaved, ratios, share_of_ideal, summarise


def test_competitors_take_turns_and_swap_places() -> None:
    assert interleaved(["ours", "a", "b"], 3) == ("ours", "a", "b", "b", "a", "ours", "ours", "a", "b")
    assert interleaved(["ours", "a"], 0) == ()


def test_a_slow_hour_weighs_on_its_own_pair_alone() -> None:
    # The machine is five times slower in the second round, for both: the ratio stays.
    assert ratios([1.0, 5.0, 1.0], [10.0, 50.0, 10.0]).median == 10.0


def test_runs_that_are_not_paired_give_no_ratio() -> None:
    with pytest.raises(ValueError, match="2 runs of ours cannot be paired with 1 of theirs"):
        ratios([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="took no time"):
        ratios([0.0], [1.0])
    with pytest.raises(ValueError, match="no values to summarise"):
        summarise([])


def test_a_row_says_whether_the_aim_was_met() -> None:
    met = as_row(compare("search, ms a trial", "Ray Tune", [2.0, 2.0], [80.0, 60.0], wanted=10))
    assert (met["hpsearch"], met["peer"], met["aim"]) == ("2.00", "Ray Tune: 70.00", "10x: met")
    assert met["ratio"] == "35.0x (30.0 to 40.0, n=2)"
    assert as_row(compare("x", "p", [2.0], [4.0], wanted=3))["aim"] == "3x: missed"
    assert as_row(compare("x", "p", [2.0], [4.0]))["aim"] == ""


def test_scores_that_differ_in_one_bit_are_not_equal() -> None:
    a, b = 0.1 + 0.2, 0.3
    assert agreement({"x": [a, 1.0]}, {"x": [a, 1.0]}).is_exact
    found = agreement({"x": [a, 1.0], "y": [1.0, 1.0]}, {"x": [b, 1.0], "y": [1.0, 1.0]})
    assert (found.n, found.different, found.is_exact) == (2, 1, False)
    assert 0 < found.largest < 1e-15
    assert str(found).startswith("NOT EQUAL: 1 scores of 2 configurations differ, by 5.6e-17")


def test_a_configuration_or_a_split_that_one_of_them_lacks_is_told() -> None:
    found = agreement({"x": [1.0], "y": [1.0, 2.0]}, {"x": [1.0], "y": [1.0], "z": [1.0]})
    assert (found.n, found.missing, found.is_exact) == (1, 2, False)
    assert "2 without a counterpart" in str(found)


def test_not_a_number_equals_nothing() -> None:
    # Two tools that both failed would look like two that agree.
    assert not agreement({"x": [float("nan")]}, {"x": [float("nan")]}).is_exact


def test_the_share_of_the_ideal_counts_from_when_all_workers_are_up() -> None:
    # Two slots, trials of a second. b comes three seconds late; from then on two of four slot-seconds are slept.
    starts = [("a", 0.0), ("a", 1.0), ("a", 2.0), ("b", 3.0), ("a", 3.0)]
    assert share_of_ideal(starts, 5.0, 2, 1.0) == pytest.approx(0.5)
    assert share_of_ideal(starts, 4.0, 2, 1.0) == pytest.approx(1.0)


def test_of_a_trial_that_was_under_way_the_rest_counts_and_oversleeping_is_no_work() -> None:
    # a is half-way when b begins; both are back at 1.75, where 1.5 would have done.
    assert share_of_ideal([("a", 0.0), ("b", 0.5)], 1.75, 2, 1.0) == pytest.approx(0.75 / 1.25)


def test_more_processes_than_slots_do_not_put_off_the_moment_when_all_are_up() -> None:
    # A tool that replaces its workers would else be measured from its last replacement on, and its idle second forgotten.
    starts = [("a", 0.0), ("b", 0.0), ("c", 2.0), ("d", 2.0)]
    assert share_of_ideal(starts, 3.0, 2, 1.0) == pytest.approx(2 / 3)


def test_a_share_is_refused_where_not_all_workers_came() -> None:
    with pytest.raises(ValueError, match="only 1 workers of 2 ever began a trial"):
        share_of_ideal([("a", 0.0), ("a", 1.0)], 2.0, 2, 1.0)


def test_a_small_plan_runs_less_and_never_nothing() -> None:
    plan = Plan(1, 0.01, print)
    assert (plan.shrunk(20_000), plan.shrunk(1_000), Plan(1, 1.0, print).shrunk(20_000)) == (200, 20, 20_000)
