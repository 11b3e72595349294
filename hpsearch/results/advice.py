"""Where to search next: a wider range where the best lies at an end, a finer one where all that is good lies close together.

Nothing is said of a parameter that explains next to nothing (`Importance.explains`): of three values the best of a useless one is
at an end two times in three. An end is one that was chosen, the spec's range's or a grid's, never the largest of some draws; and
where the best set reaches from one end to the other, only where the mean at the far end is told to be worse (`dependence`).

Whether good configurations are close together by chance is asked of the range of independent draws: n of them span at most the
part w of an axis with probability n w^(n-1) - (n-1) w^n. A part is called small where that is one in a hundred or less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hpsearch.core.metric import Metric
from hpsearch.results import scales
from hpsearch.results.columns import PARAM
from hpsearch.results.design import Design
from hpsearch.results.notes import number
from hpsearch.results.ranges import EXACT, Axis, axis_of, finer, wider
from hpsearch.results.ranking import tells_apart
from hpsearch.results.sensitivity import Importance, partial_dependence
from hpsearch.results.sheet import Sheet, Shown
from hpsearch.results.statistics import Floats
from hpsearch.spec.writing import as_text

WIDER, FINER = "wider", "finer"

_CHANCE = 0.01  # that so many lie so close together
_SMALL = 1 / 3  # of an axis, at most
_TOP, _ENOUGH = 0.1, 50  # what is good where the best set says nothing: the best tenth, of so many


@dataclass(frozen=True, repr=False)
class Advice(Shown):
    """What to try next with one parameter.

    Attributes:
        kind: WIDER or FINER. why: a sentence or two.
        snippet: a line of a spec's `space`, to be put in the place of the parameter's own.
        end: the "low" or "high" one at which the best itself lies; else "".
    """

    parameter: str
    kind: str
    why: str
    snippet: str
    end: str = ""

    @property
    def sentence(self) -> str:
        """Why, of which parameter."""
        return f"{self.parameter}: {self.why}"

    def sheet(self) -> Sheet:
        return Sheet(said=(self.sentence, f"    {self.snippet}"))


class Advices(tuple[Advice, ...], Shown):
    """All that is advised; a tuple that prints as sentences."""

    __repr__ = Shown.__repr__

    def sheet(self) -> Sheet:
        return Sheet(said=[line for one in self for line in one.sheet().said] or ["Nothing to advise."])


def range_advice(configs: pd.DataFrame, varying: Sequence[str], design: Design, metric: Metric, found: Importance) -> Advices:
    """Advice for the numeric parameters that the best configuration has, in the order of `varying`; none where there is none.

    Args:
        configs: `StudyResults.configs`: best first.
        found: the importance of the score.
    """
    told = (_of_parameter(configs, name, design, metric, found) for name in varying if PARAM + name in configs)
    return Advices(one for one in told if one is not None)


def at_edge(lead: str, shown: str, end: str) -> list[str]:
    """That something lies at the "low" or "high" end of what was tried, and what follows."""
    side, beyond = ("lower", "below") if end == "low" else ("upper", "above")
    return [f"{lead} {shown}: the {side} edge of the values tried.", f"Values {beyond} it may be better still."]


def _of_parameter(configs: pd.DataFrame, name: str, design: Design, metric: Metric, found: Importance) -> Advice | None:
    column = configs[PARAM + name]
    ranked = configs["rank"].notna().to_numpy(dtype=bool)
    if column.dtype == "string" or column.dtype == "boolean" or not ranked.any() or column.iloc[:1].isna().any():
        return None
    if not found.explains(name):
        return None
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    axis = axis_of(name, values[~np.isnan(values)], str(column.dtype) == "Int64", design)
    if axis is None or len(axis.levels) < 3 or np.abs(axis.levels).max() > EXACT:
        return None
    values, may_be_best = values[ranked], configs["in_best_set"].fillna(False).to_numpy(dtype=bool)[ranked]
    present = ~np.isnan(values)
    inside = values[may_be_best & tells_apart(configs) & present]
    middle = float(np.quantile(inside, 0.5, method="lower")) if len(inside) else float(values[0])
    reaching = values[may_be_best & present]
    spans = bool(len(reaching)) and scales.covers(reaching.tolist(), values[present].tolist(), log=axis.log)
    for value, lead in ((float(values[0]), "best at"), (middle, "the middle of the best set is at")):
        if end := axis.edge(value):
            snippet = "" if spans and not _far_end_is_worse(found, name, end, metric) else wider(axis, end)
            why = " ".join(at_edge(lead, f"{value:.4g}", end))
            return _advice(name, WIDER, why, snippet, design, end if lead == "best at" else "")
    whose = f"all {len(inside):,} of the best set"
    if not len(inside):
        top = values[: int(_TOP * len(values))]
        inside, whose = top[~np.isnan(top)] if len(values) >= _ENOUGH else inside, "the best tenth"
    if not _is_small(inside, axis):
        return None
    low, high = float(inside.min()), float(inside.max())
    where = f"have {number(low)}" if low == high else f"lie between {low:.4g} and {high:.4g}"
    return _advice(name, FINER, f"{whose} {where}, a small part of the values tried.", finer(axis, low, high), design)


def _advice(name: str, kind: str, why: str, domain: str, design: Design, end: str = "") -> Advice | None:
    if not domain:
        return None
    conditional = design.space is not None and any(each.name == name and each.when for each in design.space.parameters)
    where = " Write it where it stands, in its branch." if conditional else ""
    return Advice(name, kind, why + where, f"{as_text(name)}: {domain}", end)


def _far_end_is_worse(found: Importance, name: str, end: str, metric: Metric) -> bool:
    """Whether the mean at the other end is worse beyond chance, whatever the other parameters are."""
    table = partial_dependence(found, name).table
    if table.empty:
        return False
    here, far = (table.iloc[0], table.iloc[-1]) if end == "low" else (table.iloc[-1], table.iloc[0])
    worst_here, best_far = ("high", "low") if metric.loss(1.0) > 0 else ("low", "high")
    return metric.is_better(float(here[worst_here]), float(far[best_far]))


def _is_small(inside: Floats, axis: Axis) -> bool:
    n = len(inside)
    if n < 2:
        return False
    low, high = float(inside.min()), float(inside.max())
    if len(axis.levels) <= scales.MANY_LEVELS:
        first, last = np.searchsorted(axis.levels, [low, high]).tolist()
        part = (last - first + 1) / len(axis.levels)
    else:
        ends = np.array([low, high, axis.levels[0], axis.levels[-1]])
        first, last, start, stop = scales.scaled_values(ends, log=axis.log).tolist()
        part = (last - first) / (stop - start)
    return bool(part <= _SMALL and n * part ** (n - 1) - (n - 1) * part**n <= _CHANCE)
