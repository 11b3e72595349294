"""What led from a reference configuration to the best: one parameter after the other, whichever gains most first.

The path is that of

    C. Fawcett and H. H. Hoos, "Analysing Differences Between Algorithm Configurations through Ablation", Journal of Heuristics 22
    (2016), 431–458,

and its configurations are not run, as in A. Biedenkapp et al., "Efficient Parameter Importance Analysis via Ablation with
Surrogates", AAAI 2017: of a complete grid each has its own mean score, others are foretold by the forest of the importance.
Departure: no step is tested against chance, of which a prediction tells too little; the notes say how well the forest foretells.

What exists only with some values of another parameter comes and goes with it. For the forest an absent one has the middle of its
values, so that its absence by itself says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hpsearch.core.metric import Metric
from hpsearch.core.values import Params
from hpsearch.results.columns import ABLATION
from hpsearch.results.notes import number
from hpsearch.results.parameters import text_of
from hpsearch.results.sensitivity.anova import Anova
from hpsearch.results.sensitivity.features import Features
from hpsearch.results.sensitivity.forest import ForestFit, fit_forest
from hpsearch.results.sensitivity.importance import Importance
from hpsearch.results.sheet import Sheet, Shown, cells_of
from hpsearch.results.statistics import Floats

ABSENT = "–"


@dataclass(frozen=True, repr=False)
class Ablation(Shown):
    """The path, one row a step, the reference itself as step 0; columns as in `results.columns.ABLATION`.

    Attributes:
        table: `with`: the parameters that come or go with the one that is changed. `score`: see `is_foretold`; `gain`: how much
            better than at the step before, in the metric's own units; below zero where it is worse.
        notes: where it starts, and what must be known to read it, in sentences.
        is_foretold: whether the scores are a forest's; those of a complete grid are the configurations' own.
    """

    table: pd.DataFrame
    notes: tuple[str, ...]
    is_foretold: bool

    def sheet(self) -> Sheet:
        shown = self.table.drop(columns=["with"]) if (self.table["with"] == "").all() else self.table
        return Sheet("What led to the best", tuple(shown.columns), cells_of(shown), self.notes)


def ablation(
    found: Importance, metric: Metric, ranked: Sequence[Params], *, given: Params | None, defaults: Params | None
) -> Ablation:
    """The path to the first of `ranked`.

    Args:
        found: the importance of the score.
        ranked: the parameters of the ranked configurations, best first.
        given: where to start; else from `defaults`, where these were tried, else from the configuration of median rank.
    """
    if found.table.empty:
        return Ablation(_table([]), found.notes, is_foretold=False)
    start, told = _start(found.features, ranked, given, defaults)
    foretell, best = _foretelling(found), ranked[0]
    here, goal = _places(found.features, start), _places(found.features, best)
    score = foretell(here[np.newaxis, :])[0]
    rows: list[tuple[object, ...]] = [(0, "", "", "", "", score, np.nan)]
    steps = _steps(found.features, here, goal)
    while steps:
        # All at once: of hundreds of parameters, one by one would take minutes.
        tried = foretell(np.stack([_moved(here, goal, step) for step in steps]))
        losses = [metric.loss(value) for value in tried]
        chosen = losses.index(min(losses))
        step = steps.pop(chosen)
        here, gain = _moved(here, goal, step), metric.loss(score) - losses[chosen]
        score = tried[chosen]
        first, *others = (found.features.names[column] for column in step)
        rows.append((len(rows), first, _text(start, first), _text(best, first), ", ".join(others), score, gain))
    is_foretold = not isinstance(found.fit, Anova)
    if is_foretold:
        told += f" The forest foretells {number(score)} for that, which scored {number(float(found.y[0]))}."
    return Ablation(_table(rows), (told, *found.notes), is_foretold)


def _start(features: Features, ranked: Sequence[Params], given: Params | None, defaults: Params | None) -> tuple[Params, str]:
    if given is not None:
        return given, "From the configuration that was given to the best."
    if defaults is None:
        why = "not every parameter that varies has a default"
    else:
        untried = [
            f"{feature.name} = {text_of(defaults[feature.name])}"
            for feature in features.features
            if feature.name in defaults and feature.place(defaults[feature.name]) is None
        ]
        if not untried:
            return defaults, "From the spec's defaults to the best."
        why = f"of the spec's defaults {', '.join(untried)} is not among what was tried"
    return ranked[len(ranked) // 2], f"From the configuration of median rank to the best: {why}."


def _places(features: Features, params: Params) -> Floats:
    """(n_features,): NaN where the configuration has not the parameter."""
    places = [feature.place(params[feature.name]) if feature.name in params else None for feature in features.features]
    return np.array([np.nan if place is None else place for place in places])


def _foretelling(found: Importance) -> Callable[[Floats], list[float]]:
    """The scores of configurations, from their places: (n, n_features)."""
    fit, features = found.fit, found.features
    if isinstance(fit, Anova):
        shape, cells = np.array(fit.cells.shape), fit.cells
        return lambda places: cells[tuple((places * shape).astype(np.int64).T)].tolist()
    middle = np.nanquantile(features.places, 0.5, axis=0, method="lower")
    whole = Features(features.features, np.where(np.isnan(features.places), middle, features.places))
    forest: ForestFit = fit_forest(whole, found.y) if fit is None or np.isnan(features.places).any() else fit
    return lambda places: forest.predict(np.where(np.isnan(places), middle, places)).tolist()


def _steps(features: Features, here: Floats, goal: Floats) -> list[list[int]]:
    """The columns in which two configurations differ; what only one of them has, with the parameter that decides on it."""
    lone = np.isnan(here) != np.isnan(goal)
    steps = [[column] for column in np.flatnonzero((here != goal) & ~np.isnan(here) & ~np.isnan(goal)).tolist()]
    for column in np.flatnonzero(lone).tolist():
        without = here if np.isnan(here[column]) else goal
        having = features.places[~np.isnan(features.places[:, column])]
        # It never comes with the value that this parameter has in the configuration that lacks it. Of one that is drawn, hardly
        # any value comes twice: what decides has few.
        deciding = [step for step in steps if not np.isclose(having[:, step[0]], without[step[0]]).any()]
        if deciding:
            min(deciding, key=lambda step: len(np.unique(features.places[:, step[0]]))).append(column)
        else:
            steps.append([column])
    return steps


def _moved(here: Floats, goal: Floats, step: Sequence[int]) -> Floats:
    moved = here.copy()
    moved[step] = goal[step]
    return moved


def _text(params: Params, name: str) -> str:
    return text_of(params[name]) if name in params else ABSENT


def _table(rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    columns = zip(ABLATION.items(), zip(*rows, strict=True) if rows else [()] * len(ABLATION), strict=True)
    return pd.DataFrame({name: pd.Series(list(values), dtype=dtype) for (name, dtype), values in columns})
