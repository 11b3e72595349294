"""The contest of importances: what is aimed at, and what both take apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks.cases.shares import draws
from benchmarks.importance import judged


def told(main_s: float, pairs_s: float = 5.0) -> dict[str, Any]:
    return {"main_s": main_s, "main_cpu_s": main_s, "pairs_s": pairs_s, "shares": {"x0": 0.5, "x1": 0.3, "x2": 0.1, "x3": 0.0}}


@pytest.mark.parametrize(
    ("ours", "theirs", "met"),
    [
        (told(0.5), told(11.0), True),
        (told(0.5), told(9.0), False),  # 18 times
        (told(1.5), told(60.0), False),  # too slow, however slow the other is
        (told(0.5, 11.0), told(60.0), False),
    ],
)
def test_three_aims_must_be_met(ours: dict[str, Any], theirs: dict[str, Any], met: bool) -> None:
    section = judged(1000, [ours], [theirs])
    assert section.met is met
    assert "x0 50 %, x1 30 %, x2 10 % by hpsearch" in section.notes[1]


def test_both_are_given_the_same_trials() -> None:
    x, y = draws(50)
    assert x.shape == (50, 10)
    again = draws(50)
    assert np.array_equal(x, again[0])
    assert np.array_equal(y, again[1])
