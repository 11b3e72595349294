"""A figure as the page has it: its drawing, its words, and its data to take away."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup

from hpsearch.core.names import storable
from hpsearch.report.drawing import figure_svg
from hpsearch.report.figures.choose import Drawn
from hpsearch.report.figures.legend import sentences
from hpsearch.report.figures.points import Blank, Rows
from hpsearch.report.files import plain_name


@dataclass(frozen=True, slots=True)
class Card:
    """One figure. `svg`: "" where there is a sentence alone. `data`: an address that holds the CSV itself; `file`: its name."""

    question: str
    reading: str
    legend: str
    svg: str
    data: str
    file: str


def card(figure: Drawn | Blank, prefix: str) -> Card:
    """The figure for the page. `prefix` begins every id in its drawing."""
    if isinstance(figure, Blank):
        return Card(figure.question, figure.reading, "", "", "", "")
    svg = Markup(figure_svg(figure, prefix))
    return Card(figure.question, figure.reading, sentences(figure), svg, data_address(figure.rows()), file_of(figure.name))


def cards(figures: Iterable[Drawn | Blank], prefix: str) -> tuple[Card, ...]:
    """Several, each with ids of its own."""
    return tuple(card(figure, f"{prefix}{place}-") for place, figure in enumerate(figures))


def data_address(rows: Rows) -> str:
    """The rows as CSV in a data: address, which needs neither a network nor a script."""
    return "data:text/csv;charset=utf-8," + quote(csv_text(rows), safe=",.-+:_")


def csv_text(rows: Rows) -> str:
    """Numbers to six digits, nothing for what is absent."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def file_of(name: str) -> str:
    """The name under which a browser keeps a figure's data."""
    return f"{plain_name(name)}.csv"


def _cell(value: object) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return storable(text)
