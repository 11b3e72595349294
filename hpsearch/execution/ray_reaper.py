"""Ends what Ray leaves behind when the process that started it is killed.

Ray's head and node end with the thread that started them, and workers follow within three seconds. The node's two agents
try for a minute to report its end to the head, which is gone. This process of a few megabytes, run by its path, gets to
know them while Ray starts, waits for the driver's end, and ends them too.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

_LOOK_EVERY_S = 0.2


@contextlib.contextmanager
def reaper() -> Iterator[Callable[[], None]]:
    """Around the life of a Ray that is started within and shut down in order at the end. Call what it gives once Ray is there.

    Does nothing where the system has no handles for processes: a number alone may be another process's by then.
    """
    if not hasattr(os, "pidfd_open"):
        yield lambda: None
        return
    with subprocess.Popen(
        [sys.executable, "-I", "-S", __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        start_new_session=True,  # Ctrl-C is not for it
    ) as process:
        pipe = process.stdin
        assert pipe is not None

        def started() -> None:
            with contextlib.suppress(BrokenPipeError):
                pipe.write(b".")

        try:
            yield started
        finally:
            process.kill()


def _main() -> None:
    driver, nodes, handles = os.getppid(), set[int](), dict[int, int]()
    while not select.select([sys.stdin], [], [], _LOOK_EVERY_S)[0]:
        _meet(driver, nodes, handles)
    _meet(driver, nodes, handles)
    sys.stdin.buffer.read()  # returns when the driver is gone
    for handle in handles.values():
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, signal.SIGKILL)


def _meet(driver: int, nodes: set[int], handles: dict[int, int]) -> None:
    """Keep a handle of each process that the node of the driver's Ray has started.

    What a node starts is in its process group, and stays there when the node has died with the driver a moment ago: then it is
    no longer known by its parent.
    """
    found = dict(_processes())
    nodes |= {pid for pid, (name, parent, _) in found.items() if name == "raylet" and parent == driver}
    for pid, (_, parent, group) in found.items():
        if pid not in nodes and pid not in handles and (parent in nodes or group in nodes):
            with contextlib.suppress(OSError):
                handles[pid] = os.pidfd_open(pid)


def _processes() -> Iterator[tuple[int, tuple[str, int, int]]]:
    """pid → name, pid of the parent, process group."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            before, _, after = file.read().rpartition(")")
            _, parent, group = after.split()[:3]
            yield int(pid), (before.partition("(")[2], int(parent), int(group))


if __name__ == "__main__":
    _main()
