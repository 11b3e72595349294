"""A worker: a Ray Tune trial that lives as long as the study and leases work from the dispatcher actor."""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from hpsearch.core.clock import SystemClock
from hpsearch.dispatch.messages import HandIn, Reply, WorkerInfo
from hpsearch.execution.attempt import Attempts
from hpsearch.execution.loop import work
from hpsearch.execution.ray_exchange import NodeExchange
from hpsearch.trainables import Program, build

_ASKS_EVERY_S = 0.05


@dataclass(frozen=True)
class WorkerSetup:
    """What every worker is given: whom to ask, what to import while there is no work yet, and how many of them there are."""

    dispatcher: Any  # ray.actor.ActorHandle; Ray ships no types
    modules: tuple[str, ...]
    workers: int


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

    program, table = _work(setup)
    context = ray.get_runtime_context()
    slot = tune.get_context().get_trial_id()
    worker = WorkerInfo(slot=slot, incarnation=uuid.uuid4().hex, node=context.get_node_id(), pid=os.getpid())
    cpus = max(1, int(program.cpus))
    exchange = NodeExchange.of(setup.dispatcher, worker, program, setup.workers)
    try:
        objective = build(program, ray.get(table[0]) if table else None, exchange=exchange)
    except Exception as error:
        raise WorkerCannotStart(f"on {ray.util.get_node_ip_address()}: {type(error).__name__}: {error}") from error
    clock = SystemClock()
    with threadpool_limits(cpus):  # after building: it bounds the libraries that are loaded by then
        checkpoints = _ActorCheckpoints(setup.dispatcher, worker)
        attempts = Attempts(worker, clock, checkpoints, cpus=cpus, gpus=program.gpus, attended=False)
        work(_ActorLink(setup.dispatcher), worker, objective, attempts, clock)


def _work(setup: WorkerSetup) -> tuple[Program, list[Any]]:
    """What trials run, and the table as an ObjectRef in a list, once the driver has loaded it; meanwhile, what takes a while."""
    import ray

    for name in setup.modules:
        with contextlib.suppress(Exception):  # whoever needs it will say what is wrong with it
            import_module(name)
    while True:
        work: tuple[Program, list[Any]] | None = ray.get(setup.dispatcher.work.remote())
        if work is not None:
            return work
        time.sleep(_ASKS_EVERY_S)
