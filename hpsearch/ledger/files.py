"""SQLite's file on disk: made whole or not at all, looked at before it is touched, read without leaving a trace."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import quote
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.pool import NullPool, QueuePool, StaticPool

from hpsearch.core.clock import Clock
from hpsearch.core.errors import InfrastructureError
from hpsearch.ledger.faults import damaged
from hpsearch.ledger.migrations import migrate

T = TypeVar("T")

BUSY_TIMEOUT_S = 60
APPLICATION_ID = 0x48505331  # "HPS1", in the file's header: tells a ledger from any other SQLite database


def file_engine(path: Path, use: Literal["write", "read", "at rest"]) -> sa.Engine:
    """Connections to the file at `path`: the owner's for writing and for reading, or an onlooker's ("at rest")."""

    def connect() -> sqlite3.Connection:
        mode = "rw" if use == "write" else "ro"
        if use == "at rest" and not wal_of(path).exists():
            mode = "ro&immutable=1"
        return _connect(f"file:{quote(str(path))}?mode={mode}", writes=use == "write")

    # An onlooker keeps no connection: an open one would hold a WAL in place that its owner wants to fold in and remove.
    pool: dict[str, Any] = {"poolclass": NullPool} if use == "at rest" else {"poolclass": QueuePool, "max_overflow": 16}
    return _sqlite_engine(connect, pool)


def memory_engine() -> sa.Engine:
    """A database that is gone when it is closed: for looking at a study that has no folder yet, and for tests."""
    return _sqlite_engine(lambda: _connect(":memory:", writes=True), {"poolclass": StaticPool})


def read_at_rest(path: Path, read: Callable[[], T]) -> T:
    """Read a file without leaving a trace.

    A WAL that is there means that a writer is (or was killed): SQLite's own read-only mode shares it. Without one, that mode
    would create one and leave it; the file is then read as immutable, and again if a writer came or went meanwhile.
    """
    while True:
        before = _footprint(path)
        try:
            found = read()
        except Exception:
            if before == _footprint(path):
                raise
            continue
        if before == _footprint(path):
            return found


def _footprint(path: Path) -> tuple[int, int, int] | None:
    """What changes when someone writes to a file at rest; None while it is not at rest."""
    if wal_of(path).exists():
        return None
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def make_file(path: Path, clock: Clock) -> None:
    """Make an empty ledger where there is none: beside its place, moved there when it is whole.

    Whoever finds a ledger.db finds a whole one, so that an empty or short file can only be a damaged one.
    """
    if path.exists():
        return
    if wal_of(path).exists():
        raise InfrastructureError(
            f"{path} is missing, but {wal_of(path).name} beside it holds recorded results; bring the file back, or move both away"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{uuid4().hex}.new")
    try:
        connection = sqlite3.connect(new, isolation_level=None)
        try:
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute("PRAGMA journal_mode=WAL")
        finally:
            connection.close()
        engine = file_engine(new, "write")
        try:
            with engine.execution_options(hpsearch_write=True).begin() as session:
                migrate(session, str(path), clock.now())
        finally:
            engine.dispose()
        _sync(new)
        try:
            os.link(new, path)  # unlike a rename, it never takes the place of one that another process has just made
        except FileExistsError:
            pass
        except OSError:  # a file system without hard links
            os.rename(new, path)
        _sync(path.parent)
    finally:
        for leftover in (new, wal_of(new), new.with_name(new.name + "-shm")):
            leftover.unlink(missing_ok=True)


def check_file(path: Path) -> None:
    """Refuse, before SQLite touches it, what cannot be a whole ledger. Opening for writing may already change a file.

    The file is looked at through SQLite alone. POSIX drops all of a process's locks on a file when the process closes any
    handle of it, and SQLite knows of its own handles only: an owner whose process opened the file otherwise would stand
    there without locks, and the next process to close the ledger would remove the WAL from under it.
    """
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise InfrastructureError(f"there is no ledger at {path}") from None
    if not size:
        raise InfrastructureError(damaged(str(path), "it is empty"))
    wal = wal_of(path)
    if wal.exists() and wal.stat().st_size:
        return  # pages that were committed may be in the WAL alone: the file itself need not be whole
    try:
        connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)
        try:
            (found,) = connection.execute("PRAGMA application_id").fetchone()
            (pages,), (page,) = (connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
        finally:
            connection.close()
    except sqlite3.OperationalError as error:
        raise InfrastructureError(f"{path} cannot be opened: {error}") from error
    except sqlite3.DatabaseError as error:
        foreign = "not a database" in str(error)
        what = "it is no database, or its beginning is lost" if foreign else f"it is truncated: {size} bytes"
        raise InfrastructureError(damaged(str(path), what)) from error
    if found != APPLICATION_ID:
        raise InfrastructureError(damaged(str(path), "it is a database of another program"))
    if size < page * pages:
        raise InfrastructureError(damaged(str(path), f"it is truncated: {size} bytes of {page * pages}"))


def wal_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _connect(database: str, *, writes: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(
        database,
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,  # we say BEGIN ourselves
        check_same_thread=False,  # the pool hands a connection to one thread at a time
    )
    try:
        if writes:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA fullfsync=ON")  # where fsync alone does not reach the disk (macOS)
            connection.execute("PRAGMA foreign_keys=ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _sqlite_engine(connect: Callable[[], sqlite3.Connection], pool: dict[str, Any]) -> sa.Engine:
    engine = sa.create_engine("sqlite://", creator=connect, **pool)

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("hpsearch_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
