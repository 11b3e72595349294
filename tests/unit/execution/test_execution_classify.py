"""Why a worker died decides which of a trial's retries is spent: told from what Ray 2.60 really raises and says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from ray import cloudpickle
from ray.air.execution._internal.actor_manager import RayActorManager
from ray.core.generated.common_pb2 import ActorDiedErrorContext, NodeDeathInfo
from ray.exceptions import ActorDiedError, ActorUnavailableError, NodeDiedError, OutOfMemoryError, RayActorError, RayTaskError

from hpsearch.core.trial import FailureKind
from hpsearch.execution import ray_pool
from hpsearch.execution.ray_pool import WorkerKilled, classify

ACTOR = bytes(16)
# Words of a real cluster of Ray 2.60: a process killed by SIGKILL, by a null read, or by os._exit(1).
CRASHED = (
    "The actor is dead because its worker process has died. Worker exit type: SYSTEM_ERROR Worker exit detail: Worker "
    "unexpectedly exits with a connection error code 2. End of file. Some common causes include: (1) the process was killed by "
    "the OOM killer due to high memory usage, (2) ray stop --force was called, or (3) the worker crashed unexpectedly due to "
    "SIGSEGV or another unexpected error. If the process was killed by the kernel OOM killer (verifiable by checking for OOM in "
    "dmesg of the OOMing node), consider enabling resource isolation via --enable-resource-isolation to prevent node deaths by "
    "resource contention and significant loss of progress by uninformed kernel OOM killing."
)
EXITED = (
    "The actor is dead because its worker process has died. Worker exit type: SYSTEM_ERROR Worker exit detail: Worker exits "
    "unexpectedly. Worker exits with an exit code 3."
)
NODE_ENDED = (
    "The actor died because its node has died. Node Id: 81efc595e6615259d4d0730eb4fc21f78627ce32823fe8450b51fcc7\n"
    "\tthe actor's node was terminated expectedly: received SIGTERM"
)
UNREACHABLE = "The actor is temporarily unavailable: RpcError: RPC error: Socket closed rpc_code: 14"
MONITORED = (
    "1 worker(s) were killed due to the node running low on memory. Memory on the node (IP: 127.0.0.2, ID: 0e8e6e0c) was "
    "4.12GB used / 23.54GB limit (0.175158)\nOOM kill reason: Memory usage 4414308352B exceeded threshold of 4398111232B"
)


def died(message: str, **more: Any) -> ActorDiedError:
    context = ActorDiedErrorContext(
        error_message=message,
        class_name="run_worker",
        actor_id=ACTOR,
        pid=17,
        ray_namespace="n",
        node_ip_address="127.0.0.4",
        **more,
    )
    return ActorDiedError(cause=context)


PREEMPTED = NodeDeathInfo(reason=NodeDeathInfo.Reason.AUTOSCALER_DRAIN_PREEMPTED)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (died(CRASHED), FailureKind.CRASH),
        (died(EXITED), FailureKind.CRASH),
        (ActorDiedError(), FailureKind.CRASH),
        (None, FailureKind.CRASH),
        (RayTaskError("run_worker", "node has died, says the worker's own traceback", ValueError("x")), FailureKind.CRASH),
        (died(NODE_ENDED), FailureKind.NODE_LOST),
        (died("The node was drained.", node_death_info=PREEMPTED), FailureKind.NODE_LOST),
        (ActorUnavailableError(UNREACHABLE, ACTOR), FailureKind.NODE_LOST),
        (WorkerKilled(NodeDiedError("the node is dead")), FailureKind.NODE_LOST),
        (WorkerKilled(OutOfMemoryError(MONITORED)), FailureKind.OUT_OF_MEMORY),
    ],
)
def test_a_death_is_charged_to_its_own_kind_of_retries(error: BaseException | None, kind: FailureKind) -> None:
    assert classify(error).kind is kind
    # Tune hands the error on through a file, so what classify needs must survive that.
    assert classify(cloudpickle.loads(cloudpickle.dumps(error))) == classify(error)


def test_the_message_says_what_happened_and_leaves_rays_guesses_out() -> None:
    crashed = classify(died(CRASHED))
    assert crashed.message == CRASHED.partition(" Some common")[0]
    assert "pid: 17" in crashed.traceback
    assert classify(died(NODE_ENDED)).message.splitlines() == [line.strip() for line in NODE_ENDED.splitlines()]
    killed = classify(WorkerKilled(OutOfMemoryError(MONITORED)))
    assert (killed.type, killed.message) == ("OutOfMemoryError", MONITORED)
    assert classify(ActorDiedError()).message == ActorDiedError.BASE_ERROR_MSG
    assert classify(None).message == "the worker's process ended"


@dataclass
class Recorder:
    """Stands for Tune's record of an actor, and of a call to it."""

    heard: list[Exception] = field(default_factory=list)
    actor_id: int = 1
    _on_error: Any = None

    @property
    def _tracked_actor(self) -> Recorder:
        return Recorder()

    def hear(self, actor: Any, error: Exception) -> None:
        self.heard.append(error)


def test_a_worker_killed_for_its_memory_does_not_end_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tune itself raises RuntimeError("Caught unexpected exception") here, which would end every worker."""
    task = Recorder()
    task._on_error = task.hear
    manager = RayActorManager.__new__(RayActorManager)
    manager._failed_actor_ids = set()
    monkeypatch.setattr(RayActorManager, "_cleanup_actor", lambda self, tracked_actor: None)
    monkeypatch.setattr(RayActorManager, "_actor_task_failed", ray_pool._tunes_own)
    error = OutOfMemoryError(MONITORED)
    with pytest.raises(RuntimeError, match="unexpected exception"):
        manager._actor_task_failed(tracked_actor_task=task, exception=error)
    monkeypatch.setattr(RayActorManager, "_actor_task_failed", ray_pool._actor_task_failed)
    manager._actor_task_failed(tracked_actor_task=task, exception=error)
    (heard,) = task.heard
    assert isinstance(heard, RayActorError)
    assert classify(heard).kind is FailureKind.OUT_OF_MEMORY


def test_other_errors_reach_tune_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Exception] = []
    monkeypatch.setattr(ray_pool, "_tunes_own", lambda manager, task, exception: seen.append(exception))
    errors = [died(CRASHED), RayTaskError("run_worker", "traceback", ValueError("x")), ValueError("no Ray error")]
    for error in errors:
        ray_pool._actor_task_failed(RayActorManager.__new__(RayActorManager), Recorder(), error)
    assert all(one is other for one, other in zip(seen, errors, strict=True))
