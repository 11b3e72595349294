"""Opening, sharing and running out of room: the file is made whole, read without a trace, and never half written."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_builders import begun, done, opened, split, study

from hpsearch.core.clock import ManualClock
from hpsearch.core.errors import InfrastructureError
from hpsearch.core.trial import Status
from hpsearch.ledger import Ledger, StudyState, files


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with opened(path) as ledger:
        ledger.begin_run(study())
        yield ledger


def reader(path: Path) -> Ledger:
    return Ledger.open(path, clock=ManualClock(), read_only=True)


def test_opening_makes_the_folder_and_one_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "studies" / "a b%20?#" / "ledger.db"
    with opened(path) as ledger:
        assert ledger.study() is None
        assert ledger.begin_run(study()) == 1
        ledger.end_run(1, StudyState.COMPLETED)
    assert sorted(os.listdir(path.parent)) == ["ledger.db", "ledger.db-tail"]


def test_a_url_of_a_file_is_the_file(path: Path) -> None:
    with Ledger.open(f"sqlite:///{path}", clock=ManualClock()):
        assert path.is_file()


def test_of_ten_that_make_it_at_once_all_get_the_same(path: Path) -> None:
    ledgers: list[Ledger] = []
    threads = [threading.Thread(target=lambda: ledgers.append(opened(path))) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ledgers) == 10
    assert sorted(ledger.begin_run(study()) for ledger in ledgers) == list(range(1, 11))
    for ledger in ledgers:
        ledger.close()


def test_a_commit_is_forced_to_disk(ledger: Ledger, path: Path) -> None:
    """synchronous=FULL (2): with less, a power cut takes results that were acknowledged."""
    connection = ledger._database._writer.connect()  # type: ignore[union-attr]
    assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
    assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 60_000
    connection.close()


def test_reading_creates_nothing(tmp_path: Path, path: Path) -> None:
    with pytest.raises(InfrastructureError, match=r"there is no ledger at .*ledger\.db"):
        reader(path)
    assert os.listdir(tmp_path) == []
    with opened(path) as ledger:
        ledger.begin_run(study())
        ledger.commit(1, results=[done(1, splits=(split(0, acc=0.5),))])
    before = {name: (tmp_path / name).stat().st_mtime_ns for name in os.listdir(tmp_path)}
    with reader(path) as ledger:
        assert len(list(ledger.trials())) == len(list(ledger.split_scores())) == 1
        assert ledger.outbox_head() == 2
    assert {name: (tmp_path / name).stat().st_mtime_ns for name in os.listdir(tmp_path)} == before


def test_a_reader_follows_a_writer_that_comes_and_goes(path: Path, ledger: Ledger) -> None:
    """The mirror and `status` watch a running study, and must neither miss nor hold up anything."""
    with reader(path) as watching:
        for n in range(5):
            ledger.commit(1, results=[done(n)])
            assert watching.outbox_head() == n + 2
        stream = watching.trials()
        next(stream)  # a reader that dawdles
        ledger.commit(1, results=[done(10)])
        ledger.close()
        assert not path.with_name("ledger.db-wal").exists()
        assert len(list(stream)) in (4, 5)
        assert watching.counts()[Status.COMPLETED] == 6
        with opened(path) as again:
            again.begin_run(study())
            again.commit(2, results=[done(11)])
            assert watching.counts()[Status.COMPLETED] == 7
        assert watching.counts()[Status.COMPLETED] == 7


def test_what_was_read_while_a_writer_came_is_read_again(path: Path) -> None:
    """A file read as if nobody wrote could give half of one state and half of another."""
    path.write_bytes(b"before")
    seen: list[bytes] = []

    def read() -> bytes:
        seen.append(path.read_bytes())
        if len(seen) == 1:
            path.write_bytes(b"afterwards")
        if len(seen) == 2:
            path.write_bytes(b"at the end")
            os.utime(path, ns=(0, 0))
            raise ValueError("half of each")
        return seen[-1]

    assert files.read_at_rest(path, read) == b"at the end"
    assert seen == [b"before", b"afterwards", b"at the end"]


def test_a_ledger_locked_for_a_while_is_waited_for(path: Path, ledger: Ledger) -> None:
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    assert ledger.counts()[Status.COMPLETED] == 0  # reading does not wait
    released = threading.Event()

    def release() -> None:
        released.set()
        other.execute("COMMIT")

    timer = threading.Timer(0.5, release)
    timer.start()
    assert ledger.commit(1, results=[done(1)]) == ()
    assert released.is_set()
    timer.join()
    other.close()


def test_a_ledger_that_stays_locked_is_told(path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BUSY_TIMEOUT_S", 0.1)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with opened(path) as second, pytest.raises(InfrastructureError, match=r"ledger\.db stayed locked by another program"):
        second.begin_run(study())
    other.close()


def test_a_full_disk_is_told_with_the_folder_and_loses_nothing(path: Path, ledger: Ledger) -> None:
    ledger.commit(1, results=[done(1)])
    writer = ledger._database._writer
    assert writer is not None
    with writer.connect() as connection:  # stands for the disk's end: SQLite reports both by the same code
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(InfrastructureError, match=f"no room left in {path.parent} for the ledger"):
        ledger.commit(1, results=[done(n) for n in range(2, 500)])
    assert ledger.counts()[Status.COMPLETED] == 1
    with writer.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    assert ledger.commit(1, results=[done(n) for n in range(2, 500)]) == ()


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(InfrastructureError, match=str(tmp_path)):
        opened(tmp_path / "ledger.db")
    tmp_path.chmod(0o700)


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "studies").write_text("")
    with pytest.raises(InfrastructureError, match=r"studies/ledger\.db"):
        opened(tmp_path / "studies" / "ledger.db")


def test_threads_share_a_ledger(ledger: Ledger) -> None:
    """The dispatcher's calls may come from any thread."""
    failures: list[BaseException] = []

    def work(part: int) -> None:
        try:
            for n in range(20):
                ledger.commit(1, begun=[begun(part * 100 + n)])
                ledger.commit(1, results=[done(part * 100 + n)])
                ledger.counts()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert ledger.counts()[Status.COMPLETED] == 80
    assert [event.seq for event in ledger.outbox(0, 1000)] == list(range(1, ledger.outbox_head() + 1))
