"""Draws what `figure_data` computed, with matplotlib, as SVG for the page. Decides nothing about what is shown."""

from __future__ import annotations

import contextlib
import io
import math
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter, MaxNLocator, NullLocator
from matplotlib.transforms import Transform, blended_transform_factory

from hpsearch.report import axis
from hpsearch.report.figure_data import Cell, ParameterFigure
from hpsearch.report.svg import PAGE, PRINT, Theme, page_svg
from hpsearch.report.wording import short
from hpsearch.results.notes import number

WIDTH, HEIGHT = 400, 252  # SVG user units; the page scales them
_RIGHT, _TOP, _BOTTOM = 12, 10, 46
_GAP = 11  # between axis and tick labels: room for the rug
_LETTER, _LINE = 6.6, 13.0  # width and height of a tick label's letter, about: the reader's font is not known here
_TILT = 20  # degrees
_POINTS_AN_INCH = 72.0
_FILE_SCALE = 3.0  # of a PNG, to a figure of the page
_RUG = -0.045  # below the axis, in shares of its height

# What matplotlib reads from its global settings, for the time of one drawing.
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text: small, selectable, in the page's own font
    "svg.hashsalt": "hpsearch",  # ids that are the same in every run
    "text.parse_math": False,  # a parameter may be called $x$
    "axes.unicode_minus": True,
    "path.simplify": False,
}


def parameter_svg(figure: ParameterFigure, prefix: str) -> str:
    """One inline `<svg>`. `prefix` begins every id in it, so that figures on one page do not share any."""
    out = io.StringIO()
    with settings():
        _drawn(figure, PAGE).savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return page_svg(out.getvalue(), prefix=prefix, label=f"{figure.question} {figure.reading}")


def parameter_files(figure: ParameterFigure, stem: Path) -> tuple[Path, Path]:
    """The figure as files of its own; see `saved`."""
    with settings():
        return saved(_drawn(figure, PRINT), stem)


def saved(canvas: Figure, stem: Path) -> tuple[Path, Path]:
    """On white: STEM.svg, and STEM.png at three times the size of the page's."""
    canvas.set_facecolor(PRINT.card)
    svg, png = stem.with_name(f"{stem.name}.svg"), stem.with_name(f"{stem.name}.png")
    canvas.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    canvas.savefig(png, format="png", dpi=_FILE_SCALE * _POINTS_AN_INCH)
    return svg, png


@contextlib.contextmanager
def settings() -> Iterator[None]:
    """matplotlib's global settings for the time of one drawing."""
    with matplotlib.rc_context(_SETTINGS), warnings.catch_warnings():
        # A name in a script that matplotlib's own font lacks: the browser has one.
        warnings.filterwarnings("ignore", message=".*[Gg]lyph.*")
        yield


def _drawn(figure: ParameterFigure, theme: Theme) -> Figure:
    canvas = Figure(figsize=(WIDTH / _POINTS_AN_INCH, HEIGHT / _POINTS_AN_INCH), dpi=_POINTS_AN_INCH)
    FigureCanvasSVG(canvas)
    left, bottom = _margins(figure)
    axes = canvas.add_axes((left / WIDTH, bottom / HEIGHT, (WIDTH - left - _RIGHT) / WIDTH, (HEIGHT - _TOP - bottom) / HEIGHT))
    _frame(axes, figure, theme)
    axes.yaxis.set_label_coords(_LINE / 2 / WIDTH, 0.5, transform=_across_page(canvas, axes))
    axes.xaxis.set_label_coords(0.5, (_LINE + 3) / HEIGHT, transform=_up_page(canvas, axes))
    _marks(axes, figure, theme)
    return canvas


def _frame(axes: Axes, figure: ParameterFigure, theme: Theme) -> None:
    """Scales, ticks, grid and labels."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(theme.rule)
    axes.spines["bottom"].set_linewidth(1)
    axes.grid(axis="y", color=theme.grid, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(axis="both", length=0, pad=_GAP, labelsize=11.5, labelcolor=theme.muted)
    axes.set_ylim(*_y_limits(figure))
    _set_ticks(axes.yaxis, *_even_ticks(*_y_limits(figure), most=5))
    axes.set_ylabel(short(figure.metric, 32), color=theme.muted, fontsize=11.5, va="center")
    axes.set_xlabel(short(figure.parameter, 56), color=theme.ink, fontsize=12, va="top")
    if figure.categories:
        _category_axis(axes, figure)
    else:
        _numeric_axis(axes, figure)


def _category_axis(axes: Axes, figure: ParameterFigure) -> None:
    tilted = _tilted(figure)
    axes.set_xlim(-0.6, len(figure.categories) - 0.4)
    axes.set_xticks(
        range(len(figure.categories)),
        [short(label, _label_length(figure)) for label in figure.categories],
        rotation=_TILT if tilted else 0,
        ha="right" if tilted else "center",
        va="top",
        rotation_mode="anchor" if tilted else "default",
    )


def _numeric_axis(axes: Axes, figure: ParameterFigure) -> None:
    shown = [point.x for point in figure.points] + [x for cell in figure.cells for x in (cell.x_low, cell.x_high)]
    values = [*shown, *figure.failed_x, *figure.off_scale, *([figure.best.x] if figure.best else [])]
    low, high = min(values), max(values)
    is_log = figure.log_x and low > 0 and high > low
    room = (WIDTH - _margins(figure)[0] - _RIGHT) / _LETTER / 1.08
    # A density has no values, only cells.
    at_levels = () if figure.cells else axis.level_ticks(values, number, log=is_log, letters=room)
    if is_log:
        stretch = (high / low) ** 0.04
        axes.set_xscale("log")
        axes.set_xlim(low / stretch, high * stretch)
        axes.xaxis.set_major_locator(FixedLocator(list(at_levels or axis.ticks(low / stretch, high * stretch))))
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        stretch = 0.04 * (high - low) if high > low else max(abs(high), 1.0) * 0.05
        axes.set_xlim(low - stretch, high + stretch)
        if not at_levels:
            _set_ticks(axes.xaxis, *_even_ticks(*axes.get_xlim(), most=6))
            return
        axes.xaxis.set_major_locator(FixedLocator(list(at_levels)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))


def _even_ticks(low: float, high: float, *, most: int) -> tuple[list[float], list[str]]:
    """Round numbers between `low` and `high`, and how they are written: all with the same number of decimals."""
    values = [float(value) for value in MaxNLocator(most).tick_values(low, high) if low <= value <= high]
    places = axis.common_decimals(values)
    return values, [number(value) if places is None else f"{value + 0.0:.{places}f}" for value in values]


def _set_ticks(scale: Axis, values: list[float], texts: list[str]) -> None:
    scale.set_major_locator(FixedLocator(values))
    scale.set_major_formatter(FixedFormatter(texts))


def _y_limits(figure: ParameterFigure) -> tuple[float, float]:
    low, high = figure.view
    margin = 0.06 * (high - low) if high > low else max(abs(high), 1.0) * 0.05
    return low - margin, high + margin


def _margins(figure: ParameterFigure) -> tuple[float, float]:
    """Room to the left for the scores' tick labels, and below for categories' that are tilted."""
    _, texts = _even_ticks(*_y_limits(figure), most=5)
    left = _LINE + 8 + _LETTER * max((len(text) for text in texts), default=1) + _GAP
    if not _tilted(figure):
        return left, _BOTTOM
    longest = max(len(short(label, _label_length(figure))) for label in figure.categories)
    return left, _BOTTOM + math.sin(math.radians(_TILT)) * longest * _LETTER


def _across_page(canvas: Figure, axes: Axes) -> Transform:
    """x in shares of the page, y in shares of the axes."""
    return blended_transform_factory(canvas.transFigure, axes.transAxes)


def _up_page(canvas: Figure, axes: Axes) -> Transform:
    """x in shares of the axes, y in shares of the page."""
    return blended_transform_factory(axes.transAxes, canvas.transFigure)


def _marks(axes: Axes, figure: ParameterFigure, theme: Theme) -> None:
    """Density or points, the typical line, the best, failures and what is off the scale."""
    for level in sorted({cell.level for cell in figure.cells}):
        outline = _outline([cell for cell in figure.cells if cell.level == level])
        axes.add_patch(PathPatch(outline, facecolor=theme.point, alpha=0.14 + 0.16 * level, linewidth=0))
    crowded = bool(figure.cells) or len(figure.points) > 150
    if len(figure.typical) > 1:
        if figure.categories:
            for x, y in figure.typical:
                _median_line(axes, [x - 0.32, x + 0.32], [y, y], crowded, theme)
        else:
            _median_line(axes, [x for x, _ in figure.typical], [y for _, y in figure.typical], crowded, theme)
    size = 30 if len(figure.points) <= 150 else 18 if len(figure.points) <= 600 else 11
    for in_set, colour, alpha in ((False, theme.point, 0.55), (True, theme.set, 0.85)):
        points = [point for point in figure.points if point.in_best_set is in_set]
        if points:
            axes.scatter(
                [point.x for point in points],
                [point.y for point in points],
                s=size,
                c=colour,
                alpha=alpha,
                linewidths=0,
                zorder=3 + in_set,
            )
    # Marks in the margins are not clipped: they stand outside the plotted area on purpose.
    across = axes.get_xaxis_transform()
    if figure.off_scale:
        edge, marker = (0.012, "v") if figure.worse_is_low else (0.988, "^")
        axes.scatter(
            figure.off_scale, [edge] * len(figure.off_scale), s=22, c=theme.point, marker=marker, linewidths=0, transform=across
        )
    if figure.failed_x:
        axes.scatter(
            figure.failed_x, [_RUG / 2] * len(figure.failed_x), s=34, c=theme.failed, marker="|", linewidths=1.2,
            transform=across, clip_on=False,
        )  # fmt: skip
    if figure.best:
        axes.scatter(
            [figure.best.x], [figure.best.y], s=74, c=theme.best, marker="D", linewidths=1.6, edgecolors=theme.card, zorder=6
        )


def _median_line(axes: Axes, x: list[float], y: list[float], crowded: bool, theme: Theme) -> None:
    """Over the points, with a casing of the paper's colour to stand out from a crowd of them."""
    if crowded:
        axes.plot(x, y, color=theme.card, linewidth=4, alpha=0.8, solid_capstyle="round", zorder=5)
    axes.plot(x, y, color=theme.ink, linewidth=1.4, solid_capstyle="round", zorder=5)


def _outline(cells: list[Cell]) -> Outline:
    """All rectangles as one path: a hundred of them cost one element."""
    boxes = [
        Outline(
            [(c.x_low, c.y_low), (c.x_high, c.y_low), (c.x_high, c.y_high), (c.x_low, c.y_high), (c.x_low, c.y_low)], closed=True
        )
        for c in cells
    ]
    return Outline.make_compound_path(*boxes)


def _label_length(figure: ParameterFigure) -> int:
    return 20 if len(figure.categories) <= 6 else 14


def _tilted(figure: ParameterFigure) -> bool:
    """Whether the categories' labels would touch each other, set level."""
    if not figure.categories:
        return False
    longest = max(len(short(label, _label_length(figure))) for label in figure.categories)
    return longest * _LETTER > (WIDTH - 60 - _RIGHT) / len(figure.categories)
