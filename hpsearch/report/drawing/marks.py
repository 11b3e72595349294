"""What plots of scores are made of: points or densities, lines that stand out from them, and marks at an edge."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from hpsearch.report.drawing.svg import Theme
from hpsearch.report.figures.points import Cell, Point

CROWD = 150  # points from which a line needs to stand out


def density(axes: Axes, cells: Sequence[Cell], theme: Theme) -> None:
    """Rectangles, stronger where there are more configurations."""
    for level in sorted({cell.level for cell in cells}):
        outline = _outline([cell for cell in cells if cell.level == level])
        axes.add_patch(PathPatch(outline, facecolor=theme.point, alpha=0.14 + 0.16 * level, linewidth=0))


def dots(axes: Axes, points: Sequence[Point], theme: Theme) -> None:
    """Configurations, those of the best set in front."""
    size = 30 if len(points) <= CROWD else 18 if len(points) <= 600 else 11
    for in_set, colour, alpha in ((False, theme.point, 0.55), (True, theme.set, 0.85)):
        some = [point for point in points if point.in_best_set is in_set]
        if some:
            x, y = [point.x for point in some], [point.y for point in some]
            axes.scatter(x, y, s=size, c=colour, alpha=alpha, linewidths=0, zorder=3 + in_set)


def line(axes: Axes, x: Sequence[float], y: Sequence[float], theme: Theme, *, crowded: bool) -> None:
    """Over the points, with a casing of the paper's colour to stand out from a crowd of them."""
    if crowded:
        axes.plot(x, y, color=theme.card, linewidth=4, alpha=0.8, solid_capstyle="round", zorder=5)
    axes.plot(x, y, color=theme.ink, linewidth=1.4, solid_capstyle="round", zorder=5)


def diamond(axes: Axes, x: float, y: float, theme: Theme) -> None:
    """The best configuration."""
    axes.scatter([x], [y], s=74, c=theme.best, marker="D", linewidths=1.6, edgecolors=theme.card, zorder=6)


def off_scale(axes: Axes, x: Sequence[float], theme: Theme, *, worse_is_low: bool) -> None:
    """Those much worse than what is shown, at the edge beyond which they lie."""
    if x:
        edge, marker = (0.012, "v") if worse_is_low else (0.988, "^")
        across = axes.get_xaxis_transform()
        axes.scatter(x, [edge] * len(x), s=22, c=theme.point, marker=marker, linewidths=0, transform=across)


def _outline(cells: Sequence[Cell]) -> Outline:
    """All rectangles as one path: a hundred of them cost one element."""
    boxes = [
        Outline(
            [(c.x_low, c.y_low), (c.x_high, c.y_low), (c.x_high, c.y_high), (c.x_low, c.y_high), (c.x_low, c.y_low)], closed=True
        )
        for c in cells
    ]
    return Outline.make_compound_path(*boxes)
