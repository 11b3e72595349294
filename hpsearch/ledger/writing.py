"""The steps of a writing transaction: who owns the study, what is known of the trials, and putting changes down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from hpsearch.core.errors import StaleOwnerError
from hpsearch.core.trial import Status
from hpsearch.ledger import reading
from hpsearch.ledger.database import last_event
from hpsearch.ledger.lifecycle import Changes, score_of
from hpsearch.ledger.pages import CHUNK
from hpsearch.ledger.records import EventKind, StudyState
from hpsearch.ledger.rows import ContextRow, EventRow, StudyRow
from hpsearch.ledger.tables import ATTEMPT, CONTEXT, EVENT, REPORT, SPLIT, STUDY, TRIAL

_LAST_NUMBER = sa.select(sa.func.max(TRIAL.c.number))
_LAST_EVENT = sa.select(EVENT.table).order_by(EVENT.c.seq.desc()).limit(1)
_RUNNING = sa.select(TRIAL.c.key).where(TRIAL.c.status == Status.RUNNING.value).order_by(TRIAL.c.number)


class Writing:
    """One transaction of the study's owner. `now`: POSIX seconds, UTC, by which its events are dated."""

    def __init__(self, connection: sa.Connection, place: str, now: float) -> None:
        self._connection = connection
        self._place = place
        self._dialect = connection.dialect.name
        self.now = now

    def owned(self, epoch: int) -> StudyRow:
        """The study, if the run of `epoch` owns it and has not ended.

        Raises:
            StaleOwnerError: it does not.
        """
        study = reading.study_row(self._connection, self._place)
        if study is None:
            raise StaleOwnerError(f"{self._place} has no study: begin_run comes first")
        if study.epoch != epoch:
            raise StaleOwnerError(
                f"the study {study.name!r} was taken over by a newer run (number {study.epoch}; this is {epoch}); "
                "nothing more was written by this one"
            )
        if study.state != StudyState.RUNNING:
            raise StaleOwnerError(f"run {epoch} of the study {study.name!r} has ended; nothing more was written")
        return study

    def put_study(self, row: StudyRow) -> None:
        self._connection.execute(STUDY.upsert(self._dialect), STUDY.sealed([row]))

    def keep_context(self, row: ContextRow) -> None:
        """Put a context down, unless it is known: it stays as its first run recorded it."""
        if row.digest not in {known.digest for known in reading.context_rows(self._connection, self._place)}:
            self._connection.execute(CONTEXT.insert, CONTEXT.sealed([row]))

    def changes(self, study: StudyRow, keys: Iterable[str]) -> Changes:
        """What is known of the trials of these keys, ready to be changed."""
        trials, attempts = reading.known(self._connection, list(dict.fromkeys(keys)), self._place)
        return Changes(
            trials,
            attempts,
            epoch=study.epoch,
            context=study.context,
            metric=study.metric_name,
            next_number=(self._connection.execute(_LAST_NUMBER).scalar_one() or 0) + 1,
        )

    def store(self, changes: Changes) -> None:
        """Put the changes down, and tell of them in the order in which the trials changed."""
        execute = self._connection.execute
        if changes.changed_trials:
            execute(TRIAL.upsert(self._dialect), TRIAL.sealed(changes.changed_trials.values()))
        if changes.changed_attempts:
            execute(ATTEMPT.upsert(self._dialect), ATTEMPT.sealed(changes.changed_attempts.values()))
        if changes.splits:
            execute(SPLIT.insert, SPLIT.sealed(changes.splits))
        if changes.reports:
            execute(REPORT.insert, REPORT.sealed(changes.reports))
        self.tell([(kind, key) for key, kind in changes.events.items()])

    def tell(self, events: Sequence[tuple[EventKind, str]]) -> None:
        """Append to the outbox. Writers come one at a time, so that its numbers have no gaps."""
        if events:
            head = last_event(self._connection)
            rows = [EventRow(number, kind.value, key, self.now) for number, (kind, key) in enumerate(events, start=head + 1)]
            self._connection.execute(EVENT.insert, EVENT.sealed(rows))

    def sweep(self, study: StudyRow, at: float | None) -> None:
        """Nobody works on the study: end what runs (see Changes.sweep)."""
        changes = self.changes(study, [str(key) for (key,) in self._connection.execute(_RUNNING)])
        changes.sweep(at)
        self.store(changes)

    def last_sign_of_life(self) -> float | None:
        """When the last event was recorded."""
        stored = self._connection.execute(_LAST_EVENT).one_or_none()
        return None if stored is None else EVENT.opened(stored, self._place).at

    def rescore(self, metric: str) -> None:
        """The study ranks by another metric now: every trial's score becomes that metric's."""
        after: int | None = 0
        while after is not None:
            chosen = sa.select(TRIAL.table).where(TRIAL.c.number > after).order_by(TRIAL.c.number).limit(CHUNK)
            rows = TRIAL.opened_all(self._connection.execute(chosen).all(), self._place)
            after = rows[-1].number if rows else None
            if rows:
                rescored = [row._replace(score=score_of(row.metrics, metric)) for row in rows]
                self._connection.execute(TRIAL.upsert(self._dialect), TRIAL.sealed(rescored))
