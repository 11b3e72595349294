"""What do the good ones share? Parallel coordinates: an axis for each parameter, a line for each configuration.

The page's script draws the same lines, all that it is given, and lets a reader select among them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpsearch.report import axis, wording
from hpsearch.report.figures.parameter import MOST_CATEGORIES
from hpsearch.report.figures.points import Blank, Rows
from hpsearch.results import StudyResults, scales
from hpsearch.results.columns import PARAM
from hpsearch.results.parameters import cell_text
from hpsearch.results.statistics import LARGEST, Floats

QUESTION = "What do the good ones share?"
MOST_LINES = 5_000
_DRAWN = 300  # in a picture that cannot be asked
_MOST_AXES = 8
_MOST_LEVELS = 8  # that are marked on an axis, each
_COMMON = 0.9  # of the best tenth, that share a value
_UNCOMMON = 2 / 3  # of all, below which that says something


@dataclass(frozen=True, slots=True)
class Line:
    """One configuration. `at`: a place from 0 to 1 on each axis; None where it has not the parameter."""

    config_id: str
    score: float
    at: tuple[float | None, ...]
    in_best_set: bool


@dataclass(frozen=True, slots=True)
class LineAxis:
    """One axis. `ticks`: places from 0 to 1 with their labels. `log`: logarithmic; `low`, `high`: its ends, of numbers.

    `labels`: of categories, in order; empty for numbers. `is_whole`: of whole numbers.
    """

    name: str
    low: float
    high: float
    log: bool
    is_whole: bool
    labels: tuple[str, ...]
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """The picture: the best configuration first, the last axis the score."""

    metric: str
    question: str
    reading: str
    axes: tuple[LineAxis, ...]
    lines: tuple[Line, ...]
    n_ranked: int

    @property
    def name(self) -> str:
        """Of its files."""
        return "parallel"

    def rows(self) -> Rows:
        """The data, for other programs: places on the axes."""
        named: Rows = [("config_id", self.metric, *(f"at_{each.name}" for each in self.axes))]
        return named + [(line.config_id, line.score, *line.at) for line in self.lines]


def lines(results: StudyResults, names: tuple[str, ...]) -> Lines | Blank | None:
    """The figure; None where nothing is ranked.

    Args:
        names: the parameters, the one that matters most first.
    """
    ranked = results.rank()
    if ranked.empty:
        return None
    names = tuple(name for name in names if ranked[PARAM + name].nunique() >= 2)[:_MOST_AXES]
    if len(names) < 2:
        return Blank(QUESTION, "It takes two parameters that vary to be asked of more than one at a time.")
    shown = ranked.iloc[chosen_rows(len(ranked), _DRAWN)]
    placed = [axis_of(name, ranked[PARAM + name], shown[PARAM + name]) for name in names]
    placed.append(score_axis(results, shown["score"]))
    in_set = shown["in_best_set"].fillna(False).to_numpy(dtype=bool) & results.tells_apart
    at = np.stack([places for _, places in placed], axis=1)
    made = zip(shown["config_id"].astype(str), shown["score"].tolist(), at.tolist(), in_set.tolist(), strict=True)
    return Lines(
        metric=results.metric.name,
        question=QUESTION,
        reading=_reading(ranked, names),
        axes=tuple(each for each, _ in placed),
        lines=tuple(
            Line(config, score, tuple(None if place != place else place for place in row), inside)
            for config, score, row, inside in made
        ),
        n_ranked=len(ranked),
    )


def chosen_rows(n: int, most: int) -> NDArray[np.int64]:
    """Which of `n` ranked configurations are drawn: all, else the best tenth of `most` and of the others evenly by rank."""
    if n <= most:
        return np.arange(n)
    best = most // 10
    return np.concatenate([np.arange(best), np.unique(np.linspace(best, n - 1, most - best).astype(np.int64))])


def axis_of(name: str, column: pd.Series, shown: pd.Series) -> tuple[LineAxis, Floats]:
    """The axis that a parameter's values need, and where those that are `shown` lie; NaN where absent."""
    if column.dtype == "string" or column.dtype == "boolean":
        return _category_axis(name, column, shown)
    values = column.dropna().to_numpy(dtype=np.float64)
    return _number_axis(name, column, shown, log=scales.is_geometric(values.tolist()))


def score_axis(results: StudyResults, shown: pd.Series) -> tuple[LineAxis, Floats]:
    """The scores' axis, and places on it; what is far worse than the rest lies at its end."""
    scores = results.rank()["score"].clip(-LARGEST, LARGEST)
    low, high = axis.view(scores.tolist(), results.metric)
    cut, places = _number_axis(results.metric.name, scores.clip(low, high), shown.clip(low, high), log=False)
    return cut, places


def _category_axis(name: str, column: pd.Series, shown: pd.Series) -> tuple[LineAxis, Floats]:
    # In a ranking the order of appearance is that of each value's best configuration.
    by_merit = [cell_text(value) for value in column.dropna().unique()]
    kept = by_merit if len(by_merit) <= MOST_CATEGORIES else by_merit[: MOST_CATEGORIES - 1]
    ordered = sorted(kept, key=wording.natural_key)
    labels = wording.last_parts(ordered)
    if len(kept) < len(by_merit):
        labels += (f"{len(by_merit) - len(kept)} others",)
    last = max(1, len(labels) - 1)
    index = {text: place for place, text in enumerate(ordered)}
    places = [np.nan if value is pd.NA else index.get(cell_text(value), len(labels) - 1) / last for value in shown]
    short = tuple(wording.short(label, 14) for label in labels)
    ticks = tuple((place / last, label) for place, label in enumerate(short))
    return LineAxis(name, 0.0, float(last), log=False, is_whole=False, labels=short, ticks=ticks), np.array(places, dtype=float)


def _number_axis(name: str, column: pd.Series, shown: pd.Series, *, log: bool) -> tuple[LineAxis, Floats]:
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    ends = scales.scaled_values(np.array([low, high]), log=log)
    span = float(ends[1] - ends[0]) or 1.0
    places = (scales.scaled_values(shown.to_numpy(dtype=np.float64, na_value=np.nan), log=log) - ends[0]) / span
    levels = np.unique(values[~np.isnan(values)])
    marked = levels.tolist() if len(levels) <= _MOST_LEVELS else axis.ticks(low, high) if log else axis.round_ticks(low, high)
    ticks = tuple((float((scales.scaled_values(np.array(value), log=log) - ends[0]) / span), f"{value:.4g}") for value in marked)
    return LineAxis(name, low, high, log, str(column.dtype) == "Int64", (), ticks), places


def _reading(ranked: pd.DataFrame, names: tuple[str, ...]) -> str:
    """What nearly all of the best tenth have in common, and not nearly all of the others."""
    n = len(ranked)
    top = ranked.head(max(3, n // 10))
    said = []
    for name in names if n >= 10 else ():
        column, best = ranked[PARAM + name], top[PARAM + name]
        if column.nunique() <= scales.MANY_LEVELS or column.dtype == "string":
            value = best.mode().iloc[0] if best.notna().any() else pd.NA
            shared = value is not pd.NA and (best == value).fillna(False).mean() >= _COMMON
            if shared and (column == value).fillna(False).mean() < _UNCOMMON:
                said.append(f"{name} = {wording.short(cell_text(value))}")
            continue
        values, inside = column.dropna().to_numpy(np.float64), best.dropna().to_numpy(np.float64)
        log = scales.is_geometric(values.tolist())
        span = np.ptp(scales.scaled_values(values, log=log))
        if len(inside) == len(best) and np.ptp(scales.scaled_values(inside, log=log)) <= span / 3:
            said.append(f"{name} from {inside.min():.3g} to {inside.max():.3g}")
    if n < 10:
        return ""
    return f"The best tenth has {', '.join(said)}." if said else "The best tenth has no one value in common."
