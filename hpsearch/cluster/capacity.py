"""How many workers fit in a cluster: for each node, and in all. Pure; the nodes come as `ray.nodes()` lists them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from hpsearch.core.errors import InfrastructureError, SpecError

# Ray counts resources in ten-thousandths. In floats, 0.3 // 0.1 is 2.
_PARTS = 10_000
_HEAD = "node:__internal_head__"


@dataclass(frozen=True, slots=True)
class Shape:
    """What one worker, hence one running trial, asks for. `memory_bytes`: None where memory is not reserved.

    Raises:
        SpecError: on negative amounts, on amounts finer than Ray counts, and on more than one GPU but not a whole number.
    """

    cpu: float = 1
    gpu: float = 0
    memory_bytes: int | None = None

    def __post_init__(self) -> None:
        for name, amount in (("cpu", self.cpu), ("gpu", self.gpu), ("memory", self.memory_bytes or 0)):
            if amount < 0:
                raise SpecError(f"resources.{name} = {amount:g}: cannot be below 0")
        for name, amount in (("cpu", self.cpu), ("gpu", self.gpu)):
            if 0 < amount < 1 / _PARTS:
                raise SpecError(f"resources.{name} = {amount:g}: Ray counts in steps of {1 / _PARTS:g}")
        if self.gpu > 1 and self.gpu != int(self.gpu):
            raise SpecError(f"resources.gpu = {self.gpu:g}: a part of a GPU, or whole ones; Ray gives no trial {self.gpu:g}")


@dataclass(frozen=True, slots=True)
class Node:
    """A live node. `resources` by Ray's names: CPU and GPU in units, memory in bytes."""

    name: str
    resources: Mapping[str, float]

    @property
    def is_head(self) -> bool:
        return _HEAD in self.resources

    def amount(self, resource: str) -> float:
        return self.resources.get(resource, 0.0)


@dataclass(frozen=True, slots=True)
class NodeRoom:
    """How many workers of the shape one node holds."""

    node: Node
    workers: int


@dataclass(frozen=True, slots=True)
class Capacity:
    """`rooms`: every live node, the roomiest first. `fits`: their sum. `workers`: how many to start."""

    rooms: tuple[NodeRoom, ...]
    fits: int
    workers: int


def parse_nodes(nodes: Iterable[Mapping[str, object]]) -> tuple[Node, ...]:
    """The live ones of `ray.nodes()`; dead nodes stay in that list for ever."""
    live = []
    for node in nodes:
        resources = node.get("Resources")
        if not node.get("Alive") or not isinstance(resources, Mapping):
            continue
        name = str(node.get("NodeManagerAddress") or node.get("NodeID") or "?")
        live.append(Node(name, {str(key): float(value) for key, value in resources.items()}))
    return tuple(live)


def capacity(nodes: Sequence[Node], shape: Shape, *, concurrent: int | None = None, elastic: bool = False) -> Capacity:
    """How many workers of `shape` the `nodes` hold now, and how many to start.

    Args:
        concurrent: `limits.concurrent`; None for as many as fit.
        elastic: the cluster adds nodes on demand. Then `concurrent` workers are started even where fewer fit today: those that
            wait are what its autoscaler sees, and no room today is no error.

    Raises:
        SpecError: `concurrent` below 1, or a shape of nothing with no `concurrent` to bound it.
        InfrastructureError: no live node, or none that holds even one worker; says what the best has.
    """
    if concurrent is not None and concurrent < 1:
        raise SpecError(f"limits.concurrent = {concurrent}: must be 1 or more")
    if not any((shape.cpu, shape.gpu, shape.memory_bytes)):
        if concurrent is None:
            raise SpecError(
                "resources asks for nothing, so nothing bounds the trials at once; set limits.concurrent, or cpu above 0"
            )
        return Capacity(tuple(NodeRoom(node, 0) for node in nodes), concurrent, concurrent)
    rooms = tuple(sorted((NodeRoom(node, _workers_on(node, shape)) for node in nodes), key=lambda room: -room.workers))
    fits = sum(room.workers for room in rooms)
    if elastic and concurrent is not None:
        return Capacity(rooms, fits, concurrent)
    if fits == 0:
        hint = "; on a cluster that grows on demand, set limits.concurrent to say how far" if elastic else ""
        raise InfrastructureError(_no_room(nodes, shape) + hint)
    return Capacity(rooms, fits, min(fits, concurrent or fits))


def _workers_on(node: Node, shape: Shape) -> int:
    bounds = []
    if shape.cpu:
        bounds.append(_parts(node.amount("CPU")) // _parts(shape.cpu))
    if shape.gpu >= 1:
        bounds.append(_parts(node.amount("GPU")) // _parts(shape.gpu))
    elif shape.gpu:
        # A part lies on one GPU: two GPUs hold two trials of 0.6, and of 0.4 four, not five.
        bounds.append(int(node.amount("GPU")) * (_PARTS // _parts(shape.gpu)))
    if shape.memory_bytes:
        bounds.append(int(node.amount("memory")) // shape.memory_bytes)
    return min(bounds)


def _parts(amount: float) -> int:
    return round(amount * _PARTS)


def _no_room(nodes: Sequence[Node], shape: Shape) -> str:
    """Names the first resource that no node has enough of; where each has its node but none has all, says that."""
    if not nodes:
        return "the cluster has no live node; see `ray status` on its head"
    if all(node.is_head and not node.amount("CPU") and not node.amount("GPU") for node in nodes):
        return "the cluster has only its head, which runs no trials; wait for a worker node, or see `ray status` why none comes"
    wanted: list[tuple[str, float, Callable[[float], str]]] = [
        ("CPU", shape.cpu, lambda amount: _count(amount, "CPU")),
        ("GPU", shape.gpu, lambda amount: _count(amount, "GPU")),
        ("memory", float(shape.memory_bytes or 0), _gib),
    ]
    for resource, amount, say in wanted:
        most = max(node.amount(resource) for node in nodes)
        if amount > most:
            has = "none has any" if not most else f"the largest has {say(most)}"
            return f"no node has {say(amount)}; {has}; lower resources.{resource.lower()}, or use larger nodes"
    asked = " and ".join(say(amount) for _, amount, say in wanted if amount)
    return f"no single node has {asked} together; lower one of them in resources, or use larger nodes"


def _count(amount: float, unit: str) -> str:
    return f"{amount:g} {unit}" if amount <= 1 else f"{amount:g} {unit}s"


def _gib(amount: float) -> str:
    return f"{amount / 2**30:.3g} GiB of memory"
