"""Which worker fits which first steps: once each, as far as that takes no longer."""

from __future__ import annotations

import heapq
from pathlib import Path

import pytest

from hpsearch.core.clock import ManualClock
from hpsearch.core.identity import Context
from hpsearch.core.trial import Assignment, Evaluation, TrialResult, Usage
from hpsearch.dispatch.affinity import Affinity
from hpsearch.dispatch.backlog import Backlog
from hpsearch.dispatch.dispatcher import Dispatcher
from hpsearch.dispatch.messages import HandIn, Lease, Offer, Reply, Retire, WorkerInfo
from hpsearch.ledger import Ledger, StudyRecord
from hpsearch.plan import StudyPlan
from hpsearch.search import make_searcher
from hpsearch.spec import parse_spec
from hpsearch.trainables import Kinship, Sharing

SPEC = """
name: s
trial: {{pipeline: {{prep: a.Prep, clf: a.Line}}}}
data: {{sklearn: iris}}
metric: {{name: accuracy, mode: max}}
space: {{prep__k: {settings}, clf__alpha: {alphas}}}
"""
FIT_S, SCORE_S = 10.0, 0.5
LATER_S = 0.3  # each worker begins so much after the one before it


class Simulated:
    """Workers that take FIT_S for steps which they have not at hand, and SCORE_S for each trial.

    `divides`: of a setting that another has begun they have the steps when that one has.
    """

    def __init__(self, *, settings: int, alphas: int, workers: int, divides: bool = False) -> None:
        self.divides = divides
        self.ready_at: dict[object, float] = {}
        text = SPEC.format(settings=list(range(settings)), alphas=list(range(1, alphas + 1)))
        spec = parse_spec(text, file="s.yaml", folder=Path())
        context = Context(what="any")
        self.clock = ManualClock(now=1000.0)
        ledger = Ledger.open("sqlite://", clock=self.clock)
        epoch = ledger.begin_run(StudyRecord(name="s", context=context.digest, metric=spec.metric))
        plan = StudyPlan.of(spec, context)
        backlog = Backlog(plan, make_searcher(spec.space, spec.search), ledger, Sharing(steps=("prep",)))
        self.dispatcher = Dispatcher(plan=plan, backlog=backlog, ledger=ledger, epoch=epoch, clock=self.clock)
        self.workers = [WorkerInfo(f"w{place}", "1", "node", place) for place in range(workers)]
        self.fits: list[object] = []

    def run(self) -> float:
        """How long it takes."""
        at_hand: dict[str, object] = {}
        for worker in self.workers:
            self.dispatcher.join(worker)
        queue: list[tuple[float, int, HandIn]] = []
        for place, worker in enumerate(self.workers):
            heapq.heappush(queue, (1000.0 + LATER_S * place, place, HandIn(worker.slot, "1", (), None, True)))
        last = 1000.0
        while queue:
            now, place, hand_in = heapq.heappop(queue)
            self.clock.advance(now - self.clock.now())
            reply: Reply = self.dispatcher.exchange(hand_in)
            if isinstance(reply, Retire):
                continue
            results: list[TrialResult] = []
            if isinstance(reply, Lease):
                assert reply.unit is not None
                for assignment in reply.unit.assignments:
                    began, now = now, now + self._takes(at_hand, hand_in.slot, assignment, now)
                    results.append(
                        TrialResult(assignment.trial, 1, Evaluation({"accuracy": 1.0}), began, now, Usage(now - began))
                    )
                last = now
            else:
                now += 0.1
            heapq.heappush(queue, (now, place, HandIn(hand_in.slot, "1", tuple(results), None, True)))
        assert self.dispatcher.finished
        return last - 1000.0

    def _takes(self, at_hand: dict[str, object], slot: str, assignment: Assignment, now: float) -> float:
        setting = assignment.trial.params["prep__k"]
        if at_hand.get(slot) == setting:
            return SCORE_S
        at_hand[slot] = setting
        if setting in self.ready_at:
            return max(0.0, self.ready_at[setting] - now) + SCORE_S
        if self.divides:
            self.ready_at[setting] = now + FIT_S
            self.dispatcher.commons.offer(Offer(slot, 0, str(setting), None, 1, 100))
        self.fits.append(setting)
        return FIT_S + SCORE_S


def test_no_worker_leaves_what_nobody_has_begun_for_what_another_is_at() -> None:
    """Three settings for two workers: the third is begun by both, since half of its trials each is sooner done."""
    study = Simulated(settings=3, alphas=8, workers=2)
    assert study.run() == pytest.approx(2 * FIT_S + 12 * SCORE_S, abs=1.5)
    assert sorted(study.fits) == [0, 1, 2, 2]


def test_nobody_fits_steps_for_what_is_done_before_they_are_fitted() -> None:
    """Four workers come for the last of nine settings: three would be ready when the fourth is all but through."""
    study = Simulated(settings=9, alphas=4, workers=4)
    assert study.run() == pytest.approx(3 * (FIT_S + 4 * SCORE_S), abs=2.5)
    assert sorted(study.fits) == [*range(9)], "the last setting is left to who began it"


@pytest.mark.parametrize(("settings", "alphas", "workers"), [(3, 8, 2), (9, 4, 4)])
def test_all_come_for_the_last_setting_where_steps_are_handed_on(settings: int, alphas: int, workers: int) -> None:
    """Nobody fits it again, and nobody stands by while its trials wait."""
    study = Simulated(settings=settings, alphas=alphas, workers=workers, divides=True)
    full = settings // workers
    takes = full * (FIT_S + alphas * SCORE_S) + FIT_S + alphas / workers * SCORE_S
    assert study.run() == pytest.approx(takes, abs=1.0)
    assert sorted(study.fits) == [*range(settings)]


@pytest.mark.parametrize(
    ("waiting", "passed_s", "worth"),
    [
        pytest.param(30, 0.0, True, id="much waits"),
        pytest.param(6, 0.0, True, id="both begin now"),
        pytest.param(4, 0.0, False, id="both begin now, and little waits"),
        pytest.param(1, 8.0, False, id="the other is nearly through with its fit"),
        pytest.param(22, 8.0, True, id="and yet much waits"),
    ],
)
@pytest.mark.parametrize("divides", [False, True])
def test_joining_is_worth_it_where_the_others_are_not_through_by_then(
    waiting: int, passed_s: float, *, worth: bool, divides: bool
) -> None:
    """Whoever fits steps for itself. What a node's workers take from each other, another node's do not."""
    affinity, kin = one_at_work()
    far = "other" if divides else "node"
    assert affinity.is_worth_joining(kin, waiting, 100.0 + passed_s, far, divides=divides) is worth


@pytest.mark.parametrize(("waiting", "passed_s"), [(4, 0.0), (1, 8.0), (1, 60.0)])
def test_joining_is_worth_it_where_folds_are_divided(waiting: int, passed_s: float) -> None:
    """The very cases that are not, where each worker fits for itself."""
    affinity, kin = one_at_work()
    assert affinity.is_worth_joining(kin, waiting, 100.0 + passed_s, "node", divides=True)


def one_at_work() -> tuple[Affinity, Kinship]:
    affinity, kin = Affinity(), Kinship(("a",))
    affinity.leased(WorkerInfo("w0", "1", "node", 0), kin, 100.0)
    affinity.took(10.0, begins=True)
    affinity.took(0.5, begins=False)
    return affinity, kin


def test_nobody_waits_for_a_worker_that_is_gone_or_before_anything_is_known() -> None:
    affinity, kin = Affinity(), Kinship(("a",))
    affinity.leased(WorkerInfo("w0", "1", "node", 0), kin, 100.0)
    assert affinity.is_worth_joining(kin, 1, 109.0, "node", divides=False)
    affinity, kin = one_at_work()
    assert not affinity.is_worth_joining(kin, 1, 109.0, "node", divides=False)
    affinity.lost("w0")
    assert affinity.is_worth_joining(kin, 1, 109.0, "node", divides=False)
    assert affinity.beside("w1") == []
