"""Parallel coordinates: one upright axis for each parameter, a line for each configuration."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from hpsearch.report.drawing import canvas
from hpsearch.report.drawing.svg import PAGE, Theme
from hpsearch.report.figures.lines import Line, Lines
from hpsearch.report.wording import short

_WIDTH, _HEIGHT = 860, 300
_LEFT, _RIGHT, _BOTTOM = 90, 50, 34
_LETTER = 7.4  # width of a letter, at most about: what stands at the sides has no room beyond the drawing
_SHADES = 4
_BACKING = 0.75  # of the paper's colour behind a label, that lines shall not cross out


def draw(figure: Lines, theme: Theme) -> Figure:
    """The better the stronger; those of the best set in its colour, the best itself in front."""
    last = len(figure.axes) - 1
    letters = int((_WIDTH - _LEFT - _RIGHT) / max(1, last) / 7.0)
    names = [short(each.name, max(4, letters)) for each in figure.axes]
    left = max(_LEFT, 8 + _LETTER * max(len(text) for _, text in figure.axes[0].ticks), 4 + _LETTER * len(names[0]) / 2)
    right = max(_RIGHT, 4 + _LETTER * len(names[-1]) / 2)
    drawn, axes = canvas.empty(theme, left=left, right=right, bottom=_BOTTOM, width=_WIDTH, height=_HEIGHT)
    axes.spines["bottom"].set_visible(False)
    axes.set_xlim(0, last)
    axes.set_ylim(-0.02, 1.02)
    axes.set_yticks([])
    axes.set_xticks(range(last + 1), names)
    axes.tick_params(axis="x", pad=8, labelsize=12, labelcolor=theme.ink)
    others = figure.lines[1:]
    quarter = max(1, math.ceil(len(others) / _SHADES))
    for shade in range(_SHADES):
        some = [line for line in others[shade * quarter : (shade + 1) * quarter] if not line.in_best_set]
        _draw(axes, some, theme.point, 0.7 - 0.16 * shade, 0.8)
    _draw(axes, [line for line in others if line.in_best_set], theme.set, 0.7, 1.0)
    _draw(axes, figure.lines[:1], theme.best, 1.0, 2.2)
    # The page's style sheet gives its labels a halo.
    backing = None if theme is PAGE else {"facecolor": theme.card, "alpha": _BACKING, "linewidth": 0, "pad": 0.6}
    for place, each in enumerate(figure.axes):
        axes.plot([place, place], [0, 1], color=theme.rule, linewidth=1, zorder=4, clip_on=False)
        for at, text in each.ticks:
            # To the left of the first axis there is no other.
            label = short(text, max(5, letters)) if place else text
            axes.annotate(
                label, (place, at), xytext=(-4, 0), textcoords="offset points", ha="right", va="center", fontsize=10.5,
                color=theme.muted, annotation_clip=False, zorder=7, bbox=backing,
            )  # fmt: skip
    return drawn


def _draw(axes: Axes, lines: tuple[Line, ...] | list[Line], colour: str, alpha: float, width: float) -> None:
    """An axis that a configuration has no place on interrupts its line."""
    parts = [part for line in lines for part in _parts(line.at)]
    if parts:
        axes.add_collection(LineCollection(parts, colors=colour, alpha=alpha, linewidths=width, clip_on=False, zorder=3 + alpha))


def _parts(at: tuple[float | None, ...]) -> list[list[tuple[float, float]]]:
    parts: list[list[tuple[float, float]]] = [[]]
    for place, value in enumerate(at):
        if value is None:
            parts.append([])
        else:
            parts[-1].append((float(place), value))
    return [part for part in parts if len(part) > 1]
