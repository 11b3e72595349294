"""The mirror's loop while all goes well: what is delivered, when, and when it ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tracking_builders import FakeStore, a_failure, a_result, a_trial
from tracking_stage import Stage, open_stage

from hpsearch.ledger import StudyState
from hpsearch.tracking.delivery import delivery
from hpsearch.tracking.mirror import Step
from hpsearch.tracking.state import RunState


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    yield from open_stage(tmp_path)


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


def test_without_a_study_it_goes_away(stage: Stage) -> None:
    """Whose ledger somebody has deleted."""
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


def test_the_reports_figures_are_uploaded_into_a_folder_and_again_when_one_has_changed(stage: Stage) -> None:
    figures = stage.folder / "figures"

    def run() -> object:
        stage.driver.begin()
        stage.driver.commit(a_result(1))
        stage.driver.end()
        stage.mirror().run()
        return stage.store.parent().pop("files", [])

    figures.mkdir()
    assert run() == []
    (figures / "importance.svg").write_text("a")
    (figures / "score-by-C.png").write_text("b")
    assert run() == ["figures/importance.svg", "figures/score-by-C.png"]
    assert run() == []
    (figures / "score-by-C.png").write_text("c")
    assert run() == ["figures/importance.svg", "figures/score-by-C.png"]


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
