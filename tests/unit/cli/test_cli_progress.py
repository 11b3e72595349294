"""Progress as it is seen: a few plain lines where nobody looks, live lines in a terminal; rate and time left."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from rich.console import Console

from hpsearch.cli.common import finite, number, plural, short_params, short_text, short_value
from hpsearch.cli.progress import LiveDisplay, Narrated, PlainDisplay, counts_line, make_display, rate_and_eta
from hpsearch.cli.verbosity import turn_off, turn_on
from hpsearch.core.clock import ManualClock
from hpsearch.dispatch.messages import Progress
from hpsearch.tracking import Delivery


def progress(**given: Any) -> Progress:
    """A run half way through, but for what is given."""
    usual: dict[str, Any] = {
        "total": 64,
        "reused": 0,
        "reused_failed": 0,
        "completed": 30,
        "failed": 2,
        "running": 2,
        "workers": 2,
        "best_score": 0.98765432,
        "best_params": {"C": 10.0, "gamma": 0.001, "kernel": "rbf"},
        "elapsed_s": 20.0,
        "search_s": 16.0,
        "draining": False,
        "finished": False,
        "first_error": None,
        "left_s": 15.7,
    }
    return Progress(**(usual | given))


def test_rate_and_time_left_are_of_this_run_alone() -> None:
    """What was in the ledger took no time, and must not make the rest look quick."""
    assert rate_and_eta(progress(reused=16)) == ("2.0/s", "ETA 16 s")
    assert rate_and_eta(progress(completed=1, failed=0, search_s=30.0, left_s=1890.2)) == ("2.0/min", "ETA 31 min 30 s")
    assert rate_and_eta(progress(left_s=0.0)) == ("2.0/s", "ETA 0 s")
    assert rate_and_eta(progress(left_s=3.2)) == ("2.0/s", "ETA 4 s"), "no second is promised that may not be kept"


def test_nothing_is_guessed_while_nothing_is_known() -> None:
    assert rate_and_eta(progress(completed=0, failed=0)) == ("", "")
    assert rate_and_eta(progress(search_s=0.0)) == ("", "")
    assert rate_and_eta(progress(left_s=None)) == ("2.0/s", "")


def test_the_line_of_counts() -> None:
    line = counts_line(progress(reused=3), ["C", "gamma"])
    assert line == "35/64 done, 2 running, 2 failed, 3 from before, best 0.987654 (C=10.0 gamma=0.001)"
    assert counts_line(progress(total=None, best_score=None, best_params=None), []) == "32 done, 2 running, 2 failed"
    assert counts_line(progress(), []).endswith(", best 0.987654")  # nothing varies


def test_plain_lines_come_every_ten_seconds_and_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    clock = ManualClock()
    with PlainDisplay("s", ["C"], clock) as display:
        display.phase("checking")
        display.phase("checking")
        for second in range(1, 26):
            clock.advance(1.0)
            display.progress(progress(completed=second))
        display.progress(progress(completed=62, running=0, finished=True))
        display.delivered(Delivery(10, 54))
        display.warn("mind the gap")
        clock.advance(11.0)
        display.delivered(Delivery(10, 54))
    said = capsys.readouterr()
    assert said.out == "", "stdout is for what was asked for"
    assert [line.partition(", 2 running")[0] for line in said.err.splitlines()] == [
        "s: checking",
        "s: 12/64 done",
        "s: 22/64 done",
        "s: 64/64 done, 0 running, 2 failed, best 0.987654 (C=10.0), 4.0/s",
        "s: warning: mind the gap",
        "s: MLflow has 10 trials, 54 to go",
    ]


def test_quiet_leaves_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    with make_display("s", [], quiet=True) as display:
        display.phase("checking")
        display.progress(progress(finished=True))
        display.warn("mind the gap")
    assert capsys.readouterr().err == "s: warning: mind the gap\n"


def test_a_pipe_gets_plain_lines_and_a_terminal_live_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(make_display("s", []), PlainDisplay)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert isinstance(make_display("s", []), LiveDisplay)


@pytest.fixture
def verbose() -> Iterator[None]:
    turn_on()
    yield
    turn_off()


def narration(said: str) -> list[str]:
    """The lines without the time that each begins with."""
    assert all(re.match(r"\d\d:\d\d:\d\d ", line) for line in said.splitlines())
    return [line[9:] for line in said.splitlines()]


def test_verbose_tells_every_change_once(verbose: None, capsys: pytest.CaptureFixture[str]) -> None:
    with make_display("s", ["C"]) as display:
        display.phase("starting Ray")
        for _ in range(3):
            display.progress(progress(best_score=None))
        display.progress(progress(best_score=None, failed=3, first_error="ValueError: x"))
        display.delivered(Delivery(10, 54, error="it is down"))
    assert narration(capsys.readouterr().err) == [
        "starting Ray",
        "32/64 done, 2 running, 2 failed",
        "33/64 done, 2 running, 3 failed",
        "the first error: ValueError: x",
        "MLflow has 10 trials, 54 to go (it is down)",
    ]


def test_verbose_in_a_terminal_is_told_above_the_live_lines(verbose: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert isinstance(make_display("s", []), Narrated)
    assert isinstance(make_display("s", [], quiet=True), PlainDisplay)


def live(width: int, **given: Any) -> str:
    """What a terminal of this width shows at last."""
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=width, color_system=None, highlight=False)
    with LiveDisplay("digits", ["C", "gamma"], console) as display:
        display.phase("starting 2 workers")
        display.progress(progress(**given))
    return shown.getvalue()


def test_the_live_lines_have_it_all() -> None:
    shown = live(120)
    for part in ("digits", "32/64", "2 running", "2 failed", "2.0/s", "ETA 16 s", "best 0.987654", "C=10.0 gamma=0.001"):
        assert part in shown
    assert "ETA" not in live(120, finished=True).splitlines()[-2]


def test_before_the_first_result_the_phase_is_told() -> None:
    assert "starting 2 workers" in live(120, completed=0, failed=0, best_score=None, best_params=None)
    assert "ending, as asked" in live(120, draining=True)


def test_small_words() -> None:
    assert (plural(1, "trial"), plural(2000, "trial"), plural(0, "seed")) == ("1 trial", "2,000 trials", "0 seeds")
    assert (number(None), number(0.123456789), number(1e-9)) == ("-", "0.123457", "1e-09")
    assert [short_value(value) for value in (1e-5, "rbf", True, None, (1, 2), {"a": (1,)}, 3)] == [
        "1e-05", "rbf", "true", "null", "[1, 2]", '{"a": [1]}', "3",
    ]  # fmt: skip
    assert short_params({"a": 1, "b": 0.5}, ["b", "c"]) == "b=0.5"
    assert [short_text(text) for text in ("0.003237850467572082", "12", "1.0", "rbf", "–")] == [
        "0.003238",
        "12",
        "1.0",
        "rbf",
        "–",
    ]
    assert finite({"a": float("nan"), "b": 1.0, "c": float("inf")}) == {"a": None, "b": 1.0, "c": None}
