"""`hpsearch.load("mlflow:EXPERIMENT")` against a real MLflow: runs of any origin, and of our own mirror."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest
from mirror_builders import Study, begun, completed, empty_store, failed, open_study, use_home
from mlflow import MlflowClient
from mlflow.entities import Metric, Param

import hpsearch
from hpsearch.cli.main import run_command
from hpsearch.core.clock import SystemClock
from hpsearch.core.errors import InfrastructureError, SpecError
from hpsearch.ledger import Ledger
from hpsearch.results import load_results
from hpsearch.tracking.bulk import BulkWriter
from hpsearch.tracking.content import Point, RunContent


@pytest.fixture
def uri(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> str:
    use_home(tmp_path, monkeypatch)
    monkeypatch.chdir(tmp_path)  # whose mlflow.db is read where nothing else is said
    return empty_store(tmp_path / "mlflow.db", tmp_path_factory)


@pytest.fixture
def study(tmp_path: Path, uri: str) -> Iterator[Study]:
    yield from open_study(tmp_path, uri)


def log(
    client: MlflowClient, experiment: str, params: dict[str, object], *losses: float, status: str = "FINISHED", parent: str = ""
) -> str:
    """A run with its losses, step by step."""
    tags = {"mlflow.parentRunId": parent} if parent else {}
    run_id = str(client.create_run(experiment, start_time=1_700_000_000_000, tags=tags).info.run_id)
    points = [Metric("val_loss", loss, 1_700_000_000_000 + step, step) for step, loss in enumerate(losses)]
    client.log_batch(run_id, points, [Param(name, str(value)) for name, value in params.items()])
    client.set_terminated(run_id, status, 1_700_000_003_000)
    return run_id


def test_runs_that_somebody_else_logged_are_ranked_and_reported(uri: str, tmp_path: Path) -> None:
    client = MlflowClient(uri)
    experiment = client.create_experiment("churn")
    sweep = log(client, experiment, {"note": "a sweep"})
    for number in range(12):
        params = {"lr": 10.0**-number, "depth": number % 4, "boost": number % 2 == 0, "penalty": None if number < 3 else "l2"}
        log(client, experiment, params, 9.0, 1.0 + number, parent=sweep)
    log(client, experiment, {"lr": 5.0, "depth": 1}, status="FAILED", parent=sweep)
    client.delete_run(log(client, experiment, {"lr": 7.0, "depth": 1}, 0.0))

    results = hpsearch.load("mlflow:churn")
    assert results.rank()["score"].tolist() == [1.0 + number for number in range(12)]
    assert results.best().params == {"lr": 1.0, "depth": 0, "boost": True, "penalty": None}  # type: ignore[union-attr]
    assert results.varying == ("lr", "depth", "boost", "penalty")
    assert results.configs["param.depth"].dtype == "Int64"
    assert results.trials["status"].value_counts().to_dict() == {"COMPLETED": 12, "FAILED": 1}
    assert results.trials["seconds"].tolist() == [3.0] * 13
    assert results.importance().table["term"].iloc[0] in ("lr", "depth")
    found = results.compare(*results.rank()["config_id"][:2])
    assert found.difference.mean == -1.0
    assert hpsearch.load(f"mlflow:{experiment}?metric=val_loss&mode=max").rank()["score"].iloc[0] == 12.0
    assert "val_loss" in results.report(tmp_path / "report.html").read_text()


def test_more_than_a_page_of_runs_is_read(uri: str, tmp_path: Path) -> None:
    client = MlflowClient(uri)
    experiment = client.create_experiment("large")
    writer = BulkWriter.open(uri, tmp_path / "mlruns")
    assert writer is not None
    contents = {
        str(number): RunContent(
            name=f"run {number}",
            status="FINISHED",
            start_ms=1000 + number,
            end_ms=2000 + number,
            tags={},
            params={"x": str(number)},
            points=(Point("loss", float(number), 2000, 0),),
        )
        for number in range(2100)
    }
    writer.insert(experiment, "none", str(tmp_path), contents)
    results = hpsearch.load("mlflow:large")
    assert len(results.rank()) == 2100
    assert results.rank()["score"].tolist() == [float(number) for number in range(2100)]


def test_an_experiment_of_ours_has_the_ledgers_scores(study: Study) -> None:
    study.begin()
    study.commit(begun=(begun(7),))
    study.commit(*(completed(number, seed=seed) for number in range(6) for seed in (0, 1)), failed(8))
    study.end()
    study.mirror()
    study.finish()
    with Ledger.open(study.folder / "ledger.db", clock=SystemClock(), read_only=True) as ledger:
        own = load_results(ledger)
    results = hpsearch.load("mlflow:svm")
    columns = ["config_id", "rank", "score", "n_trials", "param.C", "param.kernel", "fit_s"]
    assert results.rank()[columns].to_dict("list") == own.rank()[columns].to_dict("list")
    assert results.metric == own.metric
    assert results.varying == own.varying == ("C",)
    assert results.failures["error"].tolist() == ["no such C"]
    assert results.failures["error_kind"].tolist() == ["error"]
    assert sorted(results.trials["status"]) == ["CANCELLED", *["COMPLETED"] * 12, "FAILED"]
    assert "Read from MLflow: the folds' scores" in results.notes[-1]


def test_an_unknown_experiment_is_named_with_the_nearest(uri: str) -> None:
    MlflowClient(uri).create_experiment("churn")
    with pytest.raises(SpecError) as caught:
        hpsearch.load("mlflow:chrun")
    assert str(caught.value).endswith("; did you mean churn?")
    assert str(caught.value).startswith("mlflow:chrun: no experiment of this name or id in sqlite:///")
    with pytest.raises(SpecError, match=r"; there are Default, churn$"):
        hpsearch.load("mlflow:12345")


def test_where_there_is_no_store_none_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_home(tmp_path, monkeypatch)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InfrastructureError) as caught:
        hpsearch.load("mlflow:churn")
    assert str(caught.value) == (
        f"there is no MLflow store at {tmp_path}/mlflow.db; call this where its mlflow.db lies, "
        "or set MLFLOW_TRACKING_URI to its address"
    )
    assert not (tmp_path / "mlflow.db").exists()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    with pytest.raises(InfrastructureError, match=r"^MLflow at http://127\.0\.0\.1:1 cannot be reached: "):
        hpsearch.load("mlflow:churn")


def test_a_store_that_is_none_is_told(uri: str, tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(InfrastructureError, match=r"^MLflow's store sqlite:///.*mlflow\.db cannot be read: "):
        hpsearch.load("mlflow:churn")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("mlflow:", "mlflow:: no experiment; write mlflow:NAME, or its id"),
        ("mlflow:churn?metrc=a", "mlflow:churn?metrc=a: no option 'metrc'; there are metric, mode; did you mean metric?"),
        ("mlflow:churn?mode=", "mlflow:churn?mode=: mode has no value; write mode=min, or leave it out"),
    ],
)
def test_what_is_said_of_an_address(address: str, said: str) -> None:
    with pytest.raises(SpecError) as caught:
        hpsearch.load(address)
    assert str(caught.value) == said


def test_commands_take_an_experiment_for_a_study(
    uri: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    client = MlflowClient(uri)
    experiment = client.create_experiment("team/churn")
    for number in range(4):
        log(client, experiment, {"lr": number / 10}, 1.0 + number)
    failed_run = log(client, experiment, {"lr": 5.0}, status="FAILED")

    def told(*arguments: str) -> str:
        monkeypatch.setattr("sys.argv", ["hpsearch", *arguments])
        assert run_command() == 0
        return capsys.readouterr().out

    text = told("results", "mlflow:team/churn", "--top", "2", "--no-color")
    assert "val_loss" in text
    assert f"\n        run {failed_run}" in text
    assert [row["score"] for row in json.loads(told("results", "mlflow:team/churn", "--json"))] == [1.0, 2.0, 3.0, 4.0, None]
    assert told("best", "mlflow:team/churn?mode=max").strip() == "lr: 0.3"
    first, second = (row["config_id"] for row in json.loads(told("results", "mlflow:team/churn", "--json", "--top", "2")))
    assert "a - b: -1" in told("compare", "mlflow:team/churn", first, second, "--no-color")
    assert told("report", "mlflow:team/churn") == "team-churn-report.html\n"
    assert "val_loss" in (tmp_path / "team-churn-report.html").read_text()


def test_an_experiment_is_handed_on_to_optuna(
    uri: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = MlflowClient(uri)
    experiment = client.create_experiment("churn")
    runs = [log(client, experiment, {"lr": 10.0**-number}, 1.0 + number) for number in range(4)]
    monkeypatch.setattr("sys.argv", ["hpsearch", "export", "mlflow:churn", "--optuna", "sqlite:///optuna.db", "--name", "c"])
    assert run_command() == 0
    assert capsys.readouterr().out == "4 trials written as c\n"
    monkeypatch.setattr("sys.argv", ["hpsearch", "export", "mlflow:churn"])
    assert run_command() == 2
    assert capsys.readouterr().err == (
        "error: export needs to know where to: write --optuna sqlite:///optuna.db (tables: hpsearch results --format)\n"
    )
    found = optuna.load_study(study_name="c", storage="sqlite:///optuna.db")
    assert {trial.user_attrs["mlflow_run_ids"][0]: trial.value for trial in found.trials} == {
        run: 1.0 + number for number, run in enumerate(runs)
    }
    assert found.best_params == {"lr": 1.0}


def test_what_a_study_of_ours_reported_reaches_optuna(study: Study) -> None:
    study.begin()
    study.commit(*(completed(number, reports=3, folds=0) for number in range(3)))
    study.end()
    results = hpsearch.load(str(study.folder))
    assert [report.report.step for report in results.reports()] == [0, 10, 20] * 3
    assert results.to_optuna("sqlite:///own.db").trials == 3
