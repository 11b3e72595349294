"""Draws what `figures` computed, with matplotlib: inline SVG for the page, SVG and PNG as files. Decides nothing shown.

`parameter`, `course`, `effects` and `lines` draw a kind of figure each, from the parts in `canvas` and `marks`; `svg` makes a
drawing one of the page's, `frame` puts title and legend around that of a file.
"""

from __future__ import annotations

import io
from pathlib import Path

from matplotlib.figure import Figure

from hpsearch.report.drawing import canvas, course, effects, lines, parameter
from hpsearch.report.drawing.frame import frame
from hpsearch.report.drawing.svg import PAGE, PRINT, Theme, page_svg
from hpsearch.report.figures.choose import Drawn
from hpsearch.report.figures.cost import Cost
from hpsearch.report.figures.failing import Failing
from hpsearch.report.figures.history import History
from hpsearch.report.figures.lines import Lines
from hpsearch.report.figures.matters import Matters
from hpsearch.report.figures.pair import Pair
from hpsearch.report.figures.parameter import ParameterFigure

_FILE_SCALE = 3.0  # of a PNG, to a figure of the page


def figure_svg(figure: Drawn, prefix: str) -> str:
    """One inline `<svg>`. `prefix` begins every id in it, so that figures on one page do not share any."""
    out = io.StringIO()
    with canvas.settings():
        _drawn(figure, PAGE).savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return page_svg(out.getvalue(), prefix=prefix, label=f"{figure.question} {figure.reading}")


def figure_files(figure: Drawn, stem: Path) -> tuple[Path, Path]:
    """The figure as files of its own, on white, with its question and its legend: STEM.svg, and STEM.png three times as large."""
    svg, png = stem.with_name(f"{stem.name}.svg"), stem.with_name(f"{stem.name}.png")
    with canvas.settings():
        drawn = _drawn(figure, PRINT)
        drawn.set_facecolor(PRINT.card)
        box = frame(drawn, figure, PRINT)
        drawn.savefig(svg, format="svg", bbox_inches=box, metadata={"Date": None, "Creator": None})
        drawn.savefig(png, format="png", bbox_inches=box, dpi=_FILE_SCALE * canvas.POINTS_AN_INCH)
    return svg, png


def _drawn(figure: Drawn, theme: Theme) -> Figure:
    match figure:
        case ParameterFigure():
            return parameter.draw(figure, theme)
        case Lines():
            return lines.draw(figure, theme)
        case History():
            return course.draw_history(figure, theme)
        case Cost():
            return course.draw_cost(figure, theme)
        case Failing():
            return course.draw_failing(figure, theme)
        case Matters():
            return effects.draw_matters(figure, theme)
        case Pair():
            return effects.draw_pair(figure, theme)
        case _:
            return effects.draw_path(figure, theme)
