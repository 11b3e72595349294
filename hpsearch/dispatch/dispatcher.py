"""The dispatcher itself: leases out, results in, nothing acknowledged before it is committed.

One lease over time, for slot A with the unit (t1 t2 t3):

    exchange(wants work)          -> Lease(t1 t2 t3)   ledger: t1 RUNNING
    exchange(t1's result, on t2)  -> Lease(None)       ledger: t1 COMPLETED, t2 RUNNING
    [the process dies]            lost(A)              t2 or t3 did it: each is leased again, alone, nobody charged
    join(A, new incarnation)
    exchange(wants work)          -> Lease(t2)         [the process dies]  lost(A): it was t2, which is charged
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hpsearch.core.best import exact_mean
from hpsearch.core.clock import Clock
from hpsearch.core.trial import Evaluation, Failure, FailureKind, Status, TrialResult, Usage, WorkUnit
from hpsearch.core.values import Params
from hpsearch.dispatch.affinity import Affinity
from hpsearch.dispatch.backlog import Backlog, Pending
from hpsearch.dispatch.commons import Commons
from hpsearch.dispatch.costs import KEPT, Costs
from hpsearch.dispatch.messages import HandIn, Lease, Progress, Reply, Retire, Wait, WorkerInfo
from hpsearch.dispatch.policy import Misnamed, RetryPolicy
from hpsearch.ledger import Begun, Ledger, LostAttempt
from hpsearch.plan import StudyPlan, best_rule, unit_seconds
from hpsearch.trainables import Kinship

_WAIT_S = 0.1


@dataclass(slots=True)
class _Held:
    """A live lease: what of the unit has no result yet, in order, and which trial the ledger has as begun."""

    worker: WorkerInfo
    pending: dict[str, Pending]
    begun: str
    since: float


class Dispatcher:
    """Leases the backlog to whoever asks. Not thread-safe: one caller at a time.

    Args:
        plan, backlog, ledger: of one study; `epoch` is what `ledger.begin_run` gave.
        clock: durations are monotonic, records are POSIX seconds.
    """

    def __init__(self, *, plan: StudyPlan, backlog: Backlog, ledger: Ledger, epoch: int, clock: Clock) -> None:
        self._plan = plan
        self._policy = RetryPolicy.of(plan.spec.retry)
        self._backlog = backlog
        self._ledger = ledger
        self._epoch = epoch
        self._clock = clock
        self._workers: dict[str, WorkerInfo] = {}
        self._leases: dict[str, _Held] = {}
        self._affinity = Affinity()
        self.commons = Commons()  # workers speak to it past this class: nothing of it is recorded
        self._costs = Costs(ledger.durations(plan.context.digest, KEPT))
        self._worked_s = 0.0  # of trials that ended in this run
        self._units = 0
        self._done: Counter[Status] = Counter()
        self._draining = False
        self._first_error: str | None = None
        self._misnamed = Misnamed()
        self._started = clock.monotonic()
        self._first_lease: float | None = None
        self._last_commit: float | None = None
        self._rule = best_rule(plan.spec)
        self._best = ledger.best(self._rule, plan.context.digest)

    # What workers call

    def join(self, worker: WorkerInfo) -> None:
        """A process takes its slot. If the slot had a lease, the process before it died without anyone's telling."""
        if worker.slot in self._leases:
            self.lost(worker.slot, Failure(FailureKind.CRASH, "WorkerDied", "the worker's process ended and was started again"))
        self._workers[worker.slot] = worker
        self.commons.join(worker)

    def exchange(self, hand_in: HandIn) -> Reply:
        """Commits what is handed in, then answers. Whoever was replaced in its slot changes nothing and is retired."""
        worker = self._workers.get(hand_in.slot)
        if worker is None or worker.incarnation != hand_in.incarnation:
            return Retire("another process has taken this worker's place")
        self.commons.release(worker.slot)
        held = self._leases.get(hand_in.slot)
        begun: list[Begun] = []
        settled, lost = self._settle(held, hand_in.results, begun)
        if lost:
            # On its own: what is tried again may be leased in this very call, and an attempt that begins closes the one before
            # it, whose error would then be told to nobody.
            self._commit(begun, settled, lost)
            begun, settled, lost = [], [], []
        reply: Reply = Lease(None)
        if hand_in.wants_work:
            self._release(hand_in.slot)
            reply = self._next(worker, begun)
        elif held is not None and hand_in.begun is not None and hand_in.begun in held.pending:
            held.begun = hand_in.begun
            begun.append(self._begun(worker, held.pending[hand_in.begun]))
        self._commit(begun, settled, lost)
        if isinstance(reply, Retire):
            del self._workers[worker.slot]
            self._affinity.lost(worker.slot)
            self.commons.lost(worker.slot)
        return reply

    def holds(self, slot: str, incarnation: str, key: str) -> bool:
        """Whether this very process has the trial leased."""
        held = self._leases.get(slot)
        return held is not None and held.worker.incarnation == incarnation and key in held.pending

    def lost(self, slot: str, failure: Failure) -> None:
        """The process in `slot` is gone, as `failure` says. What it had is leased again, the culprit charged where known."""
        self._workers.pop(slot, None)
        self._affinity.lost(slot)
        self.commons.lost(slot)
        held = self._leases.pop(slot, None)
        if held is None or not held.pending:
            return
        suspects = list(held.pending.values())
        began, now = held.pending.get(held.begun, suspects[0]), self._clock.now()
        settled: list[TrialResult] = []
        lost: list[LostAttempt] = []
        # A crash that one of several may have caused is charged to none: each runs alone next, and then it shows. Their
        # attempts need no record of their own, since beginning the next one closes them.
        if failure.kind is FailureKind.NODE_LOST or len(suspects) == 1:
            began.failures[failure.kind] += 1
            if self._policy.retries(failure.kind, began.failures[failure.kind]):
                lost.append(self._lost_attempt(began, failure, held.worker, now))
            else:
                settled.append(_as_result(began, failure, held, now))
                self._count(settled[0])
                suspects.remove(began)
        for pending in suspects:
            pending.alone = pending.alone or failure.kind is not FailureKind.NODE_LOST
        self._backlog.give_back(suspects)
        self._commit([], settled, lost)

    # What the driver calls

    def drain(self) -> None:
        """Lease nothing more; what is running may hand in."""
        self._draining = True

    @property
    def finished(self) -> bool:
        """Nothing is leased, and nothing more will be."""
        return not self._leases and (self._draining or bool(self._lacking) or self._backlog.is_empty)

    def progress(self) -> Progress:
        now = self._clock.monotonic()
        since = self._first_lease
        search_s = 0.0 if since is None else (self._last_commit or now) - since
        return Progress(
            total=self._plan.trials,
            reused=self._backlog.reused.total(),
            completed=self._done[Status.COMPLETED],
            failed=failures(self._done),
            reused_failed=failures(self._backlog.reused),
            first_error=self._first_error,
            running=len(self._leases),
            workers=len(self._workers),
            best_score=None if self._best is None else self._best.score,
            best_params=None if self._best is None else self._best.params,
            elapsed_s=now - self._started,
            search_s=search_s,
            left_s=self._left_s(search_s),
            draining=self._draining,
            finished=self.finished,
            lacking=self._lacking,
            given_up=self._backlog.given_up,
        )

    # Inside

    @property
    def _lacking(self) -> str:
        """What all trials say that ended, if none gives the study's metric; what still runs may change it. Else empty."""
        return self._misnamed.said if self._misnamed.is_sure and not self._backlog.reused[Status.COMPLETED] else ""

    def _left_s(self, search_s: float) -> float | None:
        """At the rate of this run so far, in seconds of trials a second: so slow trials still to come count for what they are."""
        model = self._costs.model
        if model is None or not self._worked_s or not search_s:
            return None
        known, known_s = self._backlog.at_hand
        leased = [pending for held in self._leases.values() for pending in held.pending.values()]
        known_s += sum(model.seconds(pending.trial.params) for pending in leased)
        done = self._backlog.reused.total() + self._done.total()
        unread = max(0, self._plan.trials - done - known - len(leased))
        return (known_s + unread * model.mean_s) * search_s / self._worked_s

    def _settle(
        self, held: _Held | None, results: Sequence[TrialResult], begun: list[Begun]
    ) -> tuple[list[TrialResult], list[LostAttempt]]:
        """Which results are final, and which attempts are to be tried again (given back to the backlog here)."""
        settled: list[TrialResult] = []
        lost: list[LostAttempt] = []
        for result in results:
            pending = held.pending.get(result.trial.key) if held is not None else None
            if pending is None or held is None or pending.attempts != result.attempt:
                continue
            del held.pending[result.trial.key]
            if pending.rerun and result.trial.key != held.begun:
                begun.append(self._begun(held.worker, pending))
            self._costs.after(result.trial.params, result.usage.seconds)
            self._worked_s += result.usage.seconds
            self._affinity.took(result.ended_at - result.started_at, begins=pending.begins)
            if isinstance(result.outcome, Failure):
                kind = result.outcome.kind
                pending.failures[kind] += 1
                if self._policy.retries(kind, pending.failures[kind]):
                    lost.append(self._lost_attempt(pending, result.outcome, held.worker, result.ended_at))
                    self._backlog.give_back([pending])
                    continue
            settled.append(result)
            self._count(result)
        return settled, lost

    def _release(self, slot: str) -> None:
        # A worker that asks for more while part of its unit has no result gave that part up.
        held = self._leases.pop(slot, None)
        if held is not None and held.pending:
            self._backlog.give_back(held.pending.values())

    def _next(self, worker: WorkerInfo, begun: list[Begun]) -> Reply:
        if self._draining:
            return Retire("the run is ending")
        if self._lacking:  # trials that fail are quick, and one that takes its time may yet give the metric
            return Wait(_WAIT_S) if self._leases else Retire("no trial gives the study's metric")
        model = self._costs.model
        left_s = 0.0 if model is None else self._backlog.remaining * model.mean_s
        seconds = unit_seconds(left_s, max(1, len(self._workers)))
        started_at = self._clock.now()

        def joins(kin: Kinship, waiting: int) -> bool:
            divides = self.commons.hands_on(worker.node)
            return not self._leases or self._affinity.is_worth_joining(kin, waiting, started_at, worker.node, divides=divides)

        mine, beside = self._affinity.of(worker.slot), self._affinity.beside(worker.slot)
        taken = self._backlog.take(seconds, model, mine, beside, joins)
        if not taken:
            # What others hold may come back, so nobody leaves before the last lease is in; and more may be found.
            return Wait(_WAIT_S) if self._leases or not self._backlog.is_empty else Retire("nothing is left to do")
        now = self._clock.monotonic()
        self._first_lease = now if self._first_lease is None else self._first_lease
        self._units += 1
        begins = self._affinity.leased(worker, taken[0].kin, started_at)
        for pending in taken:
            pending.begins = begins and pending is taken[0]
        assignments = tuple(pending.assignment() for pending in taken)
        keyed = {pending.trial.key: pending for pending in taken}
        self._leases[worker.slot] = _Held(worker, keyed, taken[0].trial.key, started_at)
        begun.append(self._begun(worker, taken[0]))
        return Lease(WorkUnit(self._units, assignments))

    def _begun(self, worker: WorkerInfo, pending: Pending) -> Begun:
        return Begun(pending.trial, pending.attempts, worker.slot, worker.node, worker.pid, self._clock.now())

    def _lost_attempt(self, pending: Pending, failure: Failure, worker: WorkerInfo, at: float) -> LostAttempt:
        return LostAttempt(pending.trial, pending.attempts, failure, at, worker.slot, worker.node)

    def _commit(self, begun: Sequence[Begun], settled: Sequence[TrialResult], lost: Sequence[LostAttempt]) -> None:
        if not (begun or settled or lost):
            return
        self._ledger.commit(self._epoch, begun=begun, results=settled, lost=lost)
        if settled:
            self._last_commit = self._clock.monotonic()
            self._look_for_best(settled)

    def _count(self, result: TrialResult) -> None:
        """Before the commit, since whether to lease more depends on it; if the commit fails, so does the run."""
        self._done[result.status] += 1
        if isinstance(result.outcome, Failure) and self._first_error is None:
            self._first_error = f"{result.outcome.type}: {result.outcome.message}".splitlines()[0]
        self._misnamed = self._misnamed.after(result.outcome)
        if self._plan.ends_for(failures(self._done) + failures(self._backlog.reused)):
            self._draining = True

    def _look_for_best(self, settled: Sequence[TrialResult]) -> None:
        """Among the configurations that these results, committed by now, may have made whole.

        The ledger is asked, so that nothing is kept of the others: not at all where a configuration came whole and is behind.
        """
        scores: dict[str, list[float]] = {}
        params: dict[str, Params] = {}
        for result in settled:
            if isinstance(result.outcome, Evaluation):
                score = result.outcome.metrics.get(self._rule.metric.name, math.nan)
                scores.setdefault(result.trial.config_id, []).append(score)
                params[result.trial.config_id] = result.trial.params
        near = [ident for ident, found in scores.items() if not self._is_behind(found)]
        if near:
            keys = [trial.key for ident in near for trial in self._plan.trials_of(params[ident])]
            found = self._ledger.best(self._rule, self._plan.context.digest, keys=keys)
            self._best = self._rule.best([self._best, found])

    def _is_behind(self, scores: list[float]) -> bool:
        """Whether a configuration with these scores is behind the best, whatever the ledger adds to them."""
        if len(scores) < len(self._rule.seeds):
            return False
        mean = exact_mean(scores)
        return not math.isfinite(mean) or (self._best is not None and self._rule.metric.is_better(self._best.score, mean))


def failures(counts: Counter[Status]) -> int:
    """Trials that ended without a result."""
    return counts[Status.FAILED] + counts[Status.TIMEOUT]


def _as_result(pending: Pending, failure: Failure, held: _Held, now: float) -> TrialResult:
    """The final result of a trial whose worker died once too often."""
    return TrialResult(
        trial=pending.trial,
        attempt=pending.attempts,
        outcome=failure,
        started_at=held.since,
        ended_at=now,
        usage=Usage(seconds=max(0.0, now - held.since)),
        worker=held.worker.slot,
        node=held.worker.node,
    )
