"""The schema on disk is settled: a ledger of the first release is what it was, and a newer one is left alone."""

from __future__ import annotations

import difflib
import math
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from ledger_builders import begun, done, opened, study, tamper, written_by
from sqlalchemy.dialects import postgresql

from hpsearch.core.clock import ManualClock
from hpsearch.core.errors import InfrastructureError
from hpsearch.ledger import Ledger
from hpsearch.ledger.migrations import MIGRATIONS, NEWEST, m0002_packed
from hpsearch.ledger.rows import VersionRow
from hpsearch.ledger.tables import ATTEMPT, CONTEXT, EVENT, REPORT, SPLIT, STUDY, TRIAL, VERSION, metadata

GOLDEN = Path(__file__).with_name("schema_v2.sql")


def test_the_schema_is_the_golden_one(tmp_path: Path) -> None:
    """Were it to change without a migration, ledgers on users' disks could not be read any more."""
    opened(tmp_path / "ledger.db").close()
    connection = sqlite3.connect(tmp_path / "ledger.db")
    found = [sql for (sql,) in connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC, name")]
    connection.close()
    text = ";\n".join("\n".join(line.rstrip() for line in sql.splitlines()) for sql in found) + ";\n"
    golden = GOLDEN.read_text(encoding="utf-8")
    assert text == golden, "\n".join(difflib.unified_diff(golden.splitlines(), text.splitlines(), "golden", "found", lineterm=""))


def test_the_statements_fit_the_schema_on_disk(tmp_path: Path) -> None:
    opened(tmp_path / "ledger.db").close()
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'ledger.db'}")
    inspector = sa.inspect(engine)
    assert sorted(inspector.get_table_names()) == sorted(metadata.tables)
    for name, table in metadata.tables.items():
        on_disk = {column["name"]: str(column["type"]) for column in inspector.get_columns(name)}
        assert on_disk == {column.name: column.type.compile(engine.dialect) for column in table.columns}
        assert inspector.get_pk_constraint(name)["constrained_columns"] == [column.name for column in table.primary_key]
    engine.dispose()


@pytest.mark.parametrize("at_once", [1, 2, 64])
@pytest.mark.parametrize("version", [0, 1])
def test_an_older_ledger_is_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int, at_once: int
) -> None:
    """As that schema's own hpsearch wrote it; an owner's opening adds what is new, and loses nothing."""
    monkeypatch.setattr(m0002_packed, "_AT_ONCE", at_once)
    path = written_by(version, tmp_path)
    with pytest.raises(InfrastructureError, match="run its study once to bring it up to date"):
        Ledger.open(path, clock=ManualClock(), read_only=True)
    with opened(path) as ledger:
        trials = {record.key: record for record in ledger.trials()}
        assert {key: record.status.value for key, record in trials.items()} == {
            "v1:1": "COMPLETED",
            "v1:2": "FAILED",
            "v1:3": "COMPLETED",
            "v1:4": "CANCELLED",
            "v1:é": "TIMEOUT",
        }
        assert trials["v1:1"].metrics["acc"] == 0.1 + 0.2
        assert math.isnan(trials["v1:1"].metrics["loss"])
        assert trials["v1:3"].shared == (version == 1)
        assert [attempt.error_type for attempt in ledger.attempts("v1:3")] == ["ValueError", ""]
        assert [record.split.scores for record in ledger.split_scores()] == [{"acc": 0.5}, {"acc": 0.1}]
        assert [record.report.metrics for record in ledger.all_reports()] == [{"acc": 0.25}]
        ledger.commit(ledger.begin_run(study()), begun=[begun(9)], results=[done(9, shared=True)])
    with Ledger.open(path, clock=ManualClock(), read_only=True) as ledger:
        assert ledger.attempts("v1:9")[0].shared


@pytest.mark.parametrize("table", ["study", "context", "trial", "attempt", "split_score", "report", "outbox"])
@pytest.mark.parametrize("value", ["'x'", "x'ff'"])
def test_a_damaged_older_ledger_is_refused_and_left(tmp_path: Path, table: str, value: str) -> None:
    path = written_by(1, tmp_path)
    column = {"study": "name", "context": "parts", "outbox": "key", "split_score": "scores"}.get(table, "metrics")
    tamper(path, f"UPDATE {table} SET {column} = {value}")
    before = path.read_bytes()
    key = {"study": "id 1", "context": "digest 'c0ffee'", "trial": "number 1", "outbox": "seq 1"}.get(table, "trial 1, attempt 1")
    with pytest.raises(InfrastructureError, match=rf"{path.name} .*table {table}, {key}.*: the row does not match its checksum"):
        opened(path)
    assert path.read_bytes() == before


def test_versions_count_up_from_zero() -> None:
    assert [migration.VERSION for migration in MIGRATIONS] == list(range(len(MIGRATIONS)))
    for migration in MIGRATIONS:
        assert migration.__name__.endswith(f"m{migration.VERSION:04}_{migration.NAME}")


@pytest.mark.parametrize("read_only", [True, False])
def test_a_ledger_of_a_newer_hpsearch_is_refused_and_left(tmp_path: Path, read_only: bool) -> None:
    path = tmp_path / "ledger.db"
    opened(path).close()
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(VERSION.insert, VERSION.sealed([VersionRow(NEWEST + 1, "later", 1.0)]))
    engine.dispose()
    before = path.read_bytes()
    with pytest.raises(
        InfrastructureError, match=rf"written by a newer hpsearch \(its schema is version {NEWEST + 1}, this one knows"
    ):
        Ledger.open(path, clock=ManualClock(), read_only=read_only)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "sealed", [VERSION, STUDY, CONTEXT, TRIAL, ATTEMPT, SPLIT, REPORT, EVENT], ids=lambda sealed: sealed.name
)
def test_replacing_a_row_is_said_in_words_that_postgresql_knows(sealed: object) -> None:
    statement = sealed.upsert("postgresql")  # type: ignore[attr-defined]
    text = str(statement.compile(dialect=postgresql.dialect()))
    assert f"INSERT INTO {sealed.name}" in text  # type: ignore[attr-defined]
    assert f"ON CONFLICT ({', '.join(sealed.key)}) DO UPDATE SET" in text  # type: ignore[attr-defined]
    assert "checksum = excluded.checksum" in text
