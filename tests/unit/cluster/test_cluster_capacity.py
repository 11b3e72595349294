"""The number of trials at once is what the cluster holds, and a trial that fits nowhere is said to, with what there is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.cluster import Node, Shape, capacity, parse_nodes
from hpsearch.core.errors import InfrastructureError, SpecError

GIB = 2**30
HEAD = Node("head", {"node:__internal_head__": 1.0, "memory": 8.0 * GIB})


def node(name: str = "n", **resources: float) -> Node:
    return Node(name, resources)


def test_dead_nodes_are_not_counted() -> None:
    nodes = parse_nodes(
        [
            {"Alive": True, "NodeManagerAddress": "10.0.0.1", "Resources": {"CPU": 4.0}},
            {"Alive": False, "NodeManagerAddress": "10.0.0.2", "Resources": {"CPU": 64.0}},
            {"Alive": True, "NodeID": "abc", "Resources": {}},
        ]
    )
    assert [(item.name, item.amount("CPU")) for item in nodes] == [("10.0.0.1", 4.0), ("abc", 0.0)]


def test_workers_are_counted_for_each_node_because_none_spans_two() -> None:
    found = capacity([node("a", CPU=3), node("b", CPU=5), HEAD], Shape(cpu=2))
    assert [(room.node.name, room.workers) for room in found.rooms] == [("b", 2), ("a", 1), ("head", 0)]
    assert (found.fits, found.workers) == (3, 3)


def test_the_limit_is_kept() -> None:
    assert capacity([node(CPU=8)], Shape(), concurrent=3).workers == 3
    assert capacity([node(CPU=2)], Shape(), concurrent=3).workers == 2


def test_tenths_are_counted_exactly() -> None:
    assert capacity([node(CPU=0.3)], Shape(cpu=0.1)).fits == 3  # 0.3 // 0.1 is 2.0


def test_parts_of_a_gpu_lie_on_one_gpu() -> None:
    assert capacity([node(CPU=8, GPU=2)], Shape(cpu=1, gpu=0.4)).fits == 4
    assert capacity([node(CPU=8, GPU=2)], Shape(cpu=1, gpu=0.6)).fits == 2
    assert capacity([node(CPU=8, GPU=4)], Shape(cpu=1, gpu=2)).fits == 2


def test_memory_bounds_too() -> None:
    assert capacity([node(CPU=8, memory=10 * GIB)], Shape(cpu=1, memory_bytes=4 * GIB)).fits == 2


def test_a_growing_cluster_is_asked_for_the_whole_limit() -> None:
    found = capacity([HEAD], Shape(), concurrent=16, elastic=True)
    assert (found.fits, found.workers) == (0, 16)


def test_a_growing_cluster_without_a_limit_gives_what_is_up() -> None:
    assert capacity([HEAD, node(CPU=2)], Shape(), elastic=True).workers == 2
    with pytest.raises(InfrastructureError, match=r"set limits\.concurrent to say how far"):
        capacity([HEAD], Shape(), elastic=True)


@pytest.mark.parametrize(
    ("nodes", "shape", "sentence"),
    [
        (
            [node(CPU=2), node(CPU=1)],
            Shape(cpu=4),
            "no node has 4 CPUs; the largest has 2 CPUs; lower resources.cpu, or use larger nodes",
        ),
        ([node(CPU=2)], Shape(gpu=1), "no node has 1 GPU; none has any; lower resources.gpu, or use larger nodes"),
        (
            [node(CPU=2, GPU=1)],
            Shape(gpu=2),
            "no node has 2 GPUs; the largest has 1 GPU; lower resources.gpu, or use larger nodes",
        ),
        (
            [node(CPU=2, memory=4 * GIB)],
            Shape(memory_bytes=6 * GIB),
            "no node has 6 GiB of memory; the largest has 4 GiB of memory; lower resources.memory, or use larger nodes",
        ),
        (
            [node(CPU=8), node(CPU=1, GPU=1)],
            Shape(cpu=4, gpu=1),
            "no single node has 4 CPUs and 1 GPU together; lower one of them in resources, or use larger nodes",
        ),
        ([], Shape(), "the cluster has no live node; see `ray status` on its head"),
        (
            [HEAD],
            Shape(),
            "the cluster has only its head, which runs no trials; wait for a worker node, or see `ray status` why none comes",
        ),
    ],
)
def test_what_fits_nowhere_says_what_there_is(nodes: list[Node], shape: Shape, sentence: str) -> None:
    with pytest.raises(InfrastructureError) as caught:
        capacity(nodes, shape)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("resources", "sentence"),
    [
        ({"cpu": -1}, "resources.cpu = -1: cannot be below 0"),
        ({"memory_bytes": -5}, "resources.memory = -5: cannot be below 0"),
        ({"cpu": 0.00001}, "resources.cpu = 1e-05: Ray counts in steps of 0.0001"),
        ({"gpu": 1.5}, "resources.gpu = 1.5: a part of a GPU, or whole ones"),
    ],
)
def test_a_shape_that_ray_cannot_give_is_refused(resources: dict[str, float], sentence: str) -> None:
    with pytest.raises(SpecError) as caught:
        Shape(**resources)  # type: ignore[arg-type]
    assert sentence in str(caught.value)


def test_a_shape_of_nothing_needs_a_limit() -> None:
    with pytest.raises(SpecError, match=r"resources asks for nothing"):
        capacity([node(CPU=2)], Shape(cpu=0))
    assert capacity([node(CPU=2)], Shape(cpu=0), concurrent=5).workers == 5


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(SpecError, match=r"limits\.concurrent = 0: must be 1 or more"):
        capacity([node(CPU=2)], Shape(), concurrent=0)


@given(cpus=st.integers(1, 256), parts=st.integers(1, 40_000))
def test_what_is_said_to_fit_does_fit_and_one_more_does_not(cpus: int, parts: int) -> None:
    shape = Shape(cpu=parts / 10_000)
    if parts > cpus * 10_000:
        with pytest.raises(InfrastructureError):
            capacity([node(CPU=cpus)], shape)
        return
    fits = capacity([node(CPU=cpus)], shape).fits
    assert fits * parts <= cpus * 10_000 < (fits + 1) * parts
