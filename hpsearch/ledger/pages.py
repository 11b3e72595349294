"""Many trials: what the ledger holds of them page by page, in the order of their numbers, each page from one snapshot.

Every row is verified, as everywhere. That a row is gone, no checksum tells: trials are numbered without gaps, each has the
attempt that it shows, and says how many splits and reports it has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, compress
from typing import Any, NamedTuple, TypeAlias, TypeVar

import sqlalchemy as sa

from hpsearch.core.errors import InfrastructureError
from hpsearch.core.trial import SplitScore, Status
from hpsearch.ledger.codec import decode_metrics, decode_metrics_all, decode_params, decode_params_all, number
from hpsearch.ledger.faults import damaged
from hpsearch.ledger.lifecycle import merged
from hpsearch.ledger.reading import (
    FINAL,
    KEYS,
    parts,
    report_record,
    shown_attempt,
    trial_record,
)
from hpsearch.ledger.records import Outline, ReportRecord, SplitRecord, TrialRecord
from hpsearch.ledger.rows import ReportRow, SplitRow, TrialRow
from hpsearch.ledger.tables import ATTEMPT, REPORT, SPLIT, TRIAL, Sealed
from hpsearch.ledger.trial_columns import TRIAL_COLUMNS, TrialColumns
from hpsearch.ledger.wholeness import newest_attempted

T = TypeVar("T")
C = TypeVar("C", SplitRow, ReportRow)

CHUNK = 1000
"""Trials of a page, whose texts a stream holds in memory."""
COLUMNS_CHUNK = 5000
"""The same of trials by column, without texts: each page takes a millisecond by itself."""
_FEW, _MANY = 8, 64
"""Trials that are verified at once: few of long logs and tracebacks, which who wants none of them holds no longer than that."""
_SHORT = 2_000  # characters of a log or a traceback

# What TrialColumns holds, and what is asked of it on the way.
_OF_TRIAL = ("number", "key", "config_id", "params", "seed", "status", "metrics", "context", "splits")
_OF_ATTEMPT = tuple(name for name in TRIAL_COLUMNS if name not in _OF_TRIAL)
_SHOWN = sa.case((TRIAL.c.status.in_(FINAL), TRIAL.c.result_attempt), else_=TRIAL.c.attempt)
"""`shown_attempt`, for a row that is still there."""
# Trials of other contexts are read too: a damaged row does not say truly of which it is. Built once: see `reading`.
_AFTER = TRIAL.c.number > sa.bindparam("after")
_OF_KEYS = TRIAL.c.key.in_(sa.bindparam("keys", expanding=True))
_MOST: sa.BindParameter[int] = sa.bindparam("most")
_TRIALS = sa.select(TRIAL.table).where(_AFTER).order_by(TRIAL.c.number).limit(_MOST)
_TRIALS_OF_KEYS = _TRIALS.where(_OF_KEYS)
_WITH_ATTEMPTS = (
    sa.select(TRIAL.table, ATTEMPT.table)
    .join(ATTEMPT.table, sa.and_(ATTEMPT.c.trial == TRIAL.c.number, ATTEMPT.c.attempt == _SHOWN), isouter=True)
    .where(_AFTER)
    .order_by(TRIAL.c.number)
    .limit(_MOST)
)
_WITH_ATTEMPTS_OF_KEYS = _WITH_ATTEMPTS.where(_OF_KEYS)
_HELD = sa.select(sa.func.count()).select_from(TRIAL.table)


class Chosen(NamedTuple):
    """Which trials a page is of: `most` numbered above `after`, of one context or any, of at most KEYS keys or any."""

    after: int
    context: str | None
    keys: Sequence[str] | None
    most: int = CHUNK

    @property
    def values(self) -> dict[str, object]:
        """For the statements' parameters."""
        values: dict[str, object] = {"after": self.after, "most": self.most}
        return values if self.keys is None else {**values, "keys": list(self.keys)}


_Columns: TypeAlias = Mapping[str, Sequence[Any]]
Page: TypeAlias = Callable[[sa.Connection, str, Chosen], tuple[int | None, list[T]]]
"""Reads the records of the next trials, and the number to go on after; None at the end."""


def trial_page(
    connection: sa.Connection, place: str, chosen: Chosen, *, texts: bool = True
) -> tuple[int | None, list[TrialRecord]]:
    """A Page of the trials themselves. Without `texts`, logs and tracebacks are let go of as soon as they are verified."""
    numbers: list[int] = []
    records: list[TrialRecord] = []
    for trials, attempts in _with_attempts(connection, place, chosen):
        numbers += trials["number"]
        theirs = ATTEMPT.rows(attempts)
        shown = theirs if texts else [row._replace(traceback="", log="") for row in theirs]
        records += [
            trial_record(trial, attempt)
            for trial, attempt in zip(TRIAL.rows(trials), shown, strict=True)
            if chosen.context in (None, trial.context)
        ]
    return _last(connection, place, chosen, numbers), records


def column_page(connection: sa.Connection, place: str, chosen: Chosen) -> tuple[int | None, list[TrialColumns]]:
    """A Page of one item: the trials by column, with their split scores."""
    of_trial: dict[str, list[Any]] = {name: [] for name in _OF_TRIAL}
    of_attempt: dict[str, list[Any]] = {name: [] for name in _OF_ATTEMPT}
    for trials, attempts in _with_attempts(connection, place, chosen):
        for name, column in of_trial.items():
            column += trials[name]
        for name, column in of_attempt.items():
            column += attempts[name]
    last = _last(connection, place, chosen, of_trial["number"])
    contexts = of_trial.pop("context")
    if chosen.context is not None and contexts.count(chosen.context) != len(contexts):
        kept = [context == chosen.context for context in contexts]
        of_trial, of_attempt = (
            {name: [*compress(column, kept)] for name, column in columns.items()} for columns in (of_trial, of_attempt)
        )
    if not of_trial["number"]:
        return last, []
    of_trial["params"] = decode_params_all(of_trial["params"])
    of_trial["seed"] = [*map(int, of_trial["seed"])]
    of_trial["metrics"] = decode_metrics_all(of_trial["metrics"])
    of_attempt["shared"] = [*map(bool, of_attempt["shared"])]
    counts = {number: count for number, count in zip(of_trial["number"], of_trial.pop("splits"), strict=True) if count}
    owners = zip(of_trial["number"], of_trial["key"], of_trial["config_id"], of_trial["seed"], strict=True)
    splits = _splits(connection, place, {number: _Owner(*owner) for number, *owner in owners if number in counts}, counts)
    return last, [TrialColumns(**of_trial, **of_attempt, splits=splits)]


def outline_page(connection: sa.Connection, place: str, chosen: Chosen) -> tuple[int | None, list[Outline]]:
    """A Page of the trials in short, without their attempts."""
    last, trials = _trials(connection, place, chosen)
    return last, [
        Outline(row.number, row.config_id, decode_params(row.params), int(row.seed), Status(row.status)) for row in trials
    ]


def split_page(connection: sa.Connection, place: str, chosen: Chosen) -> tuple[int | None, list[SplitRecord]]:
    """A Page of split scores, by trial, repeat and fold; those of several attempts at one split are made one."""
    last, trials = _trials(connection, place, chosen)
    return last, _splits(connection, place, _owners(trials), {row.number: row.splits for row in trials})


def report_page(connection: sa.Connection, place: str, chosen: Chosen) -> tuple[int | None, list[ReportRecord]]:
    """A Page of the reports of the attempts that the trials show."""
    last, trials = _trials(connection, place, chosen)
    owners, shown = _owners(trials), {row.number: shown_attempt(row) for row in trials}
    found = _children(connection, REPORT, {row.number: row.reports for row in trials}, owners, place)
    return last, [report_record(owners[row.trial].key, row) for row in found if row.attempt == shown[row.trial]]


def reports_of(connection: sa.Connection, trial: TrialRow, place: str) -> list[ReportRecord]:
    """The reports of all attempts at one trial, in order."""
    rows = _children(connection, REPORT, {trial.number: trial.reports}, _owners([trial]), place)
    return [report_record(trial.key, row) for row in rows]


class _Owner(NamedTuple):
    """What a trial's children say of it."""

    key: str
    config_id: str
    seed: int


def _owners(trials: Iterable[TrialRow]) -> dict[int, _Owner]:
    return {row.number: _Owner(row.key, row.config_id, int(row.seed)) for row in trials}


def _trials(connection: sa.Connection, place: str, chosen: Chosen) -> tuple[int | None, list[TrialRow]]:
    stored = connection.execute(_TRIALS if chosen.keys is None else _TRIALS_OF_KEYS, chosen.values).all()
    rows = TRIAL.opened_all(stored, place)
    last = _last(connection, place, chosen, [row.number for row in rows])
    return last, [row for row in rows if chosen.context in (None, row.context)]


def _with_attempts(connection: sa.Connection, place: str, chosen: Chosen) -> Iterator[tuple[_Columns, _Columns]]:
    """The trials, and the attempt that each shows: some at a time, by column, verified."""
    at_once = _FEW
    statement, options = _WITH_ATTEMPTS if chosen.keys is None else _WITH_ATTEMPTS_OF_KEYS, {}
    if connection.dialect.name != "sqlite":  # whose driver gives a page row by row anyway
        options = {"stream_results": True, "max_row_buffer": _MANY}
    result = connection.execute(statement, chosen.values, execution_options=options)
    # SQLite's own rows: SQLAlchemy's take as long to make as these to read.
    source = result if options else result.cursor
    assert source is not None
    while stored := source.fetchmany(at_once):
        values = [*zip(*stored, strict=True)]
        trials = TRIAL.verified(values[: TRIAL.width], place)
        if None in (alone := values[TRIAL.width]):
            key = trials["key"][alone.index(None)]
            raise InfrastructureError(damaged(place, f"table attempt, key {key!r}: the row is missing"))
        attempts = ATTEMPT.verified(values[TRIAL.width :], place)
        yield trials, attempts
        longest = max(map(len, chain(attempts["log"], attempts["traceback"])))
        at_once = _FEW if longest >= _SHORT else _MANY
    result.close()


def _last(connection: sa.Connection, place: str, chosen: Chosen, numbers: Sequence[int]) -> int | None:
    """The number to go on after; None at the end.

    Raises:
        InfrastructureError: a trial is missing.
    """
    if chosen.keys is None:
        for expected, number_ in enumerate(numbers, start=chosen.after + 1):
            if number_ != expected:
                raise InfrastructureError(damaged(place, f"table trial, number {expected}: the row is missing"))
        # The last ones may be gone: the index that SQLite counts by has them still, or their attempts are there.
        if len(numbers) < chosen.most:
            held, read = connection.execute(_HELD).scalar_one(), chosen.after + len(numbers)
            if held != read:
                raise InfrastructureError(damaged(place, f"table trial: it has {read} rows, its index {held}"))
            if newest_attempted(connection) > read:
                raise InfrastructureError(damaged(place, f"table trial, number {read + 1}: the row is missing"))
    return numbers[-1] if len(numbers) == chosen.most else None


def _splits(connection: sa.Connection, place: str, owners: Mapping[int, _Owner], counts: dict[int, int]) -> list[SplitRecord]:
    rows = _children(connection, SPLIT, counts, owners, place)
    records: list[SplitRecord] = []
    for row in sorted(rows, key=lambda row: (row.trial, row.repeat, row.fold, row.attempt)):
        record = _split_record(owners[row.trial], row)
        if records and _same_split(records[-1], record):
            record = _merged_split(records.pop(), record)
        records.append(record)
    return records


def _children(
    connection: sa.Connection, sealed: Sealed[C], counts: dict[int, int], owners: Mapping[int, _Owner], place: str
) -> list[C]:
    """The rows of a table that belong to these trials, in the order of its key; `counts` is how many each has.

    Raises:
        InfrastructureError: a row is damaged, or missing.
    """
    rows: list[C] = []
    order = [sealed.c[column] for column in sealed.key]
    for part in parts([trial for trial, count in counts.items() if count], KEYS):
        stored = connection.execute(sa.select(sealed.table).where(sealed.c.trial.in_(part)).order_by(*order))
        rows += sealed.opened_all(stored.all(), place)
    for row in rows:
        counts[row.trial] -= 1
    for trial, missing in counts.items():
        if missing:
            are = f"{missing} rows are missing" if missing > 0 else f"it has {-missing} rows too many"
            what = f"table {sealed.name}, key {owners[trial].key!r}: {are}"
            raise InfrastructureError(damaged(place, what))
    return rows


def _split_record(owner: _Owner, row: SplitRow) -> SplitRecord:
    split = SplitScore(
        repeat=row.repeat,
        fold=row.fold,
        scores=decode_metrics(row.scores),
        n_train=row.n_train,
        n_test=row.n_test,
        fit_s=number(row.fit_s),
        score_s=number(row.score_s),
    )
    return SplitRecord(row.trial, owner.key, owner.config_id, owner.seed, row.attempt, split)


def _same_split(a: SplitRecord, b: SplitRecord) -> bool:
    return (a.number, a.split.repeat, a.split.fold) == (b.number, b.split.repeat, b.split.fold)


def _merged_split(older: SplitRecord, newer: SplitRecord) -> SplitRecord:
    split = newer.split
    scores = merged(older.split.scores, split.scores)
    both = SplitScore(split.repeat, split.fold, scores, split.n_train, split.n_test, split.fit_s, split.score_s)
    return SplitRecord(newer.number, newer.key, newer.config_id, newer.seed, newer.attempt, both)
