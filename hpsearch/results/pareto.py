"""Configurations by several metrics at once: the front of those that no other is at least as good as in all, and better in one.

The front's knee is the configuration that bulges furthest from the plane through the front's ends, each metric scaled to the
front's own extent: where a little more of one begins to cost much of another (I. Das, "On characterizing the 'knee' of the Pareto
curve based on Normal-Boundary Intersection", Structural Optimization 18 (1999), 107–115). Departure: with three metrics and more
the plane goes through the ends of the scaled axes, since the front's own extremes need not span one.

The hypervolume is what the front dominates, up to a reference point (E. Zitzler and L. Thiele, IEEE Transactions on Evolutionary
Computation 3 (1999), 257–271): exactly, in the product of the metrics' units, by sweeping along one metric.

Chance is not looked at: of configurations that are all alike, many lie on the front by luck.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpsearch.core.best import COSTS
from hpsearch.core.errors import SpecError
from hpsearch.core.metric import Metric, Mode
from hpsearch.core.names import did_you_mean
from hpsearch.results.columns import METRIC, PARAM
from hpsearch.results.notes import count
from hpsearch.results.ranked_study import RankedStudy
from hpsearch.results.sheet import Sheet, Shown, cells_of
from hpsearch.results.statistics import Floats

KNEE = "knee: where a little more of one begins to cost much of another"
_MOST_EXACT = 3  # metrics of which the hypervolume is given

Names = Sequence[str] | Mapping[str, str]
"""Of metrics and costs; or each with "min", "max", or "" where that is known."""


@dataclass(frozen=True, repr=False)
class Pareto(Shown):
    """The ranked configurations by several metrics.

    Attributes:
        table: as `StudyResults.rank()`, with a column `pareto_front`; null where a configuration lacks one of the metrics.
        knee: the config_id; "" where the front does not bulge.
        hypervolume: NaN for more than three metrics. reference: in the metrics' own units; by default the worst there is.
        notes: what must be known to read it, in sentences.
    """

    metrics: tuple[Metric, ...]
    table: pd.DataFrame = field(repr=False)
    knee: str
    hypervolume: float
    reference: tuple[float, ...]
    notes: tuple[str, ...]

    @property
    def front(self) -> pd.DataFrame:
        """The configurations on the front, the best by the first metric first."""
        rows = self.table[self.table["pareto_front"].fillna(False)]
        first = self.metrics[0]
        return rows.sort_values(_column(first.name, rows), ascending=first.mode is Mode.MIN, kind="stable")

    def title(self) -> str:
        """How many are on the front, of how many, by what."""
        ways = ", ".join(f"{each.name} ({each.mode.value})" for each in self.metrics)
        return f"{len(self.front):,} of {len(self.table):,} ranked configurations are beaten by none in all of {ways}"

    def sheet(self) -> Sheet:
        rows, values = self.front, self.values
        params = [name for name in rows.columns if name.startswith(PARAM) and self.table[name].nunique() > 1]
        shown = pd.concat([rows[["rank"]], rows["config_id"].str[:8], values, rows[params]], axis=1)
        shown["knee"] = np.where(rows["config_id"] == self.knee, "knee", "")
        heads = ("rank", "config", *values.columns, *(name.removeprefix(PARAM) for name in params), "")
        return Sheet(self.title(), heads, cells_of(shown), (*([KNEE] if self.knee else []), *self.notes))

    @property
    def values(self) -> pd.DataFrame:
        """The metrics of `front`, by their names."""
        rows = self.front
        return pd.DataFrame({each.name: rows[_column(each.name, rows)] for each in self.metrics})


def pareto_of(
    results: RankedStudy,
    metrics: Names,
    *,
    where: str | None = None,
    reference: Mapping[str, float] | None = None,
) -> Pareto:
    """The front of a study's ranked configurations.

    Args:
        metrics: names of metrics or costs; as a mapping, each with "min" or "max". Without: the study's metric goes its own way,
            scikit-learn's scorers up, costs down.
        where: of those alone that meet this condition (`RankedStudy.where`).
        reference: of each metric, up to where the hypervolume reaches.

    Raises:
        SpecError: fewer than two metrics, an unknown one or one of unknown direction, a reference that lacks one; a condition
            that `where` refuses.
    """
    directions = _directions(results, metrics)
    every = results.table("configs") if where is None else results.where(where)
    ranked = every[every["rank"].notna()]
    values = np.stack([ranked[_column(each.name, ranked)].to_numpy(np.float64, na_value=np.nan) for each in directions], axis=1)
    signs = np.array([each.loss(1.0) for each in directions])
    losses = values * signs
    known = np.isfinite(losses).all(axis=1)
    on_front = pd.array([pd.NA] * len(ranked), dtype="boolean")
    on_front[known] = non_dominated(losses[known])
    table = ranked.assign(pareto_front=on_front)
    places = np.flatnonzero(np.asarray(on_front.fillna(False), dtype=bool))
    front = losses[places]
    if reference is not None and (missing := [each.name for each in directions if each.name not in reference]):
        raise SpecError(f"the reference has no value for {', '.join(missing)}; give one for each metric")
    if reference is not None:
        limit = np.array([each.loss(reference[each.name]) for each in directions])
    else:
        limit = losses[known].max(axis=0) if known.any() else np.full(len(directions), np.nan)
    knee = knee_of(front)
    return Pareto(
        metrics=directions,
        table=table,
        knee="" if knee is None else str(ranked["config_id"].iloc[places[knee]]),
        hypervolume=hypervolume(front, limit) if len(directions) <= _MOST_EXACT else math.nan,
        reference=tuple((limit * signs).tolist()),
        notes=_notes(directions, known, out=results.n_ranked - len(ranked)),
    )


def non_dominated(losses: Floats) -> NDArray[np.bool_]:
    """(n,): whether no other row is as small everywhere and smaller somewhere. Equal rows share their fate. No NaN.

    The row of the smallest sum is on the front; what it dominates is dropped, and so on.
    """
    rows, same = np.unique(losses, axis=0, return_inverse=True)
    with np.errstate(over="ignore"):  # across more than a float holds, ties are settled by the rows' own order
        span = np.ptp(rows, axis=0) if len(rows) else np.ones(losses.shape[1])
    left = np.argsort((rows / np.where(span > 0, span, 1.0)).sum(axis=1), kind="stable")
    found = np.zeros(len(rows), dtype=bool)
    while len(left):
        found[left[0]] = True
        left = left[1:][(rows[left[1:]] < rows[left[0]]).any(axis=1)]
    return np.asarray(found[same.ravel()])


def knee_of(front: Floats) -> int | None:
    """Which row bulges furthest; None where none lies below the plane through the ends."""
    if len(front) < 3:
        return None
    span = np.ptp(front, axis=0)
    if (span == 0).any():
        return None
    total = ((front - front.min(axis=0)) / span).sum(axis=1)
    best = int(total.argmin())
    return best if total[best] < 1 else None


def hypervolume(front: Floats, reference: Floats) -> float:
    """The volume between a front of losses, (n, 2) or (n, 3), and a point that is worse."""
    inside = front[(front < reference).all(axis=1)]
    if front.shape[1] == 2:
        return _area(inside, reference)
    inside = inside[np.argsort(inside[:, 2], kind="stable")]
    depths = np.diff(np.append(inside[:, 2], reference[2]))
    # Between two values of the third metric, all that lie at or below the lower one dominate the same area.
    slices = (_area(inside[: upto + 1, :2], reference[:2]) * depth for upto, depth in enumerate(depths.tolist()) if depth > 0)
    return float(sum(slices))


def _area(points: Floats, reference: Floats) -> float:
    if not len(points):
        return 0.0
    x, y = points[np.lexsort((points[:, 1], points[:, 0]))].T
    lowest = np.minimum.accumulate(y)
    widths = np.diff(np.append(x, reference[0]))
    return float((widths * (reference[1] - lowest)).sum())


def _directions(results: RankedStudy, metrics: Names) -> tuple[Metric, ...]:
    names = list(dict.fromkeys(metrics))
    if len(names) < 2:
        raise SpecError(f"a front needs two metrics or more, not {', '.join(names) or 'none'}; name another")
    own = [name.removeprefix(METRIC) for name in results.table("configs").columns if name.startswith(METRIC)]
    known = [*own, *COSTS]
    modes = metrics if isinstance(metrics, Mapping) else {}
    scorers = bool(results.evaluations["split_id"].notna().any())
    found = []
    for name in names:
        if name not in known:
            raise SpecError(
                f"no metric {name!r} in the results of {results.study.name}; "
                f"there are {', '.join(known)}{did_you_mean(name, known)}"
            )
        given = modes.get(name, "")
        if not given and name == results.metric.name:
            given = results.metric.mode.value
        elif not given:
            given = "min" if name in COSTS and name not in own else "max" if scorers else ""
        if not given:
            raise SpecError(
                f"which way {name} is better is not known: scikit-learn's scorers go up, a function's metrics may mean anything; "
                f"name the metrics as {{{name!r}: 'min'}} or {{{name!r}: 'max'}}, on the command line {name}:min or {name}:max"
            )
        if given not in tuple(Mode):
            raise SpecError(f"{name} = {given!r}: must be min or max{did_you_mean(given, tuple(Mode))}")
        found.append(Metric(name, Mode(given)))
    return tuple(found)


def _column(name: str, table: pd.DataFrame) -> str:
    return METRIC + name if METRIC + name in table.columns else name


def _notes(metrics: Sequence[Metric], known: NDArray[np.bool_], *, out: int) -> tuple[str, ...]:
    found = []
    if out:
        found.append(f"{count(out, 'ranked configuration')} left out by the condition.")
    if lacking := int((~known).sum()):
        found.append(f"{count(lacking, 'configuration')} without a finite number for each of the metrics.")
    if len(metrics) > _MOST_EXACT:
        found.append(f"The hypervolume is given for two and three metrics, not for {len(metrics)}.")
    return tuple(found)
