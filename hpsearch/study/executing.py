"""Where a study's trials run: in this process, or on Ray, which is started in the background."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hpsearch.cluster import Shape, check_reachable, connection_error, count_workers
from hpsearch.core.clock import Clock
from hpsearch.execution.job import Control, Job, Listener
from hpsearch.execution.local import run_local
from hpsearch.execution.ray_session import RaySession, RayStartError
from hpsearch.plan import most_trials
from hpsearch.spec import StudySpec
from hpsearch.study.events import Events
from hpsearch.study.options import Options
from hpsearch.trainables import libraries

if TYPE_CHECKING:
    from hpsearch.execution.ray_crew import Crew


class Executor:
    """Of one run. Ray takes seconds to start, and to end again, which whoever mistyped would wait for: `start_early` and
    `call_early` are for when all is checked that is refused in a moment.
    """

    def __init__(self, spec: StudySpec, options: Options, events: Events, control: Control) -> None:
        self._spec = spec
        self._options = options
        self._events = events
        self._control = control
        self._session = RaySession(options.address.ray_address, options.cpus)
        self._crew: Crew | None = None

    def start_early(self) -> None:
        """A Ray of this machine, in the background."""
        if self._is_ours:
            with self._control.holding_out():  # half of an import would be left
                self._session.start()

    def call_early(self) -> None:
        """Ray, and workers that come up while data is loaded."""
        if self._is_ours:
            with self._control.holding_out():
                self._session.start()
                self._call(most_trials(self._spec))

    def run(self, job: Job, missing: int, clock: Clock, listener: Listener) -> None:
        """Runs `missing` trials; see `Crew.run`."""
        if self._options.in_process:
            run_local(job, clock=clock, control=self._control, listener=listener)
            return
        self._events.phase("starting Ray")
        self.start_early()
        crew = self._crew or self._call(missing)
        with self._control.giving_way():
            self._wait_for_ray()
            crew.wait()
        self._events.phase(f"starting {crew.workers} worker{'s' if crew.workers > 1 else ''}")
        crew.run(job, clock=clock, control=self._control, listener=listener)

    def close(self) -> None:
        """Ends what was started, and sends home who was called for nothing. Returns soon: see `RaySession.has_ended`."""
        if self._crew is not None:
            self._crew.leave()
        self._session.close()

    @property
    def _is_ours(self) -> bool:
        """Whether this run starts a Ray of its own."""
        return self._options.address.is_local and not self._options.in_process

    def _call(self, wanted: int) -> Crew:
        """The crew, on its way: no more than `wanted` workers."""
        # It brings Tune: while Ray starts that costs nobody any time.
        from hpsearch.execution.ray_crew import Crew

        resources = self._spec.resources
        shape = Shape(resources.cpu, resources.gpu, resources.memory_bytes)
        concurrent, elastic = self._spec.limits.concurrent, not self._options.address.is_local

        def count() -> int:
            return count_workers(shape, wanted=wanted, concurrent=concurrent, elastic=elastic)

        self._crew = Crew(self._session, resources, count, libraries(self._spec))
        self._crew.call()
        return self._crew

    def _wait_for_ray(self) -> None:
        """Ray says little, and late, of why it cannot connect; so its port is tried first, and its own words are explained."""
        address = self._options.address
        check_reachable(address, os.environ)
        try:
            self._session.wait()
        except RayStartError as error:
            raise connection_error(address, error.cause, os.environ) from error
