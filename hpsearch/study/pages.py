"""The page of a study's results: what `StudyResults.report` writes, and how much of the ranking it shows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hpsearch.plan import spec_as_run
from hpsearch.spec.model import ReportSpec

if TYPE_CHECKING:
    from hpsearch.results import StudyResults


def with_page(results: StudyResults) -> StudyResults:
    """The same, able to write their page: `results` itself knows no plotting."""
    return replace(results, write_page=_write_page)


def rows_shown(results: StudyResults) -> int:
    """How many configurations a table for people has: the spec's `report.top`."""
    spec = spec_as_run(results.study, Path.cwd())
    return ReportSpec().top if spec is None else spec.report.top


def _write_page(results: StudyResults, path: Path) -> None:
    from hpsearch.report import write_report  # late: matplotlib takes a second

    write_report(results, path, top=rows_shown(results))
