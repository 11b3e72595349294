"""Score by the values of one parameter."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hpsearch.report.drawing import canvas, marks
from hpsearch.report.drawing.svg import Theme
from hpsearch.report.figures.parameter import ParameterFigure
from hpsearch.report.wording import short

_TILT = 20  # degrees
_RUG = -0.045  # below the axis, in shares of its height


def draw(figure: ParameterFigure, theme: Theme) -> Figure:
    """The drawing."""
    drawn, axes = canvas.score_plot(
        theme, view=figure.view, metric=figure.metric, label=figure.parameter, bottom=canvas.BOTTOM + _tilted_height(figure)
    )
    if figure.categories:
        _category_axis(axes, figure)
    else:
        values = [point.x for point in figure.points] + [x for cell in figure.cells for x in (cell.x_low, cell.x_high)]
        values += [*figure.failed_x, *figure.off_scale, *([figure.best.x] if figure.best else [])]
        room = canvas.WIDTH - canvas.score_margin(figure.view) - canvas.RIGHT
        # A density has no values, only cells.
        canvas.numeric_axis(axes, values, log=figure.log_x, room=room, at_levels=not figure.cells)
    _marks(axes, figure, theme)
    return drawn


def _category_axis(axes: Axes, figure: ParameterFigure) -> None:
    tilted = _tilted_height(figure) > 0
    axes.set_xlim(-0.6, len(figure.categories) - 0.4)
    axes.set_xticks(
        range(len(figure.categories)),
        [short(label, _label_length(figure)) for label in figure.categories],
        rotation=_TILT if tilted else 0,
        ha="right" if tilted else "center",
        va="top",
        rotation_mode="anchor" if tilted else "default",
    )


def _marks(axes: Axes, figure: ParameterFigure, theme: Theme) -> None:
    """Density or points, the mean or the median, the best, failures and what is off the scale."""
    marks.density(axes, figure.cells, theme)
    marks.dots(axes, figure.points, theme)
    crowded = bool(figure.cells) or len(figure.points) > marks.CROWD
    if figure.means:
        _means(axes, figure, theme, crowded=crowded)
    elif len(figure.typical) > 1:
        if figure.categories:
            for x, y in figure.typical:
                marks.line(axes, [x - 0.32, x + 0.32], [y, y], theme, crowded=crowded)
        else:
            marks.line(axes, [x for x, _ in figure.typical], [y for _, y in figure.typical], theme, crowded=crowded)
    marks.off_scale(axes, figure.off_scale, theme, worse_is_low=figure.worse_is_low)
    if figure.failed_x:
        # Marks in the margins are not clipped: they stand outside the plotted area on purpose.
        axes.scatter(
            figure.failed_x, [_RUG / 2] * len(figure.failed_x), s=34, c=theme.failed, marker="|", linewidths=1.2,
            transform=axes.get_xaxis_transform(), clip_on=False,
        )  # fmt: skip
    if figure.best:
        marks.diamond(axes, figure.best.x, figure.best.y, theme)


def _means(axes: Axes, figure: ParameterFigure, theme: Theme, *, crowded: bool) -> None:
    """A line with its band; at categories a stroke each, with its interval as a box."""
    known = not any(math.isnan(mean.low) for mean in figure.means)
    if not figure.categories:
        x = [mean.x for mean in figure.means]
        if known:
            low, high = [mean.low for mean in figure.means], [mean.high for mean in figure.means]
            axes.fill_between(x, low, high, color=theme.ink, alpha=0.16, linewidth=0, zorder=4.5)
        marks.line(axes, x, [mean.mean for mean in figure.means], theme, crowded=crowded)
        return
    for mean in figure.means:
        ends = [mean.x - 0.32, mean.x + 0.32]
        if known:
            axes.fill_between(ends, mean.low, mean.high, color=theme.ink, alpha=0.16, linewidth=0, zorder=4.5)
        marks.line(axes, ends, [mean.mean, mean.mean], theme, crowded=crowded)


def _label_length(figure: ParameterFigure) -> int:
    return 20 if len(figure.categories) <= 6 else 14


def _tilted_height(figure: ParameterFigure) -> float:
    """What the categories' labels need more where they would touch each other, set level."""
    if not figure.categories:
        return 0.0
    longest = max(len(short(label, _label_length(figure))) for label in figure.categories)
    if longest * canvas.LETTER <= (canvas.WIDTH - 60 - canvas.RIGHT) / len(figure.categories):
        return 0.0
    return math.sin(math.radians(_TILT)) * longest * canvas.LETTER
