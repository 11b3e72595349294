"""What do the good ones share? Parallel coordinates: an axis for each parameter, a line for each configuration.

The page's script draws the same lines, all that it is given, and lets a reader select among them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import hypergeom

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
_CHANCE = 0.05  # that anything is said of a best tenth that was drawn by lot
_FEWEST = 30  # that have a tenth to speak of


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
    all_names = tuple(name for name in names if ranked[PARAM + name].nunique() >= 2)
    names = all_names[:_MOST_AXES]
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
        reading=_reading(results, names, of=len(all_names)),
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


def _reading(results: StudyResults, names: tuple[str, ...], *, of: int) -> str:
    """What nearly all of the best tenth have in common, and a tenth drawn by lot would not; "" where the best cannot be told.

    Args:
        of: how many parameters these were chosen from, as those that matter most.
    """
    ranked = results.rank()
    if len(ranked) < _FEWEST or (results.basis.over and not results.tells_apart):
        return ""
    top = len(ranked) // 10
    # The strangest of many parameters is strange by luck too: each has its part of the 5 %.
    found = (_in_common(name, ranked[PARAM + name], top, _CHANCE / of) for name in names)
    said = [text for text in found if text]
    return f"The best tenth has {', '.join(said)}." if said else "The best tenth has no one value in common beyond chance."


def _in_common(name: str, column: pd.Series, top: int, chance: float) -> str:
    """What the first `top` of a column share; "" where it is nothing, or likelier than `chance` of any that are drawn by lot."""
    best = column.head(top)
    if column.nunique() <= scales.MANY_LEVELS or column.dtype == "string":
        if best.isna().all():
            return ""
        value = best.mode().iloc[0]
        have, all_have = (int((some == value).fillna(False).sum()) for some in (best, column))
        n = len(column)
        luck = hypergeom.sf(have - 1, n, all_have, top) * column.nunique()
        if have < _COMMON * top or all_have >= _UNCOMMON * n or luck > chance:
            return ""
        return f"{name} = {wording.short(cell_text(value))}"
    values, inside = column.dropna().to_numpy(np.float64), best.dropna().to_numpy(np.float64)
    low, high = float(inside.min(initial=np.inf)), float(inside.max(initial=-np.inf))
    if len(inside) < top or chance_of_neighbours(top, int(((values >= low) & (values <= high)).sum()), len(values)) > chance:
        return ""
    log = scales.is_geometric(values.tolist())
    part, whole = (float(np.ptp(scales.scaled_values(some, log=log))) for some in (inside, values))
    return f"{name} from {low:.3g} to {high:.3g}" if part <= whole / 3 else ""


def chance_of_neighbours(drawn: int, among: int, n: int) -> float:
    """How likely so many, `drawn` by lot from `n` in a row, lie among some `among` neighbours: by counting all draws."""
    # That hold the first of their neighbours, over all; in logarithms, since of a million configurations they have no number.
    log = _log_ways(among - 1, drawn - 1) - _log_ways(n, drawn)
    return min(1.0, math.exp(log) * (n - among + among / drawn))


def _log_ways(n: int, drawn: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(drawn + 1) - math.lgamma(n - drawn + 1)
