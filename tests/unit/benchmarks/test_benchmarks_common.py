"""A benchmark's claim rests on paired runs of the same work."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from benchmarks.common import as_row, compare, interleaved, ratios, summarise
from hpsearch.spec import load_spec

ROOT = Path(__file__).parents[3]


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


def test_grid_search_cv_is_given_the_very_grid_of_the_demo() -> None:
    # Otherwise the comparison is one of different work, or of different scores.
    where = importlib.util.spec_from_file_location("grid_search_cv", ROOT / "benchmarks" / "peers" / "grid_search_cv.py")
    assert where is not None
    assert where.loader is not None
    peer = importlib.util.module_from_spec(where)
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            patch.setenv(variable, "1")  # the script sets them for its own process; undone here
        where.loader.exec_module(peer)
    space = load_spec(ROOT / "search_spaces" / "digits_svm.yaml").space
    ours = [space.grid_at(index) for index in range(space.grid_size())]
    theirs = [
        {"kernel": kernel, "C": C, "gamma": gamma}
        for kernel in peer.GRID["kernel"]
        for C in peer.GRID["C"]
        for gamma in peer.GRID["gamma"]
    ]
    assert ours == theirs
