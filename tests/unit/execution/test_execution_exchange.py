"""Fitted steps by way of Ray's object store, Ray played by a dict: who takes part, and what becomes of rows that are lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import ray

from hpsearch.dispatch.commons import Commons
from hpsearch.dispatch.messages import WorkerInfo
from hpsearch.execution.ray_exchange import NodeExchange
from hpsearch.trainables import Rows, Sharing, Turn

V, W = WorkerInfo("v", "1", "n", 1), WorkerInfo("w", "1", "n", 2)
STEPS = Sharing(steps=("tfidf",))
ROWS = Rows(np.arange(6.0), np.arange(3.0), (1.5,))


@dataclass
class Store:
    """Of a node."""

    values: dict[int, object] = field(default_factory=dict)

    def put(self, value: object) -> int:
        self.values[len(self.values)] = value
        return len(self.values) - 1

    def get(self, reference: Any, timeout: float = 0.0) -> Any:
        if not isinstance(reference, int):
            return reference
        if reference not in self.values:
            raise ray.exceptions.OwnerDiedError("00", "", "", None)
        return self.values[reference]


class Actor:
    """Calls `Commons` at once, as the dispatcher's process does in its turn."""

    def __init__(self) -> None:
        self._commons = Commons()
        self.calls: list[str] = []
        for worker in (V, W):
            self._commons.join(worker)

    def __getattr__(self, name: str) -> Any:
        @dataclass
        class Method:
            remote: Callable[..., Any]

        def call(*arguments: Any) -> Any:
            self.calls.append(name)
            return getattr(self._commons, name)(*arguments)

        return Method(call)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    store = Store()
    monkeypatch.setattr(ray, "put", store.put)
    monkeypatch.setattr(ray, "get", store.get)
    return store


def test_rows_come_from_the_store_to_the_next_who_asks(store: Store) -> None:
    actor = Actor()
    v, w = (NodeExchange(actor, worker, room_bytes=1000) for worker in (V, W))
    assert v.claim({0: ("a",)}) == Turn(0)
    assert w.claim({0: ("a",)}) is None
    assert v.publish(0, "a", ROWS) is ROWS, "as they lie in the store"
    turn = w.claim({0: ("a",)})
    assert turn == Turn(0, "a", ROWS)


def test_rows_that_are_lost_are_fitted_anew(store: Store) -> None:
    actor = Actor()
    v, w = (NodeExchange(actor, worker, room_bytes=1000) for worker in (V, W))
    v.publish(0, "a", ROWS)
    store.values.clear()
    assert w.claim({0: ("a", "ab"), 1: ("a", "ab")}) == Turn(0)
    assert actor.calls == ["offer", "claim", "forget", "claim"]
    assert v.claim({0: ("a",)}) is None, "it is the other's now"


def test_where_the_store_takes_nothing_everybody_fits(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(value: object) -> int:
        raise ray.exceptions.ObjectStoreFullError("no room")

    monkeypatch.setattr(ray, "put", full)
    actor = Actor()
    v, w = (NodeExchange(actor, worker, room_bytes=1000) for worker in (V, W))
    assert v.claim({0: ("a",)}) == Turn(0)
    assert v.publish(0, "a", ROWS) is ROWS
    assert w.claim({0: ("a",)}) == Turn(0), "nobody waits for them"


@dataclass(frozen=True)
class Given:
    """What of a program decides."""

    sharing: Sharing
    cpus: float = 1.0


@pytest.mark.parametrize(
    ("workers", "given", "cpus_of_node", "takes_part"),
    [
        pytest.param(2, Given(STEPS), 2.0, True, id="two on a node"),
        pytest.param(1, Given(STEPS), 8.0, False, id="one worker"),
        pytest.param(4, Given(STEPS, cpus=2.0), 3.0, False, id="a node for one"),
        pytest.param(4, Given(STEPS, cpus=0.0), 1.0, True, id="workers that need no CPU"),
        pytest.param(4, Given(Sharing()), 8.0, False, id="no steps are shared"),
    ],
)
def test_who_has_nobody_to_exchange_with_asks_nobody(
    workers: int, given: Any, cpus_of_node: float, monkeypatch: pytest.MonkeyPatch, *, takes_part: bool
) -> None:
    there = {"NodeID": "n", "Resources": {"CPU": cpus_of_node, "object_store_memory": 4e9}}
    other = {"NodeID": "m", "Resources": {"CPU": 64.0, "object_store_memory": 4e9}}
    monkeypatch.setattr(ray, "nodes", lambda: [other, there])
    exchange = NodeExchange.of(Actor(), V, given, workers)
    assert (exchange is not None) is takes_part
