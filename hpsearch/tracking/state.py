"""mirror.db: what the mirror knows of MLflow. It can be deleted; the next mirror then finds its runs again by their tags.

A file of its own beside the ledger's, so that the mirror never holds the ledger's write lock. Readers (`delivery`) open
it read-only while the mirror writes.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from hpsearch.core.errors import InfrastructureError
from hpsearch.ledger import read_at_rest

T = TypeVar("T")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS run (
    trial_key TEXT PRIMARY KEY,
    run_id    TEXT,                          -- NULL: create_run was about to be called, its answer was not seen (an intent)
    attempt   INTEGER NOT NULL DEFAULT 0,    -- delivered last, 0 for nothing yet
    status    TEXT NOT NULL DEFAULT '',      -- likewise, the trial's status as in the ledger
    labels    TEXT NOT NULL DEFAULT '',      -- digest of the labels (varying names) that the run was given
    refused   TEXT NOT NULL DEFAULT ''       -- MLflow's words where it refused this run's content for good
) WITHOUT ROWID;
"""
_OWED = "WHERE refused = '' AND (attempt = 0 OR labels <> ?)"
_RUN_IDS = "SELECT trial_key, run_id FROM run WHERE run_id IS NOT NULL AND run_id <> ''"
_NO_JSON = object()
_BUSY_S = 30.0
_CHUNK = 500  # bound variables of one statement


@dataclass(frozen=True, slots=True)
class RunState:
    """What MLflow holds of one trial, as far as the mirror knows. See the columns above."""

    trial_key: str
    run_id: str | None = None
    attempt: int = 0
    status: str = ""
    labels: str = ""
    refused: str = ""


class MirrorState:
    """mirror.db, open for its one writer. Each method is one transaction."""

    def __init__(self, path: Path) -> None:
        """Opens the file, made where it is missing. A damaged one is replaced: everything in it can be found again.

        Raises:
            InfrastructureError: the file cannot be made or written.
        """
        self._path = path
        try:
            self._connection = self._open()
        except sqlite3.OperationalError as error:
            raise InfrastructureError(f"the mirror's own file {path} cannot be written: {error}") from error
        except sqlite3.DatabaseError:
            remove(path)
            self._connection = self._open()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_BUSY_S, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(_SCHEMA)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    # -- meta: one JSON value for a name

    def get(self, name: str, default: object = None) -> object:
        row = self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return default if row is None else json.loads(row[0])

    def text(self, name: str) -> str | None:
        value = self.get(name)
        return value if isinstance(value, str) else None

    def number(self, name: str) -> int:
        value = self.get(name)
        return value if isinstance(value, int) else 0

    def put(self, values: Mapping[str, object]) -> None:
        with self._transaction() as connection:
            _put(connection, values)

    def take_turn(self) -> int:
        """Announce a new mirror: the turn it has. An older one that sees a newer turn hands over."""
        with self._transaction() as connection:
            turn = self.number("turn") + 1
            _put(connection, {"turn": turn})
        return turn

    def forget_destination(self, destination: str) -> None:
        """Start anew for another store or experiment; the turn stays."""
        turn = self.number("turn")
        with self._transaction() as connection:
            connection.execute("DELETE FROM run")
            connection.execute("DELETE FROM meta")
            _put(connection, {"turn": turn, "destination": destination})

    # -- runs

    def runs(self, keys: Sequence[str]) -> dict[str, RunState]:
        found: dict[str, RunState] = {}
        for start in range(0, len(keys), _CHUNK):
            chunk = keys[start : start + _CHUNK]
            marks = ",".join("?" * len(chunk))
            found.update(self._select(f"WHERE trial_key IN ({marks})", chunk))
        return found

    def with_status(self, status: str) -> dict[str, RunState]:
        return self._select("WHERE status = ?", (status,))

    def owed(self, labels: str, limit: int | None = None) -> list[str]:
        """Keys of runs that are not delivered, or with other labels than these: all, or the first `limit` of them."""
        rows = self._connection.execute(f"SELECT trial_key FROM run {_OWED} LIMIT ?", (labels, -1 if limit is None else limit))
        return [key for (key,) in rows]

    def owes(self, labels: str) -> bool:
        """Whether `owed` would name any."""
        (found,) = self._connection.execute(f"SELECT EXISTS (SELECT 1 FROM run {_OWED})", (labels,)).fetchone()
        return bool(found)

    def run_ids(self) -> dict[str, str]:
        """trial_key → run_id of all known runs."""
        return dict(self._connection.execute(_RUN_IDS))

    def _select(self, where: str, values: Sequence[str] = ()) -> dict[str, RunState]:
        rows = self._connection.execute(
            f"SELECT trial_key, run_id, attempt, status, labels, refused FROM run {where}", tuple(values)
        )
        return {row[0]: RunState(*row) for row in rows}

    def intend(self, keys: Iterable[str]) -> None:
        """Say before the call that runs are about to be created."""
        with self._transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO run (trial_key) VALUES (?)", [(key,) for key in keys])

    def forget(self, keys: Iterable[str]) -> None:
        with self._transaction() as connection:
            connection.executemany("DELETE FROM run WHERE trial_key = ?", [(key,) for key in keys])

    def record(self, runs: Iterable[RunState]) -> None:
        """Store what was delivered."""
        with self._transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO run (trial_key, run_id, attempt, status, labels, refused) VALUES (?, ?, ?, ?, ?, ?)",
                [(run.trial_key, run.run_id, run.attempt, run.status, run.labels, run.refused) for run in runs],
            )


def remove(path: Path) -> None:
    """Delete mirror.db and its journal."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)


def _put(connection: sqlite3.Connection, values: Mapping[str, object]) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", [(name, json.dumps(value)) for name, value in values.items()]
    )


@dataclass(frozen=True, slots=True)
class Glance:
    """What a reader sees of mirror.db at one moment."""

    cursor: int = 0
    owed: int = 0  # runs known of and not delivered, though no event of the outbox names them any more
    refused: int = 0
    error: str | None = None
    parent_run_id: str | None = None
    experiment_id: str | None = None
    uri: str | None = None


def run_ids(path: Path) -> dict[str, str]:
    """trial_key → run_id of the runs that MLflow has, as far as is known, without what cannot be read; read as by `glance`."""

    def read(connection: sqlite3.Connection) -> dict[str, str]:
        return {key: run_id for key, run_id in connection.execute(_RUN_IDS) if isinstance(key, str) and isinstance(run_id, str)}

    try:
        return _look_at(path, read) if path.is_file() else {}
    except (sqlite3.Error, OSError):
        return {}


def glance(path: Path) -> Glance:
    """Read mirror.db without writing, locking or creating anything, also while a mirror comes, writes and goes.

    An empty Glance where there is no such file; one that has nothing but an error where it is unreadable or damaged.
    """

    def read(connection: sqlite3.Connection) -> Glance:
        refused, owed = connection.execute(
            "SELECT count(nullif(refused, '')), count(CASE WHEN attempt = 0 AND refused = '' THEN 1 END) FROM run"
        ).fetchone()
        meta = connection.execute("SELECT name, value FROM meta")
        return Glance(owed=owed, refused=refused, **{name: _checked(name, value) for name, value in meta if name in _TOLD})

    try:
        return _look_at(path, read) if path.is_file() else Glance()
    except ValueError as error:
        return Glance(error=f"{path} is damaged: {error}; delete it while nothing runs: it is made anew")
    except (sqlite3.Error, OSError) as error:
        return Glance(error=f"{path} cannot be read: {error}")


_TOLD = {each.name for each in fields(Glance)} - {"owed", "refused"}


def _look_at(path: Path, read: Callable[[sqlite3.Connection], T]) -> T:
    """What is read of the file. Where no mirror writes there is no WAL: SQLite would make one, and leave it."""

    def look() -> T:
        at_rest = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
        with closing(sqlite3.connect(f"file:{quote(os.fsencode(path))}?mode=ro{at_rest}", uri=True, timeout=2)) as connection:
            connection.text_factory = _text
            return read(connection)

    return read_at_rest(path, look)


def _text(stored: bytes) -> str | None:
    """None for what is no text: by itself SQLite's module would give nothing of the whole table."""
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return None


def _checked(name: str, stored: object) -> Any:
    """The value that `meta` holds for a name.

    Raises:
        ValueError: it is of another type than the mirror writes there.
    """
    try:
        value = json.loads(stored) if isinstance(stored, str) else _NO_JSON
    except (ValueError, RecursionError):
        value = _NO_JSON
    if value is _NO_JSON:
        raise ValueError(f"{name} is no JSON")
    shown = repr(value)[:80]
    if name != "cursor":
        if not isinstance(value, str | None):
            raise ValueError(f"{name} is {shown}, which is no text")
    elif type(value) is not int or value < 0:
        raise ValueError(f"{name} is {shown}, which is no number of events")
    return value
