"""Where time goes: seconds are counted once, and to those who spent them."""

from __future__ import annotations

import cProfile
import pstats

import pytest

from benchmarks.inside import rows_of
from benchmarks.inside_side import by_owner, owner_of


def test_every_second_has_one_owner() -> None:
    def work() -> None:
        sorted(range(100_000), key=lambda value: -value)

    profile = cProfile.Profile()
    profile.runcall(work)
    stats = pstats.Stats(profile)
    found = by_owner(stats.stats)  # type: ignore[attr-defined]
    whole = sum(own for _, _, own, _, _ in stats.stats.values())  # type: ignore[attr-defined]
    assert sum(found.values()) == pytest.approx(whole, rel=0.05)
    assert set(found) == {"tests: work", "tests: <lambda>"}


def test_owners_are_packages_and_functions() -> None:
    assert owner_of(pytest.__file__, "raises") == "pytest: raises"
    assert owner_of(rows_of.__code__.co_filename, "rows_of") == "benchmarks: rows_of"
    assert owner_of("/usr/lib/python/json/decoder.py", "decode") == "python: its own"


def test_the_table_adds_up() -> None:
    spent = {
        "xgboost: update": 6.0,
        "numpy: dot": 2.0,
        "hpsearch: ask": 0.5,
        "hpsearch: tell": 0.5,
        "a: b": 0.4,
        "c: d": 0.3,
        "e: f": 0.3,
    }
    rows = rows_of("a", spent)
    assert [row["who"] for row in rows] == ["xgboost: update", "numpy: dot", "a: b", "c: d", "hpsearch", "all else"]
    assert [row["seconds"] for row in rows] == ["6.0", "2.0", "0.4", "0.3", "1.0", "0.3"]
    assert rows[0]["share"] == "60.0 %"
