"""From a real ledger: what was committed is what is ranked."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from results_builders import ACCURACY

from hpsearch.core.clock import ManualClock
from hpsearch.core.errors import InfrastructureError
from hpsearch.core.identity import Context, config_id, trial_key
from hpsearch.core.trial import Evaluation, Failure, FailureKind, Outcome, SplitScore, Trial, TrialResult, Usage
from hpsearch.ledger import Begun, Ledger, LostAttempt, StudyRecord
from hpsearch.results import load_results, show

CONTEXT = Context(what="tests")
STUDY = StudyRecord("example", CONTEXT.digest, ACCURACY, varying=("C",))


def trial(c: float, context: Context = CONTEXT) -> Trial:
    params = {"C": c, "shape": (1, 2)}
    return Trial(trial_key(context, params, 0), config_id(params), params, 0)


def scored(*folds: float) -> Evaluation:
    splits = tuple(SplitScore(0, fold, {"accuracy": score}, 80, 20, 0.25, 0.125) for fold, score in enumerate(folds))
    return Evaluation({"accuracy": sum(folds) / len(folds)}, splits)


def result(which: Trial, outcome: Outcome, attempt: int = 1) -> TrialResult:
    return TrialResult(which, attempt, outcome, 10.0, 12.5, Usage(2.5, 2.0, 1 << 20), "w1", "node-a", log="hello\n")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger.db", clock=ManualClock(100.0)) as opened:
        yield opened


def test_committed_results_are_ranked(ledger: Ledger) -> None:
    """Scores, folds, costs and failures arrive unchanged."""
    epoch = ledger.begin_run(STUDY)
    failure = Failure(FailureKind.ERROR, "ValueError", "C is negative", "Traceback ...")
    outcomes = {0.5: scored(0.7, 0.8, 0.75), 2.0: scored(0.9, 0.8, 0.85), -1.0: failure}
    ledger.commit(epoch, results=[result(trial(c), outcome) for c, outcome in outcomes.items()])
    results = load_results(ledger, runs=lambda: {trial(2.0).key: "run-of-2"})
    assert results.trials["mlflow_run_id"].fillna("none").tolist() == ["none", "run-of-2", "none"]
    assert results.rank(columns=["C", "score", "n", "seconds", "fit_s"]).values.tolist() == [
        [2.0, pytest.approx(0.85), 3, 2.5, 0.75],
        [0.5, pytest.approx(0.75), 3, 2.5, 0.75],
    ]
    assert results.select() == {"C": 2.0, "shape": (1, 2)}
    assert [(group.name, group.message) for group in results.failure_groups()] == [("ValueError", "C is negative")]


def test_trials_of_an_earlier_form_of_the_study_are_counted_not_mixed_in(ledger: Ledger) -> None:
    """Scores on other data or splits must not compete."""
    before = Context(what="tests", data="before")
    epoch = ledger.begin_run(replace(STUDY, context=before.digest))
    ledger.commit(epoch, results=[result(trial(9.0, before), scored(0.99, 0.99))])
    epoch = ledger.begin_run(STUDY)
    ledger.commit(epoch, results=[result(trial(1.0), scored(0.5, 0.6))])
    results = load_results(ledger)
    assert results.trials["param.C"].tolist() == [1.0]
    assert "1 trial of other data, splits or code, from an earlier form of the spec, is not shown." in results.notes


def test_pages_of_a_long_study_are_read_in_the_order_of_the_table(ledger: Ledger) -> None:
    """By an index that begins with the context, each page put the whole study in order: a million trials took hours."""
    ledger.begin_run(STUDY)
    told: list[str] = []

    def explain(connection: sa.Connection, cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith("SELECT") and "LIMIT" in statement and "trial" in statement:
            plan = connection.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            told.extend(str(row[-1]) for row in plan.fetchall())

    sa.event.listen(sa.Engine, "before_cursor_execute", explain)
    try:
        load_results(ledger)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", explain)
    assert any("INTEGER PRIMARY KEY" in step for step in told)
    assert not any("TEMP B-TREE" in step for step in told), told


def test_show_reads_attempts_and_log_from_the_ledger(ledger: Ledger) -> None:
    """A trial that crashed twice before it succeeded says so."""
    epoch = ledger.begin_run(STUDY)
    one = trial(1.0)
    crash = Failure(FailureKind.CRASH, "", "the worker died", "")
    ledger.commit(epoch, begun=[Begun(one, 1, "w1", "n1", 1, 1.0)], lost=[LostAttempt(one, 1, crash, 2.0)])
    ledger.commit(epoch, begun=[Begun(one, 2, "w1", "n1", 1, 3.0)], results=[result(one, scored(0.5, 0.6), attempt=2)])
    results = load_results(ledger)
    assert results.failures.empty
    view = show(results, one.key, ledger=ledger)
    assert [attempt.error for attempt in view.trials[0].attempts] == ["the worker died", ""]
    assert view.trials[0].log == "hello\n"


def test_a_ledger_without_a_study_is_said(ledger: Ledger) -> None:
    """Rather than an empty table."""
    with pytest.raises(InfrastructureError, match="holds no study yet"):
        load_results(ledger)


def test_a_study_that_has_only_begun_is_empty_not_an_error(ledger: Ledger) -> None:
    """`hpsearch results` beside a run in its first second."""
    ledger.begin_run(STUDY)
    assert load_results(ledger).notes == ("No trial has been recorded yet.",)


def test_what_trials_printed_is_not_held(ledger: Ledger) -> None:
    """Ranking thousands of trials that print much must not cost hundreds of megabytes; what is asked for is there."""
    n, size = 200, 60_000
    epoch = ledger.begin_run(STUDY)
    for c in range(n):
        failure = Failure(FailureKind.ERROR, "ValueError", "C is odd", f"trial {c} " + "t" * (size // 2))
        outcome = scored(0.5, 0.6) if c % 2 == 0 else failure
        ledger.commit(epoch, results=[replace(result(trial(c), outcome), log=f"trial {c} " + "l" * (size // 2))])
    tracemalloc.start()
    results = load_results(ledger)
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < n * size / 10
    assert peak < n * size / 4
    assert not any("log" in table.columns for table in (results.trials, results.configs, results.evaluations, results.failures))
    assert results.failures["traceback"].notna().sum() == 1
    assert results.failure_groups()[0].traceback.startswith("trial 1 ttt")
    view = show(results, trial(7).key, ledger=ledger)
    assert (view.trials[0].traceback[:11], view.trials[0].log[:11]) == ("trial 7 ttt", "trial 7 lll")
