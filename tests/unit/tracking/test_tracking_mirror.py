"""The mirror's loop against an MLflow that fails on demand, with a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tracking_builders import Driver, FakeStore, a_failure, a_result, a_trial, down

from hpsearch.core.clock import ManualClock
from hpsearch.ledger import StudyState
from hpsearch.tracking.delivery import delivery
from hpsearch.tracking.errors import Refused, Unavailable
from hpsearch.tracking.mirror import BACKOFF_CAP_S, GIVE_UP_S, Mirror, Step
from hpsearch.tracking.rest import wait_for_work
from hpsearch.tracking.settings import Settings
from hpsearch.tracking.source import Source
from hpsearch.tracking.state import MirrorState, RunState


class Stage:
    """One study, one fake MLflow, and mirrors made as the process makes them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = ManualClock(1000.0)
        self.driver = Driver(folder, self.clock)
        self.store = FakeStore()
        self.state = MirrorState(folder / "mirror.db")
        self.sources: list[Source] = []

    def settings(self, **changes: object) -> Settings:
        fields = {
            "ledger": str(self.folder / "ledger.db"),
            "state": self.folder / "mirror.db",
            "uri": "http://localhost:1",
            "experiment": "svm",
            "folder": self.folder,
            "log": self.folder / "mirror.log",
            "after_epoch": 0,
        }
        return Settings(**{**fields, **changes})  # type: ignore[arg-type]

    def source(self, after_epoch: int = 0) -> Source:
        self.sources.append(Source(str(self.folder / "ledger.db"), self.folder, after_epoch, self.clock))
        return self.sources[-1]

    def mirror(self, **changes: object) -> Mirror:
        settings = self.settings(**changes)
        return Mirror(
            settings,
            self.state,
            self.source(settings.after_epoch),
            self.clock,
            turn=self.state.take_turn(),
            open_store=lambda uri: self.store,  # type: ignore[arg-type, return-value]
        )

    def has_work(self) -> bool:
        return wait_for_work(self.settings(), self.state, self.source(), self.clock, self.state.number("turn"))

    def close(self) -> None:
        self.driver.close()
        self.state.close()
        for source in self.sources:
            source.close()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def test_it_ends_when_the_study_has_and_all_is_delivered(stage: Stage) -> None:
    """A mirror that ended early would leave runs out; one that never ended would be a process too many."""
    mirror = stage.mirror()
    stage.driver.begin()
    stage.driver.start(a_trial(1))
    assert mirror.step() is Step.MOVED
    assert mirror.step() is Step.IDLE
    assert stage.store.of(a_trial(1))["status"] == "RUNNING"
    stage.driver.commit(a_result(1))
    stage.driver.end()
    assert mirror.run() is True
    assert stage.store.of(a_trial(1))["status"] == "FINISHED"
    assert stage.store.parent()["status"] == "FINISHED"
    assert stage.state.get("clean") is True


def test_a_trial_costs_three_calls(stage: Stage) -> None:
    """Each further call would be paid by every trial of every study on a server."""
    stage.driver.begin()
    stage.driver.commit(a_result(1))
    mirror = stage.mirror()
    mirror.step()
    stage.store.calls.clear()
    stage.driver.commit(a_result(2))
    mirror.step()
    assert stage.store.calls == ["create", "fill", "end"]


def test_waits_before_the_run_has_begun(stage: Stage) -> None:
    """Started early, while the driver still gets ready, it does not take the last run's end for this one's."""
    stage.driver.begin()
    stage.driver.end()
    stage.driver.lock.acquire()
    mirror = stage.mirror(after_epoch=1)
    assert mirror.step() is Step.IDLE
    stage.driver.lock.release()
    stage.driver.begin()
    stage.driver.commit(a_result(1))
    assert mirror.step() is Step.MOVED
    stage.driver.end()
    assert mirror.run() is True


def test_no_study_and_nobody_to_begin_one(stage: Stage) -> None:
    """A mirror whose driver died before it began anything goes away."""
    assert stage.mirror().run() is True
    assert stage.store.calls == []


@pytest.mark.parametrize(
    ("state", "status"),
    [(StudyState.COMPLETED, "FINISHED"), (StudyState.FAILED, "FAILED"), (StudyState.INTERRUPTED, "KILLED")],
)
def test_the_parent_ends_as_the_study_did(stage: Stage, state: StudyState, status: str) -> None:
    """MLflow's list of studies tells the truth about how they ended."""
    stage.driver.begin()
    stage.driver.commit(a_result(1))
    stage.driver.end(state)
    stage.mirror().run()
    assert stage.store.parent()["status"] == status


def test_a_dead_driver_leaves_nothing_running(stage: Stage) -> None:
    """After kill -9 MLflow shows KILLED, not RUNNING for ever; the trial's next attempt sets it right."""
    stage.driver.begin()
    stage.driver.start(a_trial(1))
    stage.driver.lock.release()
    assert stage.mirror().run() is True
    assert stage.store.parent()["status"] == stage.store.of(a_trial(1))["status"] == "KILLED"
    stage.driver.begin()
    stage.driver.start(a_trial(1), attempt=2)
    mirror = stage.mirror()
    mirror.step()
    assert stage.store.of(a_trial(1))["status"] == stage.store.parent()["status"] == "RUNNING"
    stage.driver.commit(a_result(1, attempt=2))
    stage.driver.end()
    mirror.run()
    assert stage.store.of(a_trial(1))["status"] == "FINISHED"


def test_a_failure_that_is_retried_loses_its_error(stage: Stage) -> None:
    """A run that succeeded at last is not listed among those with an error."""
    stage.driver.begin()
    stage.driver.commit(a_result(1, a_failure()))
    mirror = stage.mirror()
    mirror.step()
    run = stage.store.of(a_trial(1))
    assert run["status"] == "FAILED"
    assert run["tags"]["hpsearch.error"] == "no such C"  # type: ignore[index]
    stage.driver.commit(a_result(1, attempt=2))
    stage.driver.end()
    mirror.run()
    assert run["status"] == "FINISHED"
    assert not [name for name in run["tags"] if name.startswith(("hpsearch.error", "hpsearch.traceback"))]  # type: ignore[attr-defined]


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


def test_another_store_gets_everything(stage: Stage) -> None:
    """Pointing tracking.uri elsewhere delivers the whole study there."""
    stage.driver.begin()
    stage.driver.commit(a_result(1), a_result(2))
    stage.driver.end()
    stage.mirror().run()
    stage.store = FakeStore()
    assert stage.mirror(uri="http://localhost:2").run() is True
    assert len(stage.store.active()) == 3


def test_seeds_are_named_once_there_are_two(stage: Stage) -> None:
    """Runs that differ by their seed alone can be told apart, the earlier ones too."""
    stage.driver.begin()
    stage.driver.commit(a_result(1))
    mirror = stage.mirror()
    while mirror.step() is not Step.IDLE:
        pass
    assert stage.store.of(a_trial(1))["name"] == "C=1"
    stage.driver.commit(a_result(1, seed=1))
    stage.driver.end()
    mirror.run()
    assert stage.store.of(a_trial(1))["name"] == "C=1 seed=0"
    assert stage.store.of(a_trial(1, 1))["name"] == "C=1 seed=1"
    assert stage.store.of(a_trial(1))["params"] == {"C": "1.0", "seed": "0"}


def test_a_newer_mirror_is_given_way(stage: Stage) -> None:
    """Two mirrors of one study never write at the same time."""
    stage.driver.begin()
    older = stage.mirror()
    older.step()
    stage.mirror()
    assert older.run() is False
    assert stage.state.get("clean") is True, "handed over in order: nothing to reconcile"


def test_the_studys_files_are_uploaded_once_and_when_they_change(stage: Stage) -> None:
    """The parent carries the spec, ranking and report as they are now."""
    (stage.folder / "spec.yaml").write_text("a")
    stage.driver.begin()
    stage.driver.end()
    stage.mirror().run()
    assert stage.store.parent()["files"] == ["spec.yaml"]
    (stage.folder / "report.html").write_text("b")
    stage.driver.begin()
    stage.driver.commit(a_result(1))
    stage.driver.end()
    stage.mirror().run()
    assert stage.store.parent()["files"] == ["spec.yaml", "report.html"]


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


def test_nothing_to_do_is_told_without_mlflow(stage: Stage) -> None:
    """Running a finished study again does not wait for mlflow to be imported; any change of it does."""
    assert not stage.has_work()
    stage.driver.begin()
    assert stage.has_work()
    stage.driver.commit(a_result(1))
    stage.driver.end()
    stage.mirror().run()
    assert not stage.has_work()
    stage.driver.begin()
    stage.driver.end()
    assert not stage.has_work()
    stage.driver.begin()
    stage.driver.end(StudyState.INTERRUPTED)
    assert stage.has_work()
    stage.mirror().run()
    stage.driver.begin(description="new words")
    stage.driver.end(StudyState.INTERRUPTED)
    assert stage.has_work()
    stage.mirror().run()
    stage.driver.begin(description="new words")
    stage.driver.commit(a_result(2))
    assert stage.has_work()


def test_delivery_counts_trials(stage: Stage) -> None:
    """`status` shows how many trials MLflow lacks, also before any mirror ran."""
    path = stage.folder / "mirror.db"
    stage.driver.begin()
    stage.driver.commit(*(a_result(number) for number in range(4)))
    assert (delivery(path, stage.driver.ledger).delivered, delivery(path, stage.driver.ledger).pending) == (0, 4)
    mirror = stage.mirror()
    mirror.step()
    stage.driver.commit(a_result(9))
    seen = delivery(path, stage.folder / "ledger.db")
    assert (seen.delivered, seen.pending, seen.experiment_id, seen.error) == (4, 1, "1", None)
    assert seen.parent_run_id in stage.store.runs
    while mirror.step() is Step.MOVED:
        pass
    stage.state.record([RunState(a_trial(9).key)])  # found lost in MLflow: no event will name it again
    assert delivery(path, stage.driver.ledger).pending == 1
    missing = delivery(stage.folder / "none.db", stage.driver.ledger)
    assert (missing.delivered, missing.pending, missing.error) == (0, 5, None)
    assert not (stage.folder / "none.db").exists()
