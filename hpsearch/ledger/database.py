"""The connection to the ledger's database: opened with care, written by one transaction at a time, read without disturbing.

SQLite runs in WAL mode, so that readers and the one writer never wait for each other, with synchronous=FULL: a commit has
reached the disk when it returns, and power may fail the moment after. A transaction that will write says so from its start
(BEGIN IMMEDIATE): one that began by reading could not be given the lock later without its snapshot being stale.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa

from hpsearch.core.clock import Clock
from hpsearch.core.errors import InfrastructureError, OutdatedLedgerError
from hpsearch.ledger.faults import damaged, explained
from hpsearch.ledger.files import check_file, file_engine, make_file, memory_engine, read_at_rest
from hpsearch.ledger.migrations import NEWEST, current_version, migrate
from hpsearch.ledger.tables import EVENT, VERSION
from hpsearch.ledger.tail import TailMark

T = TypeVar("T")

_CACHE_KIB = 200_000  # while a file is looked through, of which it takes as much as the indexes have
_LAST_EVENT = sa.select(sa.func.max(EVENT.c.seq))


class Database:
    """A ledger's database, checked and of the newest schema. `place` is how errors name it.

    Reading and writing have an engine each: a connection that only reads never folds a WAL into its file, so that a ledger
    that turns out to be damaged is left as it was found.
    """

    def __init__(self, reader: sa.Engine, writer: sa.Engine | None, place: str, path: Path | None) -> None:
        self.place = place
        self.path = path
        self.dialect = reader.dialect.name
        self._reader = reader
        self._writer = writer.execution_options(hpsearch_write=True) if writer is not None else None
        self._mark = TailMark(path) if path is not None else None
        self._verified = False

    @classmethod
    def open(cls, location: str | Path, *, clock: Clock, read_only: bool) -> Database:
        """See Ledger.open."""
        if isinstance(location, str) and "://" in location:
            url = sa.make_url(location)
            if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
                return cls._open_url(url, clock, read_only)
            location = url.database
        path = Path(location).absolute()
        with explained(str(path), path.parent):
            if not read_only:
                make_file(path, clock)
            check_file(path)
            reader = file_engine(path, "at rest" if read_only else "read")
            database = cls(reader, None if read_only else file_engine(path, "write"), str(path), path)
        database._check(clock)
        return database

    @classmethod
    def _open_url(cls, url: sa.URL, clock: Clock, read_only: bool) -> Database:
        place = url.render_as_string(hide_password=True)
        with explained(place, None):
            engine = memory_engine() if url.get_backend_name() == "sqlite" else sa.create_engine(url)
            reader = engine
            if engine.dialect.name == "postgresql":  # which else has a snapshot for each statement, not for all of `read`'s work
                reader = engine.execution_options(isolation_level="REPEATABLE READ")
            database = cls(reader, None if read_only else engine, place, None)
            if not read_only:
                with engine.begin() as connection:
                    migrate(connection, place, clock.now())
        database._check(clock)
        return database

    def read(self, work: Callable[[sa.Connection], T]) -> T:
        """`work` on one snapshot. It must return what it read, not something that goes on reading."""
        with explained(self.place, self.folder):
            if self.path is not None and self._writer is None:
                return read_at_rest(self.path, lambda: self._read(work))
            return self._read(work)

    def write(self, work: Callable[[sa.Connection], T]) -> T:
        """`work` in one transaction, alone; durable when this returns, nothing of it done when this raises."""
        assert self._writer is not None, f"{self.place} was opened for reading"
        with explained(self.place, self.folder):
            with self._writer.begin() as connection:
                if self.dialect != "sqlite":  # there is no BEGIN IMMEDIATE: a row that is always there stands for the lock
                    connection.execute(sa.select(VERSION.c.version).where(VERSION.c.version == 0).with_for_update())
                done = work(connection)
                tail = last_event(connection) if self._mark is not None else 0
            if self._mark is not None:
                self._mark.write(tail)
            return done

    def verify(self) -> None:
        """Look through the whole file for broken pages and for indexes that have lost a row.

        A trial that its index has lost would seem never to have run. About 9 s for a million trials; done once.

        Raises:
            InfrastructureError: something is broken; the file is left as it is.
        """
        if self.dialect == "sqlite" and not self._verified:
            found = self.read(_looked_through)
            if found != "ok":
                raise InfrastructureError(damaged(self.place, str(found).replace("\n", " ")))
            self._verified = True

    def close(self) -> None:
        """Give the connections back; the last one of a file folds its WAL into it."""
        with explained(self.place, self.folder):
            self._reader.dispose()
            if self._writer is not None:
                self._writer.dispose()
            if self._mark is not None:
                self._mark.close()

    @property
    def folder(self) -> Path | None:
        return self.path.parent if self.path is not None else None

    def _read(self, work: Callable[[sa.Connection], T]) -> T:
        with self._reader.begin() as connection:
            return work(connection)

    def _check(self, clock: Clock) -> None:
        try:
            known = self._mark.read() if self._mark is not None else 0  # before the tail itself, which may grow meanwhile
            version = self.read(lambda connection: current_version(connection, self.place))
            if version < 0:
                raise InfrastructureError(damaged(self.place, "it has no schema"))
            if version < NEWEST:
                if self._writer is None:
                    raise OutdatedLedgerError(f"{self.place} is of an older hpsearch; run its study once to bring it up to date")
                self.write(lambda connection: migrate(connection, self.place, clock.now()))
            if self._mark is not None and (tail := self.read(last_event)) < known:
                raise InfrastructureError(self._mark.sentence(known, tail))
        except BaseException:
            self.close()
            raise


def _looked_through(connection: sa.Connection) -> object:
    """What SQLite finds broken, or "ok". Each row is sought in each index: in little memory, a page is read again and again."""
    before = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KIB}")
    try:
        return connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {before}")


def last_event(connection: sa.Connection) -> int:
    """The number of the outbox's last event, 0 where it is empty: every change of a trial adds one."""
    return int(connection.execute(_LAST_EVENT).scalar_one() or 0)
