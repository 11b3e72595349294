"""What can be saved of case a: the arithmetic."""

from __future__ import annotations

from benchmarks.bound import judged


def test_rounds_and_binnings_that_are_saved() -> None:
    section = judged([], a_round=0.01, a_start=0.2, sizes=[25, 50, 100, 200, 300])
    assert "675 rounds become 300: 2.25x where nothing else took time" in section.notes[0]
    assert "takes as long as 20 rounds here, done for nothing: 2.58x" in section.notes[0]  # (6.75 + 5 x 0.2) / 3
