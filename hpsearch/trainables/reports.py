"""What a program reports on its way: lines of JSON, appended to a file, or printed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hpsearch.core.errors import ObjectiveError
from hpsearch.trainables.metrics import as_float, as_metrics

_STEP, _CHECKPOINT = "step", "checkpoint"


@dataclass(frozen=True)
class ReportLine:
    """`{"step": 3, "loss": 0.2, "checkpoint": "FOLDER"}`: all but the metrics may be left out."""

    metrics: dict[str, float]
    step: float | None = None
    checkpoint: str | None = None


def read_line(line: str, source: str) -> ReportLine:
    """The report that a line is.

    Args:
        source: what messages call it ("line 3 of HPSEARCH_REPORT").

    Raises:
        ObjectiveError: it is none; shows the line, and says what is wrong with it.
    """
    shown = f"{source}, {_short(line)}"
    try:
        values = json.loads(line)
    except ValueError as error:
        raise ObjectiveError(f'{shown}: is no JSON ({error}); a report is one line, {{"step": 3, "loss": 0.2}}') from None
    if not isinstance(values, dict):
        raise ObjectiveError(f'{shown}: is no JSON object; a report is one line, {{"step": 3, "loss": 0.2}}')
    step, checkpoint = values.pop(_STEP, None), values.pop(_CHECKPOINT, None)
    if checkpoint is not None and not (isinstance(checkpoint, str) and checkpoint):
        raise ObjectiveError(f"{shown}: checkpoint is a folder's path")
    reported = f"{shown}: it reports"
    return ReportLine(as_metrics(values, reported), None if step is None else as_float(step, _STEP, reported), checkpoint or None)


def is_report(line: str, metric: str) -> bool:
    """Whether a line among others is meant as a report: a JSON object that has the study's metric."""
    if not line.lstrip().startswith("{") or not line.rstrip().endswith("}"):
        return False
    try:
        values = json.loads(line)
    except ValueError:
        return False
    return isinstance(values, dict) and metric in values


class ReportFile:
    """The file that a program appends reports to, read while it grows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_to = 0
        self._lines = 0
        self._begun = b""

    @property
    def is_used(self) -> bool:
        """Whether anything has been written to it yet, as far as it was read."""
        return self._read_to > 0

    def new(self, *, ended: bool = False) -> Iterator[ReportLine]:
        """The reports that have come since the last call. A line counts when it is whole: at its end, or the program's.

        Raises:
            ObjectiveError: a line is no report; the file was cut.
        """
        content = self._begun + self._grown()
        *whole, self._begun = content.split(b"\n")
        if ended and self._begun:
            whole.append(self._begun)
        for line in whole:
            self._lines += 1
            if line.strip():
                yield read_line(line.decode(errors="replace").strip(), f"line {self._lines} of HPSEARCH_REPORT")

    def _grown(self) -> bytes:
        try:
            size = self._path.stat().st_size
            if size < self._read_to:
                raise ObjectiveError(
                    "HPSEARCH_REPORT: the file was written anew, and what stood there is lost; open it to append"
                )
            if size == self._read_to:
                return b""
            with self._path.open("rb") as file:
                file.seek(self._read_to)
                grown = file.read()
        except FileNotFoundError:
            return b""
        self._read_to += len(grown)
        return grown


def _short(line: str, limit: int = 200) -> str:
    return line if len(line) <= limit else f"{line[:limit]}..."
