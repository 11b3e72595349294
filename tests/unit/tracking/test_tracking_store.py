"""Both ways of writing runs, in bulk and by the client, against a real SQLite store: the same content in MLflow."""

from __future__ import annotations

import math
import os
import sqlite3
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tracking_builders import a_record, a_study

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

from mlflow.exceptions import MlflowException
from mlflow.utils.validation import _validate_metric_name, _validate_param_name, _validate_tag_name

from hpsearch.core.trial import Report, SplitScore, Status
from hpsearch.tracking.bulk import BulkWriter, Unfit, bulk_id
from hpsearch.tracking.content import Labels, RunContent, common_tags, trial_content
from hpsearch.tracking.errors import Gone, Unavailable
from hpsearch.tracking.limits import key
from hpsearch.tracking.store import Store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('store') / 'mlflow.db'}")
    yield store
    assert store.bulk is not None
    store.bulk._store.engine.dispose()


@pytest.fixture(scope="module")
def place(store: Store) -> tuple[str, str]:
    """An experiment and a parent run."""
    experiment_id = store.experiment("svm", {})
    return experiment_id, store.create(experiment_id, RunContent("parent", "RUNNING", 1000, None, {"hpsearch.role": "study"}))


def contents(parent_id: str) -> dict[str, RunContent]:
    """Runs of every kind, with the values that differ between a float, a database and JSON."""
    labels = Labels(("C", "gamma"), seeds=True)
    common = common_tags(a_study(dataset="digits", dataset_digest="0123"), "ann") | {"mlflow.parentRunId": parent_id}
    splits = tuple(SplitScore(0, fold, {"accuracy": fold / 3}, 8, 2, 0.1, 0.01) for fold in range(3))
    reports = tuple(Report(seq, seq, {"loss": 1 / (seq + 1)}, 100 + seq / 10) for seq in range(4))
    odd = {"nan": math.nan, "inf": math.inf, "minus": -math.inf, "zero": -0.0, "tiny": 5e-324, "a/b c": 1.0}
    records = [
        a_record(key="v1:plain"),
        a_record(key="v1:odd", metrics=odd, params={"C": "", "gamma": "ünïcode \u202e\x00", "kernel": None}),
        a_record(key="v1:failed", status=Status.FAILED, error="no such C", error_type="ValueError", traceback="t" * 20_000),
        a_record(key="v1:running", status=Status.RUNNING, ended_at=None, metrics={}),
        a_record(key="v1:killed", status=Status.CANCELLED, metrics={}, params={"C": "x" * 9000}),
        a_record(key="v1:many", params={f"p{number}": number for number in range(150)}),
    ]
    return {
        record.key: trial_content(
            record,
            splits if record.status is Status.COMPLETED else (),
            reports if record.key == "v1:plain" else (),
            labels=labels if record.key != "v1:many" else Labels(tuple(record.params), False),
            common=common,
        )
        for record in records
    }


def one_by_one(store: Store, experiment_id: str, content: RunContent) -> str:
    run_id = store.create(experiment_id, content)
    store.fill(run_id, content, tags=False)
    if content.end_ms is not None:
        store.end(run_id, content.status, content.end_ms)
    return run_id


def held(store: Store, run_id: str) -> dict[str, Any]:
    """All that MLflow gives back of a run, but its id."""
    client = store._client
    run = client.get_run(run_id)
    everything = run.to_dictionary()
    info = {name: value for name, value in everything["info"].items() if name not in ("run_id", "run_uuid")}
    info["artifact_uri"] = info["artifact_uri"].replace(run_id, "ID")
    histories = {
        name: sorted((point.step, point.timestamp, repr(point.value)) for point in client.get_metric_history(run_id, name))
        for name in run.data.metrics
    }
    return {
        "info": info,
        "tags": run.data.tags,
        "params": run.data.params,
        "latest": {name: repr(value) for name, value in run.data.metrics.items()},
        "histories": histories,
        "inputs": everything["inputs"],
    }


def test_bulk_and_client_write_the_same(store: Store, place: tuple[str, str]) -> None:
    """A user sees no difference between a run written in bulk and one written by MLflow's own client."""
    experiment_id, parent_id = place
    wanted = contents(parent_id)
    written = store.insert(experiment_id, parent_id, wanted)
    assert written == {name: bulk_id(parent_id, name) for name in wanted}
    for name, content in wanted.items():
        by_client = one_by_one(store, experiment_id, content)
        assert held(store, written[name]) == held(store, by_client), name
        store.delete(by_client)


def test_what_was_inserted_is_not_inserted_twice(store: Store, place: tuple[str, str]) -> None:
    """Two deliveries of one trial cannot make two runs, and the first is left as it is."""
    experiment_id, parent_id = place
    content = next(iter(contents(parent_id).values()))
    assert store.insert(experiment_id, parent_id, {"v1:once": content})
    assert store.insert(experiment_id, parent_id, {"v1:once": content}) == {}


def test_filling_twice_changes_nothing(store: Store, place: tuple[str, str]) -> None:
    """Whatever was delivered before a failure may be delivered again."""
    experiment_id, parent_id = place
    for content in contents(parent_id).values():
        run_id = one_by_one(store, experiment_id, content)
        before = held(store, run_id)
        store.fill(run_id, content)
        assert held(store, run_id) == before


def test_children_and_parents_are_found_by_their_tags(store: Store, place: tuple[str, str]) -> None:
    """What makes the loss of mirror.db harmless."""
    experiment_id, _ = place
    tags = {"hpsearch.role": "study", "hpsearch.study_id": "u77"}
    parent_id = store.create(experiment_id, RunContent("p", "RUNNING", 1000, None, tags))
    assert store.parents(experiment_id, "u77") == [parent_id]
    assert store.parents(experiment_id, "u78") == []
    wanted = contents(parent_id)
    written = store.insert(experiment_id, parent_id, wanted)
    found = {run.trial_key: run for run in store.children(experiment_id, parent_id)}
    assert {name: run.run_id for name, run in found.items()} == written
    assert not found["v1:running"].ended
    assert found["v1:plain"].ended
    assert [run.run_id for run in store.children(experiment_id, parent_id, "v1:odd")] == [written["v1:odd"]]
    store.delete(written["v1:odd"])
    assert store.children(experiment_id, parent_id, "v1:odd") == []


def test_errors_are_told_apart(store: Store, place: tuple[str, str], tmp_path: Path) -> None:
    """Gone is written anew, refused is skipped, and everything else is waited for."""
    experiment_id, parent_id = place
    content = contents(parent_id)["v1:plain"]
    with pytest.raises(Gone):
        store.fill("0" * 32, content)
    run_id = one_by_one(store, experiment_id, content)
    store.delete(run_id)
    with pytest.raises(Gone):
        store.fill(run_id, content)
    store.reopen(run_id, "again")
    store.fill(run_id, content)
    assert store._client.get_run(run_id).info.status == "RUNNING"
    store._client.delete_experiment(store.experiment("gone", {}))
    with pytest.raises(Unavailable, match="was deleted in MLflow; restore it"):
        store.experiment("gone", {})
    (tmp_path / "text.db").write_text("hello " * 1000)
    with pytest.raises(Unavailable):
        Store(f"sqlite:///{tmp_path / 'text.db'}")


def test_tables_of_another_mlflow_are_not_written_to(tmp_path: Path) -> None:
    """A version whose tables differ gets its runs by the client, not half of them."""
    path = tmp_path / "mlflow.db"
    store = Store(f"sqlite:///{path}")
    experiment_id = store.experiment("svm", {})
    parent_id = store.create(experiment_id, RunContent("parent", "RUNNING", 1000, None, {}))
    wanted = contents(parent_id)
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE latest_metrics RENAME COLUMN is_nan TO other")
    connection.close()
    assert isinstance(store.bulk, BulkWriter)
    with pytest.raises(Unfit):
        store.bulk.insert(experiment_id, parent_id, f"/artifacts/{parent_id}", wanted)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT run_uuid FROM runs").fetchall() == [(parent_id,)]
    connection.close()
    store.bulk._store.engine.dispose()


_ODD = st.text(alphabet=st.sampled_from(string.ascii_letters + string.digits + "/._-: @#\\\x00é\u202e\ud800\n"), max_size=300)


@given(name=_ODD)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_name_is_made_fit_for_mlflow(name: str) -> None:
    """No name of a parameter or metric, whatever it is, keeps a run out of MLflow."""
    fit = key(name)
    assert len(fit) <= 250
    try:
        _validate_metric_name(fit)
        _validate_param_name(fit)
        _validate_tag_name(f"hpsearch.const.{fit}"[:250])
    except MlflowException as error:
        pytest.fail(f"{name!r} -> {fit!r}: {error}")
