"""The ledger: the one thing that says what a study has done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar
from uuid import uuid4

import sqlalchemy as sa

from hpsearch.core.best import Best, BestRule, Measured
from hpsearch.core.clock import Clock
from hpsearch.core.errors import InfrastructureError
from hpsearch.core.failpoints import failpoint
from hpsearch.core.trial import Report, Status, TrialResult
from hpsearch.core.values import Params
from hpsearch.ledger import pages, reading
from hpsearch.ledger.codec import clean, encode, real
from hpsearch.ledger.database import Database, last_event
from hpsearch.ledger.faults import damaged
from hpsearch.ledger.leading import leading_keys, measured, seeds_seen
from hpsearch.ledger.records import (
    AttemptRecord,
    Begun,
    ContextRecord,
    EventKind,
    LostAttempt,
    OutboxEvent,
    Outline,
    ReportRecord,
    SplitRecord,
    Standing,
    StudyRecord,
    StudyState,
    TrialRecord,
)
from hpsearch.ledger.rows import ContextRow, StudyRow
from hpsearch.ledger.tables import ATTEMPT, EVENT, TRIAL
from hpsearch.ledger.trial_columns import TrialColumns
from hpsearch.ledger.wholeness import check_rows
from hpsearch.ledger.writing import Writing

T = TypeVar("T")


class Ledger:
    """A study's durable record. Made by `open`; safe to share between threads, not between processes by fork."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._place = database.place

    @classmethod
    def open(cls, location: str | Path, *, clock: Clock, read_only: bool = False) -> Ledger:
        """The ledger at `location`: a file (made with its folder if it is missing), or a database's URL.

        One ledger holds one study; studies that share a PostgreSQL server need a schema or a database each.

        Args:
            read_only: nothing is created, migrated or changed; works beside a process that writes.

        Raises:
            InfrastructureError: missing (read-only), damaged, truncated, no ledger, of a newer hpsearch, or not permitted;
                the file is left as it is.
        """
        return cls(Database.open(location, clock=clock, read_only=read_only), clock)

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # ---- the study's owner ------------------------------------------------------------------------------------------

    def begin_run(self, study: StudyRecord) -> int:
        """Take the study over, and return the epoch that every later write must name.

        The study is recorded as given and RUNNING. What an earlier run left RUNNING is CANCELLED, or goes back to the result
        it had; its end is dated by the last thing that was recorded.
        """

        self._database.verify()

        def work(writing: Writing, before: StudyRow | None) -> int:
            metric = study.metric
            row = StudyRow(
                id=1,
                uid=before.uid if before is not None else uuid4().hex,
                name=study.name,
                context=study.context,
                metric_name=metric.name,
                metric_mode=metric.mode.value,
                metric_target=real(metric.target),
                spec_text=clean(study.spec_text),
                description=clean(study.description),
                tags=encode(dict(study.tags)),
                varying=encode(study.varying),
                dataset=clean(study.dataset),
                dataset_digest=study.dataset_digest,
                experiment=clean(study.experiment),
                planned=study.planned,
                epoch=before.epoch + 1 if before is not None else 1,
                state=StudyState.RUNNING.value,
                created_at=before.created_at if before is not None else writing.now,
                started_at=writing.now,
                ended_at=None,
            )
            writing.put_study(row)
            parts, versions = encode(study.context_parts), encode(study.versions)
            writing.keep_context(ContextRow(study.context, parts, versions, writing.now))
            writing.sweep(row, writing.last_sign_of_life())
            if before is not None and before.metric_name != metric.name:
                writing.rescore(metric.name)
            writing.tell([(EventKind.STUDY_BEGUN, "")])
            return row.epoch

        def checked(writing: Writing, connection: sa.Connection) -> int:
            check_rows(connection, self._place)
            return work(writing, reading.study_row(connection, self._place))

        return self._write(checked)

    def end_run(self, epoch: int, state: StudyState) -> None:
        """The run of `epoch` is over: COMPLETED, FAILED or INTERRUPTED. What still runs is CANCELLED, or what it was before.

        Raises:
            StaleOwnerError: another run has taken the study over.
        """

        def work(writing: Writing, connection: sa.Connection) -> None:
            row = writing.owned(epoch)
            writing.sweep(row, writing.now)
            writing.put_study(row._replace(state=state.value, ended_at=writing.now))
            writing.tell([(EventKind.STUDY_ENDED, "")])

        self._write(work)

    def commit(
        self,
        epoch: int,
        *,
        begun: Sequence[Begun] = (),
        results: Sequence[TrialResult] = (),
        lost: Sequence[LostAttempt] = (),
    ) -> tuple[str, ...]:
        """Record what has happened, all of it or nothing, in the order begun, lost, results.

        An attempt counts while it is its trial's newest and has not ended. A newer one that was never announced counts too,
        unless the trial has ended: to run an ended trial again (its failure, or for an added metric), announce the attempt
        in `begun`, of this commit or an earlier one. A failure never displaces a result, and metrics add up.
        Handing the same things in twice changes nothing.

        Returns:
            the keys of the results and lost attempts that were refused because their attempt no longer counts.

        Raises:
            StaleOwnerError: `epoch` is not the study's running one; nothing was written.
            InfrastructureError: nothing was written.
        """

        def work(writing: Writing, connection: sa.Connection) -> tuple[str, ...]:
            study = writing.owned(epoch)
            trials = [*(item.trial for item in begun), *(item.trial for item in lost), *(item.trial for item in results)]
            changes = writing.changes(study, [trial.key for trial in trials])
            for start in begun:
                changes.begin(start)
            for loss in lost:
                changes.lose(loss)
            for result in results:
                changes.end(result)
            writing.store(changes)
            return tuple(changes.refused)

        failpoint("ledger.commit.before")
        refused = self._write(work)
        failpoint("ledger.commit.after")
        return refused

    # ---- reading ----------------------------------------------------------------------------------------------------

    def study(self) -> StudyRecord | None:
        """The study, or None before its first run."""
        row = self._database.read(lambda connection: reading.study_row(connection, self._place))
        return None if row is None else reading.study_record(row)

    def contexts(self) -> list[ContextRecord]:
        """What the trials have run in, the earliest first: one record for each context that a run has been begun in."""
        return self._database.read(lambda connection: reading.contexts(connection, self._place))

    def standings(self, keys: Sequence[str]) -> dict[str, Standing]:
        """How these trials stand; those that never began are left out."""
        return self._database.read(lambda connection: reading.standings(connection, keys, self._place))

    def counts(self, context: str | None = None) -> dict[Status, int]:
        """Number of trials by status, of one context or of all; every status is there."""
        chosen = sa.select(TRIAL.c.status, sa.func.count()).group_by(TRIAL.c.status)
        if context is not None:
            chosen = chosen.where(TRIAL.c.context == context)
        found = self._database.read(lambda connection: [(str(status), int(n)) for status, n in connection.execute(chosen)])
        return dict.fromkeys(Status, 0) | {Status(status): n for status, n in found}

    def best(self, rule: BestRule, context: str, *, keys: Sequence[str] | None = None) -> Best | None:
        """The best configuration of a context, or of these trials in it; None where none has all its repeats.

        But for `keys`, the database finds it: few records are read, however many there are.

        Args:
            rule: its metric is the study's own. Without seeds: a configuration must have every seed that any trial has.
        """
        if not rule.seeds:
            rule = replace(rule, seeds=self._database.read(lambda connection: seeds_seen(connection, context)))
        if keys is None:
            keys = self._database.read(lambda connection: leading_keys(connection, rule, context))
        best: Best | None = None
        parts: dict[str, list[Measured]] = {}
        for record in self.trials(keys=keys, texts=False):
            if record.context == context and record.status is Status.COMPLETED and record.seed in rule.seeds:
                parts.setdefault(record.config_id, []).append(measured(record))
                if len(parts[record.config_id]) == len(rule.seeds):
                    best = rule.best([best, rule.standing(parts.pop(record.config_id))])
        return best

    def trials(
        self, *, context: str | None = None, keys: Sequence[str] | None = None, texts: bool = True
    ) -> Iterator[TrialRecord]:
        """The trials by number, streamed: of one context, of these keys, or all. `keys` are taken 500 at a time.

        Args:
            texts: False leaves `log` and `traceback` empty: for who keeps the records, of which those are nearly all.
        """
        return self._stream(partial(pages.trial_page, texts=texts), context, keys)

    def columns(self, *, context: str | None = None) -> Iterator[TrialColumns]:
        """The trials by number with their split scores, by column, streamed: for who wants them all."""
        return self._stream(pages.column_page, context, None, most=pages.COLUMNS_CHUNK)

    def durations(self, context: str, at_most: int) -> list[tuple[Params, float]]:
        """Parameters and seconds of up to `at_most` completed trials of a context: the newest, the oldest of them first."""
        return self._database.read(lambda connection: reading.durations(connection, self._place, context, at_most))

    def outlines(self, *, context: str | None = None) -> Iterator[Outline]:
        """The trials by number, in short, streamed."""
        return self._stream(pages.outline_page, context, None)

    def split_scores(self, *, context: str | None = None, keys: Sequence[str] | None = None) -> Iterator[SplitRecord]:
        """The split scores by trial, repeat and fold, streamed; one record for each split of each trial."""
        return self._stream(pages.split_page, context, keys)

    def all_reports(self, *, context: str | None = None, keys: Sequence[str] | None = None) -> Iterator[ReportRecord]:
        """The reports of the attempts that the trials show, by trial and order, streamed."""
        return self._stream(pages.report_page, context, keys)

    def reports(self, key: str, attempt: int | None = None) -> list[Report]:
        """What an attempt reported on its way, in order: the attempt that the trial shows, unless one is named."""

        def work(connection: sa.Connection) -> list[Report]:
            rows = reading.trial_rows(connection, [key], self._place)
            if not rows:
                return []
            which = attempt if attempt is not None else reading.shown_attempt(rows[0])
            found = pages.reports_of(connection, rows[0], self._place)
            return [record.report for record in found if record.attempt == which]

        return self._database.read(work)

    def attempts(self, key: str) -> list[AttemptRecord]:
        """Every try at a trial, in order; empty for one that never began."""

        def work(connection: sa.Connection) -> list[AttemptRecord]:
            rows = reading.trial_rows(connection, [key], self._place)
            if not rows:
                return []
            chosen = sa.select(ATTEMPT.table).where(ATTEMPT.c.trial == rows[0].number).order_by(ATTEMPT.c.attempt)
            stored = connection.execute(chosen).all()
            return [reading.attempt_record(key, row) for row in ATTEMPT.opened_all(stored, self._place)]

        return self._database.read(work)

    def outbox(self, after: int, limit: int) -> list[OutboxEvent]:
        """The next events after the one numbered `after`, at most `limit`.

        Raises:
            InfrastructureError: an event is damaged or missing, or `after` lies beyond the end: a reader has seen events
                that the ledger no longer has.
        """

        def work(connection: sa.Connection) -> list[OutboxEvent]:
            chosen = sa.select(EVENT.table).where(EVENT.c.seq > after).order_by(EVENT.c.seq).limit(limit)
            events = [*map(reading.event, EVENT.opened_all(connection.execute(chosen).all(), self._place))]
            if not events and after > (head := last_event(connection)):
                raise InfrastructureError(
                    damaged(self._place, f"it has lost its end: events up to {after} were read before, it now ends at {head}")
                )
            for expected, event in enumerate(events, start=after + 1):
                if event.seq != expected:
                    raise InfrastructureError(damaged(self._place, f"table outbox, seq {expected}: the row is missing"))
            return events

        return self._database.read(work)

    def outbox_head(self) -> int:
        """The last event's number; 0 where there is none."""
        return self._database.read(last_event)

    def _stream(
        self, page: pages.Page[T], context: str | None, keys: Sequence[str] | None, *, most: int = pages.CHUNK
    ) -> Iterator[T]:
        """Page after page, each in its own short transaction: a reader that dawdles holds nothing open."""
        for part in [None] if keys is None else reading.parts(list(dict.fromkeys(keys)), reading.KEYS):
            after: int | None = 0
            while after is not None:
                chosen = pages.Chosen(after, context, part, most)
                after, records = self._database.read(lambda connection: page(connection, self._place, chosen))  # noqa: B023
                yield from records

    def _write(self, work: Callable[[Writing, sa.Connection], T]) -> T:
        return self._database.write(lambda connection: work(Writing(connection, self._place, self._clock.now()), connection))
