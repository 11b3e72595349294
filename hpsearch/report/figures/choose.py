"""Which figures a study deserves: ten at most, those first that answer a question of their own."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from hpsearch.report.figures import parameter
from hpsearch.report.figures.cost import Cost, cost
from hpsearch.report.figures.failing import Failing, failing
from hpsearch.report.figures.history import History, history
from hpsearch.report.figures.lines import QUESTION as LINES
from hpsearch.report.figures.lines import Lines, lines
from hpsearch.report.figures.matters import Matters, matters, percent, readable, spread
from hpsearch.report.figures.pair import Pair, pair
from hpsearch.report.figures.parameter import Effect, ParameterFigure, parameter_figure, varying_parameters
from hpsearch.report.figures.path import Path, path
from hpsearch.report.figures.points import RAW_POINTS, Blank
from hpsearch.results import StudyResults
from hpsearch.results.advice import Advice
from hpsearch.results.notes import count
from hpsearch.results.sensitivity import Importance, partial_dependence
from hpsearch.results.statistics import LARGEST, bounded

MOST = 10
VALUES = "Which values are good?"
_MOST_NAMED = 6

Drawn = Matters | Lines | History | Cost | Pair | Path | ParameterFigure | Failing


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a report. A `Blank` stands where a sentence says why there is none; None where nothing is to be said.

    `left_out`: a sentence on the parameters that have no figure; "" where all have one. `by_weight`: all of them, the one that
    matters most first.
    """

    lines: Lines | Blank | None
    matters: Matters | Blank | None
    effects: tuple[Pair | Path, ...]
    parameters: tuple[ParameterFigure, ...] | Blank
    left_out: str
    course: tuple[History | Cost | Blank, ...]
    failing: Failing | None
    by_weight: tuple[str, ...]

    def plots(self) -> tuple[ParameterFigure, ...]:
        """Of the parameters."""
        return () if isinstance(self.parameters, Blank) else self.parameters

    def drawn(self) -> Iterator[Drawn]:
        """All that are drawn, in the page's order."""
        for one in (self.lines, self.matters, *self.effects, *self.plots(), *self.course, self.failing):
            if one is not None and not isinstance(one, Blank):
                yield one


def _drawable(results: StudyResults) -> StudyResults:
    """The study with scores that have a place on an axis: what diverged beyond all bounds is at the bound."""
    scores = results.configs["score"].to_numpy(dtype=np.float64)
    if not (np.abs(scores) > LARGEST).any():
        return results
    return replace(results, configs=results.configs.assign(score=bounded(scores)))


def choose(results: StudyResults) -> Figures:
    """The figures of a study."""
    results = _drawable(results)
    names = varying_parameters(results.configs, results.varying)
    fails = failing(results, names)
    if not results.n_ranked:
        return Figures(None, None, (), (), "", (), fails, ())
    found = results.importance()
    names = _by_weight(names, found)
    share: Matters | Blank | None = matters(found, results.metric)
    if share is None:
        alone = "One ranked configuration alone cannot tell."
        share = Blank(f"What does {results.metric.name} depend on?", alone if results.n_ranked == 1 else " ".join(found.notes))
    effects = tuple(one for one in (pair(found, results.metric), path(results, found)) if one is not None)
    course = tuple(one for one in (history(results), cost(results)) if one is not None)
    together = lines(results, names)
    if (why := _no_values(results)) and results.n_ranked > 1:
        together = Blank(LINES, why)
    taken = sum(one is not None and not isinstance(one, Blank) for one in (together, share, *effects, *course, fails))
    shown = names[: MOST - taken]
    raw_points = min(RAW_POINTS, parameter.PAGE_POINTS // max(1, len(shown)))
    advice = {each.parameter: each for each in results.advice()}
    says = {name: _effect(found, name, advice.get(name)) for name in shown}
    made = [parameter_figure(results.configs, results.metric, name, says[name], raw_points=raw_points) for name in shown]
    figures: tuple[ParameterFigure, ...] | Blank = tuple(figure for figure in made if figure is not None)
    left_out = _left_out(names[len(shown) :], found)
    if why := _no_values(results):
        figures, left_out = Blank(VALUES, why), ""
    return Figures(together, share, effects, figures, left_out, course, fails, names)


def _by_weight(names: tuple[str, ...], found: Importance) -> tuple[str, ...]:
    """The parameter that matters most first, where that can be told; else in the spec's order."""
    if not found.is_readable:
        return names
    table = found.table[found.table["order"] == 1]
    share = {str(term): float(value) for term, value in zip(table["term"], table["share"], strict=True) if value == value}
    return tuple(sorted(names, key=lambda name: -share.get(name, -1.0)))


def _effect(found: Importance, name: str, advice: Advice | None) -> Effect:
    if not found.is_readable or name not in found.features.names:
        return Effect(advice=advice)
    rows = found.table[(found.table["order"] == 1) & (found.table["term"] == name)]
    said: tuple[str, ...] = ()
    if len(rows) and not math.isnan(rows["share"].iloc[0]):
        row = rows.iloc[0]
        among = " where it exists" if row["n"] < len(found.y) else ""
        told = len(readable(rows.head(1)))
        said = (
            f"{name} explains {percent(row['share'])}{spread(row)} of the differences{among}."
            if told
            else f"How much of the differences {name} explains{among} cannot be told.",
        )
    dependence = partial_dependence(found, name)
    return Effect(said, None if dependence.table.empty else dependence, advice)


def _no_values(results: StudyResults) -> str:
    """Why no value can be called better than another; "" where they can."""
    scores = results.rank()["score"]
    if len(scores) == 1:
        return "One ranked configuration alone cannot tell."
    same = scores.max() == scores.min()
    return f"All {len(scores):,} configurations have the same {results.metric.name}: none is better." if same else ""


def _left_out(names: tuple[str, ...], found: Importance) -> str:
    if not names:
        return ""
    named = ", ".join(names[:_MOST_NAMED]) + (f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else "")
    why = ", as the least that matter" if found.is_readable else ""
    return f"Without a figure{why}: {count(len(names), 'parameter')} ({named})."
