"""What earlier trials ran on can still be told when the spec, the data and the libraries have moved on."""

from __future__ import annotations

import math
import tracemalloc
from dataclasses import replace
from pathlib import Path

from ledger_builders import begun, done, failed, opened, study

from hpsearch.core.clock import ManualClock
from hpsearch.core.trial import Failure, TrialResult
from hpsearch.ledger import ContextRecord

BEFORE = {"what": "train.run", "data": {"path": "a.csv", "na": math.nan}, "splits": (3, True, None)}
NOW = {**BEFORE, "splits": (5, True, None)}


def test_each_context_of_a_study_can_be_told(tmp_path: Path) -> None:
    """Else "3 trials of other data, splits or code" could not be explained to anyone."""
    clock = ManualClock(100.0)
    with opened(tmp_path / "ledger.db", clock) as ledger:
        assert ledger.contexts() == []
        ledger.begin_run(study(context="before", context_parts=BEFORE, versions={"numpy": "1.26", "caf\udce9": "\x00"}))
        clock.advance(10)
        ledger.begin_run(study(context="after", context_parts=NOW, versions={"numpy": "2.0"}))
    with opened(tmp_path / "ledger.db") as ledger:
        first, second = ledger.contexts()
    assert repr(first) == repr(ContextRecord("before", BEFORE, {"numpy": "1.26", "caf\udce9": "\x00"}, 100.0))  # nan is not nan
    assert second == ContextRecord("after", {**NOW, "data": second.parts["data"]}, {"numpy": "2.0"}, 110.0)


def test_a_context_stays_as_it_was_first_recorded(tmp_path: Path) -> None:
    """Its first trials ran with those versions; a later run does not change that."""
    clock = ManualClock(100.0)
    with opened(tmp_path / "ledger.db", clock) as ledger:
        ledger.begin_run(study(versions={"numpy": "1.26"}))
        clock.advance(10)
        ledger.begin_run(study(versions={"numpy": "2.0"}))
        assert ledger.contexts() == [ContextRecord("c0ffee", {}, {"numpy": "1.26"}, 100.0)]


def test_callers_that_know_nothing_of_it_still_leave_a_row(tmp_path: Path) -> None:
    """That trials have run in this context is known in any case."""
    with opened(tmp_path / "ledger.db") as ledger:
        ledger.begin_run(study())
        assert ledger.contexts() == [ContextRecord("c0ffee", {}, {}, 100.0)]


def test_trials_without_their_texts_are_otherwise_the_same(tmp_path: Path) -> None:
    with opened(tmp_path / "ledger.db") as ledger:
        epoch = ledger.begin_run(study())
        ledger.commit(epoch, begun=[begun("running")], results=[done(1), failed("bad")])
        whole = list(ledger.trials())
        assert [(record.log, record.traceback) for record in whole if record.ended_at] == [
            ("log line", ""),
            ("", "Traceback ..."),
        ]
        assert list(ledger.trials(texts=False)) == [replace(record, log="", traceback="") for record in whole]
        assert [record.log for record in ledger.trials(keys=["v1:1"], texts=False)] == [""]


def test_reading_without_texts_holds_none_of_them(tmp_path: Path) -> None:
    """Thousands of trials that each print 60 KB must not cost hundreds of megabytes to rank."""
    n, size = 200, 60_000
    with opened(tmp_path / "ledger.db") as ledger:
        epoch = ledger.begin_run(study())
        ledger.commit(epoch, results=[_wordy(i, size) for i in range(n)])
        tracemalloc.start()
        records = list(ledger.trials(texts=False))
        kept, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert len(records) == n
    assert kept < n * size / 20
    assert peak < n * size / 5  # not even a page's texts at once


def _wordy(name: int, size: int) -> TrialResult:
    result = failed(name)
    assert isinstance(result.outcome, Failure)
    return replace(
        result, outcome=replace(result.outcome, traceback=f"{name}" + "t" * (size // 2)), log=f"{name}" + "l" * (size // 2)
    )
