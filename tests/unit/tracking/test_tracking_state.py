"""mirror.db: what is still owed to MLflow, although no event of the outbox will name it again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

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
