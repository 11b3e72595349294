"""Tables for people."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hpsearch.cli.common import number, plural, seconds, short_value
from hpsearch.results import StudyResults

# Where stdout is no terminal nobody's lines are too long, and cut-off numbers help no one.
_PIPE_WIDTH = 300
OUTSIDE = "†"  # beside a configuration that the spec no longer asks for
SHARED = "~"  # before seconds that are a part of what was done for several trials


def make_console(color: bool) -> Console:
    """stdout: in the terminal's width, or as wide as it takes."""
    return Console(no_color=not color, highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)


def print_ranking(results: StudyResults, *, top: int, color: bool = True) -> None:
    """The first `top` configurations, what is known of luck, and what a reader must know besides."""
    console = make_console(color)
    ranked = results.rank(top=top)
    varying = [name for name in results.varying if f"param.{name}" in ranked.columns]
    others = [name for name in ranked.columns if name.startswith("metric.") and name != f"metric.{results.metric.name}"]
    if len(ranked):
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
        names = ["rank", "config", results.metric.name, *(name.removeprefix("metric.") for name in others), *varying, "seconds"]
        for name in names:
            table.add_column(
                name, justify="left" if name == "config" else "right", no_wrap=name in ("rank", "config", results.metric.name)
            )
        for _, row in ranked.iterrows():
            config = results.config(str(row["config_id"]))
            mark = "*" if config.in_best_set and results.tells_apart else " "
            score = number(config.score) + (f" ± {config.se:.2g}" if config.se is not None and math.isfinite(config.se) else "")
            cells = [f"{config.rank}{mark}", config.config_id[:8] + (OUTSIDE if config.in_spec is False else ""), score]
            cells += [number(config.metrics.get(name.removeprefix("metric."))) for name in others]
            cells += [short_value(config.params[name]) if name in config.params else "" for name in varying]
            table.add_row(*(Text(cell) for cell in cells), SHARED * config.shared + seconds(config.seconds))
        console.print(table)
        hidden = results.n_ranked - len(ranked)
        if hidden > 0:
            console.print(Text(f"... and {plural(hidden, 'configuration')} more", style="dim"))
        outside, shared = bool((~ranked["in_spec"].fillna(True)).any()), bool(ranked["shared"].any())
        for line in _legend(results, outside=outside, shared=shared):
            console.print(Text(line, style="dim"))
    for note in results.notes:
        console.print(Text(note, style="yellow"), soft_wrap=not console.is_terminal)


def _legend(results: StudyResults, *, outside: bool, shared: bool) -> Iterator[str]:
    """What the marks mean that are shown."""
    basis = results.basis
    if basis.over:
        overlap = ", corrected for what they share" if basis.test_over_train else ""
        told = "* may be the best (95 % confidence); " if results.tells_apart else ""
        yield f"{told}± standard error over {basis.n} {basis.over}{overlap}"
    if outside:
        yield f"{OUTSIDE} of an earlier form of the spec"
    if shared:
        yield f"{SHARED} its part of what was done once for several trials"
