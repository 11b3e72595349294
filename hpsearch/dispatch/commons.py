"""First steps that the workers of a node fit for one another: who is at which, and where what they gave lies.

Decides only; what was given is a handle that this never looks into. A fold's steps, named by what must be equal for them to be
fitted to the same (their keys), are in one of four states on a node: free; fitted by one worker just now, for whom others wait;
ready; or each worker's own affair, since they are not worth handing on or could not be fitted.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from hpsearch.dispatch.messages import Grant, Offer, WorkerInfo

_Steps: TypeAlias = tuple[int, str]  # the fold's number and their key
# Keys of steps that are each worker's own affair, by node: only those of late are asked about.
_REMEMBERED = 1000


@dataclass(slots=True)
class _Node:
    """`offers`: what is ready, the least recently used first. `own`: keys of what each worker is to fit for itself."""

    fitting: dict[_Steps, str] = field(default_factory=dict)
    offers: OrderedDict[_Steps, Offer] = field(default_factory=OrderedDict)
    own: OrderedDict[str, None] = field(default_factory=OrderedDict)
    nbytes: int = 0

    def drop(self, steps: _Steps) -> None:
        if (offer := self.offers.pop(steps, None)) is not None:
            self.nbytes -= offer.nbytes


class Commons:
    """Of all nodes. A worker holds a claim from the call that grants it until it offers, withholds, hands in or is lost."""

    def __init__(self) -> None:
        self._nodes: dict[str, _Node] = {}
        self._node_of: dict[str, str] = {}

    def join(self, worker: WorkerInfo) -> None:
        """A process takes its slot; what the one before it had is gone."""
        self.lost(worker.slot)
        self._node_of[worker.slot] = worker.node
        self._nodes.setdefault(worker.node, _Node())

    def lost(self, slot: str) -> None:
        """The worker is gone: what it was fitting is free again, and what it had given is gone with it."""
        self.release(slot)
        node = self._nodes.get(self._node_of.pop(slot, ""))
        if node is not None:
            for steps in [steps for steps, offer in node.offers.items() if offer.slot == slot]:
                node.drop(steps)

    def release(self, slot: str) -> None:
        """The worker fits no steps at the moment."""
        node = self._nodes.get(self._node_of.get(slot, ""))
        if node is not None:
            node.fitting = {steps: holder for steps, holder in node.fitting.items() if holder != slot}

    def hands_on(self, node: str) -> bool:
        """Whether the steps of this study, as fitted on the node, are worth handing on there: something is ready."""
        return node in self._nodes and bool(self._nodes[node].offers)

    def claim(self, slot: str, wanted: Mapping[int, Sequence[str]]) -> Grant | None:
        """Which fold the worker goes on with: one that is ready, else one of which nobody else is at any missing step.

        None: others are at all of them. Folds are looked at in the order given.

        Args:
            wanted: keys of the missing steps, first to last, by fold.
        """
        node = self._nodes.get(self._node_of.get(slot, ""))
        if node is None:  # whoever was thought lost is kept from nothing
            return Grant(next(iter(wanted)))
        for fold, keys in wanted.items():
            if (fold, keys[-1]) in node.offers:
                return self._granted(node, fold, keys[-1])
        for fold, keys in wanted.items():
            ready = max((place for place, key in enumerate(keys) if (fold, key) in node.offers), default=-1)
            left = [(fold, key) for key in keys[ready + 1 :] if key not in node.own]
            if all(node.fitting.get(steps, slot) == slot for steps in left):
                node.fitting.update(dict.fromkeys(left, slot))
                return Grant(fold) if ready < 0 else self._granted(node, fold, keys[ready])
        return None

    def offer(self, offer: Offer) -> None:
        """Steps were fitted. What all offers of a node take stays within `offer.room_bytes`: the least recently used go."""
        node = self._nodes.get(self._node_of.get(offer.slot, ""))
        if node is None:
            return
        if offer.nbytes > offer.room_bytes:
            self.withhold(offer.slot, offer.fold, (offer.key,))
            return
        steps = (offer.fold, offer.key)
        node.fitting.pop(steps, None)
        node.own.pop(offer.key, None)
        node.drop(steps)
        node.offers[steps] = offer
        node.nbytes += offer.nbytes
        while node.nbytes > offer.room_bytes:
            node.drop(next(iter(node.offers)))

    def withhold(self, slot: str, fold: int, keys: Sequence[str]) -> None:
        """Nobody is to wait for these steps, of this fold or of another."""
        node = self._nodes.get(self._node_of.get(slot, ""))
        if node is None:
            return
        for key in keys:
            if node.fitting.get((fold, key)) == slot:
                del node.fitting[fold, key]
            node.own[key] = None
            node.own.move_to_end(key)
        while len(node.own) > _REMEMBERED:
            node.own.popitem(last=False)

    def forget(self, slot: str, fold: int, key: str) -> None:
        """What the worker was given is not there any more; it claims anew."""
        self.release(slot)
        node = self._nodes.get(self._node_of.get(slot, ""))
        if node is not None:
            node.drop((fold, key))

    def _granted(self, node: _Node, fold: int, key: str) -> Grant:
        node.offers.move_to_end((fold, key))
        return Grant(fold, key, node.offers[fold, key].handle)
