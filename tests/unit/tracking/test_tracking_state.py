"""mirror.db: what is still owed to MLflow, although no event of the outbox will name it again."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hpsearch.tracking import state as state_module
from hpsearch.tracking.state import Glance, MirrorState, RunState, glance, run_ids

NOW = "labels of now"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[MirrorState]:
    state = MirrorState(tmp_path / "mirror.db")
    yield state
    state.close()


def delivered(key: str, labels: str = NOW) -> RunState:
    return RunState(key, f"run of {key}", attempt=1, status="COMPLETED", labels=labels)


def test_nothing_is_owed_of_what_was_delivered(state: MirrorState) -> None:
    assert state.owed(NOW) == []
    assert not state.owes(NOW)
    state.record([delivered("a"), delivered("b")])
    assert state.owed(NOW) == []
    assert not state.owes(NOW)


@pytest.mark.parametrize(
    "run",
    [
        RunState("x"),  # an intent: the mirror died before it saw create_run's answer
        RunState("x", "run of x"),  # made in MLflow, and nothing of it delivered
        RunState("x", labels=NOW),  # lost in MLflow since
        delivered("x", labels="labels of an earlier form of the spec"),
    ],
)
def test_what_is_owed(state: MirrorState, run: RunState) -> None:
    """Left out, such a run would be missing in MLflow, or named by what no longer varies."""
    state.record([delivered("a"), run, delivered("z")])
    assert state.owed(NOW) == ["x"]
    assert state.owes(NOW)


def test_an_intent_is_owed_until_it_is_delivered(state: MirrorState) -> None:
    state.record([delivered("a")])
    state.intend(["a", "b"])
    assert state.owed(NOW) == ["b"], "what is known stays as it is"
    state.record([delivered("b")])
    assert not state.owes(NOW)


def test_new_labels_make_all_owed(state: MirrorState) -> None:
    """A parameter that varies from now on: the runs from before need it too."""
    state.record([delivered(key) for key in "abc"])
    assert sorted(state.owed("others")) == ["a", "b", "c"]
    assert state.owes("others")


@pytest.mark.parametrize("attempt", [0, 1])
def test_what_mlflow_refused_is_owed_no_more(state: MirrorState, attempt: int) -> None:
    """Else the mirror would offer it for ever, and never end."""
    state.record([RunState("x", "run of x", attempt, "COMPLETED", "old labels", refused="INVALID_PARAMETER_VALUE: no")])
    assert state.owed(NOW) == []
    assert not state.owes(NOW)


@pytest.mark.parametrize(("limit", "expected"), [(None, 7), (3, 3), (100, 7), (0, 0)])
def test_no_more_are_named_than_asked_for(state: MirrorState, limit: int | None, expected: int) -> None:
    """A study of a million trials is relabelled in batches."""
    state.intend([f"key {number}" for number in range(7)])
    named = state.owed(NOW, limit)
    assert len(named) == len(set(named)) == expected
    assert state.owes(NOW), "whatever the limit was"


def test_what_is_forgotten_is_not_owed(state: MirrorState) -> None:
    state.intend(["a", "b"])
    state.forget(["a"])
    assert state.owed(NOW) == ["b"]
    state.forget_destination("another store")
    assert not state.owes(NOW)


def test_a_reader_counts_what_is_undelivered_and_not_what_is_relabelled(state: MirrorState, tmp_path: Path) -> None:
    """`status` tells how many trials MLflow lacks: one under an old name is there."""
    state.record([RunState("x"), delivered("a", labels="old"), RunState("y", refused="no")])
    seen = glance(tmp_path / "mirror.db")
    assert (seen.owed, seen.refused) == (1, 1)
    assert glance(tmp_path / "none.db") == Glance()


def test_a_reader_is_told_the_runs_that_are_there(state: MirrorState, tmp_path: Path) -> None:
    """Neither those about to be made, nor those that MLflow refused."""
    state.record([delivered("a"), RunState("b"), RunState("c", run_id="", refused="no")])
    assert run_ids(tmp_path / "mirror.db") == state.run_ids() == {"a": "run of a"}
    assert run_ids(tmp_path / "none.db") == {}
    (tmp_path / "damaged.db").write_bytes(b"no database" * 100)
    assert run_ids(tmp_path / "damaged.db") == {}


def test_a_reader_leaves_no_file_behind(state: MirrorState, tmp_path: Path) -> None:
    state.record([delivered("a")])
    state.close()
    before = sorted(tmp_path.iterdir())
    assert glance(tmp_path / "mirror.db").error is None
    assert run_ids(tmp_path / "mirror.db")
    assert sorted(tmp_path.iterdir()) == before


def write(path: Path, statement: str, *values: object) -> None:
    """What nobody but a disk or another program would write there."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, values)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("cursor", '"7"', "cursor is '7', which is no number of events"),
        ("cursor", "true", "cursor is True, which is no number of events"),
        ("cursor", "-3", "cursor is -3, which is no number of events"),
        ("cursor", "9" * 5000, "cursor is no JSON"),
        ("cursor", "null", "cursor is None, which is no number of events"),
        ("error", "[1]", "error is [1], which is no text"),
        ("uri", "{", "uri is no JSON"),
        ("uri", "[" * 100_000, "uri is no JSON"),
        ("parent_run_id", "3", "parent_run_id is 3, which is no text"),
        ("experiment_id", b"\xff", "experiment_id is no JSON"),
    ],
)
def test_a_damaged_value_is_told_and_takes_nobody_down(
    state: MirrorState, tmp_path: Path, name: str, value: str | bytes, said: str
) -> None:
    """`list` shows all studies: one value in one of them must not hide the others."""
    state.close()
    path = tmp_path / "mirror.db"
    write(path, "INSERT OR REPLACE INTO meta VALUES (?, CAST(? AS TEXT))", name, value)
    seen = glance(path)
    assert seen == Glance(error=f"{path} is damaged: {said}; delete it while nothing runs: it is made anew")


def test_one_run_that_cannot_be_read_hides_no_other(state: MirrorState, tmp_path: Path) -> None:
    state.record([delivered("a"), delivered("b"), delivered("c"), delivered("d")])
    state.close()
    path = tmp_path / "mirror.db"
    write(path, "UPDATE run SET run_id = CAST(? AS TEXT) WHERE trial_key = 'b'", b"\xff\xfe")
    write(path, "UPDATE run SET run_id = ? WHERE trial_key = 'c'", b"blob")
    write(path, "UPDATE run SET trial_key = CAST(? AS TEXT) WHERE trial_key = 'd'", b"\xff")
    assert run_ids(path) == {"a": "run of a"}
    assert glance(path).error is None


@pytest.mark.parametrize("name", ["a#b?c%20", os.fsdecode(b"latin-\xe9")])
def test_the_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name / "mirror.db"
    path.parent.mkdir()
    with closing(MirrorState(path)) as made:
        made.put({"cursor": 7})
        made.record([delivered("a")])
        assert (glance(path).cursor, run_ids(path)) == (7, {"a": "run of a"})
    assert (glance(path).cursor, run_ids(path)) == (7, {"a": "run of a"})
    assert [each.name for each in path.parent.iterdir()] == ["mirror.db"]


def test_what_is_no_file_is_none(tmp_path: Path) -> None:
    """A look at a pipe would wait for ever."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        assert (glance(path), run_ids(path)) == (Glance(), {})


def test_a_file_that_nobody_may_write_is_read(state: MirrorState, tmp_path: Path) -> None:
    state.put({"cursor": 7})
    state.record([delivered("a")])
    state.close()
    (tmp_path / "mirror.db").chmod(0o400)
    tmp_path.chmod(0o500)
    try:
        assert (glance(tmp_path / "mirror.db").cursor, run_ids(tmp_path / "mirror.db")) == (7, {"a": "run of a"})
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize("look", [run_ids, glance])
def test_a_mirror_that_writes_during_a_look_is_seen_whole(
    state: MirrorState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, look: object
) -> None:
    """Read as a file at rest, pages of before and after a checkpoint are no database."""
    state.record([delivered(f"old {number}") for number in range(2000)])
    state.close()
    path, connect, came = tmp_path / "mirror.db", sqlite3.connect, []

    def connect_late(*given: object, **more: object) -> sqlite3.Connection:
        found = connect(*given, **more)  # type: ignore[call-overload]
        if not came and more.get("uri"):
            came.append(True)
            found.execute("SELECT count(*) FROM meta").fetchone()  # the file's first pages are known to this connection
            with closing(MirrorState(path)) as mirror:
                mirror.forget_destination("another store")
                mirror.record([delivered(f"new {number}") for number in range(3000)])
                mirror.put({"cursor": 3000})
        return found

    monkeypatch.setattr(state_module.sqlite3, "connect", connect_late)
    if look is glance:
        assert (glance(path).cursor, glance(path).error) == (3000, None)
    else:
        assert len(run_ids(path)) == 3000
    assert came
