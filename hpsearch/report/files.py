"""A study's figures as files, for papers and slides: one SVG and one PNG each."""

from __future__ import annotations

import re
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from hpsearch.core.errors import InfrastructureError
from hpsearch.report.draw import parameter_files, saved, settings
from hpsearch.report.figure_data import parameter_figures
from hpsearch.report.matters import Matters, matters
from hpsearch.report.svg import PRINT
from hpsearch.results import StudyResults

_WIDTH_IN, _BAR_IN, _FRAME_IN = 6.4, 0.32, 0.75
_PLAIN = re.compile(r"[^\w.-]+")
_LONGEST = 80


def write_figures(results: StudyResults, folder: Path) -> list[Path]:
    """Writes what the report shows: importance.* and score-by-PARAMETER.*; the paths written, none where nothing can be shown.

    Raises:
        InfrastructureError: the folder or a file cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        paths: list[Path] = []
        share = matters(results.importance(), results.metric)
        if share is not None:
            with settings():
                paths += saved(_bars(share), folder / "importance")
        names: set[str] = set()
        for figure in parameter_figures(results.configs, results.metric, results.varying):
            paths += parameter_files(figure, folder / _name(f"score-by-{figure.parameter}", names))
        return paths
    except OSError as error:
        raise InfrastructureError(f"the figures cannot be written to {folder}: {error.strerror or error}") from error


def _name(text: str, taken: set[str]) -> str:
    """A file's name that any system takes, another for each figure whatever the parameters are called."""
    plain = name = _PLAIN.sub("-", text)[:_LONGEST]
    while name.lower() in taken:
        name = f"{plain}-{len(taken) + 1}"
    taken.add(name.lower())
    return name


def _bars(figure: Matters) -> Figure:
    bars = figure.bars[::-1]
    canvas = Figure(figsize=(_WIDTH_IN, _FRAME_IN + _BAR_IN * len(bars)), layout="constrained")
    FigureCanvasSVG(canvas)
    axes: Axes = canvas.add_subplot()
    colours = [PRINT.set if bar.is_parameter else PRINT.point for bar in bars]
    axes.barh(range(len(bars)), [bar.share / 100 for bar in bars], height=0.6, color=colours)
    for place, bar in enumerate(bars):
        if bar.low is not None and bar.high is not None:
            axes.plot([bar.low / 100, bar.high / 100], [place, place], color=PRINT.ink, linewidth=1.2)
    axes.set_yticks(range(len(bars)), [bar.name for bar in bars], color=PRINT.ink)
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_title(figure.question, loc="left", color=PRINT.ink, fontsize=12)
    axes.tick_params(length=0, labelsize=10, colors=PRINT.muted)
    axes.grid(axis="x", color=PRINT.grid, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    return canvas
