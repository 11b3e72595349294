"""Where to search next: a wider range where the best lies at an end, a finer one where all that is good lies close together.

Whether good configurations are close together by chance is asked of the range of independent draws: n of them span at most the
part w of an axis with probability n w^(n-1) - (n-1) w^n. A part is called small where that is one in a hundred or less.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hpsearch.results import scales
from hpsearch.results.columns import PARAM
from hpsearch.results.design import Design
from hpsearch.results.notes import number
from hpsearch.results.ranking import tells_apart
from hpsearch.results.statistics import Floats
from hpsearch.space import Choice, Domain, FloatRange, IntRange
from hpsearch.spec.writing import as_text

WIDER, FINER = "wider", "finer"

_CHANCE = 0.01  # that so many lie so close together
_SMALL = 1 / 3  # of an axis, at most
_TOP, _ENOUGH = 0.1, 50  # what is good where the best set says nothing: the best tenth, of so many
_POINTS = 5  # of a finer range in a grid
_EXACT = 2**53


@dataclass(frozen=True)
class Advice:
    """What to try next with one parameter.

    Attributes:
        kind: WIDER or FINER. sentence: why.
        snippet: a line of a spec's `space`, to be put in the place of the parameter's own.
    """

    parameter: str
    kind: str
    sentence: str
    snippet: str


@dataclass(frozen=True)
class _Axis:
    """The values of one parameter, and how they were asked for.

    Attributes:
        levels: the different values tried, in order.
        low, high: the ends of its range. step: None where it has none. in_grid: whether a grid takes points of it.
    """

    levels: Floats
    low: float
    high: float
    whole: bool
    log: bool
    step: float | None
    in_grid: bool
    is_list: bool

    def scaled(self, values: Floats) -> Floats:
        return scales.scaled_values(values, log=self.log)

    def unscaled(self, at: float) -> float:
        return math.exp(at) if self.log else at


def range_advice(configs: pd.DataFrame, varying: Sequence[str], design: Design) -> tuple[Advice, ...]:
    """Advice for the numeric parameters that the best configuration has, in the order of `varying`; none where there is none.

    Args:
        configs: `StudyResults.configs`: best first.
    """
    found = (_of_parameter(configs, name, design) for name in varying if PARAM + name in configs)
    return tuple(one for one in found if one is not None)


def at_edge(lead: str, shown: str, edge: str, *, is_limit: bool) -> list[str]:
    """That something lies at the "low" or "high" end of what was tried; and what follows, but at a limit of what there is."""
    side, beyond = ("lower", "below") if edge == "low" else ("upper", "above")
    sentences = [f"{lead} {shown}: the {side} edge of the values tried."]
    return sentences if is_limit else [*sentences, f"Values {beyond} it may be better still."]


def _of_parameter(configs: pd.DataFrame, name: str, design: Design) -> Advice | None:
    column = configs[PARAM + name]
    ranked = configs["rank"].notna().to_numpy(dtype=bool)
    if column.dtype == "string" or column.dtype == "boolean" or not ranked.any() or column.iloc[:1].isna().any():
        return None
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    axis = _axis(name, np.unique(values[~np.isnan(values)]), str(column.dtype) == "Int64", design)
    if axis is None or len(axis.levels) < 3 or np.abs(axis.levels).max() > _EXACT:
        return None
    values, in_set = values[ranked], configs["in_best_set"].fillna(False).to_numpy(dtype=bool)[ranked]
    in_set &= tells_apart(configs)
    inside = values[in_set & ~np.isnan(values)]
    middle = float(np.quantile(inside, 0.5, method="lower")) if len(inside) else float(values[0])
    for value, lead in ((float(values[0]), "best at"), (middle, "the middle of the best set is at")):
        if end := scales.edge(value, axis.levels.tolist(), log=axis.log):
            is_limit = scales.is_limit(end, axis.levels.tolist(), log=axis.log, whole=axis.whole)
            snippet = "" if is_limit else _wider(axis, end)
            said = " ".join(at_edge(f"{name}: {lead}", f"{value:.4g}", end, is_limit=is_limit))
            return _advice(name, WIDER, said, snippet, design) if snippet else None
    whose = f"all {len(inside):,} of the best set"
    if not len(inside):
        top = values[: int(_TOP * len(values))]
        inside, whose = top[~np.isnan(top)] if len(values) >= _ENOUGH else inside, "the best tenth"
    if not _is_small(inside, axis):
        return None
    low, high = float(inside.min()), float(inside.max())
    where = f"have {number(low)}" if low == high else f"lie between {low:.4g} and {high:.4g}"
    said = f"{name}: {whose} {where}, a small part of the values tried."
    snippet = _finer(axis, low, high)
    return _advice(name, FINER, said, snippet, design) if snippet else None


def _advice(name: str, kind: str, said: str, domain: str, design: Design) -> Advice:
    conditional = design.space is not None and any(each.name == name and each.when for each in design.space.parameters)
    where = " Write it where it stands, in its branch." if conditional else ""
    return Advice(name, kind, said + where, f"{as_text(name)}: {domain}")


def _axis(name: str, levels: Floats, whole: bool, design: Design) -> _Axis | None:
    """None where the spec does not have the parameter any more, has it in several branches, or has no ends for it."""
    if len(levels) == 0:
        return None
    domain: Domain | None = None
    if design.space is not None:
        domains = design.space.domains(name) if name in design.space.names() else ()
        if len(domains) != 1:
            return None
        (domain,) = domains
    few = len(levels) <= scales.MANY_LEVELS
    low, high = float(levels[0]), float(levels[-1])
    if domain is None:
        return _Axis(levels, low, high, whole, scales.is_geometric(levels.tolist()), None, few, is_list=False)
    if isinstance(domain, Choice):
        return _Axis(levels, low, high, whole, scales.is_geometric(levels.tolist()), None, True, is_list=True)
    if not isinstance(domain, IntRange | FloatRange):
        return None
    in_grid = design.method == "grid" and few
    step = None if domain.step is None else float(domain.step)
    return _Axis(levels, min(low, domain.low), max(high, domain.high), whole, domain.log, step, in_grid, is_list=False)


def _wider(axis: _Axis, end: str) -> str:
    """The range, and half as much again beyond one of its ends, as far as there may be anything; "" where there is not."""
    if axis.is_list:
        return _longer(axis, end)
    low, high = axis.scaled(np.array([axis.low, axis.high])).tolist()
    half = (high - low) / 2
    n = len(axis.levels)
    if axis.step is not None:
        half = max(1, math.ceil(half / axis.step)) * axis.step
    at = axis.unscaled(low - half if end == "low" else high + half)
    if axis.step is None:
        at = _rounded(at, 1 if axis.log else 2)
    at = float(round(at)) if axis.whole else float(f"{at:.12g}")
    at = _within_limits(axis, at)
    if (at >= axis.low) if end == "low" else (at <= axis.high):
        return ""
    ends = (at, axis.high) if end == "low" else (axis.low, at)
    return _range(axis, *ends, points=n + n // 2)


def _longer(axis: _Axis, end: str) -> str:
    """The two values of a list that lie at its end, and two more in the same progression."""
    levels = axis.levels.tolist() if end == "high" else axis.levels.tolist()[::-1]
    before, last = levels[-2:]
    more = [last * (last / before) ** power if axis.log else last + power * (last - before) for power in (1, 2)]
    kept = [float(round(value)) if axis.whole else _rounded(value, 4) for value in more]
    fit = [value for value in dict.fromkeys(kept) if _within_limits(axis, value) == value and value not in (before, last)]
    return f"[{', '.join(_written(value, axis.whole) for value in sorted((before, last, *fit)))}]" if fit else ""


def _finer(axis: _Axis, low: float, high: float) -> str:
    """The part and a value more at either end in a grid, else a quarter of its length; "" where there is nothing between."""
    levels = axis.levels
    if axis.in_grid:
        at = np.searchsorted(levels, [low, high])
        low, high = float(levels[max(at[0] - 1, 0)]), float(levels[min(at[1] + 1, len(levels) - 1)])
    else:
        first, last = axis.scaled(np.array([low, high])).tolist()
        more = (last - first) / 4
        low, high = (_rounded(axis.unscaled(at), 2) for at in (first - more, last + more))
        if axis.whole:
            low, high = math.floor(low), math.ceil(high)
        low, high = max(low, axis.low), min(high, axis.high)
    if low >= high or (axis.whole and axis.in_grid and high - low < _POINTS):
        return ""
    return _range(axis, low, high, points=max(_POINTS, 2 * int(((levels >= low) & (levels <= high)).sum()) - 1), stepped=False)


def _range(axis: _Axis, low: float, high: float, *, points: int, stepped: bool = True) -> str:
    kind = "int" if axis.whole else "float"
    text = f"{kind}: [{_written(low, axis.whole)}, {_written(high, axis.whole)}]"
    if axis.log:
        text += ", log: true"
    if axis.step is not None and stepped:
        text += f", step: {_written(axis.step, axis.whole)}"
    elif axis.in_grid:
        text += f", points: {points}"
    return f"{{{text}}}"


def _is_small(inside: Floats, axis: _Axis) -> bool:
    n = len(inside)
    if n < 2:
        return False
    low, high = float(inside.min()), float(inside.max())
    if len(axis.levels) <= scales.MANY_LEVELS:
        first, last = np.searchsorted(axis.levels, [low, high]).tolist()
        part = (last - first + 1) / len(axis.levels)
    else:
        first, last, start, end = axis.scaled(np.array([low, high, axis.levels[0], axis.levels[-1]])).tolist()
        part = (last - first) / (end - start)
    return bool(part <= _SMALL and n * part ** (n - 1) - (n - 1) * part**n <= _CHANCE)


def _within_limits(axis: _Axis, value: float) -> float:
    lower, upper = scales.limits(axis.low, axis.high, log=axis.log, whole=axis.whole)
    return min(max(value, lower), upper, _EXACT)


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


def _written(value: float, whole: bool) -> str:
    """As YAML writes it, of either version: an exponent has a point before it."""
    text = str(int(value)) if whole else repr(float(value))
    return text if "." in text else text.replace("e", ".0e")
