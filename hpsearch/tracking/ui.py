"""How MLflow's UI is started on a store, and where in it a study is. No mlflow here."""

from __future__ import annotations

import sys

from hpsearch.tracking.delivery import Delivery
from hpsearch.tracking.uris import scheme_of


def is_server(uri: str) -> bool:
    """Whether the store is a server that has a UI of its own."""
    return scheme_of(uri) in ("http", "https")


def ui_command(uri: str, host: str, port: int) -> list[str]:
    """The command that serves MLflow's UI on a store that is a database, until it is ended."""
    serve = ["--backend-store-uri", uri, "--host", host, "--port", str(port), "--workers", "1"]
    return [sys.executable, "-m", "mlflow", "server", *serve]


def comparison_url(base: str, delivery: Delivery | None) -> str:
    """Where the study's runs are listed, the children under their parent; the start page while there are none."""
    if delivery is None or delivery.experiment_id is None:
        return base
    return f"{base}/#/experiments/{delivery.experiment_id}/runs"
