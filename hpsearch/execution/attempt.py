"""One attempt at one trial: time it, keep what it prints and attaches, turn what it raises into a Failure."""

from __future__ import annotations

import contextlib
import io
import resource
import shutil
import sys
import tempfile
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path

from hpsearch.core.clock import Clock
from hpsearch.core.errors import ObjectiveError
from hpsearch.core.trial import Assignment, Attachment, Evaluation, Failure, FailureKind, Outcome, Report, TrialResult, Usage
from hpsearch.dispatch.messages import WorkerInfo
from hpsearch.execution.checkpoints import Checkpoints, pack, unpack
from hpsearch.trainables import Objective

LOG_LIMIT = 64 * 1024
TRACEBACK_LIMIT = 16 * 1024
ATTACHMENT_LIMIT_BYTES = 32 * 1024 * 1024


class Attempts:
    """Runs attempts in this process, for one worker with its share of the machine.

    Args:
        capture: keep what a trial prints with its result.
        attended: somebody may press Ctrl-C, which is not the trial's doing; in a worker a KeyboardInterrupt can only be.
    """

    def __init__(
        self,
        worker: WorkerInfo,
        clock: Clock,
        checkpoints: Checkpoints,
        *,
        cpus: int,
        gpus: float,
        capture: bool = True,
        attended: bool = True,
    ) -> None:
        self._worker = worker
        self._checkpoints = checkpoints
        self._clock = clock
        self._cpus = cpus
        self._gpus = gpus
        self._capture = capture
        self._trials_own = (Exception, SystemExit) if attended else (Exception, SystemExit, KeyboardInterrupt)

    def run(self, objective: Objective, assignment: Assignment) -> TrialResult:
        """Evaluates and never raises, except a KeyboardInterrupt by whoever attends."""
        running = RunningTrial(assignment, self._clock, self._checkpoints, cpus=self._cpus, gpus=self._gpus)
        log = CappedLog(LOG_LIMIT)
        started_at, started, cpu_started = self._clock.now(), self._clock.monotonic(), _cpu_s()
        outcome: Outcome
        try:
            with _captured(log) if self._capture else contextlib.nullcontext():
                outcome = objective.evaluate(assignment.trial, running)
        except self._trials_own as error:
            outcome = failure_of(error)
        finally:
            running.close()
        moved_s = outcome.moved_s if isinstance(outcome, Evaluation) else 0.0
        return TrialResult(
            trial=assignment.trial,
            attempt=assignment.attempt,
            outcome=outcome,
            started_at=started_at,
            ended_at=self._clock.now(),
            usage=Usage(max(0.0, self._clock.monotonic() - started + moved_s), _cpu_s() - cpu_started, _peak_rss_bytes()),
            worker=self._worker.slot,
            node=self._worker.node,
            reports=tuple(running.reports),
            attachments=tuple(running.attachments),
            log=log.text,
        )


class RunningTrial:
    """What a running trial may use: a scratch folder, made when first asked for; reports; checkpoints; artifacts."""

    def __init__(self, assignment: Assignment, clock: Clock, checkpoints: Checkpoints, *, cpus: int, gpus: float) -> None:
        self._assignment = assignment
        self._checkpoints = checkpoints
        self.cpus = cpus
        self.gpus = gpus
        self.reports: list[Report] = []
        self.attachments: list[Attachment] = []
        self._clock = clock
        self._scratch: Path | None = None

    @property
    def scratch(self) -> Path:
        if self._scratch is None:
            self._scratch = Path(tempfile.mkdtemp(prefix="hpsearch-trial-"))
        return self._scratch

    def restored(self) -> Path | None:
        """The newest checkpoint of an earlier attempt, in a folder that is removed with the scratch folder."""
        content = self._checkpoints.load(self._assignment.trial.key) if self._assignment.attempt > 1 else None
        return None if content is None else unpack(content, self.scratch / ".checkpoint")

    def report(self, metrics: Mapping[str, float], step: float, checkpoint: Path | None = None) -> None:
        if checkpoint is not None:
            self._checkpoints.save(self._assignment.trial.key, pack(checkpoint))
        self.reports.append(Report(len(self.reports), step, dict(metrics), self._clock.now()))

    def attach(self, path: Path) -> None:
        size = path.stat().st_size
        if size > ATTACHMENT_LIMIT_BYTES:
            raise ObjectiveError(f"the artifact {path.name} has {size:,} bytes; at most {ATTACHMENT_LIMIT_BYTES:,} are kept")
        self.attachments.append(Attachment(path.name, path.read_bytes()))

    def close(self) -> None:
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)


class CappedLog(io.TextIOBase):
    """Keeps the first and the last half of `limit` characters: how it began, and how it ended."""

    def __init__(self, limit: int) -> None:
        self._half = limit // 2
        self._head = ""
        self._tail = ""
        self._dropped = 0

    def write(self, text: str) -> int:
        room = self._half - len(self._head)
        self._head += text[:room]
        tail = self._tail + text[room:] if room < len(text) else self._tail
        self._dropped += max(0, len(tail) - self._half)
        self._tail = tail[-self._half :]
        return len(text)

    @property
    def text(self) -> str:
        gap = f"\n[... {self._dropped:,} characters left out ...]\n" if self._dropped else ""
        return self._head + gap + self._tail


def failure_of(error: BaseException) -> Failure:
    """An exception as a record. Frames above the user's own code are left out; a long traceback keeps its ends."""
    kind = FailureKind.OUT_OF_MEMORY if isinstance(error, MemoryError) else FailureKind.ERROR
    text = "".join(traceback.format_exception(error))
    if len(text) > TRACEBACK_LIMIT:
        half = TRACEBACK_LIMIT // 2
        text = f"{text[:half]}\n[... {len(text) - 2 * half:,} characters left out ...]\n{text[-half:]}"
    return Failure(kind, type(error).__name__, _short(str(error)), text)


def _short(message: str, limit: int = 2000) -> str:
    return message if len(message) <= limit else message[:limit] + " [...]"


@contextlib.contextmanager
def _captured(log: CappedLog) -> Iterator[None]:
    with contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
        yield


def _usages() -> tuple[resource.struct_rusage, resource.struct_rusage]:
    """This process's, and that of the programs that it has started and seen end."""
    return resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)


def _cpu_s() -> float:
    return sum(usage.ru_utime + usage.ru_stime for usage in _usages())


def _peak_rss_bytes() -> int:
    peak = max(usage.ru_maxrss for usage in _usages())
    # Linux counts in KiB, macOS in bytes.
    return peak if sys.platform == "darwin" else peak * 1024
