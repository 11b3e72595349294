"""What goes into the ledger and what is read from it: frozen values, without a trace of SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hpsearch.core.metric import Metric
from hpsearch.core.trial import Failure, FailureKind, Report, SplitScore, Status, Trial
from hpsearch.core.values import Params


class StudyState(StrEnum):
    """How the study's newest run stands. RUNNING without a living owner means that the owner was killed."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    INTERRUPTED = "INTERRUPTED"


@dataclass(frozen=True)
class StudyRecord:
    """The study a ledger holds.

    `begin_run` takes the first block from its caller and sets the second itself, whatever the caller put there.

    Attributes:
        context: digest of core.identity.Context: the trials of this run.
        varying: names of the parameters that have more than one value.
        planned: number of trials, where it is known without listing them.
        context_parts, versions: what the context is made of, and the versions of the libraries that run it. Kept when the
            context is first recorded, and read by `Ledger.contexts`, not with the study.
        uid: made once; tells this ledger from another that was made at the same place later.
        epoch: number of the newest run, from 1: the fencing token of everything written.
        created_at, started_at, ended_at: POSIX seconds, UTC: of the study, of its newest run, and of that run's end.
    """

    name: str
    context: str
    metric: Metric
    spec_text: str = ""
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    varying: tuple[str, ...] = ()
    dataset: str = ""
    dataset_digest: str = ""
    experiment: str = ""
    planned: int | None = None
    context_parts: Params = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    uid: str = ""
    epoch: int = 0
    state: StudyState = StudyState.RUNNING
    created_at: float = 0.0
    started_at: float = 0.0
    ended_at: float | None = None


@dataclass(frozen=True, slots=True)
class ContextRecord:
    """What the trials of one context share: data, splits, code; and the versions of the libraries that it first ran with.

    Attributes:
        digest: TrialRecord.context.
        parts: by name; empty where the run that recorded it named none.
        created_at: POSIX seconds, UTC: the start of the first run in it.
    """

    digest: str
    parts: Params
    versions: Mapping[str, str]
    created_at: float


@dataclass(frozen=True, slots=True)
class Begun:
    """A worker has begun an attempt at a trial. `at`: POSIX seconds, UTC."""

    trial: Trial
    attempt: int
    worker: str
    node: str
    pid: int
    at: float


@dataclass(frozen=True, slots=True)
class LostAttempt:
    """An attempt that failed without ending its trial, which is going to be tried again.

    Where the retries are spent, hand in a TrialResult with the same Failure instead: that ends the trial.
    """

    trial: Trial
    attempt: int
    failure: Failure
    at: float
    worker: str = ""
    node: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the ledger knows of a trial, as far as deciding what to run needs it.

    Attributes:
        status: RUNNING also between a lost attempt and the next.
        attempts: number of the last attempt; the next is one higher.
        failures: failed attempts by kind since the trial was last begun afresh (its first attempt, or the first after it
            had ended), the one that ended it included: what `retry` has left is told by it, and an interrupted study
            does not win its retries back.
        metrics: names of the metrics that the trial's results hold, over all its completed attempts.
        result_attempt: the attempt whose outcome stands as the trial's; 0 if none ended it. Below `attempts` where a later
            try failed or was interrupted: a failure never takes the place of a result.
        result_status: that attempt's status, None if there is none.
    """

    status: Status
    attempts: int
    failures: Mapping[FailureKind, int]
    metrics: frozenset[str]
    result_attempt: int = 0
    result_status: Status | None = None


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One try at a trial. Times in POSIX seconds UTC, durations in seconds; None where not (yet) known.

    Attributes:
        fit_s, score_s: seconds of fitting and of scoring, summed over the splits.
        shared: whether `seconds` and `fit_s` are the trial's part of work that was done for several.
        metrics: what this very attempt measured; empty unless it completed.
    """

    key: str
    attempt: int
    epoch: int
    status: Status
    worker: str
    node: str
    pid: int | None
    started_at: float
    ended_at: float | None
    seconds: float | None
    cpu_s: float | None
    peak_rss_bytes: int | None
    fit_s: float | None
    score_s: float | None
    metrics: Mapping[str, float]
    error_kind: FailureKind | None
    error_type: str
    error: str
    traceback: str
    log: str = field(repr=False)
    shared: bool = False


@dataclass(frozen=True, slots=True)
class TrialRecord:
    """A trial as it stands, with the attempt that stands for it.

    That attempt is the one whose outcome the trial carries where the trial has ended, else its newest one: a trial that is
    being tried again shows its new worker and start, and keeps the metrics it already has.

    Attributes:
        number: order in which trials were first committed, from 1.
        attempt: the attempt shown; `attempts` is the last one's number.
        metrics: over all completed attempts, the newest winning: an attempt made for an added metric removes none.
        score: the study's metric, None where it is absent or not finite.
    """

    key: str
    config_id: str
    params: Params
    seed: int
    context: str
    status: Status
    attempt: int
    attempts: int
    metrics: Mapping[str, float]
    score: float | None
    started_at: float
    ended_at: float | None
    seconds: float | None
    cpu_s: float | None
    peak_rss_bytes: int | None
    fit_s: float | None
    score_s: float | None
    worker: str
    node: str
    error_kind: FailureKind | None
    error_type: str
    error: str
    traceback: str
    log: str = field(repr=False)
    number: int
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Outline:
    """A trial in short: for counting."""

    number: int
    config_id: str
    params: Params
    seed: int
    status: Status


@dataclass(frozen=True, slots=True)
class SplitRecord:
    """The scores of one trial on one split: those of its completed attempts together, the newest winning each metric."""

    number: int
    key: str
    config_id: str
    seed: int
    attempt: int
    split: SplitScore


@dataclass(frozen=True, slots=True)
class ReportRecord:
    """What one attempt at a trial reported on its way."""

    number: int
    key: str
    attempt: int
    report: Report


class EventKind(StrEnum):
    TRIAL_BEGUN = "trial_begun"
    TRIAL_ENDED = "trial_ended"
    STUDY_BEGUN = "study_begun"
    STUDY_ENDED = "study_ended"


@dataclass(frozen=True, slots=True)
class OutboxEvent:
    """Something visible has changed; how it stands now is read from the trial or the study itself.

    Attributes:
        seq: from 1, without gaps.
        key: the trial's; empty for the study's own.
        at: POSIX seconds, UTC: when it was recorded.
    """

    seq: int
    kind: EventKind
    key: str
    at: float
