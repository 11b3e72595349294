"""What every drawing has: its size, its margins, its axes and how their ticks are written."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter, MaxNLocator, NullLocator
from matplotlib.transforms import Transform, blended_transform_factory

from hpsearch.report import axis
from hpsearch.report.drawing.svg import Theme
from hpsearch.report.wording import short
from hpsearch.results.notes import number

WIDTH, HEIGHT = 400, 252  # SVG user units; the page scales them
RIGHT, TOP, BOTTOM = 12, 10, 46
GAP = 11  # between axis and tick labels: room for the rug
LETTER, LINE = 6.6, 13.0  # width and height of a tick label's letter, about: the reader's font is not known here
POINTS_AN_INCH = 72.0
_ROW, _ROW_TOP = 24, 8  # of a drawing of rows

# What matplotlib reads from its global settings, for the time of one drawing.
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text: small, selectable, in the page's own font
    "svg.hashsalt": "hpsearch",  # ids that are the same in every run
    "text.parse_math": False,  # a parameter may be called $x$
    "axes.unicode_minus": True,
    "path.simplify": False,
}


@contextlib.contextmanager
def settings() -> Iterator[None]:
    """matplotlib's global settings for the time of one drawing."""
    with matplotlib.rc_context(_SETTINGS), warnings.catch_warnings():
        # A name in a script that matplotlib's own font lacks: the browser has one.
        warnings.filterwarnings("ignore", message=".*[Gg]lyph.*")
        yield


def empty(
    theme: Theme,
    *,
    left: float,
    bottom: float = BOTTOM,
    right: float = RIGHT,
    top: float = TOP,
    height: float = HEIGHT,
    width: float = WIDTH,
) -> tuple[Figure, Axes]:
    """A drawing with one pair of axes, margins in user units."""
    canvas = Figure(figsize=(width / POINTS_AN_INCH, height / POINTS_AN_INCH), dpi=POINTS_AN_INCH)
    FigureCanvasSVG(canvas)
    axes = canvas.add_axes((left / width, bottom / height, (width - left - right) / width, (height - top - bottom) / height))
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(theme.rule)
    axes.spines["bottom"].set_linewidth(1)
    axes.set_axisbelow(True)
    axes.tick_params(axis="both", length=0, pad=GAP, labelsize=11.5, labelcolor=theme.muted)
    return canvas, axes


def score_plot(
    theme: Theme, *, view: tuple[float, float], metric: str, label: str, bottom: float = BOTTOM
) -> tuple[Figure, Axes]:
    """Axes with the scores upwards, and `label` below."""
    canvas, axes = empty(theme, left=score_margin(view), bottom=bottom)
    axes.grid(axis="y", color=theme.grid, linewidth=0.8)
    limits = _limits(view)
    axes.set_ylim(*limits)
    set_ticks(axes.yaxis, *even_ticks(*limits, most=5))
    axes.set_ylabel(short(metric, 32), color=theme.muted, fontsize=11.5, va="center")
    axes.yaxis.set_label_coords(LINE / 2 / WIDTH, 0.5, transform=_across_page(canvas, axes))
    below(canvas, axes, short(label, 56), theme.ink)
    return canvas, axes


def below(canvas: Figure, axes: Axes, text: str, colour: str) -> None:
    """What the axis at the bottom is of."""
    axes.set_xlabel(text, color=colour, fontsize=12, va="top")
    height = float(canvas.get_figheight()) * POINTS_AN_INCH
    axes.xaxis.set_label_coords(0.5, (LINE + 3) / height, transform=_up_page(canvas, axes))


def row_plot(theme: Theme, labels: Sequence[str], *, left: float, right: float, label: str) -> tuple[Figure, Axes]:
    """Axes with one row for each of `labels`, the first at the top; bars lie at 0, 1, ... downwards."""
    height = _ROW_TOP + BOTTOM + _ROW * len(labels)
    canvas, axes = empty(theme, left=left, right=right, top=_ROW_TOP, height=height)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_yticks(range(len(labels)), list(labels))
    axes.tick_params(axis="y", pad=8, labelcolor=theme.ink)
    axes.grid(axis="x", color=theme.grid, linewidth=0.8)
    below(canvas, axes, label, theme.muted)
    return canvas, axes


def row_margin(labels: Sequence[str]) -> float:
    """Room to the left for the rows' labels."""
    return 8 + 6.9 * max(len(text) for text in labels)


def score_margin(view: tuple[float, float]) -> float:
    """Room to the left for the scores' tick labels."""
    _, texts = even_ticks(*_limits(view), most=5)
    return LINE + 8 + LETTER * max((len(text) for text in texts), default=1) + GAP


def _limits(view: tuple[float, float]) -> tuple[float, float]:
    low, high = view
    margin = 0.06 * (high - low) if high > low else max(abs(high), 1.0) * 0.05
    return low - margin, high + margin


def numeric_axis(axes: Axes, values: Sequence[float], *, log: bool, room: float, at_levels: bool = True) -> None:
    """Scale, limits and ticks of the axis at the bottom.

    Args:
        values: all that is shown. room: its width in user units. at_levels: whether the ticks may be the values themselves.
    """
    low, high = min(values), max(values)
    log = log and low > 0 and high > low
    levels = axis.level_ticks(values, number, log=log, letters=room / LETTER / 1.08) if at_levels else ()
    if log:
        stretch = (high / low) ** 0.04
        axes.set_xscale("log")
        axes.set_xlim(low / stretch, high * stretch)
        axes.xaxis.set_major_locator(FixedLocator(list(levels or axis.ticks(low / stretch, high * stretch))))
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        stretch = 0.04 * (high - low) if high > low else max(abs(high), 1.0) * 0.05
        axes.set_xlim(low - stretch, high + stretch)
        if not levels:
            # Of whole numbers, counts among them, there are no halves.
            whole = all(float(value).is_integer() for value in values)
            set_ticks(axes.xaxis, *even_ticks(*axes.get_xlim(), most=6, whole=whole))
            return
        axes.xaxis.set_major_locator(FixedLocator(list(levels)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))


def even_ticks(low: float, high: float, *, most: int, whole: bool = False) -> tuple[list[float], list[str]]:
    """Round numbers between `low` and `high`, and how they are written: all with the same number of decimals."""
    values = [float(value) for value in MaxNLocator(most, integer=whole).tick_values(low, high) if low <= value <= high]
    places = axis.common_decimals(values)
    return values, [number(value) if places is None else f"{value + 0.0:.{places}f}" for value in values]


def set_ticks(scale: Axis, values: list[float], texts: list[str]) -> None:
    """These and no others."""
    scale.set_major_locator(FixedLocator(values))
    scale.set_major_formatter(FixedFormatter(texts))


def _across_page(canvas: Figure, axes: Axes) -> Transform:
    """x in shares of the page, y in shares of the axes."""
    return blended_transform_factory(canvas.transFigure, axes.transAxes)


def _up_page(canvas: Figure, axes: Axes) -> Transform:
    """x in shares of the axes, y in shares of the page."""
    return blended_transform_factory(axes.transAxes, canvas.transFigure)
