"""What an executor is given, and what it gives back."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from hpsearch.core.errors import Interrupted
from hpsearch.core.identity import Context
from hpsearch.dispatch.backlog import Backlog, Recorded
from hpsearch.dispatch.messages import Progress
from hpsearch.plan import StudyPlan
from hpsearch.search import make_searcher
from hpsearch.spec.model import StudySpec
from hpsearch.trainables import Handover, Program, Sharing


@dataclass(frozen=True)
class Job:
    """One run of a study. All of it can be pickled.

    Attributes:
        table: taken by whoever brings it to the workers.
        ledger: the ledger's file or URL, as seen from the driver's machine.
        epoch: what `Ledger.begin_run` gave this run.
        folder: the study's, for artifacts.
    """

    spec: StudySpec
    context: Context
    program: Program
    table: Handover
    ledger: str
    epoch: int
    folder: Path


# After Ctrl-C, what runs has this long to end and be recorded.
GRACE_S = 5.0

Listener: TypeAlias = Callable[[Progress], None]


class RunEnd(StrEnum):
    FINISHED = "finished"
    INTERRUPTED = "interrupted"


class Control:
    """How a run is asked to end: `drain` lets what runs hand in, `cancel` does not wait for it.

    Either may be called by another thread, or by a signal's handler between any two instructions of the thread that runs.
    So nothing here takes a lock that this thread may be holding, as an Event's `wait` would.
    """

    def __init__(self) -> None:
        self._requests: queue.SimpleQueue[None] = queue.SimpleQueue()  # its `put` may interrupt its own `get`
        self._giving_way: int | None = None  # the thread that is in such a block
        self.draining = False
        self.cancelled = False

    def drain(self) -> None:
        first, self.draining = not self.draining, True
        self._requests.put(None)
        if first and self._giving_way == threading.get_ident():
            raise KeyboardInterrupt  # as Ctrl-C does anywhere: nobody takes that for a failure of what he called

    def cancel(self) -> None:
        self.cancelled = True
        self.drain()

    def wait(self, seconds: float) -> None:
        """Sleeps; a request made meanwhile ends it."""
        with contextlib.suppress(queue.Empty):
            self._requests.get(timeout=seconds)

    @contextlib.contextmanager
    def giving_way(self) -> Iterator[None]:
        """For what may be left half done: loading, waiting. A signal ends it where it is, another thread's request at its end.

        Raises:
            Interrupted: the run is asked to end.
        """
        self._giving_way = threading.get_ident()
        try:
            if not self.draining:
                yield
        except KeyboardInterrupt:
            if not self.draining:
                raise  # it came from elsewhere
        finally:
            self._giving_way = None
        if self.draining:
            raise Interrupted("interrupted before the first trial; run the same command again to begin")

    @contextlib.contextmanager
    def holding_out(self) -> Iterator[None]:
        """For what must not be left half done, such as an import, amid what gives way: a signal ends that after it."""
        giving_way, self._giving_way = self._giving_way, None
        try:
            yield
        finally:
            self._giving_way = giving_way
        if giving_way is not None and self.draining:
            raise KeyboardInterrupt


def open_backlog(spec: StudySpec, context: Context, sharing: Sharing, ledger: Recorded) -> tuple[StudyPlan, Backlog]:
    """The plan of a study and the backlog at its beginning, in which a grid has together what shares work."""
    plan = StudyPlan.of(spec, context)
    space = sharing.ordered(spec.space) if spec.search.method == "grid" and spec.search.order == "sequential" else spec.space
    return plan, Backlog(plan, make_searcher(space, spec.search), ledger, sharing)
