"""Trials, what evaluating one gives, and the units they are leased in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from hpsearch.core.values import Params


class Status(StrEnum):
    """A stored trial's status. A trial that has not started is not stored."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    STOPPED = "STOPPED"  # by the scheduler
    FAILED = "FAILED"
    TIMEOUT = "TIMEOUT"
    CANCELLED = "CANCELLED"  # begun, and ended without a result by Ctrl-C or the driver's death

    @property
    def is_final(self) -> bool:
        """Whether the trial is not run again: it has a result, or its failure is kept."""
        return self not in (Status.RUNNING, Status.CANCELLED)


class FailureKind(StrEnum):
    """The classes that `retry` counts separately. An `error` is the trial's own exception."""

    ERROR = "error"
    CRASH = "crash"
    OUT_OF_MEMORY = "out_of_memory"
    TIMEOUT = "timeout"
    NODE_LOST = "node_lost"


@dataclass(frozen=True, slots=True)
class Trial:
    """One configuration with one seed. `params` holds active and fixed parameters together."""

    key: str
    config_id: str
    params: Params
    seed: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """A trial as leased: `attempt` counts from 1 and is the fencing token of its result."""

    trial: Trial
    attempt: int


@dataclass(frozen=True, slots=True)
class WorkUnit:
    """Trials leased together to one worker, in the order in which they are evaluated."""

    unit_id: int
    assignments: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class SplitScore:
    """One fit on one split: scores by metric name, rows used, seconds spent."""

    repeat: int
    fold: int
    scores: Mapping[str, float]
    n_train: int
    n_test: int
    fit_s: float
    score_s: float


@dataclass(frozen=True, slots=True)
class Report:
    """What a function trial reported on its way; `step` counts in the trial's own resource, `seq` from 0."""

    seq: int
    step: float
    metrics: Mapping[str, float]
    at: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A completed trial: the mean of each metric over its splits, or what the function returned.

    Attributes:
        moved_s: where work is shared, the seconds in the splits' times that other trials' attempts spent for this one, less those
            that its own attempt spent for others.
        shared: whether the splits' times are the trial's part of work that was done for others too: its cost alone is not known.
    """

    metrics: Mapping[str, float]
    splits: tuple[SplitScore, ...] = ()
    moved_s: float = 0.0
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a trial has no result. `type` is the exception's class name; `traceback` is capped by who makes it."""

    kind: FailureKind
    type: str
    message: str
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """What an attempt cost and where. Seconds; bytes; `peak_rss_bytes` is the worker's, not the trial's alone."""

    seconds: float
    cpu_s: float = 0.0
    peak_rss_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a trial hands in with its result: an artifact. `name` is a bare file name."""

    name: str
    content: bytes = field(repr=False)


Outcome: TypeAlias = Evaluation | Failure


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What a worker hands in for one assignment. Times are POSIX seconds, UTC."""

    trial: Trial
    attempt: int
    outcome: Outcome
    started_at: float
    ended_at: float
    usage: Usage
    worker: str = ""
    node: str = ""
    reports: tuple[Report, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    log: str = field(default="", repr=False)

    @property
    def status(self) -> Status:
        if isinstance(self.outcome, Evaluation):
            return Status.COMPLETED
        return Status.TIMEOUT if self.outcome.kind is FailureKind.TIMEOUT else Status.FAILED
