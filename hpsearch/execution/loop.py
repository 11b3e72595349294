"""A worker's life: lease a unit, evaluate it, hand it in, lease the next. The same in a Ray Tune trial and in process."""

from __future__ import annotations

from typing import Protocol

from hpsearch.core.clock import Clock
from hpsearch.core.trial import TrialResult, WorkUnit
from hpsearch.dispatch.messages import HandIn, Lease, Reply, Retire, Wait, WorkerInfo
from hpsearch.execution.attempt import Attempts
from hpsearch.trainables import Objective

# A worker that has been on a unit for this long tells what it has and what it begins, before it begins it: so that little
# is lost if it dies, and the ledger shows who did it. Below, telling would cost more than the trials do.
_ANNOUNCE_S = 0.05


class Link(Protocol):
    """The way to the dispatcher. Both calls return when what they bring is committed."""

    def join(self, worker: WorkerInfo) -> None: ...

    def exchange(self, hand_in: HandIn) -> Reply: ...


def work(link: Link, worker: WorkerInfo, objective: Objective, attempts: Attempts, clock: Clock) -> None:
    """Serves until it is retired."""
    link.join(worker)
    reply = link.exchange(HandIn(worker.slot, worker.incarnation))
    while not isinstance(reply, Retire):
        if isinstance(reply, Wait):
            clock.sleep(reply.seconds)
            reply = link.exchange(HandIn(worker.slot, worker.incarnation))
        elif reply.unit is None:
            raise AssertionError("a worker that asks for work is leased a unit, told to wait, or retired")
        else:
            reply = _serve(link, worker, objective, attempts, clock, reply.unit)


def _serve(link: Link, worker: WorkerInfo, objective: Objective, attempts: Attempts, clock: Clock, unit: WorkUnit) -> Reply:
    results: list[TrialResult] = []
    told_at = clock.monotonic()
    objective.expect([assignment.trial for assignment in unit.assignments])
    for position, assignment in enumerate(unit.assignments):
        if position and clock.monotonic() - told_at > _ANNOUNCE_S:
            hand_in = HandIn(worker.slot, worker.incarnation, tuple(results), assignment.trial.key, wants_work=False)
            reply = link.exchange(hand_in)
            if not isinstance(reply, Lease):
                return reply
            results, told_at = [], clock.monotonic()
        results.append(attempts.run(objective, assignment))
    return link.exchange(HandIn(worker.slot, worker.incarnation, tuple(results)))
