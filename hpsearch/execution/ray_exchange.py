"""First steps from worker to worker of one node, by way of Ray's object store: fitted once, mapped by all."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from hpsearch.dispatch.messages import Grant, Offer, WorkerInfo
from hpsearch.trainables import Program, Rows, Turn

_log = logging.getLogger(__name__)
_ROOM = 0.25  # of a node's object store: the study's table is there too, and others' data
_READ_WITHIN_S = 10.0


class NodeExchange:
    """Rows are put into the store by whoever fitted the steps, and end with its process; the dispatcher keeps who has which.

    References travel in lists: Ray would fetch for the dispatcher what they stand for.
    """

    def __init__(self, dispatcher: Any, worker: WorkerInfo, room_bytes: int) -> None:
        self._dispatcher = dispatcher
        self._slot = worker.slot
        self._room_bytes = room_bytes

    @classmethod
    def of(cls, dispatcher: Any, worker: WorkerInfo, program: Program, workers: int) -> NodeExchange | None:
        """None where there is nothing to exchange, or nobody on this node to exchange it with."""
        import ray

        if workers < 2 or not program.sharing.steps:
            return None
        resources: dict[str, float] = next((node["Resources"] for node in ray.nodes() if node["NodeID"] == worker.node), {})
        if resources.get("CPU", 0.0) < 2 * program.cpus:
            return None
        return cls(dispatcher, worker, int(_ROOM * resources.get("object_store_memory", 0.0)))

    def claim(self, wanted: Mapping[int, tuple[str, ...]]) -> Turn | None:
        import ray

        while True:
            grant: Grant | None = ray.get(self._dispatcher.claim.remote(self._slot, dict(wanted)))
            if grant is None:
                return None
            if grant.handle is None:
                return Turn(grant.fold)
            try:
                rows: Rows = ray.get(grant.handle[0], timeout=_READ_WITHIN_S)
            except Exception as error:  # of many kinds: whoever fitted them is gone, or the store has lost them
                _log.info("steps that another worker fitted are not to be had: %s", error)
                ray.get(self._dispatcher.forget.remote(self._slot, grant.fold, grant.key))
            else:
                return Turn(grant.fold, grant.key, rows)

    def publish(self, fold: int, key: str, rows: Rows) -> Rows:
        import ray

        nbytes = rows.nbytes
        try:
            handle = [ray.put(rows)]
            rows = ray.get(handle[0], timeout=_READ_WITHIN_S)  # in memory once a node, for this worker too
        except Exception as error:  # the store is full, or something in a frame cannot be pickled
            _log.info("steps are fitted by each worker: %s", error)
            self.withhold(fold, (key,))
            return rows
        self._dispatcher.offer.remote(Offer(self._slot, fold, key, handle, nbytes, self._room_bytes))
        return rows

    def withhold(self, fold: int, keys: tuple[str, ...]) -> None:
        self._dispatcher.withhold.remote(self._slot, fold, keys)
