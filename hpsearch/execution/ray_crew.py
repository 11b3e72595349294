"""A run on Ray: its crew, which is the dispatcher's process and the workers, is called, watched, and sent home.

It can be called before it is known what it will do: processes take seconds to come up and to import what trials need, in which
the driver loads the data.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import threading
from collections.abc import Callable
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from hpsearch.core.clock import Clock
from hpsearch.core.errors import InfrastructureError
from hpsearch.core.failpoints import failpoint
from hpsearch.dispatch.messages import Progress
from hpsearch.execution.job import GRACE_S, Control, Job, Listener, RunEnd
from hpsearch.execution.ray_actor import DispatcherActor
from hpsearch.execution.ray_pool import WorkerPool
from hpsearch.execution.ray_session import RaySession
from hpsearch.execution.ray_worker import WorkerSetup
from hpsearch.spec.model import ResourcesSpec
from hpsearch.trainables import Handover

_POLL_S = 0.2


class Crew:
    """Comes as soon as Ray is there, in a thread that is Tune's then.

    Args:
        count: how many workers there shall be; called once Ray is there. May raise InfrastructureError.
        modules: what each worker imports while it waits for its work.
    """

    def __init__(self, session: RaySession, resources: ResourcesSpec, count: Callable[[], int], modules: tuple[str, ...]) -> None:
        self._session = session
        self._resources = resources
        self._count = count
        self._modules = modules
        self._called = threading.Event()
        self._leaving = threading.Event()
        self._error: BaseException | None = None
        self._actor: Any = None
        self._pool: WorkerPool | None = None
        self._thread = threading.Thread(target=self._live, name="hpsearch-tune", daemon=True)
        self.workers = 0

    def call(self) -> None:
        """Returns at once; what goes wrong is raised by `wait`."""
        RaySession.tune = self._thread
        self._thread.start()

    def wait(self) -> None:
        """Returns when Ray is there, and the crew on its way.

        Raises:
            RayStartError: Ray could not be started or joined.
            InfrastructureError: no node holds a worker.
        """
        self._called.wait()
        if self._error is not None:
            raise self._error

    def run(self, job: Job, *, clock: Clock, control: Control, listener: Listener) -> RunEnd:
        """Runs what is missing of a study; `wait` has returned.

        Raises:
            InfrastructureError: the dispatcher or Tune ended; the ledger cannot be written.
        """
        assert self._pool is not None
        try:
            stored = _stored(job.table)
            ray.get(self._actor.begin.remote(dataclasses.replace(job, table=Handover(None)), stored))
            self._watch(self._pool, clock, control, listener)
        except ray.exceptions.RayActorError as error:
            # A signal to all processes of a job may take Ray down before the driver has ended the run.
            if not control.draining:
                raise InfrastructureError(f"the dispatcher's process ended: {error}") from error
        finally:
            # Workers that were given their time to end, and have not, end with Ray or with their dispatcher.
            self.leave(timeout_s=0.5 if control.cancelled else 2.0 if control.draining else 10.0)
            if self._error is not None:
                raise InfrastructureError(f"Ray Tune ended the workers: {self._error}") from self._error
        return RunEnd.INTERRUPTED if control.draining else RunEnd.FINISHED

    def leave(self, timeout_s: float = 0.0) -> None:
        """Ends workers that are still there, and the dispatcher; waits so long for Tune."""
        self._leaving.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        if self._pool is not None:
            self._pool.clean()
        if self._actor is not None:
            ray.kill(self._actor)
            self._actor = None

    def _live(self) -> None:
        try:
            self._session.wait()
            self.workers = self._count()
            if self._leaving.is_set():
                return
            # The ledger is a file of this machine: the actor must not be placed elsewhere, and no trial may crowd it out.
            here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
            of_actor = {"num_cpus": 0, "max_restarts": 0, "scheduling_strategy": here}
            self._actor = ray.remote(DispatcherActor).options(**of_actor).remote()
            self._pool = WorkerPool(WorkerSetup(self._actor, self._modules, self.workers), self._resources, self._leaving)
            self._called.set()
            self._pool.run()
        except BaseException as error:  # the thread's end is noticed by the driver, which raises this
            self._error = error
        finally:
            self._called.set()

    def _watch(self, pool: WorkerPool, clock: Clock, control: Control, listener: Listener) -> None:
        drained_at: float | None = None
        while True:
            is_alive = self._thread.is_alive()  # before anything is asked: what is left now may be done a moment later
            progress: Progress | str = ray.get(self._actor.progress.remote())
            if isinstance(progress, str):
                raise InfrastructureError(progress)
            listener(progress)
            if progress.completed or progress.failed:
                failpoint("running")
            if progress.finished or control.cancelled:
                break
            if not is_alive:
                raise InfrastructureError("Ray Tune ended while work was left; see the logs under Ray's temp folder")
            if pool.unable and not progress.workers:
                raise InfrastructureError(f"no worker can start; the last that tried, {pool.unable}")
            if control.draining and drained_at is None:
                drained_at = clock.monotonic()
                self._actor.drain.remote()
            if drained_at is not None and clock.monotonic() - drained_at > GRACE_S:
                break
            control.wait(_POLL_S)
        ray.get(self._actor.close.remote())


def _stored(handover: Handover) -> list[Any]:
    """The table's reference in the object store, in a list; none of no table. This process has no copy of it from here on."""
    table = handover.take()
    if table is None:
        return []
    stored = [ray.put(table)]
    del table
    # glibc keeps freed arrays of less than some 30 MB for later, of which nobody has a use here: a tenth of a table of 1 GB.
    with contextlib.suppress(AttributeError, OSError, TypeError):  # it is glibc's own
        ctypes.CDLL(None).malloc_trim(0)
    return stored
