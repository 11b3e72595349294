"""A cluster that cannot be joined is named within seconds, with the reason and what to do."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from hpsearch.cluster import ClusterAddress, check_reachable, connection_error, resolve
from hpsearch.cluster.reach import Refused, Unanswered, _own_address
from hpsearch.core.errors import InfrastructureError


@pytest.fixture
def mute() -> Iterator[int]:
    """The port of a server that accepts connections and says nothing."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def at(text: str) -> ClusterAddress:
    return resolve(text, {})


def fine(*_: object) -> None: ...


def refuse(*_: object) -> None:
    raise Refused


def unanswered(*_: object) -> None:
    raise Unanswered


def failing(error: OSError) -> object:
    def connect(*_: object) -> None:
        raise error

    return connect


def message(address: ClusterAddress, env: dict[str, str] | None = None, **seams: object) -> str:
    with pytest.raises(InfrastructureError) as caught:
        check_reachable(address, {"HOME": "/nowhere"} | (env or {}), **seams)  # type: ignore[arg-type]
    return str(caught.value)


def test_a_local_ray_needs_nothing_to_answer() -> None:
    check_reachable(resolve(None, {}), {"RAY_AUTH_MODE": "token"}, connect=failing(OSError()))  # type: ignore[arg-type]


def test_a_closed_port_is_said_at_once(closed_port: int) -> None:
    started = time.monotonic()
    text = message(at(f"127.0.0.1:{closed_port}"))
    assert time.monotonic() - started < 2  # Ray alone: over a minute
    assert text == (
        f"cannot join the Ray cluster at 127.0.0.1:{closed_port} (from --address): "
        f"nothing listens on 127.0.0.1:{closed_port}; is the head up? (ray status, on it)"
    )


def test_a_port_that_is_not_rays_is_said_within_the_bound(mute: int) -> None:
    # In a process of its own: the question goes on in its thread until that process ends, which it must do cleanly.
    script = (
        "import os, time, ray\nfrom hpsearch.cluster import *\nstarted = time.monotonic()\n"
        f"try: check_reachable(resolve('127.0.0.1:{mute}', {{}}), os.environ, timeout_s=0.5)\n"
        "except Exception as error: print(type(error).__name__, error)\n"
        "assert time.monotonic() - started < 10, 'Ray alone takes 40 s'\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert "InfrastructureError cannot join the Ray cluster at 127.0.0.1:" in done.stdout
    assert "something listens there, but it did not answer as a Ray head does within 0.5 s" in done.stdout


def test_a_mistaken_port_is_recognised() -> None:
    assert "8265 is the dashboard's usual port" in message(at("head:8265"), connect=fine, ask=unanswered)
    assert "usual port" not in message(at("head:6379"), connect=fine, ask=unanswered)


def test_a_name_without_an_address_is_said() -> None:
    text = message(at("no-such-head:6379"), connect=failing(socket.gaierror(-2, "unknown")))
    assert "the host no-such-head has no address" in text


def test_silence_names_the_bound_and_the_port() -> None:
    assert "head:6379 did not answer within 3 s" in message(at("head:6379"), connect=failing(TimeoutError()), timeout_s=3.0)


def test_another_failure_of_the_network_keeps_its_own_words() -> None:
    assert "head:6379: No route to host" in message(at("head:6379"), connect=failing(OSError(113, "No route to host")))


def test_a_refused_token_is_said_to_be_one() -> None:
    text = message(at("head:6379"), connect=fine, ask=refuse)
    assert text.startswith("the Ray cluster at head:6379 (from --address) refused this process: RAY_AUTH_MODE is not set here")
    assert "set RAY_AUTH_MODE=token" in text


def test_a_missing_token_is_said_before_anything_is_asked() -> None:
    text = message(at("head:6379"), {"RAY_AUTH_MODE": "token"}, connect=failing(AssertionError()))  # type: ignore[arg-type]
    assert "RAY_AUTH_MODE is token, but there is no token" in text


def test_an_address_that_answers_passes() -> None:
    seen: list[object] = []
    check_reachable(at("[fd00::9]:6379"), {}, connect=lambda *call: seen.append(call), ask=lambda *call: seen.append(call))
    assert seen == [("fd00::9", 6379, 5.0), ("[fd00::9]:6379", 5.0)]


@pytest.fixture
def forwarded() -> Iterator[int]:
    """The port of a server on the loopback alone, as the near end of a tunnel or of a container's port is."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_tunnel_is_said_to_be_none_that_ray_takes(forwarded: int, host: str) -> None:
    """Ray 2.60 replaces the loopback by the machine's own address, then waits there for minutes."""
    text = message(at(f"{host}:{forwarded}"), own=lambda host: "127.0.0.3", ask=fine)
    assert text == (
        f"cannot join the Ray cluster at {host}:{forwarded} (from --address): a head answers there, but Ray takes {host} for"
        f" this machine's own address, and nothing listens on 127.0.0.3:{forwarded}; is the head up? (ray status, on it)."
        " A tunnel or a forwarded port is not enough: run hpsearch on a node of the cluster"
    )


def test_a_head_of_this_machine_may_be_named_by_the_loopback() -> None:
    seen: list[object] = []
    note = lambda *call: seen.append(call)  # noqa: E731
    check_reachable(at("127.0.0.1:6379"), {}, connect=note, ask=note, own=lambda host: "192.0.2.2")
    assert seen == [("127.0.0.1", 6379, 5.0), ("127.0.0.1:6379", 5.0), ("192.0.2.2", 6379, 5.0)]


def test_ray_s_own_reading_of_the_loopback() -> None:
    """Any other host is left as it is; should Ray lose the function, the host is too."""
    assert _own_address("head") == "head"
    assert _own_address("192.0.2.77") == "192.0.2.77"
    assert _own_address("127.0.0.1")


def test_auto_needs_a_running_ray() -> None:
    assert "no Ray runs on this machine" in message(at("auto"), find=lambda: None)


def test_auto_notices_a_ray_that_has_died(closed_port: int) -> None:
    assert "nothing listens on" in message(at("auto"), find=lambda: f"127.0.0.1:{closed_port}")


def test_auto_is_not_asked_for_its_token_because_ray_turns_it_on_later() -> None:
    check_reachable(at("auto"), {}, find=lambda: "127.0.0.1:1", connect=fine, ask=refuse)


def chained(outer: Exception, inner: Exception) -> Exception:
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize(
    ("cause", "sentence"),
    [
        (
            chained(ConnectionError("Failed to connect"), RuntimeError("RPC error: InvalidAuthToken: it is missing")),
            "refused this process: RAY_AUTH_MODE is not set here",
        ),
        (RuntimeError("No node info found matching attributes: 'x'"), "this machine is none of its nodes"),
        (RuntimeError("Version mismatch:\n  cluster: 3.11\n  here: 3.12"), "Version mismatch: cluster: 3.11 here: 3.12; install"),
        (ValueError("strange\n thing"), "ValueError: strange thing"),
        (ValueError(), "ValueError: no reason given"),
        (ValueError("x" * 5000), "xxx..."),
    ],
)
def test_what_ray_raises_on_joining_becomes_one_sentence(cause: Exception, sentence: str) -> None:
    text = str(connection_error(at("head:6379"), cause, {"HOME": "/nowhere"}))
    assert sentence in text
    assert "\n" not in text
    assert len(text) < 600
