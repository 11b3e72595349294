"""`hpsearch ui`."""

from __future__ import annotations

import signal
import socket
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import click

from hpsearch.cli.common import complete_study, dir_option, folder_of
from hpsearch.core.errors import InfrastructureError
from hpsearch.ledger.folder import StudyFolder
from hpsearch.spec.model import TrackingSpec
from hpsearch.study import spec_of, status
from hpsearch.tracking import Delivery, check_store, resolve_uri
from hpsearch.tracking.ui import UiServer, columns_of, comparison_url, is_server
from hpsearch.tracking.uris import shown

_FIRST_PORT = 5000
_PORTS = range(_FIRST_PORT, _FIRST_PORT + 50)


@click.command()
@click.argument("study", required=False, shell_complete=complete_study)
@dir_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to serve on.")
@click.option("--port", type=click.IntRange(1, 65535), help=f"[{_FIRST_PORT}, or the next one that is free]")
@click.option("--no-open", is_flag=True, help="Do not open a browser.")
def ui(study: str | None, directory: Path | None, host: str, port: int | None, no_open: bool) -> None:
    """MLflow's UI on the store that STUDY's runs are in, opened at the study; without a study, on MLflow's default store.

    Its address is printed on stdout once it answers. Ctrl-C ends it.

    \b
    Examples:
      hpsearch ui digits-svm
      hpsearch ui digits-svm --port 5001 --no-open
    """
    folder = folder_of(study, directory) if study else None
    delivery = status(folder).delivery if folder else None
    uri = _uri(folder, delivery)
    check_store(uri)
    if is_server(uri):
        _open(comparison_url(shown(uri).replace("***@", "").rstrip("/"), delivery), no_open)
        return
    chosen = _free_port(host, port)
    click.echo(f"starting MLflow's UI on {shown(uri)}, which takes a few seconds; Ctrl-C ends it", err=True)
    with _ended_by_signals(), suppress(KeyboardInterrupt), UiServer(uri, host, chosen) as server:
        _open(comparison_url(server.base, delivery, view=_share_view(server, folder, delivery)), no_open)
        server.wait()
        raise InfrastructureError("MLflow's server has ended by itself")


def _uri(folder: StudyFolder | None, delivery: Delivery | None) -> str:
    """The store's address. What a study's folder keeps of it lacks the password, which the spec or the environment has."""
    default = resolve_uri(TrackingSpec())
    if folder is None or delivery is None or delivery.uri is None:
        return default
    if shown(delivery.uri) == delivery.uri and "***" not in delivery.uri:
        return delivery.uri
    spec = spec_of(folder)
    for uri in (default, *([resolve_uri(spec.tracking)] if spec else [])):
        if shown(uri) == delivery.uri:
            return uri
    raise InfrastructureError(f"the study's runs are in {delivery.uri}: set MLFLOW_TRACKING_URI to its whole address")


def _share_view(server: UiServer, folder: StudyFolder | None, delivery: Delivery | None) -> bool:
    """Whether the study's table shows what varies and what was measured."""
    spec = spec_of(folder) if folder else None
    if spec is None or delivery is None or delivery.experiment_id is None:
        return False
    metrics = (spec.metric.name, *(spec.evaluate.metrics if spec.evaluate else ()))
    return server.share_view(delivery.experiment_id, columns_of(spec.space.varying, dict.fromkeys(metrics)))


def _open(url: str, no_open: bool) -> None:
    click.echo(url)
    if not no_open and sys.stderr.isatty():
        webbrowser.open(url)


def _free_port(host: str, wanted: int | None) -> int:
    for port in _PORTS if wanted is None else (wanted,):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: a port just left is free
            try:
                probe.bind((host, port))
                return port
            except OSError as error:
                reason = error.strerror or str(error)
    place = f"port {wanted}" if wanted is not None else f"each port from {_PORTS.start} to {_PORTS.stop - 1}"
    raise InfrastructureError(f"{host}: {place}: {reason}; choose another with --port")


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM, and the terminal's closing, end the block as Ctrl-C does: the server must not outlive this command.

    Ctrl-C too is told: Python leaves it alone in a process that was started with it ignored, as a shell's `&` does.
    """

    def end(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
