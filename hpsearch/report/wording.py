"""The sentences of a report, made from its numbers. Pure: values in, text out."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpsearch.core.metric import Metric
from hpsearch.core.values import Value
from hpsearch.results import scales
from hpsearch.results.advice import at_edge
from hpsearch.results.notes import count, number
from hpsearch.results.parameters import text_of
from hpsearch.results.study_results import StudyResults

Floats = NDArray[np.float64]

_MOST_DECIMALS = 20
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){1,}")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def summary(results: StudyResults) -> str:
    """The study in one sentence: what won, by how much, and whether that can be told."""
    best = results.best()
    if best is None:
        return results.notes[0]
    n = results.n_ranked
    places = decimals(results.rank())
    se = f" (standard error {best.se:.{places}f})" if best.se is not None else ""
    reaches = f"{results.metric.name} {best.score:.{places}f}{se}"
    names = [name for name in results.varying if name in best.params]
    shown = [f"{name} = {short(value_text(best.params[name]))}" for name in names[:4]]
    more = f" and {count(len(names) - 4, 'more parameter')}" if len(names) > 4 else ""
    at = f" with {', '.join(shown)}{more}" if shown else ""
    lead = f"The best of {count(n, 'configuration')} reaches {reaches}{at}"
    if n == 1:
        return f"The only ranked configuration reaches {reaches}{at}."
    if results.rank()["score"].nunique() == 1:
        return f"All {n:,} ranked configurations reach {reaches}: none is better than another."
    if not results.basis.over:
        return f"{lead}; scored once each, so how much of its lead is luck is not known."
    n_best = int(results.rank()["in_best_set"].fillna(False).sum())
    if n_best == n:
        return f"{lead}, but {results.basis.n} {results.basis.over} cannot tell it from any of the others."
    if not results.tells_apart:
        return f"{lead}, but {results.basis.n} {results.basis.over} can tell it from only {n - n_best:,} of the others."
    if n_best == 1:
        return f"{lead}. With 95 % confidence it is truly the best of them."
    return f"{lead}. With 95 % confidence the truly best is one of {n_best:,} of them."


def optimism(results: StudyResults) -> str:
    """How much too good the best score is, as the one that was chosen for being best."""
    found = results.optimism()
    if found is None or results.n_ranked < 2:
        return "The best score is the one that was chosen for being best, and so is a little too good to be true."
    places, unit = decimals(results.rank()), results.basis.unit[:-1]
    if results.rank()["score"].nunique() == 1:
        return f"All score {found.naive:.{places}f}: none was chosen for being best, and no luck is in the score for that."
    lead = f"The best score, {found.naive:.{places}f}, was chosen for being best"
    as_good = math.isclose(found.naive, found.honest, rel_tol=1e-9)
    if as_good and found.winners == 1:
        return f"{lead}, but no single {unit} made it win: with any one left out the same configuration does."
    alike = " (several at once, where scores are equal)" if found.tied else ""
    chosen = "the same configuration wins" if found.winners == 1 else f"{found.winners} different ones win{alike}"
    lead += ", and no luck with that is seen" if as_good else ", and so is a little too good to be true"
    return (
        f"{lead}: chosen with each {unit} left out in turn, where {chosen}, "
        f"what wins scores {'as much' if as_good else f'{found.honest:.{places}f}'} on the {unit} left out."
    )


def numeric_reading(
    name: str,
    column: pd.Series,
    scores: Floats,
    in_set: NDArray[np.bool_],
    metric: Metric,
    *,
    log: bool,
    best: bool,
    end: str = "",
) -> list[str]:
    """Where the best lies on a numeric axis, whether that is an edge, and how far the best set reaches.

    Args:
        column: the values of the ranked configurations, best first. best: whether the first is the study's best.
        end: the "low" or "high" one at which it lies and beyond which to search (`Advice.end`); else "".
    """
    values = column.to_numpy(dtype=np.float64)
    distinct = len(np.unique(values))
    if distinct == 1:
        return [f"Only {number(float(values[0]))} has a ranked configuration."]
    lead = f"{_whose(best=best)} has"
    few = distinct <= scales.MANY_LEVELS
    shown = number(values[0]) if few else f"about {_about(values[0])}"
    sentences = at_edge(lead, shown, end) if end else [f"{lead} {shown}."]
    if in_set.sum() > 1:
        inside = values[in_set]
        if scales.covers(inside.tolist(), values.tolist(), log=log):
            sentences.append("The best set reaches over all of it.")
        elif inside.min() == inside.max():
            sentences.append(f"All {int(in_set.sum()):,} of the best set are there.")
        else:
            ends = [number(float(end)) if few else _about(end) for end in (inside.min(), inside.max())]
            sentences.append(f"The best set lies between {ends[0]} and {ends[1]}.")
    if distinct == 2:
        sentences.append("Two values only: what lies between them is unseen.")
    return sentences


def _whose(*, best: bool) -> str:
    return "The best configuration" if best else "The best of those that have it"


def _about(value: float) -> str:
    """To two digits, written out: 240, not 2.4e+02."""
    return number(float(f"{value:.2g}"))


def category_reading(
    labels: Sequence[str],
    position: NDArray[np.int64],
    scores: Floats,
    in_set: NDArray[np.bool_],
    metric: Metric,
    *,
    best: bool,
    means: Mapping[int, float],
) -> list[str]:
    """Which category holds the best, what is typical of each, and which have a place in the best set.

    Args:
        position: the category of each ranked configuration, best first.
        means: those that are drawn, by the category; where there are none medians are.
    """
    present = sorted(set(position.tolist()))
    if len(present) == 1:
        return [f"Only {short(labels[present[0]])} has a ranked configuration."]
    first = short(labels[position[0]])
    sentences = [f"{_whose(best=best)} has {first}."]
    is_mean = set(present) <= means.keys()
    what = "mean" if is_mean else "median"
    typical = {index: means[index] if is_mean else float(np.median(scores[position == index])) for index in present}
    top = metric.best(present, key=lambda index: typical[index])
    if top is not None and min(np.bincount(position)[present]) >= 3:
        others = [index for index in present if index != top]
        second = metric.best(others, key=lambda index: typical[index])
        if second is not None and _alike(typical[top], typical[second], scores):
            sentences.append(f"The {what}s hardly differ." if len(present) == 2 else f"The two best {what}s hardly differ.")
        elif second is not None:
            sentences.append(
                f"The {what} is best with {short(labels[top])}, {number(typical[top])}; "
                f"next {short(labels[second])}, {number(typical[second])}."
            )
    if in_set.sum() > 1:
        inside = sorted(set(position[in_set].tolist()))
        if inside == present:
            sentences.append("Each has a place in the best set.")
        elif len(inside) == 1:
            sentences.append(f"All {int(in_set.sum()):,} of the best set have {short(labels[inside[0]])}.")
        elif len(inside) <= 4:
            sentences.append(f"In the best set: {', '.join(short(labels[index]) for index in inside)}.")
    return sentences


def _alike(first: float, second: float, scores: Floats) -> bool:
    """Whether two means or medians lie closer than a tenth of what the middle half of all scores spans."""
    quarter, three_quarters = np.quantile(scores, [0.25, 0.75])
    return bool(abs(first - second) <= 0.1 * (three_quarters - quarter))


def short(text: str, length: int = 40) -> str:
    """A label that fits: the middle of a long one is left out, since the ends tell values apart."""
    text = " ".join(printable(text).split())
    if len(text) <= length:
        return text
    tail = (length - 1) // 2
    return f"{text[: length - 1 - tail]}…{text[-tail:]}"


def last_parts(names: Sequence[str]) -> tuple[str, ...]:
    """Dotted paths by their last part alone ("sklearn.svm.SVC": "SVC"), where that still tells all names apart."""
    parts = tuple(name.rpartition(".")[2] if _DOTTED.fullmatch(name) else name for name in names)
    return parts if len(set(parts)) == len(parts) else tuple(names)


def printable(text: str) -> str:
    """`text` with what neither XML nor a terminal should be given (control characters, lone surrogates) as "\ufffd"."""
    return _UNPRINTABLE.sub("\ufffd", text)


def value_text(value: Value) -> str:
    """A parameter's value in a sentence: numbers to four digits."""
    return f"{value:.4g}" if isinstance(value, float) else text_of(value)


def decimals(ranked: pd.DataFrame) -> int:
    """How many decimals scores deserve, everywhere alike: two digits of the smallest standard error, else what five digits need.

    Args:
        ranked: all ranked configurations, however many are shown.
    """
    errors = ranked["se"].to_numpy()
    errors = errors[np.isfinite(errors) & (errors > 0)]
    scores = np.abs(ranked["score"].to_numpy())
    largest = float(scores.max()) if len(scores) else 1.0
    places = 1 - math.floor(math.log10(errors.min())) if len(errors) else 4 - math.floor(math.log10(largest or 1.0))
    # More than eight are for scores that eight would show as nothing.
    return min(max(places, 0), max(8, min(4 - math.floor(math.log10(largest or 1.0)), _MOST_DECIMALS)))


def natural_key(text: str) -> tuple[tuple[int, float, str], ...]:
    """Sorts texts as people do: false before true, 3 before 10, everything else by letters."""
    parts = re.split(r"(\d+(?:\.\d+)?)", text)
    return tuple((0, float(part), "") if index % 2 else (1, 0.0, part.lower()) for index, part in enumerate(parts) if part)
