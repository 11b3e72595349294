"""A worker: a Ray Tune trial that lives as long as the study and leases work from the dispatcher actor."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from typing import Any

from hpsearch.core.clock import SystemClock
from hpsearch.dispatch.messages import HandIn, Reply, WorkerInfo
from hpsearch.execution.attempt import Attempts
from hpsearch.execution.loop import work
from hpsearch.execution.ray_exchange import NodeExchange
from hpsearch.trainables import Program, build


@dataclass(frozen=True)
class WorkerSetup:
    """What every worker is given. `table` is an ObjectRef in a list, so that Ray passes the reference and not the data.

    `workers`: how many there are to be.
    """

    dispatcher: Any  # ray.actor.ActorHandle; Ray ships no types
    program: Program
    table: list[Any]
    workers: int = 1


class WorkerCannotStart(Exception):
    """A worker's machine cannot load the data or import what a trial runs: no trial of it is to blame."""


class _ActorLink:
    """Every call waits for the actor's answer, which comes after its commit."""

    def __init__(self, dispatcher: Any) -> None:
        self._dispatcher = dispatcher

    def join(self, worker: WorkerInfo) -> None:
        import ray

        ray.get(self._dispatcher.join.remote(worker))

    def exchange(self, hand_in: HandIn) -> Reply:
        import ray

        reply: Reply = ray.get(self._dispatcher.exchange.remote(hand_in))
        return reply


class _ActorCheckpoints:
    """Checkpoints kept by the dispatcher's process."""

    def __init__(self, dispatcher: Any, worker: WorkerInfo) -> None:
        self._dispatcher = dispatcher
        self._worker = worker

    def save(self, key: str, content: bytes) -> None:
        import ray

        ray.get(self._dispatcher.save_checkpoint.remote(self._worker.slot, self._worker.incarnation, key, content))

    def load(self, key: str) -> bytes | None:
        import ray

        content: bytes | None = ray.get(self._dispatcher.load_checkpoint.remote(key))
        return content


def run_worker(config: dict[str, Any], setup: WorkerSetup) -> None:
    """The Tune trainable. Returns when the dispatcher retires it; a crash of its process is Tune's to restart."""
    import ray
    from ray import tune
    from threadpoolctl import threadpool_limits

    context = ray.get_runtime_context()
    slot = tune.get_context().get_trial_id()
    worker = WorkerInfo(slot=slot, incarnation=uuid.uuid4().hex, node=context.get_node_id(), pid=os.getpid())
    cpus = max(1, int(setup.program.cpus))
    exchange = NodeExchange.of(setup.dispatcher, worker, setup.program, setup.workers)
    try:
        objective = build(setup.program, ray.get(setup.table[0]) if setup.table else None, exchange=exchange)
    except Exception as error:
        raise WorkerCannotStart(f"on {ray.util.get_node_ip_address()}: {type(error).__name__}: {error}") from error
    clock = SystemClock()
    with threadpool_limits(cpus):  # after building: it bounds the libraries that are loaded by then
        checkpoints = _ActorCheckpoints(setup.dispatcher, worker)
        attempts = Attempts(worker, clock, checkpoints, cpus=cpus, gpus=setup.program.gpus, attended=False)
        work(_ActorLink(setup.dispatcher), worker, objective, attempts, clock)
