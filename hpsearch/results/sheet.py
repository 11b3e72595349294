"""What an answer shows of itself: the same rows and sentences as text, when it is printed, and as HTML, in a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from hpsearch.core.names import legible, legible_lines
from hpsearch.results.notes import number
from hpsearch.results.parameters import cell_text

_ROWS = 100


@dataclass(frozen=True)
class Sheet:
    """A title, a table, and sentences below it; each may be empty."""

    title: str = ""
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    said: Sequence[str] = ()

    def text(self) -> str:
        """In columns, the first to the left and the others to the right, with nothing that steers a terminal."""
        lines = [legible_lines(self.title)] if self.title else []
        if self.rows:
            table = [[legible(cell) for cell in row] for row in (self.heads, *self.rows[:_ROWS])]
            widths = [max(map(len, column)) for column in zip(*table, strict=True)]
            for first, *others in table:
                cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))]
                lines.append("  ".join(cells).rstrip())
        return "\n".join([*lines, *self._more(), *map(legible_lines, self.said)])

    def html(self) -> str:
        """Everything escaped."""
        title = f"<p><b>{escape(self.title)}</b></p>" if self.title else ""
        table = table_html(self.heads, self.rows[:_ROWS]) if self.rows else ""
        return f"<div>{title}{table}{''.join(f'<p>{escape(line)}</p>' for line in (*self._more(), *self.said))}</div>"

    def _more(self) -> list[str]:
        hidden = len(self.rows) - _ROWS
        return [f"... and {hidden:,} more"] if hidden > 0 else []


class Shown:
    """Prints as its sheet, and shows as that in a notebook."""

    def sheet(self) -> Sheet:
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.sheet().text()

    def _repr_html_(self) -> str:
        return self.sheet().html()


def table_html(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table, everything escaped."""
    head = "".join(f"<th>{escape(title)}</th>" for title in heads)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def cells_of(table: pd.DataFrame) -> list[list[str]]:
    """The rows of a table for people: numbers in five digits, nothing where nothing is known."""
    return [[_cell(value) for value in row] for row in table.itertuples(index=False)]


def _cell(value: object) -> str:
    if value is None or value is pd.NA or value != value:
        return ""
    return number(value) if isinstance(value, float) else cell_text(value)
