"""The search runs on the cluster that was asked for, or says what is wrong with the way it was asked for."""

from __future__ import annotations

import pytest

from hpsearch.cluster import AddressKind, ClusterAddress, resolve
from hpsearch.core.errors import SpecError


def test_without_an_address_ray_is_local_and_never_whatever_runs_on_the_machine() -> None:
    address = resolve(None, {})
    assert address.is_local
    assert address.ray_address == "local"  # None would make Ray join a neighbour's cluster


def test_the_variable_is_read() -> None:
    address = resolve(None, {"RAY_ADDRESS": "head:6379"})
    assert (address.host, address.port, address.source) == ("head", 6379, "RAY_ADDRESS")
    assert address.ray_address == "head:6379"


def test_the_option_wins_over_the_variable() -> None:
    assert resolve("10.0.0.7:6380", {"RAY_ADDRESS": "head:6379"}).ray_address == "10.0.0.7:6380"
    assert resolve("local", {"RAY_ADDRESS": "head:6379"}).is_local


def test_auto_yields_to_the_variable_as_ray_itself_does() -> None:
    assert resolve("auto", {"RAY_ADDRESS": "head:6379"}).ray_address == "head:6379"
    assert resolve("auto", {}).kind is AddressKind.AUTO


@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_variable_is_no_address(value: str) -> None:
    assert resolve(None, {"RAY_ADDRESS": value}).is_local


def test_ipv6_keeps_its_brackets() -> None:
    address = resolve("[fd00::7]:6379", {})
    assert (address.host, address.port) == ("fd00::7", 6379)
    assert address.ray_address == "[fd00::7]:6379"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("ray://head:10001", "ray:// is Ray Client"),
        ("http://head:8265", "that is the dashboard's address"),
        ("https://head:8265", "that is the dashboard's address"),
        ("tcp://head:6379", "no tcp://"),
        ("head", "the port is missing; write head:6379"),
        ("head:", "the port is missing; write head:6379"),
        ("head:port", "the port port is not a number from 1 to 65535"),
        ("head:0", "the port 0 is not"),
        ("head:65536", "the port 65536 is not"),
        ("head:-1", "the port -1 is not"),
        ("head:٣", "the port ٣ is not"),
        (":6379", "write HOST:PORT, local or auto"),
        ("fd00::7:6379", "write HOST:PORT, local or auto"),
        ("[fd00::7", "write HOST:PORT, local or auto"),
        ("[fd00::7]x:6379", "write HOST:PORT, local or auto"),
        ("user@head:6379", "write HOST:PORT, local or auto"),
        ("two words:6379", "write HOST:PORT, local or auto"),
    ],
)
def test_what_is_no_address_is_refused_with_what_to_write(text: str, sentence: str) -> None:
    with pytest.raises(SpecError) as caught:
        resolve(text, {})
    assert str(caught.value).startswith(f"--address = {text}: ")
    assert sentence in str(caught.value)


def test_a_wrong_variable_is_named_as_the_source() -> None:
    # RAY_ADDRESS is often left set to the dashboard's address, for `ray job`.
    with pytest.raises(SpecError, match=r"^RAY_ADDRESS = http://127\.0\.0\.1:8265: that is the dashboard's address"):
        resolve(None, {"RAY_ADDRESS": "http://127.0.0.1:8265"})


def test_an_address_reads_as_a_phrase() -> None:
    assert str(ClusterAddress(AddressKind.LOCAL)) == "a local Ray"
    assert str(resolve("auto", {})) == "the Ray cluster on this machine (from --address)"
    assert str(resolve(None, {"RAY_ADDRESS": "h:1"})) == "the Ray cluster at h:1 (from RAY_ADDRESS)"
