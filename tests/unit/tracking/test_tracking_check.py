"""Where MLflow is, and whether it can be used: asked before any trial, without mlflow."""

from __future__ import annotations

import http.server
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hpsearch.core.errors import InfrastructureError
from hpsearch.spec.model import TrackingSpec
from hpsearch.tracking import check_store, resolve_uri
from hpsearch.tracking.settings import Settings
from hpsearch.tracking.uris import scheme_of, shown, sqlite_path, without_secrets


def test_nothing_of_this_imports_mlflow() -> None:
    """The driver starts in a fraction of a second, and works where MLflow is broken."""
    code = (
        "import sys, hpsearch.tracking, hpsearch.tracking.ui, hpsearch.tracking.rest\n"
        "assert not {'mlflow', 'sklearn', 'pandas', 'ray'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("spec", "variable", "expected"),
    [
        (None, None, "sqlite:///{cwd}/mlflow.db"),
        (None, "sqlite:///runs/m.db", "sqlite:///{cwd}/runs/m.db"),
        (None, "http://head:5000", "http://head:5000"),
        ("http://head:5000", "http://other:1", "http://head:5000"),
        ("sqlite:///m.db", None, "sqlite:///{spec}/m.db"),
        ("sqlite:///m.db?timeout=9", None, "sqlite:///{spec}/m.db?timeout=9"),
        ("sqlite:////data/m.db", None, "sqlite:////data/m.db"),
        ("databricks", None, "databricks"),
    ],
)
def test_resolve_uri(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec: str | None, variable: str | None, expected: str
) -> None:
    """The mirror runs in another folder: a relative path must mean the same file there as for the user."""
    here, folder = tmp_path / "here", tmp_path / "spec"
    here.mkdir()
    folder.mkdir()
    monkeypatch.chdir(here)
    if variable is None:
        monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    else:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", variable)
    assert resolve_uri(TrackingSpec(uri=spec), folder) == expected.format(cwd=here, spec=folder)


def test_schemes() -> None:
    """Each kind of address is recognised as MLflow does."""
    kinds = {
        "sqlite:///a.db": "sqlite",
        "sqlite+pysqlite:///a.db": "sqlite",
        "postgresql+psycopg://h/d": "postgresql",
        "HTTPS://h": "https",
        "./mlruns": "file",
        "file:///a": "file",
        "databricks://profile": "databricks",
    }
    assert {uri: scheme_of(uri) for uri in kinds} == kinds
    assert sqlite_path("sqlite:////a%20b.db?x=1") == Path("/a b.db")
    assert sqlite_path("http://h") is None


def test_passwords_are_never_shown() -> None:
    """A password in the address appears in no message, file or process title."""
    uri = "postgresql://ann:s3cr%40t@db:5432/mlflow?sslpassword=hush"
    assert shown(uri) == "postgresql://***@db:5432/mlflow?sslpassword=***"
    assert shown("http://head:5000") == "http://head:5000"
    assert shown("sqlite:////data/mlflow.db?key=hush") == "sqlite:////data/mlflow.db?key=***"
    assert "s3cr" not in without_secrets(f"cannot connect to {uri} with s3cr@t", uri)
    assert without_secrets("hush, said analyst", "http://analyst:x1@h/?key=hush") == "***, said ***"
    settings = Settings("postgresql://u:hush@h/d", Path("/s/mirror.db"), uri, "svm", Path("/s"), Path("/s/m.log"))
    assert not [argument for argument in settings.arguments() if "s3cr" in argument or "hush" in argument]
    assert Settings.parse(settings.arguments(), settings.environment({})) == settings


def test_a_retry_inside_mlflow_would_make_a_second_run() -> None:
    """Whatever the user's environment says, a create_run is posted once."""
    settings = Settings("l", Path("s"), "u", "e", Path("f"), Path("l"))
    environment = settings.environment({"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "7", "MLFLOW_HTTP_REQUEST_TIMEOUT": "3", "HOME": "/h"})
    assert environment["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] == "0"
    assert environment["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert environment["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "3", "the user's own patience stands"
    assert environment["HOME"] == "/h"


def test_sqlite_stores(tmp_path: Path) -> None:
    """A file that can be made, or is a database, passes; nothing is created by asking."""
    path = tmp_path / "mlflow.db"
    check_store(f"sqlite:///{path}")
    assert not path.exists()
    sqlite3.connect(path).close()
    check_store(f"sqlite:///{path}")
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE a (b)")
    connection.execute("BEGIN EXCLUSIVE")
    check_store(f"sqlite:///{path}")  # in use: waited for by the mirror
    connection.close()


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("sqlite:///{}/none/m.db", "there is no folder"),
        ("sqlite:///{}", "is a folder; name a file in it"),
        ("sqlite:///{}/text.db", "is no SQLite database"),
        ("sqlite://", "in memory would end with its process"),
        ("sqlite:///:memory:", "in memory would end with its process"),
        ("{}/mlruns", "no longer keeps runs in a plain folder"),
        ("file://{}/mlruns", "use a SQLite file"),
        ("htp://head:5000", "no store is called htp; did you mean http?"),
        ("http://", "no host"),
        ("http://head:port", "Port could not be cast"),
        ("postgresql://u:hush@127.0.0.1:1/d", "start the database"),
    ],
)
def test_refused_with_a_sentence(tmp_path: Path, uri: str, words: str) -> None:
    """A store that cannot work is named before the first trial, with what to do."""
    (tmp_path / "text.db").write_text("hello " * 1000)
    with pytest.raises(InfrastructureError, match=words.replace("?", r"\?").replace("(", r"\(")) as error:
        check_store(uri.format(tmp_path), timeout_s=1)
    assert "hush" not in str(error.value)


def test_addresses_that_only_mlflow_can_judge_pass() -> None:
    """MLflow's plug-ins and managed stores are not refused for being unknown here."""
    check_store("databricks")
    check_store("databricks://profile")
    check_store("my-own-plugin://x")


class _Answers(http.server.BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def web() -> Iterator[tuple[type[_Answers], str]]:
    handler = type("Handler", (_Answers,), {})
    server = http.server.HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield handler, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_servers(web: tuple[type[_Answers], str]) -> None:
    """A healthy server passes, one without /health too; a failing one and wrong credentials are told apart."""
    handler, uri = web
    for status in (200, 404):
        handler.status = status
        check_store(uri)
    handler.status = 503
    with pytest.raises(InfrastructureError, match="answers HTTP 503"):
        check_store(uri)
    handler.status = 401
    with pytest.raises(InfrastructureError, match=r"refuses the credentials.*MLFLOW_TRACKING_USERNAME"):
        check_store(uri)


def test_a_closed_port_and_a_silent_server_are_told_within_seconds() -> None:
    """Exit 4 within ten seconds, whatever stands at the address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        uri = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(InfrastructureError, match=r"cannot be reached.*mlflow server"):
            check_store(uri)
        listening.listen(1)
        started = time.monotonic()
        with pytest.raises(InfrastructureError, match=r"no answer within 0.3 s|timed out"):
            check_store(uri, timeout_s=0.3)
        assert time.monotonic() - started < 5
