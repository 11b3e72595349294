"""What an executor is given, and what it gives back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from hpsearch.core.identity import Context
from hpsearch.core.trial import TrialResult
from hpsearch.dispatch import Backlog, Progress
from hpsearch.ledger import Ledger
from hpsearch.plan import StudyPlan
from hpsearch.search import make_searcher
from hpsearch.spec.model import StudySpec
from hpsearch.trainables import Program, Table


@dataclass(frozen=True)
class Job:
    """One run of a study. All of it can be pickled.

    Attributes:
        ledger: the ledger's file or URL, as seen from the driver's machine.
        epoch: what `Ledger.begin_run` gave this run.
        folder: the study's, for artifacts.
    """

    spec: StudySpec
    context: Context
    program: Program
    table: Table | None
    ledger: str
    epoch: int
    folder: Path


Listener: TypeAlias = Callable[[Progress], None]


class RunEnd(StrEnum):
    FINISHED = "finished"
    INTERRUPTED = "interrupted"


class Control:
    """How a run is asked to end: `drain` lets what runs hand in, `cancel` does not wait for it."""

    def __init__(self) -> None:
        self._wake = threading.Event()
        self.draining = False
        self.cancelled = False

    def drain(self) -> None:
        self.draining = True
        self._wake.set()

    def cancel(self) -> None:
        self.draining = self.cancelled = True
        self._wake.set()

    def wait(self, seconds: float) -> None:
        """Sleeps; a request made meanwhile ends it."""
        self._wake.wait(seconds)
        self._wake.clear()


def open_backlog(spec: StudySpec, context: Context, ledger: Ledger) -> tuple[StudyPlan, Backlog]:
    """The plan of a study and the backlog at its beginning."""
    plan = StudyPlan.of(spec, context)
    return plan, Backlog(plan, make_searcher(spec.space, spec.search), ledger)


def save_attachments(folder: Path, result: TrialResult) -> None:
    """Writes a result's artifacts to FOLDER/artifacts/KEY/, where the mirror finds them; the newest attempt's count."""
    if not result.attachments:
        return
    target = folder / "artifacts" / result.trial.key.replace(":", "-")
    target.mkdir(parents=True, exist_ok=True)
    for attachment in result.attachments:
        (target / attachment.name).write_bytes(attachment.content)
