"""The ranking table: its first rows as text, and all that the page's script sorts, filters and draws, as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from markupsafe import Markup

from hpsearch.core.durations import duration
from hpsearch.report import wording
from hpsearch.report.figures.lines import MOST_LINES, LineAxis, axis_of, chosen_rows, score_axis
from hpsearch.results import STANDING, StudyResults
from hpsearch.results.columns import PARAM
from hpsearch.results.parameters import cell_text

_MOST_AXES = 12
_DIGITS = 6  # of a number that the script gets
_BEST, _SET, _OTHER = 2, 1, 0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the ranking table, as text.

    `outside`: the spec as it was last run does not ask for it. `shared`: its seconds are a part of shared work. `low`, `at`,
    `high`: the interval in percent of its column; None without one. `standing`: the chance of being the best, and the ranks that
    it may hold.
    """

    rank: str
    config_id: str
    outside: bool
    params: tuple[str, ...]
    score: str
    se: str
    standing: tuple[str, ...]
    mark: str
    seconds: str
    shared: bool
    low: float | None
    at: float | None
    high: float | None


def rows(results: StudyResults, top: int, names: tuple[str, ...]) -> Iterator[Row]:
    """The first `top` of the ranking, with the parameters `names`."""
    ranked = results.rank(top=top)
    low, high = ranked["ci_low"].min(), ranked["ci_high"].max()
    span = high - low
    places = wording.decimals(results.rank())
    marks = _marks(results, ranked)

    def place(value: float) -> float | None:
        return round(float(4 + 92 * (value - low) / span), 2) if span > 0 and value == value else None

    for mark, (_, row) in zip(marks, ranked.iterrows(), strict=True):
        yield Row(
            rank=str(row["rank"]),
            config_id=str(row["config_id"])[:8],
            outside=row["in_spec"] is not pd.NA and not row["in_spec"],
            params=tuple(wording.short(_cell(row[PARAM + name]), 28) for name in names),
            score=f"{row['score']:.{places}f}",
            se="" if pd.isna(row["se"]) else f"{row['se']:.{places}f}",
            standing=tuple(told(row) for told in STANDING.values()),
            mark={_BEST: "best", _SET: "set", _OTHER: ""}[mark],
            seconds=duration(float(row["seconds"])),
            shared=bool(row["shared"]),
            low=place(row["ci_low"]),
            at=place(row["score"]) if row["ci_low"] == row["ci_low"] else None,  # beside others that have an interval
            high=place(row["ci_high"]),
        )


def script_data(results: StudyResults, top: int, names: tuple[str, ...], by_weight: tuple[str, ...]) -> Markup:
    """What the script works with, as JSON that no text in it can end: of at most 5,000 configurations, the best always.

    Args:
        names: the table's parameters. by_weight: those that get an axis, in this order.
    """
    ranked = results.rank()
    shown = ranked.iloc[chosen_rows(len(ranked), MOST_LINES)]
    columns = [_column(name, ranked[PARAM + name], shown[PARAM + name]) for name in names]
    score, _ = score_axis(results, shown["score"])
    content = {
        "top": top,
        "ranked": len(ranked),
        "places": wording.decimals(ranked),
        "bestIsHigh": results.metric.is_better(1.0, 0.0),
        "columns": columns,
        "axes": [names.index(name) for name in by_weight if shown[PARAM + name].nunique() >= 2][:_MOST_AXES],
        "scoreAxis": _axis(score),
        "rank": shown["rank"].tolist(),
        "score": _numbers(shown["score"], _DIGITS + 4),
        "se": _numbers(shown["se"]),
        "low": _numbers(shown["ci_low"]),
        "high": _numbers(shown["ci_high"]),
        "chance": _numbers(shown["p_best"]),
        "rankLow": _numbers(shown["rank_low"].astype("Int64")),
        "standing": _standing(shown),
        "seconds": _numbers(shown["seconds"]),
        "time": [duration(float(value)) for value in shown["seconds"]],
        "shared": [int(value) for value in shown["shared"]] if shown["shared"].any() else None,
        "outside": [int(value is not pd.NA and not value) for value in shown["in_spec"]],
        "mark": _marks(results, shown),
        "id": [str(value)[:8] for value in shown["config_id"]],
    }
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    # Inside <script> nothing is escaped: neither an end tag nor a comment may begin in there.
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _standing(shown: pd.DataFrame) -> dict[str, list[str]] | None:
    """The cells of two columns, by the numbers that they are sorted by."""
    if shown["p_best"].isna().all():
        return None
    rows = [row for _, row in shown[["p_best", "rank_low", "rank_high"]].iterrows()]
    return {key: [told(row) for row in rows] for key, told in zip(("chance", "rankLow"), STANDING.values(), strict=True)}


def _column(name: str, column: pd.Series, shown: pd.Series) -> dict[str, object]:
    """A parameter: numbers as they are, texts as places in a list of them with where each lies on the axis."""
    axis, at = axis_of(name, column, shown)
    if not axis.labels:
        return {**_axis(axis), "values": _numbers(shown)}
    cells = [None if value is pd.NA else cell_text(value) for value in shown]
    texts = sorted({cell for cell in cells if cell is not None}, key=wording.natural_key)
    place = {cell: round(float(where), 4) for cell, where in zip(cells, at, strict=True) if cell is not None}
    index = {text: number for number, text in enumerate(texts)}
    return {
        **_axis(axis),
        "texts": [wording.short(text, 28) for text in texts],
        "at": [place[text] for text in texts],
        "values": [None if cell is None else index[cell] for cell in cells],
    }


def _axis(axis: LineAxis) -> dict[str, object]:
    return {
        "name": wording.short(axis.name, 28),
        "log": axis.log,
        "whole": axis.is_whole,
        "ends": [axis.low, axis.high],
        "labels": axis.labels,
        "ticks": [[round(at, 4), text] for at, text in axis.ticks],
    }


def _numbers(column: pd.Series, digits: int = _DIGITS) -> list[float | int | None]:
    if str(column.dtype) == "Int64":
        return [None if value is pd.NA else int(value) for value in column]
    values = column.to_numpy(dtype=np.float64, na_value=np.nan).tolist()
    return [float(f"{value:.{digits}g}") if math.isfinite(value) else None for value in values]


def _marks(results: StudyResults, ranked: pd.DataFrame) -> list[int]:
    """Of each configuration: the best, in the best set, or neither; nothing where the best set leaves next to nobody out."""
    inside = ranked["in_best_set"].fillna(False).to_numpy(dtype=bool) & results.tells_apart
    first = ranked["rank"].to_numpy() == 1
    marks: list[int] = np.where(inside & first, _BEST, np.where(inside, _SET, _OTHER)).tolist()
    return marks


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else cell_text(value)
