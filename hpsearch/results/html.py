"""How a study's results show in a notebook: the notes and the first rows, everything escaped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape

import pandas as pd

from hpsearch.results.columns import PARAM
from hpsearch.results.notes import count, number
from hpsearch.results.parameters import cell_text
from hpsearch.results.sheet import table_html

_ROWS = 20


def chance(row: pd.Series) -> str:
    """How likely a configuration is the best of all, in percent."""
    p_best = row["p_best"]
    return "–" if pd.isna(p_best) else "<1 %" if p_best < 0.01 else ">99 %" if p_best > 0.99 else f"{100 * p_best:.0f} %"


def ranks(row: pd.Series) -> str:
    """The ranks that a configuration may hold."""
    low, high = row["rank_low"], row["rank_high"]
    return "–" if low is pd.NA or high is pd.NA else f"{low}" if low == high else f"{low}–{high}"


STANDING: Mapping[str, Callable[[pd.Series], str]] = {"P(best)": chance, "ranks": ranks}
"""What a ranking for people says of luck beside the standard error: by its heading, the text for a row of the configurations."""


def study_html(name: str, metric: str, varying: Sequence[str], configs: pd.DataFrame, notes: Sequence[str]) -> str:
    """A heading, the notes, and the first configurations with their varying parameters."""
    shown = configs.head(_ROWS)
    params = [column for column in configs.columns if column.startswith(PARAM) and column.removeprefix(PARAM) in varying]
    head = ["rank", *(column.removeprefix(PARAM) for column in params), metric, "± se", *STANDING, "best set", "status"]
    body = []
    for _, row in shown.iterrows():
        in_set = row["in_best_set"]
        cells = [
            "–" if row["rank"] is pd.NA else str(row["rank"]),
            *(cell_text(row[column]) for column in params),
            "–" if pd.isna(row["score"]) else number(row["score"]),
            "–" if pd.isna(row["se"]) else f"{row['se']:.2g}",
            *(told(row) for told in STANDING.values()),
            "–" if in_set is pd.NA else "yes" if in_set else "no",
            str(row["status"]).lower(),
        ]
        body.append(cells)
    more = f"<p>{len(configs) - len(shown):,} more in <code>.configs</code></p>" if len(configs) > len(shown) else ""
    return (
        f"<div><p><b>{escape(name)}</b>: {count(len(configs), 'configuration')}</p>"
        + "".join(f"<p>{escape(note)}</p>" for note in notes)
        + f"{table_html(head, body)}{more}</div>"
    )
