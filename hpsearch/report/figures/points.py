"""What a plot of scores is made of: points, or a density of them where there are too many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpsearch.results.statistics import Floats

RAW_POINTS = 2_000  # more than these are drawn as a density
_LEVELS = 5  # shades of a density
_COLUMNS, _ROWS = 44, 30  # cells of a density


@dataclass(frozen=True, slots=True)
class Point:
    """One ranked configuration. `x`: the value, or the category's position plus jitter; `y`: its score."""

    x: float
    y: float
    in_best_set: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """One rectangle of a density; `level` from 1 (few configurations) to 5 (many)."""

    x_low: float
    x_high: float
    y_low: float
    y_high: float
    level: int


@dataclass(frozen=True, slots=True)
class Blank:
    """The place of a figure that has nothing to show. `reading`: why."""

    question: str
    reading: str


Rows = list[tuple[object, ...]]  # of a figure's data, the first one their names


def points_of(x: Floats, y: Floats, in_set: NDArray[np.bool_]) -> tuple[Point, ...]:
    """One point for each place."""
    return tuple(Point(*row) for row in zip(x.tolist(), y.tolist(), in_set.tolist(), strict=True))


def point_rows(x: str, y: str, points: tuple[Point, ...], cells: tuple[Cell, ...]) -> Rows:
    """The data of a plot of scores; of a density its cells."""
    if cells:
        named: Rows = [(f"{x}_low", f"{x}_high", f"{y}_low", f"{y}_high", "level")]
        return named + [(cell.x_low, cell.x_high, cell.y_low, cell.y_high, cell.level) for cell in cells]
    return [(x, y, "in_best_set"), *((point.x, point.y, point.in_best_set) for point in points)]


def density(x: Floats, y: Floats, view: tuple[float, float], *, log_x: bool) -> tuple[Cell, ...]:
    """Rectangles over two numeric axes, of those that hold a configuration."""
    scaled = np.log(x) if log_x else x
    x_edges = np.linspace(scaled.min(), scaled.max(), _COLUMNS + 1)
    y_edges = _score_edges(view)
    counts, _, _ = np.histogram2d(scaled, y, bins=(x_edges, y_edges))
    level = np.ceil(np.log1p(counts) / np.log1p(max(1.0, counts.max())) * _LEVELS).astype(int)
    shown = np.exp(x_edges) if log_x else x_edges
    return tuple(
        Cell(float(shown[i]), float(shown[i + 1]), float(y_edges[j]), float(y_edges[j + 1]), int(level[i, j]))
        for i, j in zip(*np.nonzero(counts), strict=True)
    )


def category_density(position: Floats, y: Floats, view: tuple[float, float]) -> tuple[Cell, ...]:
    """Bars around the categories' positions 0, 1, ..., whose width tells how many."""
    y_edges = _score_edges(view)
    counts, _, _ = np.histogram2d(position, y, bins=(np.arange(position.max() + 2) - 0.5, y_edges))
    share = counts / max(1.0, counts.max())
    return tuple(
        Cell(i - 0.42 * share[i, j], i + 0.42 * share[i, j], float(y_edges[j]), float(y_edges[j + 1]), 3)
        for i, j in zip(*np.nonzero(counts), strict=True)
    )


def _score_edges(view: tuple[float, float]) -> Floats:
    return np.linspace(view[0], view[1], _ROWS + 1) if view[1] > view[0] else np.array([view[0] - 0.5, view[0] + 0.5])
