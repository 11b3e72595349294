"""How MLflow's UI is started on a store, and where in it a study is. No mlflow here."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Self
from urllib.request import OpenerDirector, ProxyHandler, Request, build_opener

from hpsearch.core.clock import Clock, SystemClock
from hpsearch.core.errors import InfrastructureError
from hpsearch.tracking.delivery import Delivery
from hpsearch.tracking.uris import scheme_of, sqlite_path, without_secrets

# MLflow's server imports for ten seconds, several times that on a busy machine.
_START_S = 120.0
_END_S = 5.0
_POLL_S = 0.2
_VIEW = "hpsearch"


def is_server(uri: str) -> bool:
    """Whether the store is a server that has a UI of its own."""
    return scheme_of(uri) in ("http", "https")


def columns_of(params: Iterable[str], metrics: Iterable[str]) -> tuple[str, ...]:
    """What MLflow's table calls the columns of these parameters and metrics."""
    return (*(f"metrics.`{name}`" for name in metrics), *(f"params.`{name}`" for name in params))


def comparison_url(base: str, delivery: Delivery | None, *, view: bool = False) -> str:
    """Where the study's runs are: its experiment's table, its children under the parent; else the start page.

    Args:
        view: with the columns that `UiServer.share_view` has set, instead of MLflow's own.
    """
    if delivery is None or delivery.experiment_id is None:
        return base
    return f"{base}/#/experiments/{delivery.experiment_id}/runs" + (f"?viewStateShareKey={_VIEW}" if view else "")


def _opener() -> OpenerDirector:
    return build_opener(ProxyHandler({}))  # the server is on this machine: no proxy


class UiServer:
    """`mlflow server` on a store that is a database, for the time of a `with` block; its processes all end with the block.

    Raises (entering the context):
        InfrastructureError: it ended, or does not answer; with what it said.
    """

    def __init__(self, uri: str, host: str, port: int, clock: Clock | None = None) -> None:
        self.base = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        self._uri = uri
        self._clock = clock or SystemClock()
        self._output = tempfile.TemporaryFile()  # noqa: SIM115  # for as long as the server
        path = sqlite_path(uri)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mlflow", "server", "--host", host, "--port", str(port), "--workers", "1"],
            # A database's password is for no process list. Jobs (evaluations in the background) are nobody's here, and
            # would be seven processes more.
            env={
                **os.environ,
                "MLFLOW_BACKEND_STORE_URI": uri,
                "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
                "MLFLOW_DISABLE_TELEMETRY": "true",
            },
            cwd=path.parent if path is not None and path.parent.is_dir() else None,  # where the mirror keeps artifacts
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output,
            start_new_session=True,  # Ctrl-C is for whoever holds this; the server's own processes are a group to be ended
        )

    def __enter__(self) -> Self:
        try:
            self._await_answer()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def share_view(self, experiment_id: str, columns: Sequence[str]) -> bool:
        """Whether the experiment now has a view of its table with these columns, which MLflow leaves out by default.

        It is kept where MLflow's own "share" button keeps one, in a tag of the experiment.
        """
        tag = {
            "experiment_id": experiment_id,
            "key": f"mlflow.sharedViewState.{_VIEW}",
            "value": json.dumps({"selectedColumns": columns}),
        }
        request = Request(
            f"{self.base}/api/2.0/mlflow/experiments/set-experiment-tag",
            json.dumps(tag).encode(),
            {"Content-Type": "application/json"},
        )
        try:
            with _opener().open(request, timeout=10) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False  # a store that only reads; the table then has MLflow's own columns

    def wait(self) -> None:
        """Returns when the server has ended by itself."""
        self._process.wait()

    def close(self) -> None:
        """Ends the server and all it has started."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_END_S)
                break
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)  # what the server did not take with it
        self._output.close()

    def _await_answer(self) -> None:
        deadline = self._clock.monotonic() + _START_S
        while not self._answers():
            if self._process.poll() is not None:
                raise InfrastructureError(f"MLflow's server has ended ({self._process.returncode}): {self._said()}")
            if self._clock.monotonic() > deadline:
                raise InfrastructureError(f"MLflow's server gives no answer at {self.base} after {_START_S:g} s: {self._said()}")
            self._clock.sleep(_POLL_S)

    def _answers(self) -> bool:
        try:
            with _opener().open(f"{self.base}/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _said(self, lines: int = 8) -> str:
        self._output.seek(0)
        said = self._output.read().decode("utf-8", "replace").strip().splitlines()
        return without_secrets("\n".join(said[-lines:]), self._uri) or "it said nothing"
