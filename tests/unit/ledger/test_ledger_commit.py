"""What a commit accepts and what a trial becomes: no recorded result is lost, none is written twice.

Runs on SQLite, and on a PostgreSQL server as well where HPSEARCH_TEST_POSTGRESQL holds its URL (postgresql+psycopg://...).
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from ledger_builders import ACCURACY, CONTEXT, LOSS, begun, done, failed, lost, opened, split, status_of, study, trial

from hpsearch.core.best import BestRule
from hpsearch.core.clock import ManualClock
from hpsearch.core.errors import StaleOwnerError
from hpsearch.core.metric import Metric
from hpsearch.core.trial import Evaluation, FailureKind, Report, Status, Trial, TrialResult, Usage
from hpsearch.ledger import EventKind, Ledger, StudyState, TrialColumns, pages
from hpsearch.ledger.trial_columns import TRIAL_COLUMNS

SERVER = "HPSEARCH_TEST_POSTGRESQL"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(100.0)


@pytest.fixture(params=["sqlite", "postgresql"] if SERVER in os.environ else ["sqlite"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Ledger]:
    place = contextlib.nullcontext(tmp_path / "ledger.db") if request.param == "sqlite" else postgresql_schema(os.environ[SERVER])
    with place as location, Ledger.open(location, clock=clock) as ledger:
        ledger.begin_run(study())
        yield ledger


@contextlib.contextmanager
def postgresql_schema(url: str) -> Iterator[str]:
    """The URL of a schema of its own, gone afterwards."""
    schema = f"ledger_{uuid4().hex}"
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
        own = sa.make_url(url).update_query_dict({"options": f"-csearch_path={schema}"})
        yield own.render_as_string(hide_password=False)
        connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
    engine.dispose()


def standing(ledger: Ledger, name: object) -> tuple[Status, int, int, dict[FailureKind, int]]:
    found = ledger.standings([trial(name).key])[trial(name).key]
    return found.status, found.attempts, found.result_attempt, dict(found.failures)


def best_of(ledger: Ledger, metric: Metric = ACCURACY, context: str = CONTEXT) -> tuple[str, float] | None:
    best = ledger.best(BestRule(metric), context)
    return None if best is None else (best.config_id, best.score)


def events(ledger: Ledger) -> list[tuple[EventKind, str]]:
    return [(event.kind, event.key) for event in ledger.outbox(0, 100)]


def test_a_begun_trial_is_running_and_its_result_completes_it(ledger: Ledger) -> None:
    ledger.commit(1, begun=[begun(1)])
    assert standing(ledger, 1) == (Status.RUNNING, 1, 0, {})
    assert ledger.commit(1, results=[done(1)]) == ()
    assert standing(ledger, 1) == (Status.COMPLETED, 1, 1, {})
    (attempt,) = ledger.attempts("v1:1")
    assert (attempt.pid, attempt.worker, attempt.epoch) == (4711, "w1", 1)


def test_a_result_whose_attempt_was_never_begun_is_recorded_whole(ledger: Ledger) -> None:
    assert ledger.commit(1, results=[done(1), failed(2), failed(3, kind=FailureKind.TIMEOUT)]) == ()
    assert [record.status for record in ledger.trials()] == [Status.COMPLETED, Status.FAILED, Status.TIMEOUT]
    assert standing(ledger, 2) == (Status.FAILED, 1, 1, {FailureKind.ERROR: 1})


def test_a_result_handed_in_twice_is_recorded_once(ledger: Ledger) -> None:
    result = done(1, splits=(split(0, acc=0.5),), reports=(Report(0, 1.0, {"acc": 0.1}, 11.0),))
    ledger.commit(1, begun=[begun(1)], results=[result])
    head = ledger.outbox_head()
    assert ledger.commit(1, begun=[begun(1)], results=[result]) == ("v1:1",)
    assert ledger.outbox_head() == head
    assert len(list(ledger.split_scores())) == 1
    assert ledger.commit(1, results=[done(2), done(2, metrics={"acc": 0.9})]) == ("v1:2",)
    assert next(ledger.trials(keys=["v1:2"])).metrics == {"acc": 0.5}


def test_a_worker_thought_dead_cannot_overwrite_its_successor(ledger: Ledger) -> None:
    ledger.commit(1, begun=[begun(1)])
    ledger.commit(1, begun=[begun(1, attempt=2)])
    assert ledger.commit(1, results=[done(1, attempt=1, metrics={"acc": 0.1})]) == ("v1:1",)
    assert ledger.commit(1, results=[done(1, attempt=2, metrics={"acc": 0.2})]) == ()
    assert next(ledger.trials()).metrics == {"acc": 0.2}
    assert [attempt.status for attempt in ledger.attempts("v1:1")] == [Status.CANCELLED, Status.COMPLETED]


def test_a_lost_attempt_cannot_end_once_more(ledger: Ledger) -> None:
    ledger.commit(1, begun=[begun(1)])
    ledger.commit(1, lost=[lost(1)])
    assert ledger.commit(1, results=[done(1)]) == ("v1:1",)
    assert status_of(ledger, 1) is Status.RUNNING


def test_a_result_that_came_before_the_loss_stands(ledger: Ledger) -> None:
    ledger.commit(1, begun=[begun(1)], results=[done(1)])
    assert ledger.commit(1, lost=[lost(1)]) == ("v1:1",)
    assert standing(ledger, 1) == (Status.COMPLETED, 1, 1, {})


def test_a_completed_trial_takes_no_unannounced_attempt(ledger: Ledger) -> None:
    """A second lease of a trial that has a result is a mistake somewhere: the first result stands."""
    ledger.commit(1, results=[done(1)])
    assert ledger.commit(1, results=[done(1, attempt=2, metrics={"acc": 0.9})]) == ("v1:1",)
    assert ledger.commit(1, lost=[lost(1, attempt=2)]) == ("v1:1",)
    assert [attempt.attempt for attempt in ledger.attempts("v1:1")] == [1]


def test_an_old_begin_changes_nothing(ledger: Ledger) -> None:
    ledger.commit(1, begun=[begun(1, attempt=2)])
    head = ledger.outbox_head()
    ledger.commit(1, begun=[begun(1, attempt=1), begun(1, attempt=2)])
    assert standing(ledger, 1) == (Status.RUNNING, 2, 0, {})
    assert ledger.outbox_head() == head


def test_lost_attempts_are_counted_by_kind_until_the_trial_ends(ledger: Ledger) -> None:
    ledger.commit(1, begun=[begun(1)])
    ledger.commit(1, lost=[lost(1)])
    assert standing(ledger, 1) == (Status.RUNNING, 1, 0, {FailureKind.CRASH: 1})
    ledger.commit(1, begun=[begun(1, attempt=2)], lost=[lost(1, attempt=2, kind=FailureKind.NODE_LOST)])
    ledger.commit(1, lost=[lost(1, attempt=3)])  # it died before it could say that it had begun
    assert standing(ledger, 1) == (Status.RUNNING, 3, 0, {FailureKind.CRASH: 2, FailureKind.NODE_LOST: 1})
    ledger.commit(1, results=[failed(1, attempt=4, kind=FailureKind.CRASH)])
    assert standing(ledger, 1) == (Status.FAILED, 4, 4, {FailureKind.CRASH: 3, FailureKind.NODE_LOST: 1})
    assert [attempt.status for attempt in ledger.attempts("v1:1")] == [Status.FAILED] * 4


def test_lost_attempts_of_a_trial_that_completes_in_the_end_remain_known(ledger: Ledger) -> None:
    ledger.commit(1, begun=[begun(1)], lost=[lost(1)])
    ledger.commit(1, results=[done(1, attempt=2)])
    assert standing(ledger, 1) == (Status.COMPLETED, 2, 2, {FailureKind.CRASH: 1})


def test_retries_are_not_won_back_by_an_interruption_but_by_a_new_round(ledger: Ledger) -> None:
    ledger.commit(1, begun=[begun(1)], lost=[lost(1)])
    ledger.begin_run(study())
    assert standing(ledger, 1) == (Status.CANCELLED, 1, 0, {FailureKind.CRASH: 1})
    ledger.commit(2, begun=[begun(1, attempt=2)])
    assert standing(ledger, 1) == (Status.RUNNING, 2, 0, {FailureKind.CRASH: 1})
    ledger.commit(2, results=[failed(1, attempt=2)])
    ledger.commit(2, begun=[begun(1, attempt=3)])
    assert standing(ledger, 1) == (Status.RUNNING, 3, 2, {})


def test_a_rerun_interrupted_gives_back_the_completed_result(ledger: Ledger) -> None:
    first = done(1, metrics={"acc": 0.7}, splits=(split(0, acc=0.7),))
    ledger.commit(1, results=[first])
    ledger.commit(1, begun=[begun(1, attempt=2, at=50.0)])
    running = next(ledger.trials())
    assert (running.status, running.attempt, running.metrics) == (Status.RUNNING, 2, {"acc": 0.7})
    ledger.begin_run(study())
    after = next(ledger.trials())
    assert (after.status, after.attempt, after.attempts, after.metrics) == (Status.COMPLETED, 1, 2, {"acc": 0.7})
    assert after.seconds == 2.5
    assert [record.split.scores for record in ledger.split_scores()] == [{"acc": 0.7}]
    assert [attempt.status for attempt in ledger.attempts("v1:1")] == [Status.COMPLETED, Status.CANCELLED]
    assert standing(ledger, 1) == (Status.COMPLETED, 2, 1, {})


def test_a_rerun_that_fails_leaves_the_completed_result(ledger: Ledger) -> None:
    ledger.commit(1, results=[done(1, metrics={"acc": 0.7})])
    ledger.commit(1, begun=[begun(1, attempt=2)], results=[failed(1, attempt=2)])
    record = next(ledger.trials())
    assert (record.status, record.attempt, record.metrics, record.error) == (Status.COMPLETED, 1, {"acc": 0.7}, "")
    assert standing(ledger, 1) == (Status.COMPLETED, 2, 1, {FailureKind.ERROR: 1})
    assert best_of(ledger) == ("cfg-1", 0.7)


def test_a_rerun_of_a_failed_trial_interrupted_is_the_failed_trial_again(ledger: Ledger) -> None:
    ledger.commit(1, results=[failed(1)])
    ledger.commit(1, begun=[begun(1, attempt=2)])
    ledger.end_run(1, StudyState.INTERRUPTED)
    record = next(ledger.trials())
    assert (record.status, record.attempt, record.error) == (Status.FAILED, 1, "C is negative")


def test_a_rerun_of_a_failed_trial_may_complete_it(ledger: Ledger) -> None:
    ledger.commit(1, results=[failed(1)])
    ledger.commit(1, begun=[begun(1, attempt=2)], results=[done(1, attempt=2)])
    record = next(ledger.trials())
    assert (record.status, record.attempt, record.error, record.score) == (Status.COMPLETED, 2, "", 0.5)


def test_an_added_metric_joins_those_already_measured(ledger: Ledger) -> None:
    ledger.commit(1, results=[done(1, metrics={"acc": 0.7}, splits=(split(0, acc=0.6), split(1, acc=0.8)))])
    again = done(1, attempt=2, metrics={"loss": 0.1}, splits=(split(0, loss=0.2), split(1, loss=0.0)))
    ledger.commit(1, begun=[begun(1, attempt=2)], results=[again])
    record = next(ledger.trials())
    assert record.metrics == {"acc": 0.7, "loss": 0.1}
    assert record.score == 0.7
    assert ledger.standings(["v1:1"])["v1:1"].metrics == {"acc", "loss"}
    assert [(s.attempt, s.split.fold, s.split.scores) for s in ledger.split_scores()] == [
        (2, 0, {"acc": 0.6, "loss": 0.2}),
        (2, 1, {"acc": 0.8, "loss": 0.0}),
    ]
    assert [attempt.metrics for attempt in ledger.attempts("v1:1")] == [{"acc": 0.7}, {"loss": 0.1}]


def test_nothing_is_written_by_an_owner_that_was_replaced(ledger: Ledger) -> None:
    ledger.begin_run(study())
    head = ledger.outbox_head()
    with pytest.raises(StaleOwnerError, match=r"taken over by a newer run \(number 2; this is 1\)"):
        ledger.commit(1, begun=[begun(1)], results=[done(2)])
    with pytest.raises(StaleOwnerError, match="taken over"):
        ledger.end_run(1, StudyState.COMPLETED)
    assert ledger.outbox_head() == head
    assert list(ledger.trials()) == []


def test_nothing_is_written_after_the_end_or_before_the_beginning(ledger: Ledger, tmp_path: Path) -> None:
    ledger.end_run(1, StudyState.COMPLETED)
    with pytest.raises(StaleOwnerError, match="run 1 of the study 'example' has ended"):
        ledger.commit(1, results=[done(1)])
    with opened(tmp_path / "other.db") as other, pytest.raises(StaleOwnerError, match="begin_run comes first"):
        other.commit(1, results=[done(1)])


def test_a_commit_is_all_or_nothing(ledger: Ledger) -> None:
    """The second result cannot be stored; the first must not be there, or a repeated hand-in would be refused."""
    unstorable = TrialResult(trial(2), 1, Evaluation({"acc": "high"}), 1.0, 2.0, Usage(1.0))  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="could not convert"):
        ledger.commit(1, results=[done(1), unstorable])
    assert list(ledger.trials()) == []
    assert ledger.commit(1, results=[done(1)]) == ()


def test_one_event_for_each_visible_change_without_gaps(ledger: Ledger, clock: ManualClock) -> None:
    clock.advance(5)
    ledger.commit(1, begun=[begun(1), begun(2)], results=[done(1)])
    ledger.commit(1, lost=[lost(2)])  # the trial is RUNNING as before: nothing to show
    ledger.commit(1, begun=[begun(2, attempt=2)])
    ledger.end_run(1, StudyState.INTERRUPTED)
    assert events(ledger) == [
        (EventKind.STUDY_BEGUN, ""),
        (EventKind.TRIAL_BEGUN, "v1:2"),
        (EventKind.TRIAL_ENDED, "v1:1"),
        (EventKind.TRIAL_BEGUN, "v1:2"),
        (EventKind.TRIAL_ENDED, "v1:2"),
        (EventKind.STUDY_ENDED, ""),
    ]
    found = ledger.outbox(0, 100)
    assert [event.seq for event in found] == [1, 2, 3, 4, 5, 6]
    assert [event.at for event in found[:2]] == [100.0, 105.0]
    assert [event.seq for event in ledger.outbox(2, 2)] == [3, 4]
    assert ledger.outbox(6, 10) == []
    assert ledger.outbox_head() == 6


def test_a_new_run_cancels_what_a_killed_one_left_and_dates_it_by_its_last_sign_of_life(
    ledger: Ledger, clock: ManualClock
) -> None:
    ledger.commit(1, begun=[begun(1, at=101.0)])
    clock.advance(3)
    ledger.commit(1, results=[done(2)])
    clock.advance(3 * 86400)  # found dead after the weekend
    assert ledger.begin_run(study()) == 2
    (attempt,) = ledger.attempts("v1:1")
    assert (attempt.status, attempt.ended_at) == (Status.CANCELLED, 103.0)
    assert status_of(ledger, 1) is Status.CANCELLED
    assert events(ledger)[-2:] == [(EventKind.TRIAL_ENDED, "v1:1"), (EventKind.STUDY_BEGUN, "")]


def test_the_study_is_kept_as_given_with_its_runs(ledger: Ledger, clock: ManualClock) -> None:
    first = ledger.study()
    assert first is not None
    assert (first.name, first.metric, first.tags, first.varying) == ("example", ACCURACY, {"team": "growth"}, ("C",))
    assert (first.epoch, first.state, first.created_at, first.started_at, first.ended_at) == (
        1,
        StudyState.RUNNING,
        100,
        100,
        None,
    )
    clock.advance(1)
    ledger.end_run(1, StudyState.FAILED)
    ended = ledger.study()
    assert ended is not None
    assert (ended.state, ended.ended_at) == (StudyState.FAILED, 101.0)
    clock.advance(1)
    ledger.begin_run(study())
    second = ledger.study()
    assert second is not None
    assert (second.uid, second.created_at) == (first.uid, 100.0)
    assert (second.epoch, second.state, second.started_at, second.ended_at) == (2, StudyState.RUNNING, 102.0, None)


def test_trials_of_an_edited_study_stay_apart_by_context(ledger: Ledger) -> None:
    ledger.commit(1, results=[done(1, metrics={"acc": 0.9})])
    ledger.begin_run(study(context="other"))
    ledger.commit(2, results=[done(2, metrics={"acc": 0.1})])
    assert ledger.counts()[Status.COMPLETED] == 2
    assert ledger.counts("other")[Status.COMPLETED] == 1
    assert best_of(ledger, context="other") == ("cfg-2", 0.1)
    assert [record.key for record in ledger.trials(context=CONTEXT)] == ["v1:1"]
    assert [record.key for record in ledger.trials(context="other")] == ["v1:2"]


def test_another_metric_ranks_what_is_already_there(ledger: Ledger) -> None:
    ledger.commit(1, results=[done(1, metrics={"acc": 0.9, "loss": 2.0}), done(2, metrics={"acc": 0.1, "loss": 1.0})])
    assert best_of(ledger) == ("cfg-1", 0.9)
    ledger.begin_run(study(metric=LOSS))
    assert [record.score for record in ledger.trials()] == [2.0, 1.0]
    assert best_of(ledger, LOSS) == ("cfg-2", 1.0)


def test_the_best_has_a_finite_score_and_of_equals_the_first_id(ledger: Ledger) -> None:
    assert best_of(ledger) is None
    ledger.commit(
        1, results=[done(1, metrics={"acc": float("nan")}), done(2, metrics={"acc": float("inf")}), done(3, metrics={})]
    )
    assert best_of(ledger) is None
    ledger.commit(1, results=[done(5, metrics={"acc": 0.5}), done(4, metrics={"acc": 0.5}), done(6, metrics={"acc": 0.4})])
    assert best_of(ledger) == ("cfg-4", 0.5)


def test_the_best_among_many_is_found_without_reading_them(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """`watch hpsearch status` beside a run of a hundred thousand trials: one record is read of each repeat of the best."""
    seeds = (0, 1, 2)
    for c in range(200):
        trials = [replace(trial(c), key=f"v1:{c}/{seed}", seed=seed) for seed in seeds]
        ledger.commit(1, results=[replace(done(c, metrics={"acc": c / 200}), trial=each) for each in trials])
    read: list[int] = []
    real = pages.trial_record
    monkeypatch.setattr(pages, "trial_record", lambda row, *rest, **more: read.append(row.number) or real(row, *rest, **more))
    best = ledger.best(BestRule(ACCURACY, seeds), CONTEXT)
    assert best is not None
    assert (best.config_id, len(read)) == ("cfg-199", 3)


def test_a_trial_is_read_back_with_all_it_held(ledger: Ledger) -> None:
    params = {"C": 10, "gamma": 1e-3, "ngram_range": (1, 2), "weights": {"0": 1.0}, "none": None, "on": True, "top": float("inf")}
    big_seed = 2**64 - 1
    whole = Trial("v1:x", "cfg", params, big_seed)
    reports = (Report(0, 1.0, {"acc": 0.1}, 11.0), Report(1, 2.0, {"acc": float("nan")}, 12.0))
    evaluation = Evaluation({"acc": 0.5, "loss": float("inf")}, (split(0, acc=0.4), split(1, acc=0.6)))
    result = TrialResult(whole, 1, evaluation, 10.0, 12.5, Usage(2.5, 2.0, 7), "w1", "n\udc80\x00", reports, log="log")
    ledger.commit(1, results=[result])
    (record,) = ledger.trials()
    assert (record.params, record.seed, record.config_id, record.number, record.context) == (params, big_seed, "cfg", 1, CONTEXT)
    assert list(record.params) == list(params)
    assert (record.started_at, record.ended_at, record.seconds, record.cpu_s, record.peak_rss_bytes) == (10.0, 12.5, 2.5, 2.0, 7)
    assert (record.fit_s, record.score_s, record.worker, record.node, record.log) == (0.5, 0.25, "w1", "n\\udc80\\x00", "log")
    assert record.metrics == {"acc": 0.5, "loss": float("inf")}
    assert [s.split for s in ledger.split_scores(keys=["v1:x"])] == list(evaluation.splits)
    assert repr(ledger.reports("v1:x")) == repr(list(reports))  # repr: NaN is not equal to itself
    assert [r.report.seq for r in ledger.all_reports()] == [0, 1]


def test_reports_of_an_earlier_attempt_do_not_mix_in(ledger: Ledger) -> None:
    first = failed(1)
    ledger.commit(
        1, results=[TrialResult(first.trial, 1, first.outcome, 1, 2, Usage(1), reports=(Report(0, 1, {"acc": 0.1}, 1),))]
    )
    ledger.commit(1, begun=[begun(1, attempt=2)], results=[done(1, attempt=2, reports=(Report(0, 1, {"acc": 0.2}, 2),))])
    assert [report.metrics for report in ledger.reports("v1:1")] == [{"acc": 0.2}]
    assert [report.metrics for report in ledger.reports("v1:1", attempt=1)] == [{"acc": 0.1}]
    assert [r.report.metrics for r in ledger.all_reports()] == [{"acc": 0.2}]


def test_streams_go_on_over_chunks_and_keys(ledger: Ledger) -> None:
    ledger.commit(1, results=[done(n, splits=(split(0, acc=0.5),)) for n in range(2500)])
    assert [record.number for record in ledger.trials()] == list(range(1, 2501))
    assert [record.number for record in ledger.split_scores()] == list(range(1, 2501))
    chosen = [f"v1:{n}" for n in range(0, 2500, 2)]
    assert [record.key for record in ledger.trials(keys=[*chosen, "v1:unknown", chosen[0]])] == chosen
    assert [record.key for record in ledger.split_scores(keys=chosen)] == chosen
    assert len(ledger.standings(chosen)) == len(chosen)
    assert ledger.reports("v1:unknown") == []
    assert ledger.attempts("v1:unknown") == []


@pytest.mark.parametrize("context", [CONTEXT, "other", None])
def test_columns_are_the_trials_over_pages_and_contexts(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, context: str | None
) -> None:
    """Pages that hold none of a context, some, and it alone."""
    monkeypatch.setattr(pages, "COLUMNS_CHUNK", 10)
    splits = (split(0, acc=0.5), split(1, acc=0.25))
    ledger.commit(1, results=[done(n, splits=splits) for n in range(25)])
    epoch = ledger.begin_run(study(context="other"))
    ledger.commit(epoch, results=[done(n, shared=n % 2 == 0) if n % 3 else failed(n) for n in range(25, 58)])
    epoch = ledger.begin_run(study())
    ledger.commit(epoch, begun=[begun(58)], results=[done(n, metrics={"acc": math.nan, "n": 3}) for n in range(59, 62)])
    records = list(ledger.trials(context=context))
    found = list(ledger.columns(context=context))
    assert all(page.number for page in found)
    assert found
    together = TrialColumns.of(records)
    for name in TRIAL_COLUMNS:
        values = [value for page in found for value in getattr(page, name)]
        plain = [value.value if isinstance(value, Enum) else value for value in getattr(together, name)]
        assert repr(values) == repr(plain), name  # with their types, and NaN is NaN
    assert [record for page in found for record in page.splits] == list(ledger.split_scores(context=context))


def test_a_ledger_in_memory_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Ledger.open("sqlite://", clock=ManualClock()) as ledger:
        assert ledger.study() is None
        ledger.begin_run(study())
        ledger.commit(1, results=[done(1)])
        assert ledger.counts()[Status.COMPLETED] == 1
    assert list(tmp_path.iterdir()) == []


def test_what_trials_took_is_told_of_the_newest_that_completed(ledger: Ledger) -> None:
    """A plan expects of the others what these took: neither of failed trials, nor of those of other data."""
    ledger.commit(1, results=[replace(done(number), usage=Usage(float(number))) for number in (1, 2, 3, 4)])
    ledger.commit(1, results=[failed(5)], begun=[begun(6)])
    assert [(params["C"], seconds) for params, seconds in ledger.durations(CONTEXT, 10)] == [
        (1, 1.0),
        (2, 2.0),
        (3, 3.0),
        (4, 4.0),
    ]
    assert [params["C"] for params, _ in ledger.durations(CONTEXT, 2)] == [3, 4]
    assert ledger.durations("of other data", 10) == []
