"""How the search went: scores as they came, what they cost, and what failed."""

from __future__ import annotations

from matplotlib.figure import Figure

from hpsearch.report import axis
from hpsearch.report.drawing import canvas, marks
from hpsearch.report.drawing.svg import Theme
from hpsearch.report.figures.cost import Cost
from hpsearch.report.figures.failing import Failing
from hpsearch.report.figures.history import History
from hpsearch.report.wording import short


def draw_history(figure: History, theme: Theme) -> Figure:
    """Scores, the best so far as steps, and the expected best as a broken line."""
    drawn, axes = canvas.score_plot(theme, view=figure.view, metric=figure.metric, label="configurations completed")
    last = figure.best_so_far[-1][0]
    room = canvas.WIDTH - canvas.score_margin(figure.view) - canvas.RIGHT
    canvas.numeric_axis(axes, [1.0, last], log=False, room=room, at_levels=False)
    marks.density(axes, figure.cells, theme)
    marks.dots(axes, figure.points, theme)
    marks.off_scale(axes, figure.off_scale, theme, worse_is_low=figure.worse_is_low)
    if figure.expected:
        x, y = [size for size, _ in figure.expected], [best for _, best in figure.expected]
        axes.plot(x, y, color=theme.ink, linewidth=1.3, linestyle=(0, (4, 3)), zorder=5)
    steps = figure.best_so_far
    axes.step([x for x, _ in steps], [y for _, y in steps], where="post", color=theme.best, linewidth=1.8, zorder=5.5)
    at = steps[-2] if len(steps) > 1 else steps[-1]
    marks.diamond(axes, *at, theme)
    return drawn


def draw_cost(figure: Cost, theme: Theme) -> Figure:
    """Scores by seconds, with the front as steps."""
    drawn, axes = canvas.score_plot(theme, view=figure.view, metric=figure.metric, label="time in trials, of a configuration")
    seconds = [point.x for point in figure.points] + [x for cell in figure.cells for x in (cell.x_low, cell.x_high)]
    seconds += [*figure.off_scale, *(x for x, _ in figure.front)]
    room = canvas.WIDTH - canvas.score_margin(figure.view) - canvas.RIGHT
    canvas.numeric_axis(axes, seconds, log=figure.log_x, room=room, at_levels=False)
    inside = axis.time_ticks(*axes.get_xlim(), log=figure.log_x)
    canvas.set_ticks(axes.xaxis, [at for at, _ in inside], [text for _, text in inside])
    marks.density(axes, figure.cells, theme)
    marks.dots(axes, figure.points, theme)
    marks.off_scale(axes, figure.off_scale, theme, worse_is_low=figure.worse_is_low)
    if figure.front:
        x, y = [time for time, _ in figure.front], [score for _, score in figure.front]
        axes.step(x, y, where="post", color=theme.ink, linewidth=1.3, zorder=5)
        axes.scatter(x, y, s=16, c=theme.ink, linewidths=0, zorder=5.5)
        marks.diamond(axes, x[-1], y[-1], theme)
    return drawn


def draw_failing(figure: Failing, theme: Theme) -> Figure:
    """A bar for each value, its interval, and how many."""
    labels = [f"{short(rate.parameter, 16)} {short(rate.value, 20)}" for rate in figure.rates]
    counts = [f"{rate.failed:,} of {rate.tried:,}" for rate in figure.rates]
    left = canvas.row_margin(labels)
    right = 14 + canvas.LETTER * max(len(text) for text in counts)
    drawn, axes = canvas.row_plot(theme, labels, left=left, right=right, label="failed")
    end = next(end for end in (0.05, 0.1, 0.2, 0.5, 1.0) if end >= max(rate.high for rate in figure.rates))
    axes.set_xlim(0, end)
    canvas.set_ticks(axes.xaxis, [0.0, end / 2, end], [f"{100 * share:g} %" for share in (0.0, end / 2, end)])
    axes.axvline(figure.overall, color=theme.rule, linewidth=1.2, linestyle=(0, (3, 3)), zorder=1)
    for place, rate in enumerate(figure.rates):
        axes.barh(place, rate.share, height=0.5, color=theme.failed, alpha=0.75, zorder=2)
        axes.plot([rate.low, rate.high], [place, place], color=theme.ink, linewidth=1.3, zorder=3)
        axes.annotate(
            counts[place], (end, place), xytext=(8, 0), textcoords="offset points", va="center", fontsize=11, color=theme.muted,
            annotation_clip=False,
        )  # fmt: skip
    return drawn
