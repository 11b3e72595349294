"""The ledger's schema through time: one module for each version, and the registry that applies what is missing.

A new schema is one module `mNNNN_name.py` with VERSION, NAME and upgrade(connection, place), and one line in MIGRATIONS. Modules
never change once released, and take nothing from `tables`, which moves on. A new column is part of what its rows' seals are
taken over: every row of the table is sealed anew. In: a connection within a writing transaction.
Out: a ledger of the newest schema, or an InfrastructureError for one that a newer hpsearch has made.
"""

from __future__ import annotations

from types import ModuleType

import sqlalchemy as sa

from hpsearch.core.errors import InfrastructureError
from hpsearch.ledger.migrations import m0000_initial, m0001_shared, m0002_packed
from hpsearch.ledger.rows import VersionRow
from hpsearch.ledger.tables import VERSION

MIGRATIONS: tuple[ModuleType, ...] = (m0000_initial, m0001_shared, m0002_packed)
NEWEST: int = MIGRATIONS[-1].VERSION


def current_version(connection: sa.Connection, place: str) -> int:
    """The version of an existing schema; -1 where there is none.

    Raises:
        InfrastructureError: it is newer than this hpsearch, or its rows are damaged.
    """
    if not sa.inspect(connection).has_table(VERSION.name):
        return -1
    rows = VERSION.opened_all(connection.execute(sa.select(VERSION.table)).all(), place)
    version = max((row.version for row in rows), default=-1)
    if version > NEWEST:
        raise InfrastructureError(
            f"{place} was written by a newer hpsearch (its schema is version {version}, this one knows {NEWEST}); update hpsearch"
        )
    return version


def migrate(connection: sa.Connection, place: str, now: float) -> None:
    """Apply every migration that the schema lacks, and record each."""
    version = current_version(connection, place)
    for migration in MIGRATIONS:
        if version < migration.VERSION:
            migration.upgrade(connection, place)
            connection.execute(VERSION.insert, VERSION.sealed([VersionRow(migration.VERSION, migration.NAME, now)]))
