"""Trials that end their process, or give what is no result: they alone are charged, with a reason, and the others finish."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from harness import Shell

from hpsearch.core.trial import FailureKind, Status
from hpsearch.ledger import TrialRecord
from hpsearch.ledger.folder import StudyFolder
from hpsearch.study import open_ledger

CRASHING = """
import ctypes, os

def run(params, trial):
    match params["x"]:
        case 2:
            os._exit(1)
        case 5:
            os.kill(os.getpid(), 9)
        case 8:
            ctypes.string_at(0)
    return {"loss": params["x"]}
"""
ODD = """
import sys

def run(params, trial):
    match params["x"]:
        case 1:
            sys.exit(3)
        case 2:
            raise KeyboardInterrupt
        case 3:
            for _ in range(50):
                print("x" * 1_000_000)
        case 4:
            return {"loss": float("nan")}
        case 5:
            return {"loss": float("inf")}
        case 6:
            return {"accuracy": 1.0}
        case 7:
            return {"loss": "small"}
        case 8:
            return "small"
    return {"loss": params["x"]}
"""
RAISING = """
def run(params, trial):
    if params["x"] % 10 in (1, 4, 7):
        raise ValueError(f"x = {params['x']}")
    return {"loss": params["x"]}
"""


def spec(trials: int, more: str = "") -> str:
    return f"""
name: faulty
trial: {{function: "job:run"}}
metric: {{name: loss, mode: min}}
space: {{x: {{int: [1, {trials}]}}}}
{more}
"""


def trials_of(folder: Path) -> dict[int, TrialRecord]:
    """The trials by their x."""
    with closing(open_ledger(StudyFolder(folder / "studies" / "faulty"))) as ledger:
        return {int(str(trial.params["x"])): trial for trial in ledger.trials()}


@pytest.mark.slow
def test_only_the_trials_that_end_their_process_are_charged_with_a_crash(cluster_shell: Shell) -> None:
    cluster_shell.write("job.py", CRASHING)
    cluster_shell.write("spec.yaml", spec(12, "retry: {crash: 1}"))
    done = cluster_shell("run", "spec.yaml", "--json")
    assert done.code == 0, done.err
    summary = done.json()
    assert isinstance(summary, dict)
    assert (summary["ran"], summary["failed"]) == (12, 3)
    trials = trials_of(cluster_shell.folder)
    culprits = {x for x, trial in trials.items() if trial.status is Status.FAILED}
    assert culprits == {2, 5, 8}
    assert {trial.status for x, trial in trials.items() if x not in culprits} == {Status.COMPLETED}
    with closing(open_ledger(StudyFolder(cluster_shell.folder / "studies" / "faulty"))) as ledger:
        for x in culprits:
            assert trials[x].error_kind is FailureKind.CRASH
            charged = [attempt for attempt in ledger.attempts(trials[x].key) if attempt.error_kind is FailureKind.CRASH]
            assert len(charged) == 2, "tried again once"


def test_a_trial_without_a_result_says_why_and_hurts_nobody(cluster_shell: Shell) -> None:
    cluster_shell.write("job.py", ODD)
    cluster_shell.write("spec.yaml", spec(12))
    done = cluster_shell("run", "spec.yaml")
    assert done.code == 0, done.err
    trials = trials_of(cluster_shell.folder)
    errors = {x: trial.error_type for x, trial in trials.items() if trial.status is Status.FAILED}
    assert errors == {
        1: "SystemExit",
        2: "KeyboardInterrupt",
        6: "OtherMetricsError",
        7: "ObjectiveError",
        8: "ObjectiveError",
    }
    assert {trials[x].error_kind for x in errors} == {FailureKind.ERROR}
    assert "the study's metric is loss" in trials[6].error
    assert "loss" in trials[7].error
    assert "'small'" in trials[7].error
    assert "returned a str" in trials[8].error
    assert {trial.status for x, trial in trials.items() if x not in errors} == {Status.COMPLETED}
    assert (trials[4].score, trials[5].score) == (None, None), "kept, and without a rank"
    assert 1_000 < len(trials[3].log) < 200_000
    ranking = cluster_shell("results", "faulty", "--format", "json").json()
    assert isinstance(ranking, list)
    assert [row["params"]["x"] for row in ranking if row["rank"] is not None] == [3, 9, 10, 11, 12]


def test_a_third_of_the_trials_may_raise(cluster_shell: Shell) -> None:
    cluster_shell.write("job.py", RAISING)
    cluster_shell.write("spec.yaml", spec(50))
    done = cluster_shell("run", "spec.yaml")
    assert done.code == 0, done.err
    trials = trials_of(cluster_shell.folder)
    failed = {x for x, trial in trials.items() if trial.status is Status.FAILED}
    assert failed == {x for x in range(1, 51) if x % 10 in (1, 4, 7)}
    assert len(trials) == 50
    assert all(f"ValueError: x = {x}" in trials[x].traceback for x in failed)
    assert {trial.status for x, trial in trials.items() if x not in failed} == {Status.COMPLETED}
