"""From rows to records. Every row is verified on its way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from hpsearch.core.errors import InfrastructureError
from hpsearch.core.metric import Metric, Mode
from hpsearch.core.trial import FailureKind, Report, Status
from hpsearch.core.values import Params
from hpsearch.ledger.codec import decode, decode_metrics, decode_params, number
from hpsearch.ledger.faults import damaged
from hpsearch.ledger.records import (
    AttemptRecord,
    ContextRecord,
    EventKind,
    OutboxEvent,
    ReportRecord,
    Standing,
    StudyRecord,
    StudyState,
    TrialRecord,
)
from hpsearch.ledger.rows import AttemptRow, ContextRow, EventRow, ReportRow, SplitRow, StudyRow, TrialRow
from hpsearch.ledger.tables import ATTEMPT, CONTEXT, STUDY, TRIAL

T = TypeVar("T")
C = TypeVar("C", SplitRow, ReportRow)

KEYS = 500
"""Keys named in one statement; every database takes as many."""

FINAL = [status.value for status in Status if status.is_final]
# Built once: making a statement costs as much as running one.
_KEYS: sa.BindParameter[Sequence[str]] = sa.bindparam("keys", expanding=True)
_TRIALS = sa.select(TRIAL.table).where(TRIAL.c.key.in_(_KEYS))
_KNOWN = (
    sa.select(TRIAL.table, ATTEMPT.table)
    .join(ATTEMPT.table, sa.and_(ATTEMPT.c.trial == TRIAL.c.number, ATTEMPT.c.attempt == TRIAL.c.attempt), isouter=True)
    .where(TRIAL.c.key.in_(_KEYS))
)
_STUDY = sa.select(STUDY.table)
_CONTEXTS = sa.select(CONTEXT.table).order_by(CONTEXT.c.created_at, CONTEXT.c.digest)


def study_row(connection: sa.Connection, place: str) -> StudyRow | None:
    row = connection.execute(_STUDY).one_or_none()
    return None if row is None else STUDY.opened(row, place)


def study_record(row: StudyRow) -> StudyRecord:
    tags = decode_params(row.tags)
    varying = decode(row.varying)
    assert isinstance(varying, tuple)
    return StudyRecord(
        name=row.name,
        context=row.context,
        metric=Metric(row.metric_name, Mode(row.metric_mode), row.metric_target),
        spec_text=row.spec_text,
        description=row.description,
        tags={key: str(value) for key, value in tags.items()},
        varying=tuple(str(name) for name in varying),
        dataset=row.dataset,
        dataset_digest=row.dataset_digest,
        experiment=row.experiment,
        planned=row.planned,
        uid=row.uid,
        epoch=row.epoch,
        state=StudyState(row.state),
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def context_rows(connection: sa.Connection, place: str) -> list[ContextRow]:
    """All contexts, the earliest first."""
    return CONTEXT.opened_all(connection.execute(_CONTEXTS).all(), place)


def contexts(connection: sa.Connection, place: str) -> list[ContextRecord]:
    """All contexts, the earliest first; the study's own is among them."""
    rows, study = context_rows(connection, place), study_row(connection, place)
    if study is not None and study.context not in {row.digest for row in rows}:
        raise InfrastructureError(damaged(place, f"table context, digest {study.context!r}: the row is missing"))
    return [context_record(row) for row in rows]


def context_record(row: ContextRow) -> ContextRecord:
    versions = {name: str(version) for name, version in decode_params(row.versions).items()}
    return ContextRecord(digest=row.digest, parts=decode_params(row.parts), versions=versions, created_at=row.created_at)


def trial_rows(connection: sa.Connection, keys: Sequence[str], place: str) -> list[TrialRow]:
    """The trials of these keys that are known."""
    rows: list[TrialRow] = []
    for part in parts(keys, KEYS):
        rows += TRIAL.opened_all(connection.execute(_TRIALS, {"keys": part}).all(), place)
    return rows


def known(connection: sa.Connection, keys: Sequence[str], place: str) -> tuple[list[TrialRow], list[AttemptRow]]:
    """The trials of these keys that are known, and the newest attempt of each."""
    trials: list[TrialRow] = []
    attempts: list[AttemptRow] = []
    for part in parts(keys, KEYS):
        for stored in connection.execute(_KNOWN, {"keys": part}):
            trial, attempt = _pair(stored, place)
            trials.append(trial)
            attempts.append(attempt)
    return trials, attempts


def standings(connection: sa.Connection, keys: Sequence[str], place: str) -> dict[str, Standing]:
    rows = trial_rows(connection, keys, place)
    # Nearly all trials have completed at their first attempt, and have no failure to count.
    doubtful = [row.number for row in rows if row.status != Status.COMPLETED or row.attempt > 1]
    failures: dict[int, dict[FailureKind, int]] = {}
    first = {row.number: row.first_attempt for row in rows}
    for part in parts(doubtful, KEYS):
        chosen = sa.select(ATTEMPT.table).where(ATTEMPT.c.trial.in_(part), ATTEMPT.c.error_kind.is_not(None))
        for attempt in ATTEMPT.opened_all(connection.execute(chosen).all(), place):
            if attempt.error_kind is not None and attempt.attempt >= first[attempt.trial]:
                counted = failures.setdefault(attempt.trial, {})
                kind = FailureKind(attempt.error_kind)
                counted[kind] = counted.get(kind, 0) + 1
    return {
        row.key: Standing(
            status=Status(row.status),
            attempts=row.attempt,
            failures=failures.get(row.number, {}),
            metrics=frozenset(decode_metrics(row.metrics)),
            result_attempt=row.result_attempt or 0,
            result_status=None if row.result_status is None else Status(row.result_status),
        )
        for row in rows
    }


def trial_record(row: TrialRow, attempt: AttemptRow) -> TrialRecord:
    return TrialRecord(
        key=row.key,
        config_id=row.config_id,
        params=decode_params(row.params),
        seed=int(row.seed),
        context=row.context,
        status=Status(row.status),
        attempt=attempt.attempt,
        attempts=row.attempt,
        metrics=decode_metrics(row.metrics),
        score=row.score,
        started_at=attempt.started_at,
        ended_at=attempt.ended_at,
        seconds=attempt.seconds,
        cpu_s=attempt.cpu_s,
        peak_rss_bytes=attempt.peak_rss_bytes,
        fit_s=attempt.fit_s,
        score_s=attempt.score_s,
        worker=attempt.worker,
        node=attempt.node,
        error_kind=None if attempt.error_kind is None else FailureKind(attempt.error_kind),
        error_type=attempt.error_type,
        error=attempt.error,
        traceback=attempt.traceback,
        log=attempt.log,
        number=row.number,
        shared=bool(attempt.shared),
    )


def attempt_record(key: str, row: AttemptRow) -> AttemptRecord:
    return AttemptRecord(
        key=key,
        attempt=row.attempt,
        epoch=row.epoch,
        status=Status(row.status),
        worker=row.worker,
        node=row.node,
        pid=row.pid,
        started_at=row.started_at,
        ended_at=row.ended_at,
        seconds=row.seconds,
        cpu_s=row.cpu_s,
        peak_rss_bytes=row.peak_rss_bytes,
        fit_s=row.fit_s,
        score_s=row.score_s,
        metrics=decode_metrics(row.metrics),
        error_kind=None if row.error_kind is None else FailureKind(row.error_kind),
        error_type=row.error_type,
        error=row.error,
        traceback=row.traceback,
        log=row.log,
        shared=bool(row.shared),
    )


def report_record(key: str, row: ReportRow) -> ReportRecord:
    report = Report(seq=row.seq, step=number(row.step), metrics=decode_metrics(row.metrics), at=row.at)
    return ReportRecord(number=row.trial, key=key, attempt=row.attempt, report=report)


def event(row: EventRow) -> OutboxEvent:
    return OutboxEvent(seq=row.seq, kind=EventKind(row.kind), key=row.key, at=row.at)


def durations(connection: sa.Connection, place: str, context: str, at_most: int) -> list[tuple[Params, float]]:
    """Parameters and seconds of the newest trials of a context that completed, the oldest of them first."""
    newest = (
        sa.select(TRIAL.table, ATTEMPT.table)
        .join(ATTEMPT.table, sa.and_(ATTEMPT.c.trial == TRIAL.c.number, ATTEMPT.c.attempt == TRIAL.c.result_attempt))
        .where(TRIAL.c.context == context, TRIAL.c.status == Status.COMPLETED.value)
        .order_by(TRIAL.c.number.desc())
        .limit(at_most)
    )
    pairs = [_pair(stored, place) for stored in connection.execute(newest)]
    return [(decode_params(row.params), attempt.seconds) for row, attempt in reversed(pairs) if attempt.seconds is not None]


def shown_attempt(row: TrialRow) -> int:
    """The attempt that a trial shows (see TrialRecord)."""
    return row.result_attempt or row.attempt if row.status in FINAL else row.attempt


def parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _pair(stored: Sequence[Any], place: str) -> tuple[TrialRow, AttemptRow]:
    """A trial's row and an attempt's, from an outer join of the two."""
    trial = TRIAL.opened(stored[: TRIAL.width], place)
    if stored[TRIAL.width] is None:
        raise InfrastructureError(damaged(place, f"table attempt, key {trial.key!r}: the row is missing"))
    return trial, ATTEMPT.opened(stored[TRIAL.width :], place)
