"""Limits do not move when the machine's clock does, and tests need not wait."""

from __future__ import annotations

import ast
import time
from pathlib import Path

import hpsearch.core.clock
from hpsearch.core.clock import Clock, ManualClock, SystemClock


def test_a_manual_clock_stands_still_until_moved() -> None:
    clock = ManualClock(now=1000.0)
    assert (clock.now(), clock.monotonic()) == (1000.0, 0.0)
    clock.advance(2.5)
    assert (clock.now(), clock.monotonic()) == (1002.5, 2.5)


def test_sleeping_on_a_manual_clock_takes_no_time() -> None:
    clock: Clock = ManualClock()
    started = time.monotonic()
    clock.sleep(3600)
    assert time.monotonic() - started < 1
    assert clock.monotonic() == 3600


def test_the_systems_clock_is_the_systems() -> None:
    clock: Clock = SystemClock()
    assert abs(clock.now() - time.time()) < 5
    before = clock.monotonic()
    clock.sleep(0.01)
    assert clock.monotonic() - before >= 0.01


def test_nothing_else_asks_the_machine_for_the_date() -> None:
    # A limit measured on the wall clock ends a study when the clock is set.
    package = Path(hpsearch.core.clock.__file__).parents[1]
    offenders = []
    for path in sorted(package.rglob("*.py")):
        if path == Path(hpsearch.core.clock.__file__):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if called in ("time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.datetime.now"):
                offenders.append(f"{path.relative_to(package)}:{node.lineno}")
    assert offenders == []
