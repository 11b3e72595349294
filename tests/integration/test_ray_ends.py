"""Ray's end, beside a driver that has other things to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from harness import Shell

CODE = """
import gc
import ray
from hpsearch.execution.ray_session import RaySession


class Cycle:
    def __init__(self):
        self.reference, self.itself = ray.put(1), self

    def __del__(self):
        print("Ray is there" if ray.is_initialized() else "Ray has ended", flush=True)


gc.disable()
session = RaySession(ADDRESS)
session.wait()
Cycle()
session.close()
while not RaySession.has_ended():
    pass
"""


def test_references_in_garbage_go_before_ray_does(cluster_shell: Shell, tmp_path: Path) -> None:
    """Freed while Ray ends, by whoever looks for garbage then, they end the process: a run that is complete would fail."""
    code = CODE.replace("ADDRESS", repr(cluster_shell.environment["RAY_ADDRESS"]))
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, **cluster_shell.environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "Ray is there\n"), done.stderr
