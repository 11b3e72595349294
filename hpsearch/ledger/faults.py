"""What a database or a file system says, turned into a sentence that names the file and what to do."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from hpsearch.core.errors import InfrastructureError

_SCARCE_BYTES = 1 << 20


@contextmanager
def explained(place: str, folder: Path | None) -> Iterator[None]:
    """Errors of the database and the file system raised within become InfrastructureErrors.

    Args:
        place: the ledger, as errors name it: its file or its URL.
        folder: the file's folder; None for a database server.
    """
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise InfrastructureError(_sentence(place, folder, error.orig or error)) from error
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:  # the last from a damaged schema, in SQLite's own message
        raise InfrastructureError(_sentence(place, folder, error)) from error
    except sa.exc.SQLAlchemyError as error:
        raise InfrastructureError(f"{place}: {error}") from error


def _sentence(place: str, folder: Path | None, error: BaseException) -> str:
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        return f"{place}: {reason} ({folder})" if folder is not None else f"{place}: {reason}"
    if folder is None:
        return f"the ledger's database {place} failed: {_first_line(error)}"
    # The primary result code is the low byte; the rest tells variants apart. Errors of Python's own layer (text that is no
    # UTF-8) have none, and only come from a damaged record.
    code = (getattr(error, "sqlite_errorcode", None) or sqlite3.SQLITE_CORRUPT) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT):
        return damaged(place, _first_line(error))
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _full(folder)):
        return f"no room left in {folder} for the ledger; what was recorded is safe: free some space and run again"
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH):
        return f"the ledger {place} cannot be opened or written ({_first_line(error)}); check the permissions of {folder}"
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL):
        return f"the ledger {place} stayed locked by another program; close what has it open and run again"
    return f"the ledger {place} failed: {_first_line(error)}; look at {folder}"


def damaged(place: str, what: str) -> str:
    """The sentence for a file that is no whole ledger any more."""
    return (
        f"{place} is damaged or no ledger: {what}. "
        "The file was left as it is; restore it from a copy, or move it away to start the study anew"
    )


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _SCARCE_BYTES
    except OSError:
        return False
