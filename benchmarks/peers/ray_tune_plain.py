"""A case by Ray Tune as its manual has it, tuned: one Tune trial for each configuration, actors reused, no loggers.

    python -m benchmarks.peers.ray_tune_plain a [--store sqlite:////tmp/x/mlflow.db]

Without `reuse_actors=True` each trial would start a process of its own, and take two seconds instead of twenty milliseconds.
With a store, Ray's own callback logs to MLflow; the store is used as it is found: give one whose tables exist and whose journal
is WAL to measure neither the making of tables nor SQLite's default.

    ready_s          from the start of this command to the first trial's: imports, and Ray starting
    first_result_s   from the start of this command to the first result
    total_s          from the start of this command to the last run that MLflow has as finished, and to the search's end at least
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.cases import Work
from benchmarks.cases.work import Params, Scores, key_of, mean_of
from benchmarks.peers.script import Found, run_script

EXPERIMENT = "ray-tune-plain"
_QUIET = {
    "RAY_AUTH_MODE": "disabled",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ADDRESS": "",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_GLOBAL_CHECKPOINT_S": "1000000000",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}


def search(work: Work, asked: Any) -> Found:
    # A short path: Ray's sockets lie below it, and a socket's path may have 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="rtp", dir="/tmp"))
    try:
        # Before ray is imported: its address file and its usage statistics belong into this run's own home.
        os.environ.update(_QUIET, HOME=str(folder))
        return _search(work, asked.store, folder, asked.started)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _search(work: Work, store: str | None, folder: Path, started: float) -> Found:
    """Search, shut Ray down, and tell the times."""
    import ray
    from ray import tune

    class Watch(tune.Callback):  # type: ignore[misc]
        def __init__(self) -> None:
            self.began = self.first = self.last = 0.0
            self.scores: dict[str, Scores] = {}
            self.starts: list[tuple[str, float]] = []

        def on_trial_start(self, **_: Any) -> None:
            self.began = self.began or time.time()

        def on_trial_result(self, iteration: int, trials: Sequence[Any], trial: Any, result: dict[str, Any], **_: Any) -> None:
            self.last = time.time()
            self.first = self.first or self.last
            self.scores[key_of(trial.config, work.varying)] = result["scores"]
            self.starts.append((result["who"], result["at"]))

    # First in the list, so that a result's time is taken before MLflow's callback works on it.
    watch = Watch()
    callbacks: list[Any] = [watch]
    if store is not None:
        from ray.air.integrations.mlflow import MLflowLoggerCallback

        callbacks.append(MLflowLoggerCallback(tracking_uri=store, experiment_name=EXPERIMENT))

    ray.init(
        address="local",
        num_cpus=work.jobs,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
        _temp_dir=str(folder / "ray"),
    )
    try:
        tuner = tune.Tuner(
            tune.with_resources(tune.with_parameters(trial, task=work.task), {"cpu": 1}),
            param_space={name: tune.grid_search(list(values)) for name, values in work.grid.items()},
            tune_config=tune.TuneConfig(metric="score", mode="max", reuse_actors=True),
            run_config=tune.RunConfig(name="plain", storage_path=str(folder / "results"), callbacks=callbacks, verbose=0),
        )
        tuner.fit()
        returned = time.time()
    finally:
        ray.shutdown()

    finished, last_run = finished_runs(store) if store is not None else (0, 0.0)
    more = {
        "ready_s": watch.began - started,
        "first_result_s": watch.first - started,
        "mlflow_finished": finished,
        "total_s": max(returned, last_run) - started,
    }
    return Found(watch.scores, watch.began, watch.last, watch.starts if work.seconds else (), more)


def trial(config: Params, task: Callable[[Params], Scores]) -> dict[str, Any]:
    at = time.time()
    scores = task(config)
    # Its process alone: each trial has a thread of its own in it, which is no worker.
    return {"score": mean_of(scores), "scores": scores, "who": str(os.getpid()), "at": at}


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
    run_script("Ray Tune", ("ray",), search, store={"help": "MLflow's tracking URI; without it, no MLflow"})
