"""`hpsearch ui`: MLflow's own server on the study's store, reached at the address that is printed, gone with the command."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from harness import Shell

from hpsearch.spec import load_spec
from hpsearch.study import Options
from hpsearch.study import run as run_study

SPEC = """
name: squares
trial: {function: "job:run"}
metric: {name: loss, mode: min}
space: {x: {int: [1, 4]}, y: 2}
tracking: {uri: "sqlite:///mlflow.db"}
"""


@pytest.fixture(scope="module")
def study(own_environment: None, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A finished study of four trials."""
    shell = Shell(tmp_path_factory.mktemp("ui"), {})
    shell.write("job.py", "def run(params):\n    return {'loss': params['x'] ** 2}\n")
    spec = load_spec(shell.write("spec.yaml", SPEC))
    done = run_study(spec, Options(shell.folder / "studies", in_process=True))
    assert (done.delivery.delivered, done.delivery.pending) == (4, 0)
    return shell


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def first_line(process: subprocess.Popen[str], timeout_s: float = 150) -> str:
    """What is printed first; the test fails, with what was said, where nothing is."""
    assert process.stdout is not None
    watchdog = threading.Timer(timeout_s, process.kill)
    watchdog.start()
    line = process.stdout.readline().strip()
    watchdog.cancel()
    if not line:
        pytest.fail(f"no address was printed: {process.communicate()[1]}")
    return line


def descendants(pid: int) -> set[int]:
    """All living processes under one, by way of /proc."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found and child not in found}:
        found |= more
    return found - {pid}


def end(process: subprocess.Popen[str]) -> None:
    """Whatever the test found: nothing it has started goes on."""
    below = descendants(process.pid) if process.poll() is None else set()
    for pid in (process.pid, *below):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.communicate()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_printed_address_answers_and_nothing_is_left_behind(study: Shell, number: signal.Signals) -> None:
    port = free_port()
    process = study.start("ui", "squares", "--no-open", "--port", port)
    try:
        url = first_line(process)
        address = urlsplit(url)
        assert (address.hostname, address.port) == ("127.0.0.1", port)
        with urlopen(f"http://127.0.0.1:{port}/", timeout=30) as page:
            assert page.status == 200
            assert "<title>MLflow</title>" in page.read().decode()

        experiment_id = experiment_of(study.folder, "squares")
        assert address.fragment == f"/experiments/{experiment_id}/runs?viewStateShareKey=hpsearch"
        runs = search_runs(port, experiment_id)
        parents = [run for run in runs if "mlflow.parentRunId" not in tags_of(run)]
        assert len(parents) == 1
        assert len([run for run in runs if tags_of(run).get("mlflow.parentRunId") == parents[0]["info"]["run_id"]]) == 4
        assert shared_view(port, experiment_id) == {"selectedColumns": ["metrics.`loss`", "params.`x`"]}

        below = descendants(process.pid)
        assert below
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    finally:
        end(process)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    deadline = time.monotonic() + 5
    while any(map(is_alive, below)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in below if is_alive(pid)]
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_port_that_is_taken_is_told_at_once(study: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = study("ui", "squares", "--no-open", "--port", port)
    assert done.code == 4
    assert f"127.0.0.1: port {port}: Address already in use; choose another with --port" in done.err
    assert not done.out


def test_a_store_that_is_a_server_needs_no_other(study: Shell) -> None:
    """Its own UI is pointed to, without the password that the address may hold."""
    server = study.start("ui", "--no-open", "--port", free_port())
    try:
        base = first_line(server)
        place = base.removeprefix("http://")
        done = study("ui", "--no-open", MLFLOW_TRACKING_URI=f"http://ada:secret@{place}")
        assert done.code == 0, done.err
        assert done.out == f"{base}\n"
        assert "secret" not in done.err
    finally:
        end(server)


def experiment_of(folder: Path, name: str) -> str:
    with closing(sqlite3.connect(folder / "mlflow.db")) as store:
        return str(store.execute("select experiment_id from experiments where name = ?", (name,)).fetchone()[0])


def search_runs(port: int, experiment_id: str) -> list[dict[str, dict[str, object]]]:
    asked = ask(port, "runs/search", {"experiment_ids": [experiment_id], "max_results": 100})
    return asked["runs"]  # type: ignore[no-any-return]


def shared_view(port: int, experiment_id: str) -> object:
    with urlopen(f"http://127.0.0.1:{port}/api/2.0/mlflow/experiments/get?experiment_id={experiment_id}", timeout=30) as answer:
        tags = {tag["key"]: tag["value"] for tag in json.load(answer)["experiment"]["tags"]}
    return json.loads(tags["mlflow.sharedViewState.hpsearch"])


def tags_of(run: dict[str, dict[str, object]]) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in run["data"]["tags"]}  # type: ignore[attr-defined]


def ask(port: int, path: str, body: dict[str, object]) -> dict[str, object]:
    request = Request(
        f"http://127.0.0.1:{port}/api/2.0/mlflow/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urlopen(request, timeout=30) as answer:
        return json.load(answer)  # type: ignore[no-any-return]
