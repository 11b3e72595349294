"""When a dispatcher lets its workers go: not while something may come back, and no later than nothing more will be leased."""

from __future__ import annotations

import pytest
from dispatch_bench import NODE_LOST, Bench, ask, done, failed, leased, worker

from hpsearch.core.errors import OtherMetricsError
from hpsearch.core.trial import Status
from hpsearch.dispatch.messages import Lease, Retire, Wait


def test_nobody_leaves_while_a_lease_may_come_back() -> None:
    """If the last worker but one left early, a lost unit would wait for a single worker to do it all."""
    bench = Bench()
    dispatcher, slow, quick = bench.dispatcher(), worker("A"), worker("B")
    dispatcher.join(slow)
    dispatcher.join(quick)
    (held,) = leased(ask(dispatcher, slow))
    reply = ask(dispatcher, quick)
    while isinstance(reply, Lease):
        reply = ask(dispatcher, quick, *(done(assignment) for assignment in leased(reply)))
    assert isinstance(reply, Wait)
    dispatcher.lost("A", NODE_LOST)
    (back,) = leased(ask(dispatcher, quick))
    assert back.trial == held.trial
    assert isinstance(ask(dispatcher, quick, done(back)), Retire)


def test_a_drained_run_takes_what_is_running_and_leases_nothing_more() -> None:
    bench = Bench()
    dispatcher, info = bench.dispatcher(), worker()
    dispatcher.join(info)
    (held,) = leased(ask(dispatcher, info))
    dispatcher.drain()
    assert not dispatcher.finished
    assert isinstance(ask(dispatcher, info, done(held)), Retire)
    assert dispatcher.finished
    assert bench.status() == {Status.COMPLETED: 1}


def test_more_failures_than_allowed_end_the_run() -> None:
    bench = Bench(20, "limits: {failures: 10%}\n")
    dispatcher, info = bench.dispatcher(), worker()
    dispatcher.join(info)
    reply, seen = ask(dispatcher, info), 0
    while isinstance(reply, Lease):
        seen += 1
        reply = ask(dispatcher, info, failed(*leased(reply)))
    assert seen == 3
    assert dispatcher.progress().draining


@pytest.mark.parametrize("slow_one_has_it", [True, False])
def test_quick_trials_without_the_metric_end_no_search_while_a_slow_one_may_have_it(slow_one_has_it: bool) -> None:
    """Trials that cannot be end at once, and say so in other metrics: what takes hours beside them is the rest of the search."""
    bench = Bench(n=20)
    dispatcher, quick, slow = bench.dispatcher(), worker("A"), worker("B")
    dispatcher.join(quick)
    dispatcher.join(slow)
    (held,) = leased(ask(dispatcher, slow))
    reply = ask(dispatcher, quick)
    while isinstance(reply, Lease):
        reply = ask(dispatcher, quick, *(failed(each, error=OtherMetricsError) for each in leased(reply)))
    assert isinstance(reply, Wait)
    assert (dispatcher.progress().lacking, dispatcher.finished) == ("no", False)
    last = ask(dispatcher, slow, done(held) if slow_one_has_it else failed(held, error=OtherMetricsError))
    assert isinstance(last, Lease if slow_one_has_it else Retire)
    assert isinstance(ask(dispatcher, quick), Lease if slow_one_has_it else Retire)
    assert bool(dispatcher.progress().lacking) is not slow_one_has_it
    assert dispatcher.finished is not slow_one_has_it
