"""The pool: one Ray Tune run whose trials are the workers. Tune places, restarts and isolates them; it records nothing.

What Tune would write for itself is off: loggers and snapshots cost more than the trials, and the ledger is the record.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
from typing import Any

from ray import tune
from ray.exceptions import NodeDiedError, OutOfMemoryError

from hpsearch.core.errors import InfrastructureError
from hpsearch.core.trial import Failure, FailureKind
from hpsearch.execution.ray_worker import WorkerSetup, run_worker
from hpsearch.spec.model import ResourcesSpec

_NEVER_S = "1000000000"
_SETTINGS = {
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_GLOBAL_CHECKPOINT_S": _NEVER_S,
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # signals are the driver's
    "TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
}


class _NotStored:
    """Tune pickles what it is given, to restore a run from; nobody restores this one, and events cannot be pickled."""

    def __getstate__(self) -> dict[str, Any]:
        return {}


class _StopWhenTold(_NotStored, tune.Stopper):  # type: ignore[misc]
    def __init__(self, told: threading.Event) -> None:
        self._told = told

    def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
        return False

    def stop_all(self) -> bool:
        return self._told.is_set()


class _TellLosses(_NotStored, tune.Callback):  # type: ignore[misc]
    """Tells the dispatcher at once that a worker is gone, however long it takes until it is back."""

    def __init__(self, dispatcher: Any) -> None:
        self._dispatcher = dispatcher

    def on_trial_recover(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        self._dispatcher.lost.remote(trial.trial_id, classify(trial.get_pickled_error()))


class WorkerPool:
    """Starts on `start`, ends when every worker has been retired or `stop` is called."""

    def __init__(self, setup: WorkerSetup, resources: ResourcesSpec, workers: int) -> None:
        self._setup = setup
        self._resources = resources
        self._workers = workers
        self._stopping = threading.Event()
        self._error: BaseException | None = None
        self._folder = tempfile.mkdtemp(prefix="hpsearch-tune-")
        self._thread = threading.Thread(target=self._run, name="hpsearch-tune", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def stop(self, timeout_s: float) -> None:
        """Ends workers that are still there and waits for Tune; raises what Tune raised."""
        self._stopping.set()
        self._thread.join(timeout_s)
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._error is not None:
            raise InfrastructureError(f"Ray Tune ended the workers: {self._error}") from self._error

    def _run(self) -> None:
        os.environ.update(_SETTINGS)
        os.environ.setdefault("TUNE_MAX_PENDING_TRIALS_PG", str(self._workers))
        try:
            with contextlib.redirect_stdout(None):
                self._fit()
        except BaseException as error:  # the thread's end is noticed by the driver, which raises this
            self._error = error

    def _fit(self) -> None:
        shape = {"cpu": self._resources.cpu, "gpu": self._resources.gpu}
        if self._resources.memory_bytes:
            shape["memory"] = self._resources.memory_bytes
        tuner = tune.Tuner(
            tune.with_resources(tune.with_parameters(run_worker, setup=self._setup), shape),
            tune_config=tune.TuneConfig(num_samples=self._workers, reuse_actors=False),
            run_config=tune.RunConfig(
                name="workers",
                storage_path=self._folder,
                stop=_StopWhenTold(self._stopping),
                callbacks=[_TellLosses(self._setup.dispatcher)],
                failure_config=tune.FailureConfig(max_failures=-1),
                verbose=0,
            ),
        )
        tuner.fit()


def classify(error: BaseException | None) -> Failure:
    """Why a worker's process ended, from what Ray says of it. Ray gives a cause in words alone."""
    text = str(error) if error is not None else "the worker's process ended"
    kind = FailureKind.CRASH
    if isinstance(error, OutOfMemoryError) or ("memory" in text.lower() and "kill" in text.lower()):
        kind = FailureKind.OUT_OF_MEMORY
    elif isinstance(error, NodeDiedError) or "node has died" in text or "node was terminated" in text or "node died" in text:
        kind = FailureKind.NODE_LOST
    return Failure(kind, type(error).__name__ if error is not None else "WorkerDied", _first_lines(text), text[:8000])


def _first_lines(text: str, lines: int = 3) -> str:
    return "\n".join(text.strip().splitlines()[:lines])
