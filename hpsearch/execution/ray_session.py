"""The driver's Ray: a cluster is joined, or one started, in the background; and what Ray does then that suits no driver."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hpsearch.core.errors import InfrastructureError
from hpsearch.execution.ray_reaper import reaper

_WHEN_IMPORTED = {
    # Ray's handler of fatal signals counts SIGTERM among them: it lets ours run for three seconds, then aborts the process.
    "RAY_DISABLE_FAILURE_SIGNAL_HANDLER": "1",
    # Where Tune is given up, its thread may call Ray once more after Ray's end: that must not start another.
    "RAY_ENABLE_AUTO_CONNECT": "0",
}
_WHEN_STARTED = {
    # Its node tries to reach a part of itself that is not there yet, and again a second later: as often, at shorter intervals.
    "RAY_raylet_client_connect_timeout_milliseconds": "100",
    "RAY_raylet_client_num_connect_attempts": "100",
}
_LOCAL_ENDS_WITHIN_S = 0.2
_CLUSTER_ENDS_WITHIN_S = 12.0
_TUNE_ENDS_WITHIN_S = 10.0


class RayStartError(InfrastructureError):
    """Ray could not be started or joined; `cause` is what Ray said."""

    def __init__(self, address: str, cause: Exception) -> None:
        super().__init__(f"cannot start Ray at {address}: {cause}")
        self.cause = cause


class RaySession:
    """Ray, started in the background, since that takes seconds in which other things can be done, and ended there too.

    One thread does both and lives in between: Ray's processes are told to die with the thread that started them.
    A Ray that this process has already started is used as it is, and left as it is.

    Args:
        address: what ray.init takes; "local" starts a Ray of this session's own.
        cpus: of the one on this machine; None: all there are.
    """

    # Of any session of this process.
    _latest: threading.Thread | None = None
    _is_local = True
    # Tune's: one that was given up may call Ray once more, whose library ends the process where there is none.
    tune: threading.Thread | None = None

    def __init__(self, address: str = "local", cpus: int | None = None) -> None:
        self._address = address
        self._cpus = cpus
        self._thread: threading.Thread | None = None
        self._started = threading.Event()
        self._closing = threading.Event()
        self._error: Exception | None = None

    def start(self) -> None:
        """Returns at once, but for importing ray: two threads that import it at the same time get halves of it."""
        if self._thread is None:
            _import_ray()
            if RaySession._latest is not None:
                RaySession._latest.join()  # it is ending: a process has one Ray
            self._thread = threading.Thread(target=self._live, name="hpsearch-ray")
            self._thread.start()
            RaySession._latest, RaySession._is_local = self._thread, self._address == "local"

    def wait(self) -> None:
        """Returns when Ray is there.

        Raises:
            RayStartError: it could not be started or joined.
        """
        self.start()
        self._started.wait()
        if self._error is not None:
            raise RayStartError(self._address, self._error) from self._error

    def close(self) -> None:
        """Ends what `start` started. Returns at once; the process ends when Ray has."""
        self._closing.set()

    @classmethod
    def has_ended(cls) -> bool:
        """Whether no session of this process is alive, or is in a moment.

        Ray ends in one to three seconds, on a busy machine in more. Nobody need wait for one that this process has started: what
        is left of it ends with this process (see `ray_reaper`). A cluster is told that its driver leaves.
        """
        if cls._latest is not None:
            cls._latest.join(_LOCAL_ENDS_WITHIN_S if cls._is_local else _CLUSTER_ENDS_WITHIN_S)
        return cls._latest is None or not cls._latest.is_alive()

    def _live(self) -> None:
        import ray

        if ray.is_initialized():
            self._started.set()
            return
        try:
            if self._address == "local":
                with reaper() as tell_reaper:
                    self._serve(tell_reaper)
            else:
                self._serve(lambda: None)
        except Exception as error:  # of any kind: Ray raises RuntimeError, ValueError, ConnectionError and its own
            self._error = error
            self._started.set()

    def _serve(self, tell: Callable[[], None]) -> None:
        import ray
        import ray._private.worker as printing

        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
        # Of a worker that crashed Ray tells all the same, on standard output; the ledger says it where it is looked for.
        before, printing._worker_logs_enabled = printing._worker_logs_enabled, False
        try:
            if self._address == "local":
                with _apart():
                    ray.init(address="local", num_cpus=self._cpus, include_dashboard=False, **quiet)
            else:
                ray.init(address=self._address, **quiet)
            tell()
            self._started.set()
            self._closing.wait()
            if RaySession.tune is not None:
                RaySession.tune.join(_TUNE_ENDS_WITHIN_S)
            # A reference to one of Ray's objects that is freed while Ray ends ends the process. What a worker's death leaves has
            # such, in cycles of errors and frames: it goes before.
            gc.collect()
            ray.shutdown()
        finally:
            printing._worker_logs_enabled = before


@contextlib.contextmanager
def _apart() -> Iterator[None]:
    """While this lasts, a Ray that starts has no process that nobody asks, waits for no second, and hears no signal of ours.

    Its processes get process groups of their own: a signal to the driver's group is the driver's alone then. Else a closed
    terminal or a batch system's SIGTERM takes Ray away before the driver can end the run in order, and Ray's library in the
    driver then ends that too. What runs here runs in the child, between fork and exec (Ray 2.60).

    Its dashboard's server (which starts though no dashboard is asked for), the autoscaler's monitor and the reader of its logs
    are of no use to a Ray of one machine and one driver: each costs a second of a CPU before the first trial. So does looking
    whether the dashboard's packages are installed, by importing them; without them its agent is the small one. A Ray that lacks
    what is replaced here starts as it is.
    """
    import ray._private.services as services
    import ray._private.utils as starting
    from ray._private.node import Node

    rays_own = starting.set_kill_on_parent_death_linux

    def in_the_child() -> None:
        rays_own()
        os.setpgid(0, 0)

    replaced = (
        (starting, "set_kill_on_parent_death_linux", in_the_child),
        (starting, "get_dashboard_dependency_error", lambda: ImportError("no dashboard is started")),
        (services, "start_api_server", lambda *_, **__: ("", None)),
        (Node, "start_monitor", lambda node: None),
        (Node, "start_log_monitor", lambda node: None),
    )
    with contextlib.ExitStack() as stack:
        for place, name, ours in replaced:
            if hasattr(place, name):
                stack.callback(setattr, place, name, getattr(place, name))
                setattr(place, name, ours)
        stack.enter_context(_environment(_WHEN_STARTED))
        yield


@contextlib.contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    """While this lasts, these variables are set."""
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            del os.environ[name]
            if value is not None:
                os.environ[name] = value


def _import_ray() -> None:
    """Import it with `_WHEN_IMPORTED`, which it reads then, and which is not for the processes that it starts."""
    with _environment(_WHEN_IMPORTED):
        import ray
        import ray._common.usage.usage_lib  # noqa: F401  # which both ray.init and Tune bring, in two threads then
