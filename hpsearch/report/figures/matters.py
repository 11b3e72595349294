"""What the page says of what matters: the shares of parameters as bars, and a reading of them. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from hpsearch.core.metric import Metric
from hpsearch.report.figures.points import Rows
from hpsearch.report.wording import short
from hpsearch.results.notes import count
from hpsearch.results.sensitivity import Importance, together
from hpsearch.results.sensitivity.importance import GRID, HIGHER, UNEXPLAINED

_MOST_ROWS = 12
_LEAST = 0.01  # pairs below this are counted, not drawn


@dataclass(frozen=True, slots=True)
class Bar:
    """One term. `share`, `low`, `high`: percent of the axis, from 0; `low` and `high` None where nothing is known of luck."""

    name: str
    text: str
    share: float
    low: float | None
    high: float | None
    is_parameter: bool
    warning: str


@dataclass(frozen=True, slots=True)
class Matters:
    """The figure. `reading`: what it shows, in sentences; `left_out`: how many smaller terms are not drawn."""

    question: str
    reading: str
    bars: tuple[Bar, ...]
    left_out: int
    method: str

    @property
    def name(self) -> str:
        """Of its files."""
        return "importance"

    def rows(self) -> Rows:
        """The data, for other programs: percent of the differences."""
        named: Rows = [("term", "share", "low", "high")]
        return named + [(bar.name, bar.share, bar.low, bar.high) for bar in self.bars]


def matters(found: Importance, metric: Metric) -> Matters | None:
    """The figure of a score's importance; None where there is nothing to show."""
    if found.fit is None or found.table.empty:
        return None
    table = found.table[found.table["share"].notna()]
    terms = table[table["order"] > 0]
    shown = terms[(terms["order"] == 1) | (terms["share"] >= _LEAST)].head(_MOST_ROWS)
    rest = table[table["order"] == 0]
    rest = rest[rest["share"] >= _LEAST]
    bars = tuple(_bar(row) for _, row in pd.concat([shown, rest]).iterrows())
    exact = table["method"].iloc[0] == GRID
    n = int(table["n"].max())
    how = (
        f"Analysis of variance of the complete grid of {count(n, 'configuration')}, without a model."
        if exact
        else f"From a random forest on {count(n, 'configuration')}, taken apart over the whole space (fANOVA)."
    )
    reading = " ".join([*_reading(found, terms, rest, metric), *found.notes])
    return Matters(f"What does {metric.name} depend on?", reading, bars, len(terms) - len(shown), how)


def percent(share: float) -> str:
    """ "61 %", "4.2 %"; what is below a thousandth is "0 %"."""
    share = max(0.0, share)
    return f"{share:.0%}".replace("%", " %") if share >= 0.0995 or share < 0.0005 else f"{share:.1%}".replace("%", " %")


def spread(row: pd.Series) -> str:
    """ " ± 6" of a row of an importance's table: half its interval, in percent; "" where it is next to nothing, or not known."""
    half = (row["ci_high"] - row["ci_low"]) / 2
    return f" ± {max(1, round(100 * half))}" if half >= 0.005 else ""


def _bar(row: pd.Series) -> Bar:
    known = not math.isnan(row["ci_low"])
    names = {UNEXPLAINED: "unexplained", HIGHER: "three and more together"}
    term = str(row["term"])
    return Bar(
        name=short(names.get(term, term.replace(" x ", " with ")), 44),
        text=percent(row["share"]) + spread(row),
        share=_place(row["share"]),
        low=_place(row["ci_low"]) if known else None,
        high=_place(row["ci_high"]) if known else None,
        is_parameter=bool(row["order"] > 0),
        warning=str(row["warnings"]),
    )


def _place(share: float) -> float:
    return round(100 * min(1.0, max(0.0, share)), 2)


def _reading(found: Importance, terms: pd.DataFrame, rest: pd.DataFrame, metric: Metric) -> list[str]:
    if not found.is_readable:
        return []
    single = terms[terms["order"] == 1]
    if single.empty:
        return []
    first = single.iloc[0]
    said = [f"{first['term']} by itself explains {percent(first['share'])} of the differences in {metric.name}"]
    if not math.isnan(first["total"]) and first["total"] > first["share"] + 0.05:
        said[0] += f", and {percent(first['total'])} with what it does together with others"
    said[0] += "."
    little = [str(term) for term, total in zip(single["term"], single["total"], strict=True) if total < 0.02]
    if little and len(little) < len(single):
        said.append(f"{_listed(little)} {'makes' if len(little) == 1 else 'make'} next to no difference.")
    for _, pair in together(found).head(2).iterrows():
        said.append(f"{pair['term'].replace(' x ', ' and ')} must be tuned together ({percent(pair['share'])}).")
    unexplained = rest[rest["term"] == UNEXPLAINED]
    if len(unexplained):
        said.append(f"No parameter explains {percent(float(unexplained['share'].iloc[0]))}.")
    return said


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
