"""A ledger that is not as it was written is refused by name, and left as it was found."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from ledger_builders import ACCURACY, CONTEXT, begun, done, failed, opened, split, study, tamper

from hpsearch.core.best import BestRule
from hpsearch.core.clock import ManualClock, SystemClock
from hpsearch.core.errors import InfrastructureError
from hpsearch.core.trial import Report
from hpsearch.ledger import Ledger, StudyState


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A small ledger at rest."""
    path = tmp_path / "ledger.db"
    with opened(path) as ledger:
        ledger.begin_run(study(versions={"numpy": "2.0"}))
        results = [done(n, splits=(split(0, acc=0.5),), reports=(Report(0, 1.0, {"acc": 0.5}, 1.0),)) for n in range(30)]
        ledger.commit(1, results=[*results, failed("bad")])
        ledger.end_run(1, StudyState.COMPLETED)
    return path


def read_all(ledger: Ledger) -> None:
    ledger.study()
    keys = [record.key for record in ledger.trials()]
    ledger.standings(keys)
    list(ledger.split_scores())
    list(ledger.columns())
    list(ledger.all_reports())
    for key in keys:
        ledger.attempts(key)
    ledger.outbox(0, 10_000)
    ledger.best(BestRule(ACCURACY), CONTEXT)
    ledger.contexts()


def look(path: Path) -> None:
    """All that is read before anything is written."""
    with Ledger.open(path, clock=ManualClock(), read_only=True) as ledger:
        read_all(ledger)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE trial SET score = 0.75 WHERE key = 'v1:3'", r"table trial, key 'v1:3', number 4"),
        ("UPDATE trial SET metrics = '{\"acc\":0.9}' WHERE key = 'v1:3'", r"table trial, key 'v1:3', number 4"),
        ("UPDATE attempt SET seconds = 1 WHERE trial = 4", r"table attempt, trial number 4, attempt 1"),
        ("UPDATE attempt SET error = x'ff' WHERE trial = 31", r"table attempt, trial number 31, attempt 1"),
        (
            "UPDATE split_score SET scores = '{}' WHERE trial = 4",
            r"table split_score, trial number 4, attempt 1, repeat 0, fold 0",
        ),
        ("UPDATE report SET step = 2 WHERE trial = 4", r"table report, trial number 4, attempt 1, seq 0"),
        ("UPDATE outbox SET key = 'v1:4' WHERE seq = 5", r"table outbox, seq 5"),
        ("DELETE FROM outbox WHERE seq = 5", r"table outbox, seq 5: the row is missing"),
        ("DELETE FROM attempt WHERE trial = 4", r"table attempt, key 'v1:3': the row is missing"),
        ("DELETE FROM split_score WHERE trial = 4", r"table split_score, key 'v1:3': 1 rows are missing"),
        ("DELETE FROM report WHERE trial = 4", r"table report, key 'v1:3': 1 rows are missing"),
        ("DELETE FROM trial WHERE number = 4", r"table trial, number 4: the row is missing"),
        ("UPDATE study SET name = 'other'", r"table study, name 'other'"),
        ("UPDATE context SET versions = '{}'", r"table context, digest 'c0ffee'"),
        ("DELETE FROM context", r"table context, digest 'c0ffee': the row is missing"),
        ("UPDATE schema_version SET applied_at = 0.5", r"table schema_version, version 0"),
    ],
)
def test_a_changed_row_is_refused_and_named(path: Path, statement: str, says: str) -> None:
    tamper(path, statement)
    before = path.read_bytes()
    with pytest.raises(InfrastructureError, match=says) as refusal:
        look(path)
    assert str(path) in str(refusal.value)
    assert "restore it from a copy" in str(refusal.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize("number", [1, 4, 31])
def test_who_reads_one_context_misses_a_trial_that_is_gone(path: Path, number: int) -> None:
    tamper(path, f"DELETE FROM trial WHERE number = {number}")
    with Ledger.open(path, clock=ManualClock(), read_only=True) as ledger:
        for reading in (ledger.trials, ledger.columns, ledger.outlines, ledger.split_scores, ledger.all_reports):
            with pytest.raises(InfrastructureError, match=f"table trial, number {number}: the row is missing"):
                list(reading(context=CONTEXT))


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("DELETE FROM trial WHERE number IN (4, 7)", "table trial: 2 of 31 rows are missing"),
        ("DELETE FROM trial WHERE number = 31", "table trial: 1 of 31 rows are missing"),
        ("DELETE FROM split_score WHERE trial = 4", r"table split_score: it has \d+ rows, and the trials tell of \d+"),
        ("DELETE FROM report WHERE trial = 4", r"table report: it has \d+ rows, and the trials tell of \d+"),
        ("DELETE FROM study", "table study: the row is missing"),
    ],
)
def test_no_run_begins_where_rows_are_gone(path: Path, statement: str, says: str) -> None:
    """What it recorded, nobody could read; the next trial would be taken for the one that is gone."""
    tamper(path, statement)
    before = path.read_bytes()
    with opened(path) as ledger, pytest.raises(InfrastructureError, match=says):
        ledger.begin_run(study())
    assert path.read_bytes() == before


def test_a_damaged_trial_is_neither_skipped_nor_overwritten(path: Path) -> None:
    """Were it taken for missing, a recorded trial would run again."""
    tamper(path, "UPDATE trial SET status = 'CANCELLED' WHERE key = 'v1:3'")
    with opened(path) as ledger:
        with pytest.raises(InfrastructureError, match=r"table trial, key 'v1:3'"):
            ledger.standings(["v1:3"])
        epoch = ledger.begin_run(study())
        with pytest.raises(InfrastructureError, match=r"table trial, key 'v1:3'"):
            ledger.commit(epoch, begun=[begun(3, attempt=2)])


def test_an_index_that_has_lost_a_trial_is_found_before_a_run(path: Path) -> None:
    """Its key looked up, the trial would seem never to have run."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA writable_schema=ON")
    (index,) = connection.execute("SELECT name FROM sqlite_schema WHERE name LIKE 'sqlite_autoindex_trial%'").fetchone()
    (root,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (index,)).fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    content = bytearray(path.read_bytes())
    at = content.index(b"v1:3", (root - 1) * size)
    content[at + 3] ^= 1
    path.write_bytes(content)
    with opened(path) as ledger, pytest.raises(InfrastructureError, match=r"ledger\.db is damaged"):
        ledger.begin_run(study())
    assert path.read_bytes() == content


def test_an_index_that_shows_another_trials_attempt_is_found(path: Path) -> None:
    """Both rows are as they were written,."""
    content = bytearray(path.read_bytes())
    entry = bytes([4, 1, 9, 1, 4, 4])  # a record: header, types (one byte, the constant 1, one byte), trial 4, row 4
    assert content.count(entry) == 1
    content[content.index(entry) + 5] = 5
    path.write_bytes(content)
    with Ledger.open(path, clock=ManualClock(), read_only=True) as ledger:
        for reading in (ledger.trials, ledger.columns):
            with pytest.raises(InfrastructureError, match=r"table attempt, trial number 4, attempt 1"):
                list(reading())


def test_last_trials_that_are_gone_are_missed(path: Path) -> None:
    """Nothing is numbered after them."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA writable_schema=ON")
    indexes = "FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'trial' AND sql IS NOT NULL"
    schema = connection.execute(f"SELECT type, name, tbl_name, rootpage, sql {indexes}").fetchall()
    connection.execute(f"DELETE {indexes}")
    connection.close()
    tamper(path, "DELETE FROM trial WHERE number = 31")
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA writable_schema=ON")
    connection.executemany("INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)", schema)
    connection.close()
    with Ledger.open(path, clock=ManualClock(), read_only=True) as ledger:
        for reading in (ledger.trials, ledger.columns, ledger.outlines, ledger.split_scores, ledger.all_reports):
            with pytest.raises(InfrastructureError, match="table trial: it has 30 rows, its index 31"):
                list(reading())


@pytest.mark.parametrize("size", [0, 50, 100, 511, 512, 4096, 5000, 40_000, -1])
def test_a_truncated_file_is_refused_and_left(path: Path, size: int) -> None:
    content = path.read_bytes()[:size]
    for read_only in (True, False):
        path.write_bytes(content)
        with pytest.raises(InfrastructureError, match=r"ledger\.db is damaged or no ledger"):
            Ledger.open(path, clock=ManualClock(), read_only=read_only)
        assert path.read_bytes() == content
        assert sorted(os.listdir(path.parent)) == ["ledger.db", "ledger.db-tail"]


@pytest.mark.parametrize("content", [b"version: 1\nname: example\n" * 40, b"\x00" * 4096, os.urandom(8192)])
def test_what_is_no_database_is_refused_and_left(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(content)
    with pytest.raises(InfrastructureError, match="no database"):
        opened(path)
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_left(tmp_path: Path) -> None:
    path = tmp_path / "mlflow.db"
    tamper(path, "CREATE TABLE runs (id)")
    before = path.read_bytes()
    with pytest.raises(InfrastructureError, match="a database of another program"):
        opened(path)
    assert path.read_bytes() == before


def test_flipped_bits_are_found_or_harmless(path: Path, tmp_path: Path) -> None:
    """Wherever a bit flips: either reading is refused by name, or everything that is read is what was written."""
    with Ledger.open(path, clock=ManualClock(), read_only=True) as ledger:
        records, splits, events = list(ledger.trials()), list(ledger.split_scores()), ledger.outbox(0, 1000)
    content = path.read_bytes()
    rng = random.Random(7)
    copy = tmp_path / "flipped" / "ledger.db"
    copy.parent.mkdir()
    refused = 0
    for _ in range(80):
        flipped = bytearray(content)
        flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
        copy.write_bytes(flipped)
        try:
            with Ledger.open(copy, clock=ManualClock(), read_only=True) as ledger:
                read_all(ledger)
                assert (list(ledger.trials()), list(ledger.split_scores()), ledger.outbox(0, 1000)) == (records, splits, events)
        except InfrastructureError as refusal:
            assert str(copy) in str(refusal)  # noqa: PT017 (either is right; the refusal must name the file)
            refused += 1
        assert copy.read_bytes() == flipped
    assert refused > 10


def test_a_wal_whose_end_was_lost_is_told(tmp_path: Path) -> None:
    """SQLite ends a WAL at the first bad frame without a word: results that were acknowledged would be gone."""
    path = tmp_path / "ledger.db"
    code = f"""
import os, signal
from pathlib import Path
from ledger_builders import done, study, opened
ledger = opened(Path({str(path)!r}))
ledger.begin_run(study())
for n in range(20):
    ledger.commit(1, results=[done(n)])
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parent, env=_environment(), check=False)
    with Ledger.open(path, clock=ManualClock(), read_only=True) as ledger:
        assert len(list(ledger.trials())) == 20
    wal = path.with_name("ledger.db-wal")
    flipped = bytearray(wal.read_bytes())
    flipped[len(flipped) // 2] ^= 4
    wal.write_bytes(flipped)
    before = path.read_bytes()
    for read_only in (True, False):
        with pytest.raises(InfrastructureError, match=r"ledger\.db has lost its end: 21 events were recorded, \d+ are left"):
            Ledger.open(path, clock=ManualClock(), read_only=read_only)
        assert (path.read_bytes(), wal.read_bytes()) == (before, flipped)
    path.with_name("ledger.db-tail").unlink()  # as the message says
    with opened(path) as ledger:
        assert 0 < len(list(ledger.trials())) < 20


def test_a_reader_that_has_seen_more_is_told(path: Path) -> None:
    with opened(path) as ledger, pytest.raises(InfrastructureError, match="it has lost its end: events up to 1000 were read"):
        ledger.outbox(1000, 10)


def test_a_ledger_whose_file_is_gone_but_not_its_wal_is_not_made_anew(tmp_path: Path) -> None:
    """SQLite would play the old WAL into the new file."""
    (tmp_path / "ledger.db-wal").write_bytes(b"frames")
    with pytest.raises(InfrastructureError, match=r"ledger\.db is missing, but ledger\.db-wal beside it"):
        opened(tmp_path / "ledger.db")
    assert os.listdir(tmp_path) == ["ledger.db-wal"]


def test_a_whole_copy_opens(path: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(path, tmp_path / "elsewhere")
    look(tmp_path / "elsewhere" / "ledger.db")


def test_a_bad_url_is_said(tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match=r"postgresql\+psycopg://me:\*\*\*@127\.0\.0\.1:1/x failed"):
        Ledger.open("postgresql+psycopg://me:secret@127.0.0.1:1/x", clock=SystemClock())


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[3])])}
