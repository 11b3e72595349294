"""What the score depends on: shares as bars, a pair as a heat map, the steps to the best."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from hpsearch.report.drawing import canvas
from hpsearch.report.drawing.svg import Theme
from hpsearch.report.figures.matters import Matters
from hpsearch.report.figures.pair import Pair
from hpsearch.report.figures.path import Path
from hpsearch.report.wording import short
from hpsearch.results.notes import number

_SHADES = 9
_FAINTEST, _STRONGEST = 0.06, 0.94
_MOST_TICKS = 7
_LONGEST_CHANGE = 31  # letters
_BAR = 34  # room to the right of a heat map for its shades
_SHADE_TOP, _SHADE_BOTTOM = 0.94, 0.06
_WORSE, _WORSE_HEIGHT, _WORSE_GAP, _WORSE_ALPHA = "worse", 0.08, 0.04, 0.4


def draw_matters(figure: Matters, theme: Theme) -> Figure:
    """A bar for each term, with its interval."""
    labels = [short(bar.name, 28) for bar in figure.bars]
    drawn, axes = canvas.row_plot(theme, labels, left=canvas.row_margin(labels), right=20, label="of the differences")
    axes.set_xlim(0, 1)
    canvas.set_ticks(axes.xaxis, [0.0, 0.5, 1.0], ["0 %", "50 %", "100 %"])
    for place, bar in enumerate(figure.bars):
        axes.barh(place, bar.share / 100, height=0.5, color=theme.set if bar.is_parameter else theme.point, zorder=2)
        if bar.low is not None and bar.high is not None:
            axes.plot([bar.low / 100, bar.high / 100], [place, place], color=theme.ink, linewidth=1.2, zorder=3)
    return drawn


def draw_pair(figure: Pair, theme: Theme) -> Figure:
    """Stronger is better, grey much worse; a dot where nothing near was tried; the best cell framed."""
    means = np.array(figure.means)
    low, high = figure.view
    span = high - low or 1.0
    y_at = _tick_places(len(figure.y), _MOST_TICKS)
    texts = [short(figure.y[place], 12) for place in y_at]
    left = canvas.LINE + 8 + canvas.LETTER * max(len(text) for text in texts) + 6
    legend = [number(float(f"{value:.3g}")) for value in (low, high)]
    right = _BAR + canvas.LETTER * max(len(text) for text in (*legend, *([_WORSE] if figure.n_worse else [])))
    widest = canvas.LETTER * (max(len(short(text, 10)) for text in figure.x) + 1.5)
    x_at = _tick_places(len(figure.x), max(1, min(_MOST_TICKS, int((canvas.WIDTH - left - right) / widest))))
    drawn, axes = canvas.empty(theme, left=left, right=right)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="y", pad=5)
    axes.tick_params(axis="x", pad=5)
    axes.set_xlim(-0.5, len(figure.x) - 0.5)
    axes.set_ylim(-0.5, len(figure.y) - 0.5)
    canvas.set_ticks(axes.xaxis, [float(place) for place in x_at], [short(figure.x[place], 10) for place in x_at])
    canvas.set_ticks(axes.yaxis, [float(place) for place in y_at], texts)
    canvas.below(drawn, axes, short(figure.first, 50), theme.ink)
    axes.set_ylabel(short(figure.second, 32), color=theme.ink, fontsize=12)
    axes.yaxis.set_label_coords(-(left - canvas.LINE / 2) / (canvas.WIDTH - left - right), 0.5)
    good = (means - low) / span if figure.better_is_high else (high - means) / span
    for (i, j), share in np.ndenumerate(good):
        _shade(axes, (i - 0.5, j - 0.5, 1.0, 1.0), None if share < 0 else float(share), theme)
        if not figure.tried[i][j]:
            axes.scatter([i], [j], s=3, c=theme.muted, linewidths=0, zorder=3)
    i, j = np.unravel_index(int(good.argmax()), good.shape)
    frame = Rectangle((i - 0.5, j - 0.5), 1.0, 1.0, fill=False, edgecolor=theme.best, linewidth=2, zorder=4, clip_on=False)
    axes.add_patch(frame)
    _legend(drawn, axes, legend if figure.better_is_high else legend[::-1], right, theme, has_worse=figure.n_worse > 0)
    return drawn


def _legend(drawn: Figure, axes: Axes, ends: list[str], right: float, theme: Theme, *, has_worse: bool) -> None:
    """From the worst at the bottom to the best at the top; below them what is worse still."""
    box = axes.get_position()
    scale = drawn.add_axes((1 - (right - 12) / canvas.WIDTH, box.y0, 10 / canvas.WIDTH, box.height))
    scale.set_axis_off()
    scale.set_xlim(0, 1)
    scale.set_ylim(0, 1)
    start = _WORSE_HEIGHT + _WORSE_GAP if has_worse else 0.0
    for step in range(_SHADES):
        part = (1 - start) / _SHADES
        _shade(scale, (0.0, start + step * part, 1.0, part), step / (_SHADES - 1), theme)
    marked = [(text, start + (1 - start) * place) for text, place in zip(ends, (_SHADE_BOTTOM, _SHADE_TOP), strict=True)]
    if has_worse:
        _shade(scale, (0.0, 0.0, 1.0, _WORSE_HEIGHT), None, theme)
        marked.append((_WORSE, _WORSE_HEIGHT / 2))
    for text, place in marked:
        scale.annotate(
            text, (1.0, place), xytext=(5, 0), textcoords="offset points", va="center", fontsize=11, color=theme.muted,
            annotation_clip=False,
        )  # fmt: skip


def _shade(axes: Axes, box: tuple[float, float, float, float], share: float | None, theme: Theme) -> None:
    """Shades in steps: so many are told apart by eye. None: worse than all of them."""
    if share is None:
        axes.add_patch(Rectangle(box[:2], box[2], box[3], facecolor=theme.point, alpha=_WORSE_ALPHA, linewidth=0))
        return
    step = round(share * (_SHADES - 1)) / (_SHADES - 1)
    alpha = round(_FAINTEST + (_STRONGEST - _FAINTEST) * step, 3)
    axes.add_patch(Rectangle(box[:2], box[2], box[3], facecolor=theme.set, alpha=alpha, linewidth=0))


def _tick_places(n: int, most: int) -> list[int]:
    return list(range(0, n, -(-n // most)))


def draw_path(figure: Path, theme: Theme) -> Figure:
    """From the score before each step to the one after it."""
    labels = [step.change for step in figure.steps]
    labels = [short(label, _LONGEST_CHANGE) for label in labels]
    gains = [f"{step.gain:+.2g}" for step in figure.steps]
    left, right = canvas.row_margin(labels), 14 + canvas.LETTER * max(len(text) for text in gains)
    drawn, axes = canvas.row_plot(theme, labels, left=left, right=right, label=short(figure.metric, 32))
    scores = [figure.start, *(step.after for step in figure.steps)]
    low, high = min(scores), max(scores)
    margin = 0.04 * (high - low) or 1.0
    axes.set_xlim(low - margin, high + margin)
    canvas.set_ticks(axes.xaxis, *canvas.even_ticks(low - margin, high + margin, most=3))
    for place, step in enumerate(figure.steps):
        colour = theme.set if step.gain >= 0 else theme.failed
        axes.barh(place, step.after - step.before, left=step.before, height=0.5, color=colour, alpha=0.85, zorder=2)
        if place:
            axes.plot([step.before] * 2, [place - 1, place], color=theme.rule, linewidth=1, zorder=1)
        axes.annotate(
            gains[place], (1.0, place), xycoords=axes.get_yaxis_transform(), xytext=(8, 0), textcoords="offset points",
            va="center", fontsize=11, color=theme.muted, annotation_clip=False,
        )  # fmt: skip
    return drawn
