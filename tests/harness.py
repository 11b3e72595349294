"""What tests of several folders use by name: the repository's root, and the command line as a user types it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Finished:
    """A command that has ended."""

    code: int
    out: str
    err: str

    def json(self) -> object:
        return json.loads(self.out)


@dataclass(frozen=True)
class Shell:
    """`hpsearch` as a user types it, in a folder of its own."""

    folder: Path
    environment: Mapping[str, str]

    def start(self, *arguments: object, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "hpsearch.cli.main", *map(str, arguments)],
            cwd=self.folder,
            env={**os.environ, **self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *arguments: object, timeout_s: float = 180, **environment: str) -> Finished:
        process = self.start(*arguments, **environment)
        try:
            out, err = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            pytest.fail(f"hpsearch {arguments} has not ended after {timeout_s} s\n{out}\n{err}")
        return Finished(process.returncode, out, err)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path


def told(remark: object) -> str:
    """What is said, without the column: which a golden sentence would have to count anew whenever its example changes."""
    return re.sub(r"^(.+?:\d+):\d+  ", r"\1  ", str(remark))
