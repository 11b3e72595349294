"""Trivial function trials by Ray Tune as its manual has it, logged to MLflow by Ray's own callback. Prints one line of JSON.

    python benchmarks/peers/ray_tune_plain.py --store sqlite:////tmp/x/mlflow.db [--trials 1000] [--no-mlflow]

One Tune trial for each configuration, with `reuse_actors=True`: without it each trial would start a process of its own, and
take two seconds instead of twenty milliseconds. Runs alone; what Ray has to say goes to stderr.

    ready_s     from the start of this command to the first trial's: imports, and Ray starting
    search_s    from the first trial's start to the last result
    total_s     from the start of this command to the last run that MLflow has as finished, and never before the search returned
    per_trial_ms  search_s for each trial

The store is used as it is found: give one whose tables exist and whose journal is WAL to measure neither the making of tables nor
SQLite's default.
"""

from __future__ import annotations

import time

STARTED = time.time()

import argparse  # noqa: E402
import contextlib  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import shutil  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

EXPERIMENT = "ray-tune-plain"


def main() -> None:
    parser = argparse.ArgumentParser(description="plain Ray Tune")
    parser.add_argument("--store", help="MLflow's tracking URI")
    parser.add_argument("--no-mlflow", action="store_true", help="without MLflow: Tune alone")
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--started", type=float, default=STARTED, help="when the command was given, POSIX seconds")
    options = parser.parse_args()
    if not options.store and not options.no_mlflow:
        parser.error("--store URI, or --no-mlflow")

    # A short path: Ray's sockets lie below it, and a socket's path may have 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="rtp", dir="/tmp"))
    try:
        # Before ray is imported: its address file and its usage statistics belong into this run's own home.
        os.environ.update(
            HOME=str(folder),
            RAY_AUTH_MODE="disabled",
            RAY_USAGE_STATS_ENABLED="0",
            MLFLOW_DISABLE_TELEMETRY="true",
            RAY_ADDRESS="",
        )
        with contextlib.redirect_stdout(sys.stderr):  # Tune prints its own, however little is asked for
            told = run(options.trials, None if options.no_mlflow else options.store, folder, options.started)
        print(json.dumps(told))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(trials: int, store: str | None, folder: Path, started: float) -> dict[str, Any]:
    """Search, shut Ray down, and tell the times."""
    import ray
    from ray import tune
    from ray.air.integrations.mlflow import MLflowLoggerCallback

    class Times(tune.Callback):  # type: ignore[misc]
        first_start = 0.0
        last_result = 0.0

        def on_trial_start(self, **_: Any) -> None:
            self.first_start = self.first_start or time.time()

        def on_trial_result(self, **_: Any) -> None:
            self.last_result = time.time()

    # First in the list, so that a result's time is taken before MLflow's callback works on it.
    times = Times()
    callbacks: list[Any] = [times]
    if store is not None:
        callbacks.append(MLflowLoggerCallback(tracking_uri=store, experiment_name=EXPERIMENT))

    ray.init(
        address="local",
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
        _temp_dir=str(folder / "ray"),
    )
    try:
        tuner = tune.Tuner(
            tune.with_resources(trial, {"cpu": 1}),
            param_space={"x": tune.grid_search(list(range(trials)))},
            tune_config=tune.TuneConfig(metric="score", mode="max", reuse_actors=True),
            run_config=tune.RunConfig(name="plain", storage_path=str(folder / "results"), callbacks=callbacks, verbose=0),
        )
        grid = tuner.fit()
        returned = time.time()
        completed = sum(result.error is None for result in grid)
    finally:
        ray.shutdown()

    finished, last_run = finished_runs(store) if store is not None else (0, 0.0)
    search_s = times.last_result - times.first_start
    return {
        "peer": "Ray Tune" if store is None else "Ray Tune + MLflowLoggerCallback",
        "trials": trials,
        "completed": completed,
        "mlflow_finished": finished,
        "ready_s": times.first_start - started,
        "search_s": search_s,
        "per_trial_ms": 1000 * search_s / trials,
        "total_s": max(returned, last_run) - started,
    }


def trial(config: dict[str, Any]) -> dict[str, float]:
    return {"score": -float((config["x"] - 300) ** 2)}


def finished_runs(store: str) -> tuple[int, float]:
    """How many runs MLflow has as FINISHED, and when the last of them ended (POSIX seconds)."""
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=store)
    experiment = client.get_experiment_by_name(EXPERIMENT)
    if experiment is None:
        return 0, 0.0
    count, last, token = 0, 0.0, None
    while True:
        page = client.search_runs(
            [experiment.experiment_id], "attributes.status = 'FINISHED'", max_results=1000, page_token=token
        )
        count += len(page)
        last = max([last, *((run.info.end_time or 0) / 1000 for run in page)])
        token = page.token
        if not token:
            return count, last


if __name__ == "__main__":
    main()
