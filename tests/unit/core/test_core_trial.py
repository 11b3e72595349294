"""A trial's status says how it truly ended, and decides whether it runs again."""

from __future__ import annotations

import pytest

from hpsearch.core.trial import Evaluation, Failure, FailureKind, Outcome, Status, Trial, TrialResult, Usage


def result(outcome: Outcome, log: str = "") -> TrialResult:
    trial = Trial(key="v1:00", config_id="00", params={"C": 1.0}, seed=0)
    return TrialResult(trial, attempt=1, outcome=outcome, started_at=0.0, ended_at=1.0, usage=Usage(seconds=1.0), log=log)


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Evaluation({"accuracy": 0.9}), Status.COMPLETED),
        (Failure(FailureKind.ERROR, "ValueError", "no"), Status.FAILED),
        (Failure(FailureKind.CRASH, "", "killed by signal 9"), Status.FAILED),
        (Failure(FailureKind.OUT_OF_MEMORY, "", "took 9 GiB"), Status.FAILED),
        (Failure(FailureKind.NODE_LOST, "", "node gone"), Status.FAILED),
        (Failure(FailureKind.TIMEOUT, "", "10 minutes"), Status.TIMEOUT),
    ],
)
def test_the_status_follows_from_the_outcome(outcome: Outcome, status: Status) -> None:
    assert result(outcome).status is status


def test_what_was_interrupted_runs_again_and_nothing_else_does() -> None:
    assert {status for status in Status if not status.is_final} == {Status.RUNNING, Status.CANCELLED}


def test_the_retry_classes_are_those_of_the_spec() -> None:
    assert {str(kind) for kind in FailureKind} == {"crash", "node_lost", "out_of_memory", "timeout", "error"}


def test_a_trials_output_is_not_repeated_where_a_result_is_shown() -> None:
    assert "a hundred lines" not in repr(result(Evaluation({}), log="a hundred lines"))
