"""Where MLflow is: the address resolved, taken apart, and shown without its password. No mlflow here."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from hpsearch.core.errors import InfrastructureError
from hpsearch.spec.model import TrackingSpec
from hpsearch.spec.variables import reveal

DEFAULT_URI = "sqlite:///mlflow.db"
_SQL_SCHEMES = frozenset({"postgresql", "mysql", "mssql"})
_OWN_SCHEMES = frozenset({"databricks", "databricks-uc", "uc"})


def resolve_uri(spec: TrackingSpec, folder: Path | None = None) -> str:
    """The tracking address of a study: `tracking.uri`, else MLFLOW_TRACKING_URI, else `sqlite:///mlflow.db`.

    A relative SQLite path is made absolute, so that every process means one file: a spec's own against `folder` (the
    spec's folder; the current one where it is not given), MLflow's defaults against the current folder, as MLflow does.
    Secrets are in it as they are: `shown` is for people and files.

    Raises:
        InfrastructureError: the environment lacks a secret.
    """
    base = Path.cwd()
    uri = spec.uri
    if uri is not None:
        uri = reveal(uri, os.environ)
        base = folder if folder is not None else base
    else:
        uri = os.environ.get("MLFLOW_TRACKING_URI", "").strip() or DEFAULT_URI
    path = sqlite_path(uri)
    if path is None or path.is_absolute():
        return uri
    head, _, rest = uri.partition(":///")
    query = rest.partition("?")[2]
    return f"{head}:///{(base / path).resolve()}" + (f"?{query}" if query else "")


def sqlite_path(uri: str) -> Path | None:
    """The file of a SQLite address (relative as written), or None for an address of another kind.

    Raises:
        InfrastructureError: for SQLite in memory, which ends with the process that opened it.
    """
    scheme = uri.partition(":")[0].partition("+")[0]
    if scheme != "sqlite":
        return None
    path = unquote(uri.partition(":///")[2].partition("?")[0])
    if not path or path == ":memory:":
        raise InfrastructureError(
            f"tracking.uri = {uri}: a SQLite store in memory would end with its process; name a file: sqlite:///mlflow.db"
        )
    return Path(path)


def scheme_of(uri: str) -> str:
    """The address's kind: "sqlite", "http", "postgresql", ..., "file" for a folder, or whatever scheme stands there."""
    head, colon, _ = uri.partition(":")
    if head in _OWN_SCHEMES:
        return head
    if not colon or re.fullmatch(r"[A-Za-z]", head):  # a plain folder; one letter is a drive
        return "file"
    return head.partition("+")[0].lower()


def is_sql_server(uri: str) -> bool:
    return scheme_of(uri) in _SQL_SCHEMES


def shown(uri: str) -> str:
    """`uri` for people and files: user and password replaced by ***, and so are the values of its query."""
    address, mark, query = uri.partition("?")
    parts = urlsplit(address)
    if parts.netloc:
        host = parts.netloc.rpartition("@")[2]
        address = urlunsplit((parts.scheme, f"***@{host}" if "@" in parts.netloc else host, parts.path, "", ""))
    return address + mark + re.sub(r"=[^&]*", "=***", query)


def without_secrets(text: str, uri: str) -> str:
    """`text` (an error's message) with the credentials of `uri` masked, in case a library quoted the whole address."""
    parts = urlsplit(uri)
    text = text.replace(uri, shown(uri))
    values = [value.partition("=")[2] for value in parts.query.split("&")]
    # Short words of the rest stand in many a sentence.
    hidden = [parts.password or "", *(each for each in (parts.username or "", *values) if len(each) > 3)]
    for secret in (*hidden, *map(unquote, hidden)):
        if secret:
            text = text.replace(secret, "***")
    return text
