"""A study's folder: which file is what, and how a study is found by its name."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from hpsearch.core.errors import SpecError
from hpsearch.core.names import did_you_mean

VARIABLE = "HPSEARCH_DIR"
DEFAULT = "studies"


@dataclass(frozen=True)
class StudyFolder:
    """`DIR/NAME`. Making one creates nothing."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def ledger(self) -> Path:
        return self.path / "ledger.db"

    @property
    def mirror(self) -> Path:
        return self.path / "mirror.db"

    @property
    def spec(self) -> Path:
        return self.path / "spec.yaml"

    @property
    def report(self) -> Path:
        return self.path / "report.html"

    @property
    def figures(self) -> Path:
        return self.path / "figures"

    @property
    def ranking(self) -> Path:
        return self.path / "ranking.json"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def exists(self) -> bool:
        return self.ledger.is_file()


def studies_dir(directory: Path | str | None = None) -> Path:
    """Where studies are kept: as given, else HPSEARCH_DIR, else ./studies."""
    return Path(directory or os.environ.get(VARIABLE) or DEFAULT).absolute()


def studies_in(directory: Path) -> list[StudyFolder]:
    """The studies under `directory`, by name."""
    if not directory.is_dir():
        return []
    return [folder for path in sorted(directory.iterdir()) if (folder := StudyFolder(path)).exists]


def find_study(name: str, directory: Path) -> StudyFolder:
    """A study by its name under `directory`, or by its folder.

    Raises:
        SpecError: no such study; names the nearest.
    """
    as_path = StudyFolder(Path(name).absolute())
    for folder in [as_path] if os.sep in name or name in (".", "..") else [StudyFolder(directory / name), as_path]:
        if folder.exists:
            return folder
    known = [folder.name for folder in studies_in(directory)]
    there = did_you_mean(name, known) or (f"; there are {', '.join(known[:10])}" if known else "; there is none yet")
    raise SpecError(f"no study {name!r} under {directory}{there}")
