"""How to run a study, as opposed to what."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from hpsearch.cluster import AddressKind, ClusterAddress
from hpsearch.ledger.folder import studies_dir


@dataclass(frozen=True)
class Options:
    """How to run, as opposed to what.

    Attributes:
        directory: holds one folder per study.
        address: of the cluster.
        wait: stay until MLflow has everything, else leave that to the mirror.
        cpus: of the local Ray; None: all of the machine's.
        in_process: one trial after the other in this process, without Ray.
    """

    directory: Path = field(default_factory=studies_dir)
    address: ClusterAddress = field(default_factory=lambda: ClusterAddress(AddressKind.LOCAL))
    wait: bool = True
    cpus: int | None = None
    in_process: bool = False
