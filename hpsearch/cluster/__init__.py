"""Which Ray cluster a search runs on, whether it can be reached, and how many trials fit in it.

In: an address from the command line or the environment; the nodes as Ray lists them. Out: a `ClusterAddress`, a `Capacity`,
or one sentence that says what is wrong and what to do. May import ray (late: `import hpsearch.cluster` stays light) and
everything from `dispatch` down; not `execution`, `tracking` or `report`.
"""

from hpsearch.cluster.address import AddressKind, ClusterAddress, resolve
from hpsearch.cluster.auth import AuthSetup, read_auth
from hpsearch.cluster.capacity import Capacity, Node, NodeRoom, Shape, capacity, parse_nodes
from hpsearch.cluster.live import count_workers
from hpsearch.cluster.reach import check_reachable, connection_error

__all__ = [
    "AddressKind",
    "AuthSetup",
    "Capacity",
    "ClusterAddress",
    "Node",
    "NodeRoom",
    "Shape",
    "capacity",
    "check_reachable",
    "connection_error",
    "count_workers",
    "parse_nodes",
    "read_auth",
    "resolve",
]
