"""Whether a cluster answers, asked within seconds: Ray itself waits 20 to 80 and says only that it failed to connect."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping

from hpsearch.cluster.address import DEFAULT_PORT, AddressKind, ClusterAddress
from hpsearch.cluster.auth import read_auth
from hpsearch.core.errors import InfrastructureError

# Ports that people mistake for Ray's own.
_OTHER_PORTS = {8265: "the dashboard's usual port", 10001: "Ray Client's usual port", 5000: "MLflow's usual port"}
# What Ray 2.60 says to a driver on a machine that is no node of the cluster.
_NOT_A_NODE = "No node info found matching"


class Refused(Exception):
    """The head answered, and wants another token."""


class Unanswered(Exception):
    """Something accepted the connection and did not answer as a Ray head does."""


Connect = Callable[[str, int, float], None]
Ask = Callable[[str, float], None]
Find = Callable[[], "str | None"]
Own = Callable[[str], str]


def check_reachable(
    address: ClusterAddress,
    env: Mapping[str, str],
    *,
    timeout_s: float = 5.0,
    connect: Connect | None = None,
    ask: Ask | None = None,
    find: Find | None = None,
    own: Own | None = None,
) -> None:
    """Return when a driver can expect to join the cluster at `address`; a local one always can.

    Takes `timeout_s` at most for each step: a TCP connection (to the loopback, two), then a question to the head that a wrong
    token fails.

    Args:
        connect, ask, find, own: the socket, the head, the machine's running Ray, and Ray's reading of a host; replaced in tests.

    Raises:
        InfrastructureError: with what does not answer, and what to do.
    """
    auth = read_auth(env)
    if address.is_local:
        return
    if (problem := auth.problem()) is not None:
        raise InfrastructureError(f"cannot join {address}: {problem}")
    host_port = address.host_port
    if address.kind is AddressKind.AUTO:
        found = (find or _running_here)()
        if found is None:
            raise InfrastructureError(
                f"cannot join {address}: no Ray runs on this machine; start one (ray start --head), give HOST:PORT, "
                "or leave the address out for a Ray of the search's own"
            )
        host_port = found
    host, _, port = host_port.rpartition(":")
    try:
        (connect or _connect)(host.strip("[]"), int(port), timeout_s)
    except OSError as error:
        raise InfrastructureError(f"cannot join {address}: {_why(error, host_port, timeout_s)}") from error
    if address.kind is AddressKind.AUTO:
        return  # for these Ray turns its authentication on by itself, when it joins
    try:
        (ask or _ask)(host_port, timeout_s)
    except Refused as error:
        raise InfrastructureError(f"{address} refused this process: {auth.refused()}") from error
    except Unanswered as error:
        usual = _OTHER_PORTS.get(int(port))
        raise InfrastructureError(
            f"cannot join {address}: something listens there, but it did not answer as a Ray head does within {timeout_s:g} s"
            + (f"; {port} is {usual}" if usual else "")
            + f"; a head listens on {DEFAULT_PORT} unless it was started with another --port"
        ) from error
    _check_own(address, timeout_s, connect or _connect, (own or _own_address)(address.host))


def _check_own(address: ClusterAddress, timeout_s: float, connect: Connect, host: str) -> None:
    """The loopback is to Ray this machine's own address, `host`: it joins there, and waits minutes where no head is."""
    if host == address.host:
        return
    try:
        connect(host, address.port, timeout_s)
    except OSError as error:
        raise InfrastructureError(
            f"cannot join {address}: a head answers there, but Ray takes {address.host} for this machine's own address, and"
            f" {_why(error, f'{host}:{address.port}', timeout_s)}. A tunnel or a forwarded port is not enough: run hpsearch on a"
            " node of the cluster"
        ) from error


def connection_error(address: ClusterAddress, cause: BaseException, env: Mapping[str, str]) -> InfrastructureError:
    """What `ray.init` raised on joining `address`, as one sentence. Its own message alone names neither reason nor remedy."""
    texts = list(_messages(cause))
    if any("AuthToken" in text or "Unauthenticated" in text or "AuthenticationError" in text for text in texts):
        return InfrastructureError(f"{address} refused this process: {read_auth(env).refused()}")
    if any(_NOT_A_NODE in text for text in texts):
        return InfrastructureError(
            f"cannot join {address}: this machine is none of its nodes, and a search is driven from one; run hpsearch on the head"
        )
    for text in texts:
        if "ersion mismatch" in text:
            return InfrastructureError(f"cannot join {address}: {_one_line(text)}; install the same Python and Ray on both sides")
    return InfrastructureError(f"cannot join {address}: {type(cause).__name__}: {_one_line(texts[0]) or 'no reason given'}")


def _messages(error: BaseException | None) -> list[str]:
    texts = []
    while error is not None:
        texts.append(f"{error}")
        error = error.__cause__ or error.__context__
    return texts


def _one_line(text: str, limit: int = 400) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 3] + "..."


def _why(error: OSError, host_port: str, timeout_s: float) -> str:
    host = host_port.rpartition(":")[0]
    if isinstance(error, socket.gaierror):
        return f"the host {host} has no address (is the name right, and known on this machine?)"
    if isinstance(error, TimeoutError):
        return f"{host_port} did not answer within {timeout_s:g} s; is the port open from this machine?"
    if isinstance(error, ConnectionRefusedError):
        return f"nothing listens on {host_port}; is the head up? (ray status, on it)"
    return f"{host_port}: {error.strerror or error}"


def _connect(host: str, port: int, timeout_s: float) -> None:
    with socket.create_connection((host, port), timeout=timeout_s):
        pass


def _ask(host_port: str, timeout_s: float) -> None:
    """Ask the head for its cluster's id. In a thread: the client has no bound of its own and waits 40 s for a mute server."""
    import ray.exceptions
    from ray import _raylet as raylet

    make = getattr(raylet, "GcsClient", None)
    if make is None:
        return  # another Ray keeps its client elsewhere; ray.init will say what is wrong
    outcome: list[Exception | None] = []

    def run() -> None:
        try:
            make(address=host_port)
            outcome.append(None)
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=run, name="hpsearch-ask-head", daemon=True)
    thread.start()
    thread.join(timeout_s)
    if not outcome:
        raise Unanswered(host_port)
    failure = outcome[0]
    if isinstance(failure, ray.exceptions.AuthenticationError):
        raise Refused(str(failure)) from failure
    if isinstance(failure, ray.exceptions.RpcError):
        raise Unanswered(str(failure)) from failure
    # Anything else says that the client is not what it was in Ray 2.60: ray.init will tell.


def _own_address(host: str) -> str:
    """`host` as Ray reads it: the loopback becomes the address by which other nodes would know this machine."""
    from ray._private import services

    read = getattr(services, "resolve_ip_for_localhost", None)
    return host if read is None else str(read(host))  # another Ray keeps it elsewhere; ray.init will say what is wrong


def _running_here() -> str | None:
    """The address of a Ray that runs on this machine, as Ray finds it itself; None where there is none."""
    from ray._private import services

    try:
        return str(services.get_ray_address_from_environment("auto", None))
    except ConnectionError:
        return None
