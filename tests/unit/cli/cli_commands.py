"""Commands as a user types them, in this process: quick, and with all that is printed."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hpsearch.cli.main import run_command
from hpsearch.ledger.folder import StudyFolder
from hpsearch.spec import load_spec
from hpsearch.study import Options
from hpsearch.study import run as run_study


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


class Typist:
    """Types commands in a folder."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._capsys = capsys
        self._patch = patch
        patch.chdir(folder)

    def __call__(self, *arguments: object) -> Said:
        self._capsys.readouterr()
        self._patch.setattr(sys, "argv", ["hpsearch", *map(str, arguments)])
        # Not `main`, which settles how its process ends: the tests' own would end with the code of a command.
        return Said(run_command(), *self._capsys.readouterr())

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path


class _Delivered:
    """In place of the mirror's process, whose start takes longer than all else."""

    def poll(self) -> int:
        return 0


def make_study(folder: Path, spec: str, job: str = "") -> StudyFolder:
    """Runs a study under FOLDER/studies, without Ray and without MLflow."""
    (folder / "job.py").write_text(job)
    (folder / "spec.yaml").write_text(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules[run_study.__module__], "start_mirror", lambda **_: _Delivered())
        return run_study(load_spec(folder / "spec.yaml"), Options(folder / "studies", in_process=True)).folder
