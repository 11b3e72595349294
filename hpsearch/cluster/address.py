"""Which cluster: `--address`, else RAY_ADDRESS, else a local one. Pure: no socket, no Ray."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hpsearch.core.errors import SpecError

VARIABLE = "RAY_ADDRESS"
OPTION = "--address"
DEFAULT_PORT = 6379  # where `ray start --head` listens unless it is told otherwise


class AddressKind(StrEnum):
    LOCAL = "local"  # a Ray of this run's own, on this machine, ended with it
    AUTO = "auto"  # a Ray that somebody started on this machine
    EXPLICIT = "explicit"  # HOST:PORT


@dataclass(frozen=True, slots=True)
class ClusterAddress:
    """A cluster, and who named it. `host` and `port` are set for EXPLICIT alone; `source` is the option or variable."""

    kind: AddressKind
    host: str = ""
    port: int = 0
    source: str = ""

    @property
    def is_local(self) -> bool:
        return self.kind is AddressKind.LOCAL

    @property
    def ray_address(self) -> str:
        """What `ray.init(address=...)` takes. Never None: given None, Ray joins whatever cluster it finds on the machine."""
        return self.host_port if self.kind is AddressKind.EXPLICIT else str(self.kind)

    @property
    def host_port(self) -> str:
        """`host:port`, with an IPv6 host in brackets; empty unless EXPLICIT."""
        if self.kind is not AddressKind.EXPLICIT:
            return ""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        """For people: "a local Ray", "the Ray cluster at head:6379 (from RAY_ADDRESS)"."""
        if self.kind is AddressKind.LOCAL:
            return "a local Ray"
        where = "on this machine" if self.kind is AddressKind.AUTO else f"at {self.host_port}"
        return f"the Ray cluster {where}" + (f" (from {self.source})" if self.source else "")


def resolve(address: str | None, env: Mapping[str, str]) -> ClusterAddress:
    """The cluster that `address` (the option's value, None where it was not given) and the environment name.

    The option wins over RAY_ADDRESS, which counts as unset when it is empty. `auto` yields to RAY_ADDRESS, because Ray's own
    reading of `auto` does and the two must agree.

    Raises:
        SpecError: for anything but `local`, `auto` and HOST:PORT, with what to write instead.
    """
    given = (address or "").strip()
    variable = env.get(VARIABLE, "").strip()
    if variable and given in ("", "auto"):
        return _parse(variable, VARIABLE)
    if given:
        return _parse(given, OPTION)
    return ClusterAddress(AddressKind.LOCAL)


def _parse(text: str, source: str) -> ClusterAddress:
    if text in ("local", "auto"):
        return ClusterAddress(AddressKind(text), source=source)
    said = f"{source} = {text}"
    if text.startswith("ray://"):
        raise SpecError(
            f"{said}: ray:// is Ray Client, which a search cannot be driven through; run hpsearch on the cluster's head "
            f"with {OPTION} auto, or give the head's own HOST:{DEFAULT_PORT}"
        )
    if text.startswith(("http://", "https://")):
        raise SpecError(
            f"{said}: that is the dashboard's address, where Ray jobs are handed in; a search needs the head's own HOST:PORT "
            f"(port {DEFAULT_PORT} unless the head was started with another)"
        )
    if "://" in text:
        raise SpecError(f"{said}: write HOST:PORT, local or auto; no {text.split('://', 1)[0]}://")
    host, port = _split(text)
    if not host or any(character.isspace() or character in "/@[]" for character in host):
        raise SpecError(f"{said}: write HOST:PORT, local or auto")
    if not port:
        like = f"{text.rstrip(':')}:{DEFAULT_PORT}"
        raise SpecError(f"{said}: the port is missing; write {like} if the head listens where Ray does by default")
    if not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65536:
        raise SpecError(f"{said}: the port {port} is not a number from 1 to 65535")
    return ClusterAddress(AddressKind.EXPLICIT, host=host, port=int(port), source=source)


def _split(text: str) -> tuple[str, str]:
    """Host and port as text; an IPv6 host must stand in brackets, or its colons would be taken for the port's."""
    if text.startswith("["):
        host, closed, rest = text[1:].partition("]")
        return (host, rest.removeprefix(":")) if closed and (not rest or rest.startswith(":")) else ("", "")
    if text.count(":") > 1:
        return "", ""
    host, _, port = text.partition(":")
    return host, port
