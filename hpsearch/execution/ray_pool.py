"""The pool: one Ray Tune run whose trials are the workers. Tune places, restarts and isolates them; it records nothing.

What Tune would write for itself is off: loggers and snapshots cost more than the trials, and the ledger is the record.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from typing import Any

from ray import cloudpickle, tune
from ray.air._internal import usage
from ray.air.execution._internal.actor_manager import RayActorManager
from ray.exceptions import (
    ActorDiedError,
    ActorUnavailableError,
    NodeDiedError,
    OutOfMemoryError,
    RayActorError,
    RayError,
    RayTaskError,
)
from ray.tune.progress_reporter import TrialProgressCallback

from hpsearch.core.trial import Failure, FailureKind
from hpsearch.execution.ray_worker import WorkerCannotStart, WorkerSetup, run_worker
from hpsearch.spec.model import ResourcesSpec

_NEVER_S = "1000000000"
_SETTINGS = {
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_GLOBAL_CHECKPOINT_S": _NEVER_S,
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # signals are the driver's
    "TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
    "TUNE_PRINT_ALL_TRIAL_ERRORS": "0",  # the ledger has them
}


# What Ray 2.60 says of an actor whose node it knows to be gone; the error's class is that of any other death.
_NODE_DIED = "The actor died because its node has died"
# Of whom Ray speaks, line by line, before it says what happened.
_WHO = (ActorDiedError.BASE_ERROR_MSG, "class_name:", "actor_id:", "pid:", "name:", "namespace:", "ip:")


class WorkerKilled(RayActorError):  # type: ignore[misc]
    """A worker's death that Ray reports by an error which is no RayActorError: `reason`."""

    def __init__(self, reason: RayError) -> None:
        super().__init__(error_msg=str(reason))
        self.reason = reason


_tunes_own = RayActorManager._actor_task_failed


def _actor_task_failed(manager: RayActorManager, tracked_actor_task: Any, exception: Exception) -> None:
    """In place of Tune's own, which ends the whole run on any death of an actor that is no RayActorError (Ray 2.60).

    Ray's memory monitor makes an OutOfMemoryError of it: the trial that ate the memory would take all others with it.
    """
    if isinstance(exception, RayError) and not isinstance(exception, (RayActorError, RayTaskError)):
        exception = WorkerKilled(exception)
    _tunes_own(manager, tracked_actor_task, exception)


def _count_no_callbacks(callbacks: Any) -> bool:
    """In place of Tune's own, which imports MLflow and others, to count how often these are used: a second and more."""
    return True


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
        self.unable: dict[str, str] = {}  # why, by worker that could not start

    def on_trial_recover(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        error = _error_of(trial)
        if isinstance(error, RayTaskError) and isinstance(error.cause, WorkerCannotStart):
            self.unable[trial.trial_id] = str(error.cause)
        self._dispatcher.lost.remote(trial.trial_id, classify(error))


class _SayNothing(_NotStored, TrialProgressCallback):  # type: ignore[misc]
    """In the place of Tune's own, which prints that a worker has ended, however silent Tune is told to be.

    Standard output is the process's: taking it away for as long as Tune runs would take it from everybody.
    """

    def on_trial_result(self, *unused: Any, **info: Any) -> None: ...

    def on_trial_error(self, *unused: Any, **info: Any) -> None: ...

    def on_trial_complete(self, *unused: Any, **info: Any) -> None: ...


class WorkerPool:
    """Workers, as trials of one Tune run: `run` lasts until every one has been retired, or until `leaving` is set."""

    def __init__(self, setup: WorkerSetup, resources: ResourcesSpec, leaving: threading.Event) -> None:
        self._setup = setup
        self._resources = resources
        self._leaving = leaving
        self._losses = _TellLosses(setup.dispatcher)
        self._folder = tempfile.mkdtemp(prefix="hpsearch-tune-")

    @property
    def unable(self) -> str:
        """Why no worker can start, once each of them has tried; until then, or where only some cannot, empty."""
        reasons = list(self._losses.unable.values())
        return reasons[-1] if len(reasons) == self._setup.workers else ""

    def run(self) -> None:
        """Raises what Tune raises."""
        os.environ.update(_SETTINGS)
        os.environ.setdefault("TUNE_MAX_PENDING_TRIALS_PG", str(self._setup.workers))
        RayActorManager._actor_task_failed = _actor_task_failed
        usage.tag_callbacks = _count_no_callbacks
        try:
            self._fit()
        finally:
            self.clean()

    def clean(self) -> None:
        """Nothing that Tune has written is of use to anybody."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _fit(self) -> None:
        shape = {"cpu": self._resources.cpu, "gpu": self._resources.gpu}
        if self._resources.memory_bytes:
            shape["memory"] = self._resources.memory_bytes
        tuner = tune.Tuner(
            tune.with_resources(tune.with_parameters(run_worker, setup=self._setup), shape),
            tune_config=tune.TuneConfig(num_samples=self._setup.workers, reuse_actors=False),
            run_config=tune.RunConfig(
                name="workers",
                storage_path=self._folder,
                stop=_StopWhenTold(self._leaving),
                callbacks=[self._losses, _SayNothing()],
                failure_config=tune.FailureConfig(max_failures=-1),
                verbose=0,
            ),
        )
        tuner.fit()


def _error_of(trial: Any) -> BaseException | None:
    """What Tune has just written down. Its own reader looks in the storage, where only the snapshots would have put it."""
    path = trial.pickled_error_file
    if path is None or not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        error: BaseException = cloudpickle.load(file)
    os.unlink(path)  # Tune does not write down every error: the next must not find this one
    return error


def classify(error: BaseException | None) -> Failure:
    """Why a worker's process ended, from what Ray says of it at that moment.

    A node that ends in good order is named in words. One that is cut off or killed is still listed as alive, for seconds to
    minutes: all that Ray knows by then is that the actor cannot be reached, and that no node has reported its death, as the
    node of a process that merely crashed does at once. The words on any crash name high memory usage among the common
    causes, so they tell nothing: only Ray's own memory monitor is known by its class.
    """
    reason = error.reason if isinstance(error, WorkerKilled) else error
    if reason is None:
        return Failure(FailureKind.CRASH, "WorkerDied", "the worker's process ended")
    text, kind = str(reason), FailureKind.CRASH
    node_ended = isinstance(reason, ActorDiedError) and (reason.preempted or _NODE_DIED in text)
    if isinstance(reason, OutOfMemoryError):
        kind = FailureKind.OUT_OF_MEMORY
    elif node_ended or isinstance(reason, (ActorUnavailableError, NodeDiedError)):
        kind = FailureKind.NODE_LOST
    return Failure(kind, type(reason).__name__, _what_happened(text), text[:8000])


def _what_happened(text: str, lines: int = 2) -> str:
    """Ray's words without whom they are about and without its guesses."""
    said = [line.strip() for line in text.splitlines()]
    telling = [line.partition(" Some common causes")[0] for line in said if line and not line.startswith(_WHO)]
    return "\n".join(telling[:lines] or said[:1])
