"""The dispatcher's promises, with a real ledger in memory and a clock that stands still: no Ray, no processes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from dispatch_bench import CRASH, NODE_LOST, Bench, ask, done, failed, leased, worker

from hpsearch.core.errors import StaleOwnerError
from hpsearch.core.identity import Context
from hpsearch.core.trial import Evaluation, FailureKind, Status, TrialResult, Usage
from hpsearch.dispatch.backlog import Backlog
from hpsearch.dispatch.dispatcher import Dispatcher
from hpsearch.dispatch.messages import Lease, Retire, WorkerInfo
from hpsearch.ledger import StudyRecord
from hpsearch.plan import StudyPlan
from hpsearch.search import make_searcher
from hpsearch.spec import parse_spec


def run_to_end(dispatcher: Dispatcher, info: WorkerInfo, *, seconds: float = 1.0) -> list[object]:
    """Serves until it is retired; the values of x in the order in which they were evaluated."""
    seen: list[object] = []
    reply = ask(dispatcher, info)
    while not isinstance(reply, Retire):
        assert isinstance(reply, Lease), reply
        assignments = leased(reply)
        seen += [assignment.trial.params["x"] for assignment in assignments]
        reply = ask(dispatcher, info, *(done(assignment, seconds) for assignment in assignments))
    return seen


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.ledger.close()


def test_every_trial_is_evaluated_once_in_order(bench: Bench) -> None:
    dispatcher, info = bench.dispatcher(), worker()
    dispatcher.join(info)
    assert run_to_end(dispatcher, info) == [1, 2, 3, 4, 5, 6]
    assert dispatcher.finished
    assert bench.status() == {Status.COMPLETED: 6}
    progress = dispatcher.progress()
    assert (progress.completed, progress.best_score, progress.best_params) == (6, 1.0, {"x": 1})


def test_a_second_run_leases_nothing(bench: Bench) -> None:
    """A recorded result never runs again."""
    first, info = bench.dispatcher(), worker()
    first.join(info)
    run_to_end(first, info)
    second = bench.dispatcher()
    second.join(info)
    assert isinstance(ask(second, info), Retire)
    assert second.progress().reused == 6


def test_what_is_leased_is_recorded_as_begun_before_the_worker_has_it(bench: Bench) -> None:
    dispatcher, info = bench.dispatcher(), worker()
    dispatcher.join(info)
    (first,) = leased(ask(dispatcher, info))
    (record,) = bench.ledger.trials()
    assert (record.key, record.status, record.worker) == (first.trial.key, Status.RUNNING, "A")


def test_quick_trials_come_in_larger_units_and_slow_ones_alone() -> None:
    quick, slow, info = Bench(1000), Bench(1000), worker()
    for bench, seconds in ((quick, 0.0001), (slow, 5.0)):
        dispatcher = bench.dispatcher()
        dispatcher.join(info)
        (first,) = leased(ask(dispatcher, info))
        size = len(leased(ask(dispatcher, info, done(first, seconds))))
        assert size > 100 if bench is quick else size == 1


def test_a_crash_in_a_unit_of_one_is_charged_and_retried_until_retry_is_spent(bench: Bench) -> None:
    dispatcher = bench.dispatcher()
    for incarnation in ("1", "2", "3"):
        info = worker(incarnation=incarnation)
        dispatcher.join(info)
        (assignment,) = leased(ask(dispatcher, info))
        assert assignment.trial.params["x"] == 1
        assert assignment.attempt == int(incarnation)
        dispatcher.lost("A", CRASH)
    info = worker(incarnation="4")
    dispatcher.join(info)
    assert run_to_end(dispatcher, info) == [2, 3, 4, 5, 6]
    assert bench.status() == {Status.COMPLETED: 5, Status.FAILED: 1}
    (culprit,) = [record for record in bench.ledger.trials() if record.status is Status.FAILED]
    assert (culprit.error_kind, culprit.attempts) == (FailureKind.CRASH, 3)


def test_in_a_unit_of_many_only_the_culprit_fails() -> None:
    """Seven innocent trials shared a unit with one that kills its process: none of them is charged for it."""
    bench = Bench(40)
    dispatcher, info = bench.dispatcher(), worker()
    dispatcher.join(info)
    (first,) = leased(ask(dispatcher, info))
    unit = leased(ask(dispatcher, info, done(first, 0.002)))
    assert len(unit) > 5
    deadly = unit[3].trial.params["x"]
    incarnation = 1
    dispatcher.lost("A", CRASH)
    evaluated: list[object] = []
    while True:
        incarnation += 1
        info = worker(incarnation=str(incarnation))
        dispatcher.join(info)
        reply = ask(dispatcher, info)
        while isinstance(reply, Lease):
            assignments = leased(reply)
            if any(assignment.trial.params["x"] == deadly for assignment in assignments):
                assert len(assignments) == 1
                dispatcher.lost("A", CRASH)
                break
            evaluated += [assignment.trial.params["x"] for assignment in assignments]
            reply = ask(dispatcher, info, *(done(assignment, 0.002) for assignment in assignments))
        if isinstance(reply, Retire):
            break
    assert sorted(str(x) for x in evaluated) == sorted(str(x) for x in range(2, 41) if x != deadly)
    assert bench.status() == {Status.COMPLETED: 39, Status.FAILED: 1}
    innocent = [record for record in bench.ledger.trials() if record.status is Status.COMPLETED]
    assert all(record.error_kind is None for record in innocent)


def test_a_process_that_died_unseen_is_found_out_when_the_next_takes_its_slot(bench: Bench) -> None:
    dispatcher = bench.dispatcher()
    dispatcher.join(worker(incarnation="1"))
    (lost,) = leased(ask(dispatcher, worker(incarnation="1")))
    dispatcher.join(worker(incarnation="2"))
    (again,) = leased(ask(dispatcher, worker(incarnation="2")))
    assert (again.trial, again.attempt) == (lost.trial, 2)


def test_a_worker_that_was_replaced_cannot_overwrite_its_successor(bench: Bench) -> None:
    dispatcher = bench.dispatcher()
    dispatcher.join(worker(incarnation="1"))
    (stale,) = leased(ask(dispatcher, worker(incarnation="1")))
    dispatcher.join(worker(incarnation="2"))
    (fresh,) = leased(ask(dispatcher, worker(incarnation="2")))
    assert isinstance(ask(dispatcher, worker(incarnation="1"), done(stale, loss=-99.0)), Retire)
    ask(dispatcher, worker(incarnation="2"), done(fresh))
    (record,) = [record for record in bench.ledger.trials() if record.status is Status.COMPLETED]
    assert (record.score, record.attempt) == (1.0, 2)


def test_a_lost_node_costs_the_trial_none_of_its_crash_retries(bench: Bench) -> None:
    dispatcher = bench.dispatcher()
    for incarnation in range(5):
        info = worker(incarnation=str(incarnation))
        dispatcher.join(info)
        assert leased(ask(dispatcher, info))[0].trial.params["x"] == 1
        dispatcher.lost("A", NODE_LOST)
    info = worker(incarnation="last")
    dispatcher.join(info)
    run_to_end(dispatcher, info)
    assert bench.status() == {Status.COMPLETED: 6}


def test_an_error_is_final_unless_retry_says_otherwise() -> None:
    for extra, attempts in (("", 1), ("retry: {error: 2}\n", 3)):
        bench = Bench(1, extra)
        dispatcher, info = bench.dispatcher(), worker()
        dispatcher.join(info)
        reply = ask(dispatcher, info)
        seen = 0
        while isinstance(reply, Lease):
            (assignment,) = leased(reply)
            seen += 1
            reply = ask(dispatcher, info, failed(assignment))
        assert seen == attempts
        assert bench.status() == {Status.FAILED: 1}


def test_failed_trials_are_kept_or_run_again_as_reuse_says() -> None:
    for extra, again in (("", 0), ("reuse: {failed: rerun}\n", 1)):
        bench = Bench(1, extra)
        info = worker()
        for expected in (1, again):
            dispatcher = bench.dispatcher()
            dispatcher.join(info)
            reply, leases = ask(dispatcher, info), 0
            while isinstance(reply, Lease):
                leases += 1
                reply = ask(dispatcher, info, failed(*leased(reply)))
            assert leases == expected


def test_within_a_unit_hand_ins_are_committed_and_what_begins_is_recorded() -> None:
    bench = Bench(40)
    dispatcher, info = bench.dispatcher(), worker()
    dispatcher.join(info)
    unit = leased(ask(dispatcher, info, done(leased(ask(dispatcher, info))[0], 0.01)))
    reply = ask(dispatcher, info, done(unit[0]), begun=unit[1].trial.key, wants=False)
    assert reply == Lease(None)
    by_key = {record.key: record.status for record in bench.ledger.trials()}
    assert by_key[unit[0].trial.key] is Status.COMPLETED
    assert by_key[unit[1].trial.key] is Status.RUNNING


def test_an_owner_that_was_superseded_writes_nothing_more(bench: Bench) -> None:
    old, info = bench.dispatcher(), worker()
    old.join(info)
    (held,) = leased(ask(old, info))
    bench.dispatcher()
    with pytest.raises(StaleOwnerError):
        ask(old, info, done(held))


def test_a_score_that_is_not_finite_is_kept_and_never_best(bench: Bench) -> None:
    dispatcher, info = bench.dispatcher(), worker()
    dispatcher.join(info)
    (assignment,) = leased(ask(dispatcher, info))
    ask(dispatcher, info, done(assignment, loss=float("nan")))
    assert dispatcher.progress().best_score is None
    assert dispatcher.progress().completed == 1


def test_an_added_metric_is_missing_work_of_the_same_trial() -> None:
    """The ledger has `loss`; the spec now asks for `time` too: the trial runs again, under its own key."""
    bench = Bench(1)
    dispatcher, info = bench.dispatcher(), worker()
    dispatcher.join(info)
    run_to_end(dispatcher, info)
    text = (
        "name: s\ntrial: {estimator: sklearn.svm.SVC}\ndata: {sklearn: iris}\nmetric: {name: accuracy, mode: max}\n"
        "evaluate: {cv: {folds: 5}, metrics: [accuracy, f1_macro]}\nspace: {C: [1]}\n"
    )
    spec = parse_spec(text, file="s.yaml", folder=Path("/nowhere"))
    context = Context(what="iris")
    (trial,) = StudyPlan.of(spec, context).trials_of({"C": 1})
    epoch = bench.ledger.begin_run(StudyRecord(name="s", context=context.digest, metric=spec.metric))
    result = TrialResult(trial, 1, Evaluation({"accuracy": 0.9}), 0.0, 1.0, Usage(1.0))
    bench.ledger.commit(epoch, begun=[], results=[result])
    backlog = Backlog(StudyPlan.of(spec, context), make_searcher(spec.space, spec.search), bench.ledger)
    (pending,) = backlog.take(5.0)
    assert (pending.trial.key, pending.assignment().attempt) == (trial.key, 2)


def test_failed_trials_that_run_again_in_one_unit_are_all_recorded() -> None:
    """The ledger takes a new result for an ended trial only if its attempt was announced; a unit announces its first alone."""
    bench, info = Bench(30, "reuse: {failed: rerun}\n"), worker()
    for outcome in (failed, done):
        dispatcher = bench.dispatcher()
        dispatcher.join(info)
        reply = ask(dispatcher, info)
        while isinstance(reply, Lease):
            reply = ask(dispatcher, info, *(replace(outcome(one), usage=Usage(0.001)) for one in leased(reply)))
    assert bench.status() == {Status.COMPLETED: 30}


def test_what_is_left_counts_trials_for_what_they_take() -> None:
    """Two slow trials and two quick ones in 202 seconds: four like the quick ones do not take 202 more."""
    bench, info = Bench(8), worker()
    dispatcher = bench.dispatcher()
    dispatcher.join(info)
    assert dispatcher.progress().left_s is None
    reply = ask(dispatcher, info)
    for seconds in (100.0, 100.0, 1.0, 1.0):
        (assignment,) = leased(reply)
        bench.clock.advance(seconds)
        reply = ask(dispatcher, info, done(assignment, seconds))
    left = dispatcher.progress().left_s
    assert left is not None
    assert 4.0 < left < 80.0
    while isinstance(reply, Lease):
        reply = ask(dispatcher, info, *(done(assignment, 1.0) for assignment in leased(reply)))
    assert dispatcher.progress().left_s == 0.0


def test_a_run_that_goes_on_knows_what_the_ledger_measured() -> None:
    """The slowest of what is left goes first; and nobody waits for a first trial to learn how quick they are."""
    bench, info = Bench(9), worker()
    first = bench.dispatcher()
    first.join(info)
    reply = ask(first, info)
    for _ in range(5):
        (assignment,) = leased(reply)
        x = assignment.trial.params["x"]
        assert isinstance(x, int)
        reply = ask(first, info, done(assignment, 100.0 / x))
    again = bench.dispatcher()
    again.join(info)
    assert again.progress().left_s is None, "of this run nothing is known"
    (assignment,) = leased(ask(again, info))
    assert assignment.trial.params["x"] == 6
    quick = Bench(600)
    run = quick.dispatcher()
    run.join(info)
    ask(run, info, done(*leased(ask(run, info)), 0.0001))  # type: ignore[arg-type]
    more = quick.dispatcher()
    more.join(info)
    assert len(leased(ask(more, info))) > 100
