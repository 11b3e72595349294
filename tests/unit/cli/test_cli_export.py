"""What `hpsearch export` says while it writes."""

from __future__ import annotations

import pytest

from hpsearch.cli.export import Counted
from hpsearch.core.clock import ManualClock


def test_a_long_export_says_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    clock = ManualClock()
    counted = Counted(clock)
    for done in range(100, 2601, 100):
        clock.advance(0.5)
        counted(done, 4000)
    assert capsys.readouterr().err.splitlines() == ["1,000/4,000 trials written", "2,000/4,000 trials written"]
