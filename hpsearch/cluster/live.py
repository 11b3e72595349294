"""The capacity of the Ray that this process is connected to."""

from __future__ import annotations

from hpsearch.cluster.capacity import Shape, capacity, parse_nodes


def count_workers(shape: Shape, *, wanted: int, concurrent: int | None, elastic: bool) -> int:
    """How many workers to start for `wanted` trials: no more than fit, than `concurrent` allows, or than there is work for.

    Raises:
        InfrastructureError: no node holds even one.
    """
    import ray

    return min(wanted, capacity(parse_nodes(ray.nodes()), shape, concurrent=concurrent, elastic=elastic).workers)
