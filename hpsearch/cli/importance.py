"""`hpsearch results --importance`: what a study's target depends on, in a terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.table import Table

from hpsearch.cli.common import plural, wrapped
from hpsearch.cli.render import make_console, plain
from hpsearch.results import StudyResults
from hpsearch.results.notes import percent
from hpsearch.results.sensitivity.importance import LEAST_LISTED, TARGET_NAMES

if TYPE_CHECKING:
    from hpsearch.results.sensitivity import Importance

_BAR = 24  # letters of a share of one
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def print_importance(results: StudyResults, found: Importance, *, color: bool = True) -> None:
    """The shares as bars, what no parameter explains, what must be known to read them; and of the score, where to search next."""
    console = make_console(color)
    table = found.table
    if len(table):
        n, method = int(table["n"].max()), str(table["method"].iloc[0])
        what = {**TARGET_NAMES, "score": results.metric.name}[found.target]
        console.print(plain(f"What {what} depends on: {method} of {n:,} configurations{_foretold(found)}"))
        lines = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
        for name, justify in (("", "left"), ("share", "right"), ("95 %", "left"), ("with others", "right"), ("", "left")):
            lines.add_column(name, justify=justify, no_wrap=True)  # type: ignore[arg-type]
        shown = found.listed
        for _, row in shown.iterrows():
            interval = "" if math.isnan(row["ci_low"]) else f"{percent(row['ci_low'])} to {percent(row['ci_high'])}"
            total = "" if math.isnan(row["total"]) else percent(row["total"])
            cells = (str(row["term"]), percent(row["share"]), interval, total, _bar(row["share"]))
            lines.add_row(*map(plain, cells))
        console.print(lines)
        if hidden := len(table) - len(shown):
            console.print(plain(f"{plural(hidden, 'pair')} below {LEAST_LISTED:.1%} each", style="dim"))
        for term, said in zip(table["term"], table["warnings"], strict=True):
            if said:
                console.print(plain(wrapped(f"{term}: {said}"), style="dim"))
    for note in found.notes:
        console.print(plain(wrapped(note), style="yellow"))
    for advice in results.advice() if found.target == "score" else ():
        console.print(plain(wrapped(advice.sentence)))
        console.print(plain(f"    {advice.snippet}"), soft_wrap=True)


def _foretold(found: Importance) -> str:
    r2 = found.table["r2_oob"].dropna()
    return f", of whose variation a forest foretells {max(0.0, float(r2.iloc[-1])):.0%}" if len(r2) else ""


def _bar(share: float) -> str:
    if math.isnan(share):
        return ""
    eighths = round(min(1.0, max(0.0, share)) * _BAR * 8)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
