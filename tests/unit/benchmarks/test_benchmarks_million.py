"""The section on very many trials: each step runs, and what misses its aim is said."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import million_side
from benchmarks.common import Plan
from benchmarks.million import STEPS, million
from benchmarks.scratch import Scratch, scratch


def test_each_step_runs_on_the_study_that_is_made(tmp_path: Any) -> None:
    assert million_side.told("make", tmp_path, 50) == {"trials": 50}
    for step in STEPS:
        told = million_side.told(step, tmp_path, 50)
        assert told["seconds"] > 0, step
        assert told["peak_mb"] > 10, step


def test_a_step_that_takes_too_long_or_too_much_misses_its_aim(monkeypatch: pytest.MonkeyPatch) -> None:
    took = {"sqlite": (20.5, 900.0), "export": (99.0, 900.0), "parquet": (1.5, 2_100.0), "rank": (0.9, 900.0)}

    def tell(place: Scratch, module: str, step: str, *_: str, **__: object) -> dict[str, float]:
        return {"trials": 1_000} if step == "make" else dict(zip(("seconds", "peak_mb"), took[step], strict=True))

    monkeypatch.setattr(Scratch, "tell", tell)
    with scratch() as place:
        section = million(place, Plan(2, 0.001, lambda _: None))
    assert [row["aim"].rpartition(": ")[2] for row in section.rows] == ["missed", "met", "missed", "met"]
    assert not section.met
