"""What the plot of a parameter shows, as frozen values: a pure function of the configurations' table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpsearch.core.metric import Metric
from hpsearch.core.seeds import derived_seed
from hpsearch.core.trial import Status
from hpsearch.report import axis, wording
from hpsearch.report.figures.points import RAW_POINTS, Cell, Point, Rows, category_density, density, point_rows, points_of
from hpsearch.results import scales
from hpsearch.results.advice import WIDER, Advice
from hpsearch.results.columns import PARAM
from hpsearch.results.parameters import cell_text
from hpsearch.results.ranking import tells_apart
from hpsearch.results.sensitivity import PartialDependence
from hpsearch.results.statistics import Floats

PAGE_POINTS = 12_000  # over all figures of a page: what 1.5 MB can hold
MOST_CATEGORIES = 12
_JITTER = 0.27  # of the distance between two categories, to either side


@dataclass(frozen=True, slots=True)
class Mean:
    """The score's mean at one value over all that the other parameters may be. `low`, `high`: NaN where chance is not known."""

    x: float
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Effect:
    """What is known of a parameter beyond its scores.

    Attributes:
        says: sentences before the reading. dependence: None where no fit tells it. advice: where to search next, if anywhere.
    """

    says: tuple[str, ...] = ()
    dependence: PartialDependence | None = None
    advice: Advice | None = None


@dataclass(frozen=True, slots=True)
class ParameterFigure:
    """Score against the values of one parameter.

    Attributes:
        parameter, metric: names, as the user wrote them.
        question: the title. reading: what the figure shows, in sentences made of its numbers.
        categories: their labels, at positions 0, 1, ...; empty for a numeric axis.
        log_x: a logarithmic axis.
        points: all ranked configurations that have the parameter; empty where `cells` stand for them.
        cells: a density instead of points.
        means: the mean over the other parameters, along the axis or at each category; empty where no fit tells it.
        typical: (x, median score) of each value or stretch of the axis; fewer than two where no line makes sense.
        best: the best configuration's point.
        failed_x: where failed configurations lie.
        view: the scores shown, lowest and highest. off_scale: x of those that are worse, marked at the edge.
    """

    parameter: str
    metric: str
    question: str
    reading: str
    categories: tuple[str, ...]
    log_x: bool
    points: tuple[Point, ...]
    cells: tuple[Cell, ...]
    means: tuple[Mean, ...]
    typical: tuple[tuple[float, float], ...]
    best: Point | None
    failed_x: tuple[float, ...]
    view: tuple[float, float]
    worse_is_low: bool
    off_scale: tuple[float, ...]

    @property
    def name(self) -> str:
        """Of its files."""
        return f"score-by-{self.parameter}"

    def rows(self) -> Rows:
        """The data, for other programs."""
        drawn = point_rows(self.parameter, self.metric, self.points, self.cells)
        if not self.categories or self.cells:
            return drawn
        return [drawn[0], *((self.categories[round(point.x)], point.y, point.in_best_set) for point in self.points)]


def varying_parameters(configs: pd.DataFrame, varying: Sequence[str]) -> tuple[str, ...]:
    """The parameters to plot: those the study varies, of which the configurations hold at least two values."""
    return tuple(name for name in varying if PARAM + name in configs and configs[PARAM + name].nunique() >= 2)


def parameter_figure(
    configs: pd.DataFrame, metric: Metric, name: str, effect: Effect | None = None, *, raw_points: int = RAW_POINTS
) -> ParameterFigure | None:
    """The figure of one parameter; None where no ranked configuration has it.

    Args:
        configs: `StudyResults.configs`: best first. raw_points: more are drawn as a density.
    """
    effect = effect or Effect()
    column = configs[PARAM + name]
    ranked = (configs["rank"].notna() & column.notna()).to_numpy(dtype=bool)
    failed = (configs["status"].isin([Status.FAILED, Status.TIMEOUT]) & column.notna() & ~ranked).to_numpy(dtype=bool)
    if not ranked.any():
        return None
    scores = configs["score"].to_numpy()[ranked]
    # A best set of nearly all has nothing in common that the others lack.
    in_set = configs["in_best_set"].fillna(False).to_numpy(dtype=bool)[ranked] & tells_apart(configs)
    is_best = ranked & (np.arange(len(configs)) == 0)
    view = axis.view(scores.tolist(), metric)
    if column.dtype == "string" or column.dtype == "boolean":
        labels, position_all, position_of = _categories(column, ranked)
        log_x = False
        x_all = position_all + _jitter(configs["config_id"])
    else:
        labels, position_of = (), {}
        position_all = x_all = column.to_numpy(dtype=np.float64, na_value=np.nan)
        log_x = scales.is_geometric(x_all[ranked | failed].tolist())
    x, centre = x_all[ranked], position_all[ranked]
    inside = (scores >= view[0]) & (scores <= view[1])
    dense = len(x) > raw_points
    cells: tuple[Cell, ...] = ()
    if dense:
        cells = category_density(centre, scores, view) if labels else density(x, scores, view, log_x=log_x)
    points = () if dense else points_of(x[inside], scores[inside], in_set[inside])
    # The rug of thousands of failures says no more than that of two hundred.
    failed_x = x_all[failed][:: max(1, int(failed.sum()) // 200)]
    means = _means(effect, position_of)
    drawn = {round(mean.x): mean.mean for mean in means}
    end = "" if effect.advice is None else effect.advice.end
    reading = (
        wording.category_reading(labels, centre.astype(np.int64), scores, in_set, metric, best=bool(is_best.any()), means=drawn)
        if labels
        else wording.numeric_reading(name, column[ranked], scores, in_set, metric, log=log_x, best=bool(is_best.any()), end=end)
    )
    return ParameterFigure(
        parameter=name,
        metric=metric.name,
        question=f"How does {metric.name} depend on {name}?",
        reading=" ".join(
            [
                *effect.says,
                *reading,
                *_to_try(effect.advice),
            ]
        ),
        categories=labels,
        log_x=log_x,
        points=points,
        cells=cells,
        means=means,
        typical=_typical(centre, scores, log_x=log_x, categorical=bool(labels)),
        best=Point(float(x[0]), float(scores[0]), in_best_set=True) if is_best.any() else None,
        failed_x=tuple(failed_x.tolist()),
        view=view,
        worse_is_low=metric.is_better(1.0, 0.0),
        off_scale=tuple(x[~inside].tolist()[:200]),
    )


def _to_try(advice: Advice | None) -> list[str]:
    """The advice, and its reason where the reading has not told it."""
    if advice is None:
        return []
    told = advice.kind != WIDER or advice.end
    return [*([] if told else [f"{advice.why[:1].upper()}{advice.why[1:]}"]), f"To try: {advice.snippet}."]


def _means(effect: Effect, position_of: dict[str, int]) -> tuple[Mean, ...]:
    """At each value; of categories that share one place there is no mean."""
    if effect.dependence is None:
        return ()
    table = effect.dependence.table
    rows = [Mean(*row) for row in table[["value", "mean", "low", "high"]].itertuples(index=False)] if not position_of else []
    if position_of:
        places = [position_of.get(str(value)) for value in table["value"]]
        if len(set(places)) < len(places) or None in places:
            return ()
        bounds = table[["mean", "low", "high"]].itertuples(index=False)
        rows = [Mean(place, *row) for place, row in zip(places, bounds, strict=True) if place is not None]
    return tuple(sorted(rows, key=lambda row: row.x))


def _categories(column: pd.Series, ranked: NDArray[np.bool_]) -> tuple[tuple[str, ...], Floats, dict[str, int]]:
    """Labels; each configuration's position (NaN where it has none); and that of each value with a place of its own.

    In the order of their names, false before true, numbers in texts by size. Beyond the limit, the values that hold the best
    configurations keep a place of their own and the rest share the last.
    """
    texts = np.array(["" if value is pd.NA else cell_text(value) for value in column], dtype=object)
    present = column.notna().to_numpy(dtype=bool)
    # The table is best first: the order of first appearance is the order of each value's best configuration.
    by_merit = list(dict.fromkeys([*texts[ranked], *texts[present]]))
    kept = by_merit if len(by_merit) <= MOST_CATEGORIES else by_merit[: MOST_CATEGORIES - 1]
    ordered = sorted(kept, key=wording.natural_key)
    place = {text: index for index, text in enumerate(ordered)}
    labels = wording.last_parts(ordered)
    if len(kept) < len(by_merit):
        labels += (f"{len(by_merit) - len(kept)} others",)
    position = np.array([place.get(text, len(labels) - 1) for text in texts], dtype=np.float64)
    position[~present] = np.nan
    return labels, position, place


def _jitter(config_ids: pd.Series) -> Floats:
    """Made of the ids, so that a configuration stands at the same place in every report."""
    share = np.array([derived_seed("jitter", str(config_id)) / 2**64 for config_id in config_ids], dtype=np.float64)
    return (share * 2 - 1) * _JITTER


def _typical(x: Floats, scores: Floats, *, log_x: bool, categorical: bool) -> tuple[tuple[float, float], ...]:
    """The median score at each level, or in each eighth of the configurations along the axis where every value is new."""
    levels = np.unique(x)
    if categorical or len(levels) <= scales.MANY_LEVELS:
        if len(x) < 3 * len(levels) if categorical else len(x) < 2 * len(levels):
            return ()
        return tuple((float(level), float(np.median(scores[x == level]))) for level in levels)
    if len(x) < 40:
        return ()
    order = np.argsort(x, kind="stable")
    parts = [part for part in np.array_split(order, 8) if len(part)]
    scaled = np.log(x) if log_x else x
    middles = [float(scaled[part].mean()) for part in parts]
    return tuple(
        (math.exp(middle) if log_x else middle, float(np.median(scores[part])))
        for middle, part in zip(middles, parts, strict=True)
    )
