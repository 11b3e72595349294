"""What the page says of what matters: the shares of parameters as bars, and a reading of them. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hpsearch.core.metric import Metric
from hpsearch.report.figures.points import Rows
from hpsearch.report.wording import short
from hpsearch.results.notes import count
from hpsearch.results.sensitivity import Importance, together
from hpsearch.results.sensitivity.importance import GRID, HIGHER, OF_SOME, UNEXPLAINED, says_something

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
    """The figure. `reading`: what it shows, in sentences; `below`: how it was made, and what must be known of its numbers.

    `caution`: why the shares mean nothing; "" where they do.
    """

    question: str
    reading: str
    bars: tuple[Bar, ...]
    below: str
    caution: str

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
        f"Analysis of variance of {count(n, 'configuration')}, which make a complete grid, without a model."
        if exact
        else f"From a random forest on {count(n, 'configuration')}, taken apart over the whole space (fANOVA)."
    )
    reading = " ".join([*_reading(found, terms, rest, metric), *(note for note in found.notes if note != OF_SOME)])
    hidden = len(terms) - len(shown)
    left_out = [f"{count(hidden, 'smaller term')} {'is' if hidden == 1 else 'are'} not shown."] if hidden else []
    below = " ".join([how, *left_out, *([OF_SOME] if OF_SOME in found.notes else [])])
    # The sentence after the first speaks of where the page has its shares.
    caution = "" if found.is_readable else found.notes[0].partition(". ")[0].rstrip(".") + "."
    return Matters(f"What does {metric.name} depend on?", reading, bars, below, caution)


def percent(share: float) -> str:
    """ "61 %", "4.2 %"; what is below a thousandth is "0 %"."""
    share = max(0.0, share)
    return f"{share:.0%}".replace("%", " %") if share >= 0.0995 or share < 0.0005 else f"{share:.1%}".replace("%", " %")


def spread(row: pd.Series) -> str:
    """ " ± 6", or " (64 to 86 %)" where one side is longer, of a row of an importance's table.

    "" where the interval is next to nothing, or not known.
    """
    low, high, share = row["ci_low"], row["ci_high"], max(0.0, row["share"])
    if not high - low >= 0.01:
        return ""
    if (side := round(100 * (high - share))) == round(100 * (share - low)):
        return f" ± {max(1, side)}"
    return f" ({percent(low).removesuffix(' %')} to {percent(high)})"


def readable(terms: pd.DataFrame) -> pd.DataFrame:
    """The rows of an importance's table that say something."""
    rows = zip(terms["r2_oob"], terms["ci_low"], terms["ci_high"], strict=True)
    return terms[np.array([says_something(*row) for row in rows], dtype=bool)]


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
    # Of all configurations: what only some have explains nothing of the others' differences.
    single = readable(terms[(terms["order"] == 1) & (terms["n"] == terms["n"].max())])
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
