"""A dispatcher's study, with a real ledger in memory and a clock that stands still, and what its workers say."""

from __future__ import annotations

from pathlib import Path

from hpsearch.core.clock import ManualClock
from hpsearch.core.identity import Context
from hpsearch.core.trial import Assignment, Evaluation, Failure, FailureKind, Status, TrialResult, Usage
from hpsearch.dispatch.backlog import Backlog
from hpsearch.dispatch.dispatcher import Dispatcher
from hpsearch.dispatch.messages import HandIn, Lease, Reply, WorkerInfo
from hpsearch.ledger import Ledger, StudyRecord
from hpsearch.plan import StudyPlan
from hpsearch.search import make_searcher
from hpsearch.spec import parse_spec

CRASH = Failure(FailureKind.CRASH, "Died", "killed")
NODE_LOST = Failure(FailureKind.NODE_LOST, "Died", "its node went")


class Bench:
    """A study of `n` trials, its ledger, and dispatchers over it."""

    def __init__(self, n: int = 6, extra: str = "", ledger: Ledger | None = None) -> None:
        values = [*range(1, n + 1)]
        text = f"name: s\ntrial: {{function: m:f}}\nmetric: {{name: loss, mode: min}}\nspace: {{x: {values}}}\n{extra}"
        self.spec = parse_spec(text, file="s.yaml", folder=Path("/nowhere"))
        self.context = Context(what="test")
        self.clock = ManualClock(now=1000.0)
        self.ledger = ledger or Ledger.open("sqlite://", clock=self.clock)
        self.workers = 0

    def dispatcher(self) -> Dispatcher:
        epoch = self.ledger.begin_run(StudyRecord(name="s", context=self.context.digest, metric=self.spec.metric))
        plan = StudyPlan.of(self.spec, self.context)
        backlog = Backlog(plan, make_searcher(self.spec.space, self.spec.search), self.ledger)
        return Dispatcher(plan=plan, backlog=backlog, ledger=self.ledger, epoch=epoch, clock=self.clock)

    def status(self) -> dict[Status, int]:
        return {status: count for status, count in self.ledger.counts().items() if count}


def worker(slot: str = "A", incarnation: str = "1") -> WorkerInfo:
    return WorkerInfo(slot, incarnation, "node", 1)


def ask(dispatcher: Dispatcher, info: WorkerInfo, *results: TrialResult, begun: str | None = None, wants: bool = True) -> Reply:
    return dispatcher.exchange(HandIn(info.slot, info.incarnation, results, begun, wants))


def leased(reply: Reply) -> list[Assignment]:
    assert isinstance(reply, Lease)
    assert reply.unit is not None
    return list(reply.unit.assignments)


def done(assignment: Assignment, seconds: float = 1.0, loss: float | None = None) -> TrialResult:
    x = assignment.trial.params["x"]
    assert isinstance(x, int)
    metrics = {"loss": float(x) if loss is None else loss}
    return TrialResult(assignment.trial, assignment.attempt, Evaluation(metrics), 1000.0, 1000.0 + seconds, Usage(seconds))


def failed(assignment: Assignment, kind: FailureKind = FailureKind.ERROR, error: type[Exception] = ValueError) -> TrialResult:
    return TrialResult(assignment.trial, assignment.attempt, Failure(kind, error.__name__, "no"), 1000.0, 1001.0, Usage(1.0))
