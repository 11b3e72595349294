"""One attempt: what a trial prints, attaches and raises is kept, within limits; nothing that it does ends its worker."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.core.clock import ManualClock
from hpsearch.core.trial import Assignment, Evaluation, Failure, FailureKind, Status, Trial, TrialResult
from hpsearch.dispatch.messages import WorkerInfo
from hpsearch.execution.attempt import ATTACHMENT_LIMIT_BYTES, LOG_LIMIT, TRACEBACK_LIMIT, Attempts, CappedLog, failure_of
from hpsearch.execution.checkpoints import NoCheckpoints
from hpsearch.trainables.handle import TrialRun

TRIAL = Trial("v1:1", "c1", {"x": 1}, seed=0)


class Doing:
    """An objective that does what the test says."""

    def __init__(self, do: Callable[[TrialRun], object]) -> None:
        self._do = do

    def evaluate(self, trial: Trial, run: TrialRun) -> Evaluation:
        self._do(run)
        return Evaluation({"loss": 1.0})


def attempt(do: Callable[[TrialRun], object], clock: ManualClock | None = None, *, capture: bool = True) -> TrialResult:
    worker = WorkerInfo("slot", "1", "here", 1)
    attempts = Attempts(worker, clock or ManualClock(1000.0), NoCheckpoints(), cpus=2, gpus=0.5, capture=capture)
    return attempts.run(Doing(do), Assignment(TRIAL, 3))


def failure(result: TrialResult) -> Failure:
    assert isinstance(result.outcome, Failure)
    return result.outcome


def fail(error: BaseException) -> None:
    raise error


def test_a_result_says_when_where_and_for_how_long() -> None:
    clock = ManualClock(1000.0)
    result = attempt(lambda run: clock.advance(2.5), clock)
    assert (result.trial, result.attempt, result.status) == (TRIAL, 3, Status.COMPLETED)
    assert (result.started_at, result.ended_at, result.usage.seconds) == (1000.0, 1002.5, 2.5)
    assert (result.worker, result.node) == ("slot", "here")
    assert result.usage.cpu_s >= 0
    assert 2**20 < result.usage.peak_rss_bytes < 2**40, "bytes, whatever the platform counts in"


def test_the_time_of_a_failed_trial_is_counted_too() -> None:
    clock = ManualClock(1000.0)

    def slow(run: TrialRun) -> None:
        clock.advance(4.0)
        raise ValueError("late")

    assert attempt(slow, clock).usage.seconds == 4.0


def test_what_a_trial_prints_is_kept_with_it_and_not_shown(capfd: pytest.CaptureFixture[str]) -> None:
    def speak(run: TrialRun) -> None:
        print("to stdout")
        print("to stderr", file=sys.stderr)

    assert attempt(speak).log == "to stdout\nto stderr\n"
    assert capfd.readouterr() == ("", "")


def test_for_a_debugger_it_is_shown_and_not_kept(capfd: pytest.CaptureFixture[str]) -> None:
    assert attempt(lambda run: print("seen"), capture=False).log == ""
    assert capfd.readouterr().out == "seen\n"


def test_what_was_printed_before_the_error_is_kept() -> None:
    def speak(run: TrialRun) -> None:
        print("so far")
        raise ValueError("no")

    assert attempt(speak).log == "so far\n"


@pytest.mark.parametrize(
    ("error", "kind", "name", "message"),
    [
        (ValueError("x is too much"), FailureKind.ERROR, "ValueError", "x is too much"),
        (MemoryError(), FailureKind.OUT_OF_MEMORY, "MemoryError", ""),
        (SystemExit(3), FailureKind.ERROR, "SystemExit", "3"),
        (RecursionError("deep"), FailureKind.ERROR, "RecursionError", "deep"),
    ],
)
def test_what_a_trial_raises_is_its_failure(error: BaseException, kind: FailureKind, name: str, message: str) -> None:
    result = attempt(lambda run: fail(error))
    found = failure(result)
    assert (found.kind, found.type, found.message) == (kind, name, message)
    assert result.status is Status.FAILED
    assert "Traceback" in found.traceback
    assert Path(__file__).name in found.traceback


def test_ctrl_c_is_no_failure_of_the_trial() -> None:
    with pytest.raises(KeyboardInterrupt):
        attempt(lambda run: fail(KeyboardInterrupt()))


def test_a_long_traceback_keeps_both_ends() -> None:
    """The beginning says where it was called, the end what it said."""
    found = failure_of(ValueError("first" + "x" * 100_000 + "last"))
    assert len(found.traceback) < TRACEBACK_LIMIT + 100
    assert found.traceback.startswith("ValueError: first")
    assert found.traceback.rstrip().endswith("last")
    assert "characters left out" in found.traceback
    assert len(found.message) < 2100


def test_reports_are_numbered_and_timed() -> None:
    clock = ManualClock(50.0)

    def report(run: TrialRun) -> None:
        run.report({"loss": 2.0}, 1.0)
        clock.advance(1.0)
        run.report({"loss": 1.0}, 2.0)

    reports = attempt(report, clock).reports
    assert [(one.seq, one.step, one.metrics, one.at) for one in reports] == [
        (0, 1.0, {"loss": 2.0}, 50.0),
        (1, 2.0, {"loss": 1.0}, 51.0),
    ]


def test_the_scratch_folder_is_there_when_asked_for_and_gone_afterwards() -> None:
    seen: list[Path] = []

    def use(run: TrialRun) -> None:
        seen.append(run.scratch)
        (run.scratch / "left").write_text("behind")
        assert run.scratch == seen[0]
        raise ValueError("whatever happens")

    attempt(use)
    assert not seen[0].exists()


def test_an_attached_file_travels_with_the_result() -> None:
    def attach(run: TrialRun) -> None:
        (run.scratch / "model.bin").write_bytes(b"weights")
        run.attach(run.scratch / "model.bin")

    (attachment,) = attempt(attach).attachments
    assert (attachment.name, attachment.content) == ("model.bin", b"weights")


def test_a_file_that_is_too_large_is_refused_with_its_size() -> None:
    def attach(run: TrialRun) -> None:
        large = run.scratch / "large.bin"
        with large.open("wb") as file:
            file.truncate(ATTACHMENT_LIMIT_BYTES + 1)
        run.attach(large)

    found = failure(attempt(attach))
    assert found.type == "ObjectiveError"
    assert found.message == f"the artifact large.bin has {ATTACHMENT_LIMIT_BYTES + 1:,} bytes; at most 33,554,432 are kept"


@given(st.integers(2, 40), st.lists(st.text(max_size=30), max_size=12))
def test_a_log_within_the_limit_is_whole_and_a_longer_one_keeps_its_ends(limit: int, parts: list[str]) -> None:
    log = CappedLog(limit)
    for part in parts:
        assert log.write(part) == len(part)
    whole, half = "".join(parts), limit // 2
    if len(whole) <= 2 * half:
        assert log.text == whole
    else:
        dropped = len(whole) - 2 * half
        assert log.text == f"{whole[:half]}\n[... {dropped:,} characters left out ...]\n{whole[-half:]}"


def test_a_flood_of_output_costs_no_memory() -> None:
    log = CappedLog(LOG_LIMIT)
    for _ in range(2000):
        log.write("y" * 100_000)
    assert len(log.text) < LOG_LIMIT + 100


def test_what_a_program_of_the_trial_s_uses_is_counted() -> None:
    """Else a command would seem to cost nothing."""
    busy = "x = bytearray(300 * 2**20)\nimport time\nwhile time.process_time() < 0.4: pass"
    usage = attempt(lambda run: subprocess.run([sys.executable, "-c", busy], check=True)).usage
    assert usage.cpu_s > 0.3
    assert usage.peak_rss_bytes > 300 * 2**20
