"""A study's figures as files, for papers and slides: one SVG and one PNG each."""

from __future__ import annotations

import re
from pathlib import Path

from hpsearch.core.errors import InfrastructureError
from hpsearch.report.drawing import figure_files
from hpsearch.report.figures import choose
from hpsearch.results import StudyResults

_PLAIN = re.compile(r"[^\w.-]+")
_LONGEST = 80


def write_figures(results: StudyResults, folder: Path) -> list[Path]:
    """Writes what the report shows, NAME.svg and NAME.png: importance, history, score-by-PARAMETER, and so on.

    Returns:
        the paths written; none where nothing can be shown.

    Raises:
        InfrastructureError: the folder or a file cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names: set[str] = set()
        return [path for figure in choose(results).drawn() for path in figure_files(figure, folder / _name(figure.name, names))]
    except OSError as error:
        raise InfrastructureError(f"the figures cannot be written to {folder}: {error.strerror or error}") from error


def _name(text: str, taken: set[str]) -> str:
    """A file's name that any system takes, another for each figure whatever the parameters are called."""
    plain = name = plain_name(text)
    while name.lower() in taken:
        name = f"{plain}-{len(taken) + 1}"
    taken.add(name.lower())
    return name


def plain_name(text: str) -> str:
    """`text` of letters, digits, points and dashes alone, and not too long."""
    return _PLAIN.sub("-", text)[:_LONGEST]
