"""What all tests stand on: an environment of their own, and one Ray for those that need it.

Nothing here touches a cluster, a home folder or an MLflow store that is not the tests' own.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import Shell

_FOREIGN = ("RAY_ADDRESS", "HPSEARCH_DIR", "MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME", "MLFLOW_RUN_ID", "HPSEARCH_FAILPOINT")


@pytest.fixture(scope="session", autouse=True)
def own_environment() -> Iterator[None]:
    """A HOME and a temp folder that are thrown away; Ray's token authentication off, said aloud."""
    before = dict(os.environ)
    # Short, since Ray puts sockets there, whose paths may have 107 characters.
    home = Path(tempfile.mkdtemp(prefix="hps-", dir="/tmp"))
    for name in _FOREIGN:
        os.environ.pop(name, None)
    os.environ.update(
        HOME=str(home),
        RAY_TMPDIR=str(home / "ray"),
        RAY_AUTH_MODE="disabled",
        RAY_USAGE_STATS_ENABLED="0",
        MLFLOW_DISABLE_TELEMETRY="true",
        MPLCONFIGDIR=str(home / "mpl"),
    )
    (home / "ray").mkdir()
    yield
    os.environ.clear()
    os.environ.update(before)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Commands that start no Ray, or a Ray of their own."""
    return Shell(tmp_path, {})


@pytest.fixture(scope="session")
def ray_cluster(own_environment: None) -> Iterator[str]:
    """The address of one Ray with two CPUs, shared by the tests that need one."""
    from ray.cluster_utils import Cluster

    # Not 127.0.0.1, which Ray takes for "any address of this machine" and then waits at another.
    head = {"num_cpus": 2, "include_dashboard": False, "node_ip_address": "127.0.0.2"}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    yield str(cluster.address)
    cluster.shutdown()


@pytest.fixture
def cluster_shell(ray_cluster: str, tmp_path: Path) -> Shell:
    """Commands on the shared Ray."""
    return Shell(tmp_path, {"RAY_ADDRESS": ray_cluster})
