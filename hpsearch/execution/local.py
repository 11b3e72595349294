"""The in-process executor: one worker, this process, no Ray. For `hpsearch try`, for tests, and where Ray cannot be."""

from __future__ import annotations

import os
import socket

from hpsearch.core.clock import Clock
from hpsearch.dispatch.dispatcher import Dispatcher
from hpsearch.dispatch.messages import HandIn, Reply, Retire, WorkerInfo
from hpsearch.execution.attempt import Attempts
from hpsearch.execution.checkpoints import CheckpointFolder
from hpsearch.execution.filing import Filing
from hpsearch.execution.job import Control, Job, Listener, RunEnd, open_backlog
from hpsearch.execution.loop import work
from hpsearch.ledger import Ledger
from hpsearch.trainables import build


class _DirectLink:
    """Calls the dispatcher, shows progress after each call, and passes requests to end on."""

    def __init__(self, dispatcher: Dispatcher, filing: Filing, control: Control, listener: Listener) -> None:
        self._dispatcher = dispatcher
        self._filing = filing
        self._control = control
        self._listener = listener

    def join(self, worker: WorkerInfo) -> None:
        self._dispatcher.join(worker)

    def exchange(self, hand_in: HandIn) -> Reply:
        if self._control.draining:
            self._dispatcher.drain()
        reply = self._filing.exchange(hand_in)
        self._listener(self._dispatcher.progress())
        return Retire("cancelled") if self._control.cancelled else reply


def run_local(job: Job, *, clock: Clock, control: Control, listener: Listener) -> RunEnd:
    """Runs what is missing, one trial after the other."""
    ledger = Ledger.open(job.ledger, clock=clock)
    try:
        plan, backlog = open_backlog(job.spec, job.context, job.program.sharing, ledger)
        dispatcher = Dispatcher(plan=plan, backlog=backlog, ledger=ledger, epoch=job.epoch, clock=clock)
        worker = WorkerInfo(slot="local", incarnation=str(os.getpid()), node=socket.gethostname(), pid=os.getpid())
        filing = Filing(job.folder, dispatcher)
        checkpoints = CheckpointFolder(job.folder)
        attempts = Attempts(worker, clock, checkpoints, cpus=max(1, int(job.program.cpus)), gpus=job.program.gpus)
        link = _DirectLink(dispatcher, filing, control, listener)
        work(link, worker, build(job.program, job.table.take()), attempts, clock)
        listener(dispatcher.progress())
    finally:
        ledger.close()
    return RunEnd.INTERRUPTED if control.draining else RunEnd.FINISHED
