"""The tables as the newest schema has them, and the sealing and checking of their rows.

The schema of a file on disk is made by the migrations; these definitions only write the statements, and a test holds the
two together. A row read is verified before anything is made of it: SQLite's own integrity check misses two fifths of the
bits that can flip in a record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import NoneType
from typing import Any, Generic, TypeVar, get_args, get_type_hints

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hpsearch.core.errors import InfrastructureError
from hpsearch.ledger.faults import damaged
from hpsearch.ledger.rows import AttemptRow, ContextRow, EventRow, ReportRow, SplitRow, StudyRow, TrialRow, VersionRow
from hpsearch.ledger.seals import JsonSeal, Kind, PackedSeal, Scalar, Seal

R = TypeVar("R", bound="tuple[Scalar, ...]")

metadata = sa.MetaData()


class Sealed(Generic[R]):
    """A table whose rows are named tuples of type `row`, each stored with its checksum.

    Args:
        key: the primary key's columns.
        label: how an error names the row: the columns shown, by the word for them.
        seal: PackedSeal, of the types of the row's fields, unless another is given.
    """

    def __init__(
        self,
        name: str,
        row: Callable[..., R],
        columns: Mapping[str, Any],
        *,
        key: Sequence[str],
        label: Mapping[str, str],
        seal: Seal | None = None,
    ) -> None:
        assert tuple(columns) == getattr(row, "_fields", ()), f"{name}: the columns and the row's fields differ"
        self.name = name
        self._make: Callable[[Iterable[Any]], R] = getattr(row, "_make")  # noqa: B009 (a named tuple's own, of no type that says so)
        self.key = tuple(key)
        self.label = label
        self.table = sa.Table(
            name,
            metadata,
            *(sa.Column(column, kind, primary_key=column in key, autoincrement=False) for column, kind in columns.items()),
            sa.Column("checksum", sa.BigInteger),
        )
        self.c = self.table.c
        self.width = len(columns) + 1
        self._seal = seal if seal is not None else PackedSeal(name, _kinds(row))
        self._names = (*columns, "checksum")
        self.insert = self.table.insert()
        self._upserts: dict[str, sa.Executable] = {}

    def sealed(self, rows: Iterable[R]) -> list[dict[str, Scalar]]:
        """The parameters of an insert: the columns by name, with the checksum."""
        rows = [*rows]
        sums = self._seal.of([*zip(*rows, strict=True)]) if rows else []
        return [dict(zip(self._names, (*row, found), strict=True)) for row, found in zip(rows, sums, strict=True)]

    def opened(self, stored: Sequence[Any], place: str) -> R:
        """The row, verified, from the values of its columns in order.

        Raises:
            InfrastructureError: the row is not as it was written; names `place` (the file), the table and the key.
        """
        return self.opened_all([stored], place)[0]

    def opened_all(self, stored: Sequence[Sequence[Any]], place: str) -> list[R]:
        """`opened` of each, in a fraction of the time where they are many."""
        return self.rows(self.verified([*zip(*stored, strict=True)], place)) if stored else []

    def verified(self, values: Sequence[Sequence[Any]], place: str) -> dict[str, Sequence[Any]]:
        """The columns of many rows by name, each row verified, from the values of each column in order.

        Raises:
            InfrastructureError: as `opened`, for the first row that is not as it was written.
        """
        if not self._is_sealed(values):
            for row in zip(*values, strict=True):
                if not self._is_sealed([(value,) for value in row]):
                    raise self._damaged(row, place)
        return dict(zip(self._names, values, strict=True))

    def rows(self, columns: Mapping[str, Sequence[Any]]) -> list[R]:
        """The rows of verified columns."""
        return [*map(self._make, zip(*(columns[name] for name in self._names[:-1]), strict=True))]

    def upsert(self, dialect: str) -> sa.Executable:
        """INSERT that replaces the row of the same key: the one statement whose words differ between databases."""
        if dialect not in self._upserts:
            others = [column for column in self._names if column not in self.key]
            if dialect == "postgresql":
                statement = postgresql.insert(self.table)
                self._upserts[dialect] = statement.on_conflict_do_update(
                    index_elements=list(self.key), set_={column: statement.excluded[column] for column in others}
                )
            else:
                lite = sqlite.insert(self.table)
                self._upserts[dialect] = lite.on_conflict_do_update(
                    index_elements=list(self.key), set_={column: lite.excluded[column] for column in others}
                )
        return self._upserts[dialect]

    def _is_sealed(self, values: Sequence[Sequence[Any]]) -> bool:
        try:
            return self._seal.of(values[:-1]) == [*values[-1]]
        except ValueError:
            return False

    def _damaged(self, values: tuple[Any, ...], place: str) -> InfrastructureError:
        by_name = dict(zip(self._names, values, strict=False))
        which = ", ".join(f"{word} {by_name.get(column)!r}" for column, word in self.label.items())
        return InfrastructureError(damaged(place, f"table {self.name}, {which}: the row does not match its checksum"))


def _kinds(row: Callable[..., Any]) -> list[tuple[Kind, bool]]:
    """The type of each field, and whether it may be None."""
    kinds: list[tuple[Kind, bool]] = []
    for hint in get_type_hints(row).values():
        types = get_args(hint) or (hint,)
        (kind,) = (each for each in types if each is not NoneType)
        kinds.append((kind, NoneType in types))
    return kinds


_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite makes only an INTEGER key the row's own id

VERSION = Sealed(
    "schema_version",
    VersionRow,
    {"version": sa.Integer, "name": sa.Text, "applied_at": sa.Double},
    key=["version"],
    label={"version": "version"},
    seal=JsonSeal("schema_version"),
)

STUDY = Sealed(
    "study",
    StudyRow,
    {
        "id": sa.Integer,
        "uid": sa.Text,
        "name": sa.Text,
        "context": sa.Text,
        "metric_name": sa.Text,
        "metric_mode": sa.Text,
        "metric_target": sa.Double,
        "spec_text": sa.Text,
        "description": sa.Text,
        "tags": sa.Text,
        "varying": sa.Text,
        "dataset": sa.Text,
        "dataset_digest": sa.Text,
        "experiment": sa.Text,
        "planned": sa.BigInteger,
        "epoch": sa.Integer,
        "state": sa.Text,
        "created_at": sa.Double,
        "started_at": sa.Double,
        "ended_at": sa.Double,
    },
    key=["id"],
    label={"name": "name"},
)

CONTEXT = Sealed(
    "context",
    ContextRow,
    {"digest": sa.Text, "parts": sa.Text, "versions": sa.Text, "created_at": sa.Double},
    key=["digest"],
    label={"digest": "digest"},
)

TRIAL = Sealed(
    "trial",
    TrialRow,
    {
        "number": _NUMBER,
        "key": sa.Text,
        "config_id": sa.Text,
        "params": sa.Text,
        "seed": sa.Text,
        "context": sa.Text,
        "status": sa.Text,
        "attempt": sa.Integer,
        "first_attempt": sa.Integer,
        "result_attempt": sa.Integer,
        "result_status": sa.Text,
        "metrics": sa.Text,
        "score": sa.Double,
        "splits": sa.Integer,
        "reports": sa.Integer,
        "begun_at": sa.Double,
    },
    key=["number"],
    label={"key": "key", "number": "number"},
)

ATTEMPT = Sealed(
    "attempt",
    AttemptRow,
    {
        "trial": sa.BigInteger,
        "attempt": sa.Integer,
        "epoch": sa.Integer,
        "status": sa.Text,
        "worker": sa.Text,
        "node": sa.Text,
        "pid": sa.BigInteger,
        "started_at": sa.Double,
        "ended_at": sa.Double,
        "seconds": sa.Double,
        "cpu_s": sa.Double,
        "peak_rss_bytes": sa.BigInteger,
        "fit_s": sa.Double,
        "score_s": sa.Double,
        "metrics": sa.Text,
        "error_kind": sa.Text,
        "error_type": sa.Text,
        "error": sa.Text,
        "traceback": sa.Text,
        "log": sa.Text,
        "shared": sa.Integer,
    },
    key=["trial", "attempt"],
    label={"trial": "trial number", "attempt": "attempt"},
)

SPLIT = Sealed(
    "split_score",
    SplitRow,
    {
        "trial": sa.BigInteger,
        "attempt": sa.Integer,
        "repeat": sa.Integer,
        "fold": sa.Integer,
        "scores": sa.Text,
        "n_train": sa.BigInteger,
        "n_test": sa.BigInteger,
        "fit_s": sa.Double,
        "score_s": sa.Double,
    },
    key=["trial", "attempt", "repeat", "fold"],
    label={"trial": "trial number", "attempt": "attempt", "repeat": "repeat", "fold": "fold"},
)

REPORT = Sealed(
    "report",
    ReportRow,
    {
        "trial": sa.BigInteger,
        "attempt": sa.Integer,
        "seq": sa.Integer,
        "step": sa.Double,
        "metrics": sa.Text,
        "at": sa.Double,
    },
    key=["trial", "attempt", "seq"],
    label={"trial": "trial number", "attempt": "attempt", "seq": "seq"},
)

EVENT = Sealed(
    "outbox",
    EventRow,
    {"seq": _NUMBER, "kind": sa.Text, "key": sa.Text, "at": sa.Double},
    key=["seq"],
    label={"seq": "seq"},
)
