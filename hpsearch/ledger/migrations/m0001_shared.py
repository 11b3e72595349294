"""Version 1: `attempt.shared`, 1 where an attempt's seconds are its part of work that was done for several trials, else null.

Null in all rows that there are: a row's checksum leaves the column out then, so that none need be sealed anew.
"""

from __future__ import annotations

import sqlalchemy as sa

VERSION = 1
NAME = "shared"


def upgrade(connection: sa.Connection, place: str) -> None:
    """Add the column."""
    connection.execute(sa.text("ALTER TABLE attempt ADD COLUMN shared INTEGER"))
