"""A worker that was thought dead must not touch the files of its successor."""

from __future__ import annotations

from pathlib import Path

from hpsearch.core.clock import ManualClock
from hpsearch.core.identity import Context
from hpsearch.core.trial import Attachment, Evaluation, TrialResult, Usage
from hpsearch.dispatch.backlog import Backlog
from hpsearch.dispatch.dispatcher import Dispatcher
from hpsearch.dispatch.messages import HandIn, Lease, Retire, WorkerInfo
from hpsearch.execution.filing import Filing
from hpsearch.ledger import Ledger, StudyRecord
from hpsearch.plan import StudyPlan
from hpsearch.search import make_searcher
from hpsearch.spec import parse_spec


def test_a_replaced_worker_changes_neither_artifacts_nor_checkpoints(tmp_path: Path) -> None:
    text = "name: s\ntrial: {function: m:f}\nmetric: {name: loss, mode: min}\nspace: {x: [1]}\n"
    spec, context, clock = parse_spec(text, file="s.yaml", folder=tmp_path), Context(what="test"), ManualClock()
    with Ledger.open("sqlite://", clock=clock) as ledger:
        epoch = ledger.begin_run(StudyRecord(name="s", context=context.digest, metric=spec.metric))
        plan = StudyPlan.of(spec, context)
        backlog = Backlog(plan, make_searcher(spec.space, spec.search), ledger)
        dispatcher = Dispatcher(plan=plan, backlog=backlog, ledger=ledger, epoch=epoch, clock=clock)
        filing = Filing(tmp_path, dispatcher)

        def lease(incarnation: str) -> HandIn:
            dispatcher.join(WorkerInfo("A", incarnation, "node", 1))
            reply = filing.exchange(HandIn("A", incarnation))
            assert isinstance(reply, Lease)
            assert reply.unit is not None
            (assignment,) = reply.unit.assignments
            artifact = Attachment("model.bin", f"from {incarnation}".encode())
            result = TrialResult(
                assignment.trial, assignment.attempt, Evaluation({"loss": 1.0}), 0.0, 1.0, Usage(1.0), attachments=(artifact,)
            )
            return HandIn("A", incarnation, (result,))

        stale, fresh = lease("old"), lease("new")
        key = fresh.results[0].trial.key
        filing.save_checkpoint("A", "new", key, b"half way")
        filing.save_checkpoint("A", "old", key, b"long ago")
        assert isinstance(filing.exchange(stale), Retire)
        assert filing.load_checkpoint(key) == b"half way"
        assert not (tmp_path / "artifacts").exists()
        filing.exchange(fresh)
        assert filing.load_checkpoint(key) is None
        assert (tmp_path / "artifacts" / key.replace(":", "-") / "model.bin").read_bytes() == b"from new"
