"""Tables for people."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hpsearch.cli.common import number, plural, short_value
from hpsearch.core.durations import duration
from hpsearch.core.names import legible, legible_lines
from hpsearch.results import STANDING, StudyResults
from hpsearch.results.selection import json_rows_of

# Where stdout is no terminal nobody's lines are too long, and cut-off numbers help no one.
_PIPE_WIDTH = 300
OUTSIDE = "†"  # beside a configuration that the spec no longer asks for
SHARED = "~"  # before seconds that are a part of what was done for several trials


def make_console(color: bool) -> Console:
    """stdout: in the terminal's width, or as wide as it takes."""
    return Console(no_color=not color, highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)


def print_ranking(results: StudyResults, rows: pd.DataFrame, *, said: str = "", color: bool = True) -> None:
    """Some of the configurations, what is known of luck, and what a reader must know besides.

    Args:
        rows: of `results.configs`; by itself the beginning of the ranking.
        said: how many of how many these are, where they are something else.
    """
    console = make_console(color)
    varying = [name for name in results.varying if f"param.{name}" in rows.columns]
    others = [name for name in rows.columns if name.startswith("metric.") and name != f"metric.{results.metric.name}"]
    if len(rows):
        luck = [*STANDING] if rows["p_best"].notna().any() else []
        measured = [results.metric.name, *luck, *(name.removeprefix("metric.") for name in others)]
        table = make_table(
            ["rank", "config", *measured, *varying, "seconds"],
            left=("config",),
            whole=("rank", "config", results.metric.name, *luck),
        )
        tells_apart = results.tells_apart
        for _, row in rows.iterrows():
            params = results.params[str(row["config_id"])]
            rank = "-" if row["rank"] is pd.NA else str(row["rank"])
            mark = "*" if tells_apart and row["in_best_set"] is not pd.NA and row["in_best_set"] else " "
            dagger = OUTSIDE if row["in_spec"] is not pd.NA and not row["in_spec"] else ""
            score = number(_known(row["score"])) + (f" ± {row['se']:.2g}" if math.isfinite(row["se"]) else "")
            cells = [f"{rank}{mark}", str(row["config_id"])[:8] + dagger, score]
            cells += [told(row) for told in STANDING.values()] if luck else []
            cells += [number(_known(row[name])) for name in others]
            cells += [short_value(params[name]) if name in params else "" for name in varying]
            table.add_row(*(plain(cell) for cell in cells), SHARED * bool(row["shared"]) + duration(row["seconds"]))
        console.print(table)
    hidden = 0 if said else results.n_ranked - len(rows)
    if said or hidden > 0:
        console.print(plain(said or f"... and {plural(hidden, 'configuration')} more", style="dim"))
    if len(rows):
        for line in _legend(results, rows, luck=bool(luck)):
            console.print(plain(line, style="dim"))
    # They are of the ranking, or say why there is none: beside rows without a rank they would speak of nothing that is seen.
    for note in results.notes if not said or rows["rank"].notna().any() else ():
        console.print(plain(note, style="yellow"), soft_wrap=not console.is_terminal)


def print_rows(results: StudyResults, rows: pd.DataFrame, shown: Mapping[str, str], *, said: str, color: bool = True) -> None:
    """Some columns of some rows, and how many of how many they are.

    Args:
        shown: by its heading, the column of `rows`.
    """
    console = make_console(color)
    if len(rows):
        table = make_table(list(shown), left=(), whole=tuple(shown))
        for record in json_rows_of(rows, results.params, shown):
            table.add_row(*(plain(_cell(value)) for value in record.values()))
        console.print(table)
    console.print(plain(said, style="dim"))


def plain(text: str, style: str = "") -> Text:
    """A text for the console, in which nothing is markup and nothing steers the terminal."""
    return Text(legible_lines(text), style=style)


def make_table(names: Sequence[str], *, left: Collection[str], whole: Collection[str]) -> Table:
    """Columns without lines. `left`: those set to the left; `whole`: those that are never broken."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(Text(legible(name)), justify="left" if name in left else "right", no_wrap=name in whole)
    return table


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return number(value)
    return value.partition("\n")[0] if isinstance(value, str) else json.dumps(value)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _legend(results: StudyResults, rows: pd.DataFrame, *, luck: bool) -> Iterator[str]:
    """What the marks mean that are shown."""
    basis = results.basis
    if np.isfinite(rows["se"]).any():
        overlap = ", corrected for what they share" if basis.test_over_train else ""
        told = "* may be the best (95 % confidence); " if results.tells_apart else ""
        yield f"{told}± standard error over {basis.n} {basis.over}{overlap}"
    if luck:
        yield "P(best): the chance of being the best of all; ranks: those that it may hold (95 %)"
    if not rows["in_spec"].fillna(True).all():
        yield f"{OUTSIDE} of an earlier form of the spec"
    if rows["shared"].any():
        yield f"{SHARED} its part of what was done once for several trials"
