"""How a target goes with one parameter or with two, whatever the others are: partial dependence.

J. H. Friedman, "Greedy Function Approximation: A Gradient Boosting Machine", Annals of Statistics 29 (2001), 1189–1232, section
8.2. Of a complete grid it is the mean of the configurations that have a value, of anything else the forest's mean over the whole
space of the other parameters (not over the configurations that there are: those of an adaptive search crowd where it is good).

Bands are of 95 %. On a grid they say how the means would move with other chance on the same configurations; what a split does to
all of them alike is not in it. Of a forest they say how the curve would move with other configurations of the same study; what
the forest smooths away is not in it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpsearch.core.errors import SpecError
from hpsearch.core.names import did_you_mean
from hpsearch.results.columns import PARTIAL_DEPENDENCE, SURFACE
from hpsearch.results.sensitivity.anova import Anova
from hpsearch.results.sensitivity.features import Feature, Features
from hpsearch.results.sensitivity.forest import ForestFit, fit_forest
from hpsearch.results.sensitivity.importance import ANYHOW, FEWEST, TARGET_NAMES, Importance, forest_notes
from hpsearch.results.sheet import Sheet, Shown, cells_of
from hpsearch.results.statistics import Floats, all_alike, confidence_interval

_NEAR = 0.05  # of an axis of draws, to either side


@dataclass(frozen=True, repr=False)
class PartialDependence(Shown):
    """The mean of a target at values of one parameter.

    Attributes:
        table: one row a value, in order; its columns are in `results.columns.PARTIAL_DEPENDENCE`. `low` and `high` are NaN where
            nothing is known of chance.
        notes: what must be known to read it, in sentences.
    """

    parameter: str
    target: str
    table: pd.DataFrame
    notes: tuple[str, ...]

    def sheet(self) -> Sheet:
        title = f"The mean of {TARGET_NAMES[self.target]} at values of {self.parameter}"
        return Sheet(title, tuple(self.table.columns), cells_of(self.table), self.notes)


@dataclass(frozen=True)
class Surface:
    """The mean of a target at values of two parameters: one row a pair of them, columns as `results.columns.SURFACE`."""

    first: str
    second: str
    table: pd.DataFrame


@dataclass(frozen=True, repr=False)
class Interactions(Shown):
    """What pairs of parameters explain together, beyond what each does alone.

    Attributes:
        table: the pairs' rows of `Importance.table`, the largest share first. surfaces: of the first of them.
        notes: what must be known to read it, in sentences.
    """

    target: str
    table: pd.DataFrame
    surfaces: tuple[Surface, ...] = field(repr=False)
    notes: tuple[str, ...]

    def sheet(self) -> Sheet:
        shown = self.table[["term", "share", "ci_low", "ci_high"]]
        title = f"What pairs explain of {TARGET_NAMES[self.target]} beyond what each does alone"
        return Sheet(title, tuple(shown.columns), cells_of(shown), self.notes)


@dataclass(frozen=True)
class _Ground:
    """What says how the target goes with some parameters: a fit, and the configurations that it stands on."""

    fit: Anova | ForestFit
    features: Features


def partial_dependence(found: Importance, name: str) -> PartialDependence:
    """How the target goes with the parameter `name`; where only some configurations have it, among those.

    Seconds are geometric means.

    Raises:
        SpecError: no parameter of that name varies.
    """
    if name not in found.features.names:
        known = found.features.names
        there_are = f"there are {', '.join(known)}" if known else "none does"
        raise SpecError(
            f"{name!r} is no parameter that varies among the configurations with a {found.target}; "
            f"{there_are}{did_you_mean(name, known)}"
        )
    ground = _ground(found, (name,))
    if ground is None:
        few = f"Too few configurations have {name} to tell how {found.target} goes with it."
        return PartialDependence(name, found.target, _typed({}, PARTIAL_DEPENDENCE), found.notes if found.table.empty else (few,))
    column = ground.features.names.index(name)
    feature, places = ground.features.features[column], ground.features.places[:, column]
    if isinstance(ground.fit, Anova):
        means = ground.fit.marginal(column)
        errors, df = np.full(len(means), ground.fit.marginal_error(column)), ground.fit.chance(column).df
    else:
        _, means = ground.fit.curve(column)
        errors, df = ground.fit.curve_band(column), np.inf
    low, high = confidence_interval(means, errors, np.full(len(means), df))
    if found.target == "failed":
        means, low, high = (np.clip(bound, 0.0, 1.0) for bound in (means, low, high))
    middles = (np.arange(len(means)) + 0.5) / len(means)
    columns: dict[str, Iterable[object]] = {
        "value": [feature.value(middle) for middle in middles.tolist()],
        "mean": _shown(means, found.target),
        "low": _shown(low, found.target),
        "high": _shown(high, found.target),
        "n": np.count_nonzero(_near(feature, middles, places), axis=1),
    }
    return PartialDependence(name, found.target, _typed(columns, PARTIAL_DEPENDENCE), _notes(found, ground, (name,)))


def interactions(found: Importance, *, surfaces: int = 3) -> Interactions:
    """The pairs of an importance of order 2, and the target's means over both parameters of the first `surfaces` of them."""
    pairs = found.table[found.table["order"] == 2].reset_index(drop=True)
    names = {" x ".join(pair): pair for pair in itertools.combinations(found.features.names, 2)}
    leading = pairs[pairs["share"] > 0]["term"].head(surfaces)
    drawn = (_surface(found, *names[str(term)]) for term in leading)
    return Interactions(found.target, pairs, tuple(one for one in drawn if one is not None), found.notes)


def _surface(found: Importance, first: str, second: str) -> Surface | None:
    ground = _ground(found, (first, second))
    if ground is None:
        return None
    columns = [ground.features.names.index(name) for name in (first, second)]
    means = ground.fit.marginal(*columns) if isinstance(ground.fit, Anova) else ground.fit.surface(*columns)[2]
    values, near = [], []
    for column, count in zip(columns, means.shape, strict=True):
        feature, middles = ground.features.features[column], (np.arange(count) + 0.5) / count
        values.append([feature.value(middle) for middle in middles.tolist()])
        near.append(_near(feature, middles, ground.features.places[:, column]).astype(np.int64))
    table: dict[str, Iterable[object]] = {
        "first": np.repeat(np.array(values[0], dtype=object), len(values[1])).tolist(),
        "second": values[1] * len(values[0]),
        "mean": _shown(means.ravel(), found.target),
        "n": (near[0] @ near[1].T).ravel(),
    }
    return Surface(first, second, _typed(table, SURFACE))


def _ground(found: Importance, names: tuple[str, ...]) -> _Ground | None:
    """A fit in which all of `names` are; None where there are too few configurations for one."""
    features = found.features
    if isinstance(found.fit, Anova):
        return _Ground(found.fit, features)
    wanted = [features.names.index(name) for name in names]
    rows = np.isfinite(features.places[:, wanted]).min(axis=1)
    if rows.sum() < FEWEST:
        return None
    columns, y = features.varying_in(rows), found.y[rows]
    among = features.within(rows, columns)
    if rows.all() and found.fit is not None:
        return _Ground(found.fit, among)
    if not set(wanted) <= set(columns) or all_alike(y):
        return None
    return _Ground(fit_forest(among, y), among)


def _near(feature: Feature, middles: Floats, places: Floats) -> NDArray[np.bool_]:
    """(n_middles, n): whether a configuration is at a level of the parameter, or near a point of its axis."""
    reach = 0.5 / len(feature.levels) if feature.levels else _NEAR
    return np.asarray(np.abs(places - middles[:, np.newaxis]) <= reach)


def _shown(means: Floats, target: str) -> Floats:
    return np.exp(means) if target == "seconds" else means


def _notes(found: Importance, ground: _Ground, names: tuple[str, ...]) -> tuple[str, ...]:
    if ground.fit is found.fit or isinstance(ground.fit, Anova):
        return found.notes
    n = len(ground.features.places)
    among = f"Among the {n:,} of {len(found.y):,} configurations that have {' and '.join(names)}."
    return (among, *forest_notes(ground.fit, ground.features, n), *((ANYHOW,) if ANYHOW in found.notes else ()))


def _typed(columns: Mapping[str, Iterable[object]], dtypes: dict[str, str]) -> pd.DataFrame:
    """The columns with their dtypes; what has none is numbers where all of it is."""
    typed = {}
    for name, dtype in dtypes.items():
        values = list(columns.get(name, ()))
        texts = any(isinstance(value, str) for value in values)
        typed[name] = pd.Series(values, dtype=dtype or ("string" if texts else "float64"))
    return pd.DataFrame(typed)
