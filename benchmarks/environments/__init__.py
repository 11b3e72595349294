"""Python environments for peers that hpsearch's own does not hold, made below build/ when first needed; `make clean` ends them.

In: NAME.txt beside this file, every package pinned, at the versions of requirements-dev.lock where both have it: scores are
compared to the last bit. Out: the path of an interpreter. Imports nothing but the standard library.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
BUILT = HERE.parents[1] / "build" / "benchmarks"
_TIMEOUT_S = 1200


def requirements(name: str) -> Path:
    return HERE / f"{name}.txt"


def interpreter(name: str, built: Path = BUILT) -> Path | None:
    """The interpreter of the environment `name`, None where it is not made, or was made of other requirements."""
    stamp = built / name / "requirements.sha256"
    made = stamp.is_file() and stamp.read_text(encoding="utf-8") == _digest(name)
    return built / name / "bin" / "python" if made else None


def make(name: str, built: Path = BUILT) -> Path:
    """The interpreter of the environment `name`, which takes minutes where it has to be made first.

    Raises:
        RuntimeError: it cannot be made; with the end of what was said.
    """
    if (ready := interpreter(name, built)) is not None:
        return ready
    folder = built / name
    shutil.rmtree(folder, ignore_errors=True)
    python = folder / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(requirements(name))]
    for command in ([sys.executable, "-m", "venv", str(folder)], install):
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"the environment {name} could not be made of {requirements(name).name}:\n{done.stderr[-2000:]}")
    (folder / "requirements.sha256").write_text(_digest(name), encoding="utf-8")
    return python


def _digest(name: str) -> str:
    return hashlib.sha256(requirements(name).read_bytes() + sys.version.encode()).hexdigest()
