"""`hpsearch ui`."""

from __future__ import annotations

import os
import subprocess
import sys
import webbrowser
from pathlib import Path

import click

from hpsearch.cli.common import dir_option, folder_of
from hpsearch.spec.model import TrackingSpec
from hpsearch.study import status
from hpsearch.tracking import check_store, resolve_uri
from hpsearch.tracking.ui import comparison_url, is_server, ui_command
from hpsearch.tracking.uris import shown


@click.command()
@click.argument("study", required=False)
@dir_option
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=5000, show_default=True)
@click.option("--no-open", is_flag=True, help="Do not open a browser.")
def ui(study: str | None, directory: Path | None, host: str, port: int, no_open: bool) -> None:
    """MLflow's UI on the store that STUDY's runs are in, opened at the study; without a study, on MLflow's default store.

    \b
    Examples:
      hpsearch ui digits-svm
      hpsearch ui digits-svm --port 5001 --no-open
    """
    found = status(folder_of(study, directory)) if study else None
    uri = (found.delivery.uri if found else None) or resolve_uri(TrackingSpec())
    check_store(uri)
    base = uri.rstrip("/") if is_server(uri) else f"http://{host}:{port}"
    url = comparison_url(base, found.delivery if found else None)
    if is_server(uri):
        click.echo(url)
        if not no_open:
            webbrowser.open(url)
        return
    click.echo(f"MLflow on {shown(uri)}: {url}\n(Ctrl-C ends it)", err=True)
    server = subprocess.Popen(ui_command(uri, host, port), env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"})
    if not no_open and sys.stderr.isatty():
        webbrowser.open(url)
    try:
        sys.exit(server.wait())
    except KeyboardInterrupt:
        server.terminate()
        server.wait()
