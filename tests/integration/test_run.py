"""The main job as a user does it: the command, the ledger, MLflow."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from harness import ROOT, Shell

from hpsearch.core.trial import Status
from hpsearch.ledger.folder import StudyFolder
from hpsearch.study import load, open_ledger

FUNCTION = """
import os, pathlib

def run(params, trial):
    with open(pathlib.Path(__file__).parent / "ran.txt", "a") as file:
        file.write(f"{params['x']} {os.getpid()}\\n")
    if params.get("fail_above") is not None and params["x"] > params["fail_above"]:
        raise ValueError(f"x = {params['x']} is too much")
    for epoch in range(3):
        trial.report({"loss": params["x"] + 1 / (epoch + 1)}, step=epoch)
    print("x is", params["x"])
    return {"loss": params["x"] ** 2}
"""
SPEC = """
name: squares
trial: {function: "job:run"}
metric: {name: loss, mode: min}
space:
  x: {int: [1, 12]}
"""


def runs(folder: Path, experiment: str = "squares") -> list[dict[str, object]]:
    """Every active MLflow run of an experiment, read from the store itself."""
    with closing(sqlite3.connect(folder / "mlflow.db")) as store:
        rows = store.execute(
            "select r.run_uuid, r.status, r.name from runs r join experiments e using (experiment_id) "
            "where e.name = ? and r.lifecycle_stage = 'active'",
            (experiment,),
        ).fetchall()
        found = []
        for run_id, status, name in rows:
            tags = dict(store.execute("select key, value from tags where run_uuid = ?", (run_id,)).fetchall())
            metrics = dict(store.execute("select key, value from latest_metrics where run_uuid = ?", (run_id,)).fetchall())
            params = dict(store.execute("select key, value from params where run_uuid = ?", (run_id,)).fetchall())
            found.append({"id": run_id, "status": status, "name": name, "tags": tags, "metrics": metrics, "params": params})
    return found


def test_a_study_from_the_command_to_mlflow_and_back(cluster_shell: Shell) -> None:
    cluster_shell.write("job.py", FUNCTION)
    cluster_shell.write("spec.yaml", SPEC)
    first = cluster_shell("run", "spec.yaml")
    assert first.code == 0, first.err
    assert "12/12 done" in first.err
    assert len((cluster_shell.folder / "ran.txt").read_text().splitlines()) == 12

    ranking = cluster_shell("results", "squares", "--format", "json").json()
    assert isinstance(ranking, list)
    assert [row["params"]["x"] for row in ranking] == list(range(1, 13))
    assert ranking[0]["score"] == 1.0
    best = cluster_shell("best", "squares", "--format", "json")
    assert json.loads(best.out) == {"x": 1}

    status = cluster_shell("status", "squares", "--json").json()
    assert isinstance(status, dict)
    assert (status["state"], status["trials"]["COMPLETED"], status["mlflow"]) == (
        "COMPLETED",
        12,
        {"delivered": 12, "pending": 0, "error": None},
    )

    everything = runs(cluster_shell.folder)
    (parent,) = [run for run in everything if "mlflow.parentRunId" not in run["tags"]]
    children = [run for run in everything if run is not parent]
    assert parent["status"] == "FINISHED"
    assert {run["tags"]["mlflow.parentRunId"] for run in children} == {parent["id"]}
    assert {run["status"] for run in children} == {"FINISHED"}
    assert sorted(int(run["params"]["x"]) for run in children) == list(range(1, 13))
    assert {(int(run["params"]["x"]) ** 2) for run in children} == {int(run["metrics"]["loss"]) for run in children}
    assert all(run["tags"]["hpsearch.trial_key"].startswith("v1:") for run in children)

    again = cluster_shell("run", "spec.yaml")
    assert again.code == 0, again.err
    assert len((cluster_shell.folder / "ran.txt").read_text().splitlines()) == 12
    assert len(runs(cluster_shell.folder)) == 13

    results = load("squares", cluster_shell.folder / "studies")
    logged = dict(zip(results.trials["mlflow_run_id"], results.trials["param.x"], strict=True))
    assert logged == {run["id"]: int(run["params"]["x"]) for run in children}
    with closing(open_ledger(StudyFolder(cluster_shell.folder / "studies" / "squares"))) as ledger:
        record = next(iter(ledger.trials()))
        assert [report.step for report in ledger.reports(record.key)] == [0, 1, 2]
        assert "x is" in record.log


def test_an_edited_spec_runs_only_what_is_new(cluster_shell: Shell) -> None:
    cluster_shell.write("job.py", FUNCTION)
    cluster_shell.write("spec.yaml", SPEC.replace("[1, 12]", "[1, 4]"))
    assert cluster_shell("run", "spec.yaml").code == 0
    assert cluster_shell("run", "spec.yaml", "--set", "space.x={int: [3, 6]}").code == 0
    ran = [line.split()[0] for line in (cluster_shell.folder / "ran.txt").read_text().splitlines()]
    assert sorted(ran) == ["1", "2", "3", "4", "5", "6"]
    assert len(runs(cluster_shell.folder)) == 7


def test_a_trial_that_raises_is_failed_everywhere_and_the_others_finish(cluster_shell: Shell) -> None:
    cluster_shell.write("job.py", FUNCTION)
    cluster_shell.write("spec.yaml", SPEC.replace("space:", "space:\n  fail_above: 8"))
    done = cluster_shell("run", "spec.yaml")
    assert done.code == 0, done.err
    assert "4 failed" in done.err
    with closing(open_ledger(StudyFolder(cluster_shell.folder / "studies" / "squares"))) as ledger:
        assert ledger.counts()[Status.FAILED] == 4
        assert ledger.counts()[Status.COMPLETED] == 8
        failed = next(record for record in ledger.trials() if record.status is Status.FAILED)
        assert "is too much" in failed.traceback
        assert "job.py" in failed.traceback
    table = cluster_shell("results", "squares").out
    assert "4 x ValueError" in table
    shown = cluster_shell("show", "squares", failed.key).out
    assert "Traceback" in shown
    assert "is too much" in shown
    in_mlflow = [run for run in runs(cluster_shell.folder) if run["status"] == "FAILED"]
    assert len(in_mlflow) == 4
    assert all("is too much" in str(run["tags"]) for run in in_mlflow)


def test_when_no_trial_completes_the_exit_code_is_3_and_the_error_is_shown(cluster_shell: Shell) -> None:
    cluster_shell.write("job.py", FUNCTION)
    cluster_shell.write("spec.yaml", SPEC.replace("space:", "space:\n  fail_above: 0"))
    done = cluster_shell("run", "spec.yaml")
    assert done.code == 3
    assert "none of 12 trials completed" in done.err
    assert "is too much" in done.err


def test_the_example_specs_run(cluster_shell: Shell) -> None:
    """Each spec that ships is run, so that a newcomer's first try works."""
    for name in ("digits_svm", "function_example", "command_example"):
        done = cluster_shell("run", ROOT / "search_spaces" / f"{name}.yaml", timeout_s=240)
        assert done.code == 0, done.err
        assert "0 failed" in done.err
