"""The dispatcher as a Ray actor: a thin shell that opens the ledger on the driver's machine and passes calls on."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Iterator, Mapping
from typing import Any

from hpsearch.core.clock import SystemClock
from hpsearch.core.errors import HpsearchError
from hpsearch.core.trial import Failure
from hpsearch.dispatch.dispatcher import Dispatcher
from hpsearch.dispatch.messages import Grant, HandIn, Offer, Progress, Reply, Retire, WorkerInfo
from hpsearch.execution.filing import Filing
from hpsearch.execution.job import Job, open_backlog
from hpsearch.ledger import Ledger
from hpsearch.trainables import Program


class DispatcherActor:
    """Calls come one at a time, in order. What goes wrong with the ledger ends the run: it is kept for the driver to raise.

    Retiring the workers at the first such error means that nobody computes what could not be recorded. Until `begin` there is
    nothing but the process, and workers are told to wait.
    """

    def __init__(self) -> None:
        self._clock = SystemClock()
        self._error: str | None = None
        self._work: tuple[Program, list[Any]] | None = None

    def begin(self, job: Job, table: list[Any]) -> None:
        """Opens the ledger. `table` is for the workers, as a reference in a list, which Ray passes on as it is."""
        self._folder = job.folder
        self._ledger = Ledger.open(job.ledger, clock=self._clock)
        plan, backlog = open_backlog(job.spec, job.context, job.program.sharing, self._ledger)
        self._dispatcher = Dispatcher(plan=plan, backlog=backlog, ledger=self._ledger, epoch=job.epoch, clock=self._clock)
        self._filing = Filing(job.folder, self._dispatcher)
        self._work = (job.program, table)

    def work(self) -> tuple[Program, list[Any]] | None:
        """What trials run, and the table's reference; None before there is any work."""
        return self._work

    def join(self, worker: WorkerInfo) -> None:
        with self._keeping_errors():
            self._dispatcher.join(worker)

    def exchange(self, hand_in: HandIn) -> Reply:
        if self._error is None:
            with self._keeping_errors():
                return self._filing.exchange(hand_in)
        return Retire("the run ended with an error")

    def save_checkpoint(self, slot: str, incarnation: str, key: str, content: bytes) -> None:
        with self._keeping_errors():
            self._filing.save_checkpoint(slot, incarnation, key, content)

    def load_checkpoint(self, key: str) -> bytes | None:
        return self._filing.load_checkpoint(key)

    def claim(self, slot: str, wanted: Mapping[int, tuple[str, ...]]) -> Grant | None:
        with self._keeping_errors():
            return self._dispatcher.commons.claim(slot, wanted)
        return None

    def offer(self, offer: Offer) -> None:
        with self._keeping_errors():
            self._dispatcher.commons.offer(offer)

    def withhold(self, slot: str, fold: int, keys: tuple[str, ...]) -> None:
        with self._keeping_errors():
            self._dispatcher.commons.withhold(slot, fold, keys)

    def forget(self, slot: str, fold: int, key: str) -> None:
        with self._keeping_errors():
            self._dispatcher.commons.forget(slot, fold, key)

    def lost(self, slot: str, failure: Failure) -> None:
        if self._work is not None:  # who had no work has lost none
            with self._keeping_errors():
                self._dispatcher.lost(slot, failure)

    def drain(self) -> None:
        self._dispatcher.drain()

    def progress(self) -> Progress | str:
        """How the run stands, or the error that ended it."""
        if self._error is None:
            with self._keeping_errors():
                return self._dispatcher.progress()
        return self._error or ""

    def close(self) -> None:
        self._ledger.close()

    @contextlib.contextmanager
    def _keeping_errors(self) -> Iterator[None]:
        try:
            yield
        except HpsearchError as error:
            self._error = str(error)
        except OSError as error:
            self._error = f"{self._folder}: {error.strerror or error}"
        except Exception:
            # A defect of ours. Raised here it would end the worker that called, which Tune would start again, for ever.
            self._error = f"the dispatcher failed:\n{traceback.format_exc()}"
