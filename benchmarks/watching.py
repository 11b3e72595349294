"""What a command and all that it has started hold in memory, looked at ten times a second. Linux alone.

Proportional set size (PSS): a page that several processes map counts once in all, a part for each. Resident sizes count a table
in shared memory once for every worker.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

EVERY_S = 0.1
_PSS = re.compile(r"^Pss(_Shmem)?: +(\d+) kB$", re.MULTILINE)


@dataclass(frozen=True)
class Look:
    """What is held at a moment, in bytes.

    Attributes:
        at: POSIX seconds.
        shared: memory that processes share, of all of them: Ray's object store.
        driver, workers: what is no such memory: of the command's process, and of Ray's that run trials.
        rest: of all others: Ray's own, the dispatcher, the mirror.
    """

    at: float
    shared: int
    driver: int
    workers: int
    rest: int

    @property
    def whole(self) -> int:
        return self.shared + self.driver + self.workers + self.rest


class Watch:
    """Looks at the processes below this one while the block runs; `looks` has what it saw."""

    def __init__(self) -> None:
        self.looks: list[Look] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(EVERY_S):
            self.looks.append(look(os.getpid()))


def look(root: int) -> Look:
    """What the processes below `root` hold; the driver is the one that `root` has started itself."""
    held = {"driver": 0, "workers": 0, "rest": 0}
    shared = 0
    at = time.time()
    for pid, parent in _below(root):
        with contextlib.suppress(OSError):
            sizes = {kind: int(kib) * 1024 for kind, kib in _PSS.findall(Path(f"/proc/{pid}/smaps_rollup").read_text())}
            title = Path(f"/proc/{pid}/cmdline").read_bytes()
            if sizes:
                shared += sizes["_Shmem"]
                held[role(title, is_driver=parent == root)] += sizes[""] - sizes["_Shmem"]
    return Look(at, shared, **held)


def role(title: bytes, *, is_driver: bool) -> str:
    """Whose memory it is, by a process' title: Ray gives those of its actors their class."""
    if is_driver:
        return "driver"
    return "workers" if title.startswith(b"ray::") and not title.startswith((b"ray::Dispatcher", b"ray::IDLE")) else "rest"


def _below(root: int) -> Iterator[tuple[int, int]]:
    """(process, its parent) of all that descend from `root`."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parents[int(folder.name)] = int((folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
    for pid, parent in parents.items():
        above = pid
        while above in parents and above != root:
            above = parents[above]
        if above == root and pid != root:
            yield pid, parent
