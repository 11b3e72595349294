"""Can the store be reached and written? Asked by the driver before any trial starts, in seconds and without mlflow."""

from __future__ import annotations

import base64
import os
import socket
import sqlite3
import ssl
from contextlib import closing
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from hpsearch.core.errors import InfrastructureError
from hpsearch.core.names import did_you_mean
from hpsearch.tracking.uris import is_sql_server, scheme_of, shown, sqlite_path

_PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433}
_KNOWN = ("sqlite", "http", "https", "postgresql", "mysql", "mssql", "databricks")


def check_store(uri: str, timeout_s: float = 5) -> None:
    """Return if MLflow's store answers (a server) or can be written (a SQLite file); waits `timeout_s` at most per attempt.

    Raises:
        InfrastructureError: says what is wrong and what to do. Addresses that only MLflow can judge (databricks) pass.
    """
    scheme = scheme_of(uri)
    if scheme == "sqlite":
        path = sqlite_path(uri)
        assert path is not None
        _check_sqlite(path, uri)
    elif scheme in ("http", "https"):
        _check_http(uri, timeout_s)
    elif scheme == "file":
        raise InfrastructureError(
            f"tracking.uri = {uri}: MLflow no longer keeps runs in a plain folder; "
            "use a SQLite file, sqlite:///mlflow.db, or a server, http://HOST:5000"
        )
    elif is_sql_server(uri):
        _check_port(uri, _PORTS[scheme], timeout_s)
    elif not scheme.startswith(("databricks", "uc")) and did_you_mean(scheme, _KNOWN):
        # Not refused otherwise: MLflow has plug-ins for further schemes.
        raise InfrastructureError(f"tracking.uri = {shown(uri)}: no store is called {scheme}{did_you_mean(scheme, _KNOWN)}")


def _check_sqlite(path: Path, uri: str) -> None:
    folder = path.parent
    if not folder.is_dir():
        raise InfrastructureError(f"MLflow's store {uri}: there is no folder {folder}; create it, or name another file")
    if path.is_dir():
        raise InfrastructureError(f"MLflow's store {uri}: {path} is a folder; name a file in it: sqlite:///{path / 'mlflow.db'}")
    # The folder too: SQLite keeps its journal beside the file.
    for place in (folder, path):
        if place.exists() and not os.access(place, os.W_OK):
            raise InfrastructureError(
                f"MLflow's store {uri}: {place} cannot be written by this user; change its mode, or name another file"
            )
    if not path.exists() or path.stat().st_size == 0:
        return
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=1)) as connection:
            connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            return  # in use, hence alive: the mirror waits for it
        raise InfrastructureError(f"MLflow's store {uri}: {path} cannot be opened: {error}") from error
    except sqlite3.DatabaseError as error:
        raise InfrastructureError(f"MLflow's store {uri}: {path} is no SQLite database ({error}); name another file") from error


def _check_http(uri: str, timeout_s: float) -> None:
    parts = urlsplit(uri)
    if not parts.hostname:
        raise InfrastructureError(f"tracking.uri = {shown(uri)}: no host; write http://HOST:5000")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise InfrastructureError(f"tracking.uri = {shown(uri)}: {error}") from error
    address = f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}/health"
    request = Request(address, headers=_authorization(parts.username, parts.password))
    advice = "start it (mlflow server), or mend tracking.uri (MLFLOW_TRACKING_URI)"
    try:
        with urlopen(request, timeout=timeout_s, context=_ssl_context(parts.scheme)) as answer:
            answer.read(16)
    except HTTPError as error:
        with error:
            if error.code in (401, 403):
                raise InfrastructureError(
                    f"MLflow at {shown(uri)} refuses the credentials (HTTP {error.code}); "
                    "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN"
                ) from error
            if error.code >= 500:
                raise InfrastructureError(
                    f"MLflow at {shown(uri)} answers HTTP {error.code} ({error.reason}); {advice}"
                ) from error
        # Any other answer comes from a server that is there: managed ones have no /health.
    except (URLError, HTTPException, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        if isinstance(reason, TimeoutError):
            reason = f"no answer within {timeout_s:g} s"
        raise InfrastructureError(f"MLflow at {shown(uri)} cannot be reached: {reason}; {advice}") from error


def _authorization(user: str | None, password: str | None) -> dict[str, str]:
    # The order in which MLflow's own client takes them.
    if user is not None:
        user, password = unquote(user), unquote(password or "")
    else:
        user, password = os.environ.get("MLFLOW_TRACKING_USERNAME"), os.environ.get("MLFLOW_TRACKING_PASSWORD", "")
    if user:
        return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}
    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    return {"Authorization": f"Bearer {token}"} if token else {}


def _ssl_context(scheme: str) -> ssl.SSLContext | None:
    if scheme != "https":
        return None
    context = ssl.create_default_context(cafile=os.environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH") or None)
    if os.environ.get("MLFLOW_TRACKING_INSECURE_TLS", "").lower() in ("true", "1"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _check_port(uri: str, default_port: int, timeout_s: float) -> None:
    parts = urlsplit(uri)
    host = parts.hostname
    if not host:
        return  # a socket in the file system, or given by the query: only the driver knows
    try:
        socket.create_connection((host, parts.port or default_port), timeout=timeout_s).close()
    except (OSError, ValueError) as error:
        raise InfrastructureError(
            f"MLflow's store {shown(uri)} cannot be reached: {error}; start the database, or mend tracking.uri"
        ) from error
