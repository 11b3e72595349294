"""How many copies of a table a node holds: counted once for all who share it, and told by whose they are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from benchmarks import node_memory as measured
from benchmarks.cases.big_table import COLUMNS, make
from benchmarks.common import Plan
from benchmarks.scratch import scratch
from benchmarks.watching import Look, look, role
from hpsearch.spec import load_spec
from hpsearch.study import Options, try_trial

MB = 10**6


class Pretended:
    """A Watch that has seen a run: a second of loading, then trials."""

    def __init__(self, table: int = 0) -> None:
        driver, worker = 300 * MB, 200 * MB
        self.looks = [Look(10.0, 0, driver + table, 0, 0), Look(12.0, table, driver, 4 * worker + table // 2, 400 * MB)]

    def __enter__(self) -> Pretended:
        return self

    def __exit__(self, *_: object) -> None: ...


def test_copies_are_told_beyond_what_processes_take_without_a_table() -> None:
    size = 1000 * MB
    empty, seen = Pretended().looks, Pretended(size).looks
    held = measured.peak(seen, measured.Seen(empty[:1], empty[1:]), 4, size)
    assert (held.shared, held.driver, held.workers) == (1.0, 0.0, 0.5)
    assert held.whole == 1.5


def test_the_section_names_what_misses_its_aim(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def run(place: object, spec: Path, *settings: str, options: object) -> dict[str, Any]:
        return {
            "peer": "hpsearch",
            "completed": next(s.count(",") + 1 for s in settings if s.startswith("space.")),
            "ready_s": 1.0,
        }

    rows = 200_000
    tables = iter([0, *[rows * COLUMNS * 8] * 3] * 2)
    monkeypatch.setattr(measured, "Watch", lambda: Pretended(next(tables)))
    monkeypatch.setattr(measured, "BUILT", tmp_path)
    monkeypatch.setattr(measured, "make", lambda path, rows: None)
    monkeypatch.setattr("benchmarks.scratch.Scratch.hpsearch", run)
    monkeypatch.setattr("benchmarks.scratch.Scratch.store", lambda *_: "")
    with scratch() as place:
        section = measured.node_memory(place, Plan(1, 0.01, lambda _: None))
    assert [(row["study"], row["workers"]) for row in section.rows] == [(s, w) for s in ("chunks", "fits") for w in "124"]
    assert section.rows[2]["while trials run"] == "1.50"
    assert section.rows[2]["aim"].endswith("1.25 in all: missed")
    assert section.rows[5]["aim"] == "1.1 stored: met"
    assert not section.met


def test_a_process_below_is_seen_with_what_it_holds() -> None:
    held = 200 * MB
    code = f"import sys; kept = bytearray(b'1') * {held}; print('there', flush=True); sys.stdin.read()"
    before = look(os.getpid())
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        seen = look(os.getpid())
        assert process.stdin is not None
        process.stdin.close()
    assert held < seen.driver - before.driver < 1.2 * held


@pytest.mark.parametrize(
    ("title", "is_driver", "whose"),
    [
        (b"python\0-m\0benchmarks.hpsearch_side", True, "driver"),
        (b"ray::ImplicitFunc.train()", False, "workers"),
        (b"ray::DispatcherActor", False, "rest"),
        (b"ray::IDLE", False, "rest"),
        (b"/ray/core/src/ray/raylet/raylet", False, "rest"),
    ],
)
def test_whose_memory_it_is(title: bytes, is_driver: bool, whose: str) -> None:
    assert role(title, is_driver=is_driver) == whose


@pytest.mark.parametrize("study", ["chunks", "fits"])
def test_both_studies_run_on_the_same_table(study: str, tmp_path: Path) -> None:
    table = tmp_path / "t.parquet"
    make(table, 60_000)
    made = pq.read_table(table)
    assert made.schema.names == [*(f"n{index:02}" for index in range(COLUMNS)), "y"]
    assert np.isfinite(made["n47"].to_numpy()).all()
    spec = load_spec(Path(measured.HERE) / "studies" / f"big_table_{study}.yaml", overrides=[f"data.parquet={table}"])
    result = try_trial(spec, Options(tmp_path))
    assert getattr(result.outcome, "metrics", {}).get("accuracy", 0) > 0.6
