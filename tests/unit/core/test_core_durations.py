"""Times as people say them: what is written 0.00 s cannot be told from what took half as long."""

from __future__ import annotations

import math

import pytest

from hpsearch.core.durations import duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 s"),
        (0.00042, "420 µs"),
        (0.0015, "1.5 ms"),
        (0.0123, "12 ms"),
        (0.042, "42 ms"),
        (0.15, "0.15 s"),
        (0.84, "0.84 s"),
        (4.2, "4.2 s"),
        (42.3, "42 s"),
        (185, "3 min 5 s"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
        (270_000, "3 d 3 h"),
        (math.nan, "–"),
    ],
)
def test_a_time_has_two_digits_in_a_unit_that_fits(seconds: float, text: str) -> None:
    """13 h is not 46,800 s."""
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.000996, "1.0 ms"), (0.0996, "0.10 s"), (0.996, "1.0 s"), (9.96, "10 s"), (59.6, "1 min"), (3599.7, "1 h")],
)
def test_none_is_rounded_into_a_unit_that_it_does_not_have(seconds: float, text: str) -> None:
    assert duration(seconds) == text
