"""The mirror's loop against an MLflow that fails, forgets and refuses: late at most, and never twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tracking_builders import a_failure, a_result, a_trial, down
from tracking_stage import Stage, open_stage

from hpsearch.tracking.delivery import delivery
from hpsearch.tracking.errors import Refused, Unavailable
from hpsearch.tracking.mirror import BACKOFF_CAP_S, GIVE_UP_S
from hpsearch.tracking.state import MirrorState


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    yield from open_stage(tmp_path)


def test_down_for_an_hour_while_the_study_runs(stage: Stage) -> None:
    """An outage delays, and loses nothing: no end of patience while the study runs, short naps, an error to show."""
    stage.driver.begin()
    stage.driver.commit(a_result(1))
    mirror = stage.mirror()
    stage.store.on_call = down
    naps: list[float] = []
    sleep = stage.clock.sleep

    def nap(seconds: float) -> None:
        naps.append(seconds)
        sleep(seconds)
        if stage.clock.monotonic() > 3600:
            stage.store.on_call = lambda name: None
            stage.driver.end()

    stage.clock.sleep = nap  # type: ignore[method-assign]
    stage.store.on_call = down
    assert mirror.run() is True
    assert stage.clock.monotonic() > 3600
    assert max(naps) == BACKOFF_CAP_S
    assert stage.store.of(a_trial(1))["status"] == "FINISHED"
    assert delivery(stage.folder / "mirror.db", stage.driver.ledger).error is None


def test_gives_up_ten_minutes_after_the_study_and_the_next_mirror_delivers(stage: Stage) -> None:
    """No process stays behind for ever; what it leaves is told, and delivered by the next."""
    stage.driver.begin()
    stage.driver.commit(a_result(1), a_result(2))
    stage.driver.end()
    stage.store.on_call = down
    assert stage.mirror().run() is False
    assert GIVE_UP_S <= stage.clock.monotonic() < GIVE_UP_S + 60
    seen = delivery(stage.folder / "mirror.db", stage.driver.ledger)
    assert (seen.delivered, seen.pending, seen.error) == (0, 2, "connection refused")
    stage.store.on_call = lambda name: None
    assert stage.mirror().run() is True
    assert delivery(stage.folder / "mirror.db", stage.driver.ledger).pending == 0


@pytest.mark.parametrize("call", ["create", "fill", "end"])
def test_a_reply_that_is_lost(stage: Stage, call: str) -> None:
    """The call took effect and its answer did not arrive: still one run for each trial, and one parent."""
    stage.driver.begin()
    stage.driver.commit(*(a_result(number) for number in range(5)))
    lost = 0

    def lose(name: str) -> None:
        nonlocal lost
        if name == call and lost < 4:
            lost += 1
            raise Unavailable("the reply was lost")

    stage.store.after_call = lose
    mirror = stage.mirror()
    stage.driver.end()
    assert mirror.run() is True
    assert lost == 4
    assert len(stage.store.active()) == 6
    assert {stage.store.of(a_trial(number))["status"] for number in range(5)} == {"FINISHED"}
    assert stage.store.parent()["status"] == "FINISHED"


def test_a_late_duplicate_is_deleted_at_the_end(stage: Stage) -> None:
    """A commit that the server makes after we looked leaves a second run; it is found and deleted."""
    stage.driver.begin()
    stage.driver.commit(a_result(1))
    mirror = stage.mirror()
    failed = False

    def fail_once(name: str) -> None:
        nonlocal failed
        if name == "fill" and not failed:
            failed = True
            raise Unavailable("timed out")

    stage.store.on_call = fail_once
    with pytest.raises(Unavailable):
        mirror.step()
    mirror._note("timed out")  # as `run` does
    mirror.step()
    kept = stage.store.of(a_trial(1))
    stage.store.runs["late"] = {**kept, "tags": dict(kept["tags"]), "points": set()}  # type: ignore[call-overload]
    stage.driver.end()
    assert mirror.run() is True
    assert stage.store.of(a_trial(1)) is kept
    assert stage.store.runs["late"]["deleted"]


def test_a_run_deleted_by_hand_is_restored_when_its_trial_has_news(stage: Stage) -> None:
    """Deleting a failed run in the UI does not stop the retried trial from being shown."""
    stage.driver.begin()
    stage.driver.commit(a_result(1, a_failure()))
    mirror = stage.mirror()
    mirror.step()
    run = stage.store.of(a_trial(1))
    run["deleted"] = True
    stage.driver.commit(a_result(1, attempt=2))
    stage.driver.end()
    mirror.run()
    assert stage.store.of(a_trial(1)) is run
    assert run["status"] == "FINISHED"


def test_a_run_removed_for_good_is_written_anew(stage: Stage) -> None:
    """MLflow's garbage collection of a deleted run does not block the study's delivery."""
    stage.driver.begin()
    stage.driver.commit(a_result(1, a_failure()), a_result(2))
    mirror = stage.mirror()
    mirror.step()
    (gone,) = [run_id for run_id, run in stage.store.runs.items() if run is stage.store.of(a_trial(1))]
    del stage.store.runs[gone]
    stage.driver.commit(a_result(1, attempt=2))
    stage.driver.end()
    assert mirror.run() is True
    assert stage.store.of(a_trial(1))["status"] == "FINISHED"


def test_the_parent_removed_for_good_brings_everything_back(stage: Stage) -> None:
    """A study whose parent run was purged gets a new one with all its children, rather than none for ever."""
    stage.driver.begin()
    stage.driver.commit(a_result(1), a_result(2))
    stage.driver.end()
    stage.mirror().run()
    stage.store.runs.clear()
    stage.driver.begin()
    stage.driver.commit(a_result(3))
    stage.driver.end()
    assert stage.mirror().run() is True
    assert len(stage.store.active()) == 4
    assert stage.store.parent()["status"] == "FINISHED"


def test_one_refused_trial_holds_no_other_up(stage: Stage) -> None:
    """What MLflow will never take is told and skipped."""
    stage.driver.begin()
    stage.driver.commit(a_result(1), a_result(2), a_result(3))
    refused = 0

    def refuse(name: str) -> None:
        nonlocal refused
        if name == "create" and stage.store.calls.count("create") == 3:  # the parent, a trial, and this one
            refused += 1
            raise Refused("INVALID_PARAMETER_VALUE: no")

    stage.store.on_call = refuse
    stage.driver.end()
    assert stage.mirror().run() is True
    seen = delivery(stage.folder / "mirror.db", stage.driver.ledger)
    assert refused == 1
    assert (seen.pending, seen.refused) == (0, 1)
    assert seen.error is not None
    assert "INVALID_PARAMETER_VALUE" in seen.error
    assert len(stage.store.active()) == 3


def test_the_loss_of_mirror_db_costs_no_second_run(stage: Stage) -> None:
    """The file may be deleted: runs and parent are found by their tags."""
    stage.driver.begin()
    stage.driver.commit(a_result(1), a_result(2))
    stage.driver.end()
    stage.mirror().run()
    before = set(stage.store.runs)
    stage.state.close()
    (stage.folder / "mirror.db").unlink()
    stage.state = MirrorState(stage.folder / "mirror.db")
    stage.driver.begin()
    stage.driver.commit(a_result(3))
    stage.driver.end()
    assert stage.mirror().run() is True
    assert len(stage.store.active()) == 4
    assert before < set(stage.store.runs)


def test_artifacts_that_cannot_be_uploaded_hold_nothing_up(stage: Stage) -> None:
    """A broken artifact store costs the artifacts alone, and is told."""
    (stage.folder / "spec.yaml").write_text("a")

    def refuse(name: str) -> None:
        if name == "upload":
            raise Unavailable("no such bucket")

    stage.store.on_call = refuse
    stage.driver.begin()
    stage.driver.commit(a_result(1))
    stage.driver.end()
    assert stage.mirror().run() is True
    assert stage.store.parent()["status"] == "FINISHED"
    assert "spec.yaml: no such bucket" in (delivery(stage.folder / "mirror.db", stage.driver.ledger).error or "")
