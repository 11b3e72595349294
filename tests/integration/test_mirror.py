"""The mirror as a process, against a real MLflow: what it shows, and who serves the study."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from mirror_builders import (
    PATIENCE_S,
    Study,
    a_trial,
    assert_exactly_one_each,
    begun,
    completed,
    empty_store,
    failed,
    open_study,
    until,
    use_home,
)

from hpsearch.core.trial import FailureKind
from hpsearch.tracking import delivery


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_home(tmp_path, monkeypatch)


@pytest.fixture
def study(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    yield from open_study(tmp_path, empty_store(tmp_path / "mlflow.db", tmp_path_factory))


def test_what_a_user_finds_in_mlflow(study: Study) -> None:
    """Nested runs with true statuses, named by what varies; fold and mean metrics; errors; files; nothing twice."""
    (study.folder / "spec.yaml").write_text("name: svm\n")
    (study.folder / "ranking.json").write_text("[]")
    (study.folder / "figures").mkdir()
    (study.folder / "figures" / "score-by-C.png").write_bytes(b"a picture")
    artifacts = study.folder / "artifacts" / a_trial(1).key.replace(":", "-")
    artifacts.mkdir(parents=True)
    (artifacts / "curve.csv").write_text("0,1\n")
    study.begin()
    mirror = study.mirror()
    study.commit(begun=(begun(0), begun(7)))
    until(lambda: delivery(study.state, study.ledger).delivered == 2, "the running trials in MLflow")
    assert study.child(0).info.status == "RUNNING"
    assert study.parent().info.status == "RUNNING"
    study.commit(completed(0), completed(1, reports=3), failed(2), failed(3, kind=FailureKind.TIMEOUT))
    study.end()
    study.finish(mirror)

    parent = study.parent()
    assert parent.info.status == "FINISHED"
    assert parent.info.run_name == "svm"
    assert parent.data.tags["team"] == "growth"
    assert parent.data.tags["mlflow.note.content"] == "a test's study"
    assert parent.data.metrics["best_accuracy"] == pytest.approx(0.601)
    assert parent.data.tags["hpsearch.best.C"] == "10.0"
    assert [data.dataset.name for data in parent.inputs.dataset_inputs] == ["digits"]
    files = {file.path for file in study.client().list_artifacts(parent.info.run_id)}
    assert files == {"spec.yaml", "ranking.json", "figures"}
    figures = study.client().list_artifacts(parent.info.run_id, "figures")
    assert [(figure.path, figure.file_size) for figure in figures] == [("figures/score-by-C.png", 9)]

    assert {number: study.child(number).info.status for number in (0, 1, 2, 3, 7)} == {
        0: "FINISHED",
        1: "FINISHED",
        2: "FAILED",
        3: "FAILED",
        7: "KILLED",  # begun, and cut off by the study's end
    }
    assert sum(map(len, study.children().values())) == 5
    run = study.child(1)
    assert run.info.run_name == "C=10"
    assert run.data.params == {"C": "10.0"}
    assert run.data.tags["hpsearch.const.kernel"] == "rbf"
    assert run.data.tags["hpsearch.config_id"] == a_trial(1).config_id
    assert run.data.tags["hpsearch.dataset_digest"] == "0123abcd"
    assert run.data.metrics["accuracy"] == pytest.approx(0.601)
    assert run.data.metrics["seconds"] == 2.5
    assert (run.info.start_time, run.info.end_time) == (1_700_000_001_000, 1_700_000_003_500)
    for number in (0, 1):  # one that was RUNNING first, one that came whole
        history = study.client().get_metric_history(study.child(number).info.run_id, "fold/accuracy")
        assert sorted((point.step, point.value) for point in history) == [(0, 0.5), (1, 0.6), (2, 0.7)]
    losses = study.client().get_metric_history(run.info.run_id, "loss")
    assert sorted((point.step, point.timestamp) for point in losses) == [
        (0, 1_700_000_001_000),
        (10, 1_700_000_001_100),
        (20, 1_700_000_001_200),
    ]
    assert [file.path for file in study.client().list_artifacts(run.info.run_id)] == ["curve.csv"]
    bad = study.child(2).data.tags
    assert (bad["hpsearch.error_kind"], bad["hpsearch.error_type"], bad["hpsearch.error"]) == ("error", "ValueError", "no such C")
    assert bad["hpsearch.traceback"].endswith("ValueError: no such C")
    with sqlite3.connect(study.uri.removeprefix("sqlite:///")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_the_driver_dies_and_the_study_is_run_again(study: Study) -> None:
    """No orphan RUNNING run is left; the next run takes up the same parent, and every trial has one run."""
    study.begin()
    mirror = study.mirror()
    study.commit(completed(0), begun=(begun(1),))
    study.lock.release()  # as the kernel does for a killed driver: the ledger goes on saying RUNNING
    study.finish(mirror)
    before = study.parent()
    assert before.info.status == "KILLED"
    assert before.data.tags["hpsearch.state"] == "INTERRUPTED"
    assert study.child(0).info.status == "FINISHED"
    assert study.child(1).info.status == "KILLED"

    study.begin()
    mirror = study.mirror()
    study.commit(completed(1, attempt=2), begun=(begun(1, attempt=2),))
    until(lambda: study.parent().info.status == "RUNNING", "the parent RUNNING again")
    study.end()
    study.finish(mirror)
    assert study.parent().info.run_id == before.info.run_id
    assert study.parent().info.status == "FINISHED"
    assert study.child(1).info.status == "FINISHED"
    assert study.child(1).data.tags["hpsearch.attempt"] == "2"
    assert_exactly_one_each(study, range(2))


def test_a_run_that_runs_nothing_is_over_at_once(study: Study) -> None:
    """Running a finished study again waits for no MLflow; and a later extension goes on with the same runs."""
    study.begin()
    study.commit(completed(0), failed(1))
    study.end()
    study.finish(study.mirror())
    parent = study.parent()

    study.begin()
    mirror = study.mirror()
    study.end()
    started = time.monotonic()
    study.finish(mirror)
    assert time.monotonic() - started < 5
    assert "FINISHED" in study.log()
    assert study.log().count("is delivered") == 1, "the second mirror had nothing to tell MLflow"

    study.begin(varying=("C", "kernel"))  # an edited spec: what was a constant varies now
    study.commit(completed(1, attempt=2), completed(2), begun=(begun(1, attempt=2),))
    study.commit(completed(2, seed=1))
    study.end()
    study.finish(study.mirror())
    assert study.parent().info.run_id == parent.info.run_id
    assert len(study.children()) == 4
    retried = study.child(1)
    assert retried.info.status == "FINISHED"
    assert not [name for name in retried.data.tags if name.startswith("hpsearch.error")]
    old = study.child(0)  # relabelled, or the comparison page would show gaps
    assert old.data.params == {"C": "1.0", "kernel": "rbf", "seed": "0"}
    assert old.info.run_name == "C=1 kernel=rbf seed=0"
    assert old.info.status == "FINISHED"


def test_a_newer_mirror_takes_over_and_ctrl_c_does_not_reach_it(study: Study) -> None:
    """Starting a second mirror is harmless, and a signal to the driver's group ends none."""
    study.begin()
    study.commit(completed(0))
    older = study.mirror()
    assert os.getsid(older.pid) == older.pid != os.getsid(0)
    until(lambda: delivery(study.state, study.ledger).delivered == 1, "the first trial in MLflow")
    newer = study.mirror()
    assert older.wait(PATIENCE_S) == 1
    study.commit(completed(1))
    study.end()
    study.finish(newer)
    assert_exactly_one_each(study, range(2))
    assert "a newer mirror takes over" in study.log()
