"""The page of figures: sections as Markdown, each with what it was measured on, and a page of which some are renewed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from benchmarks.common import Section

TITLE = "# Benchmarks\n"
_NAME = re.compile(r"^Alone: `python -m benchmarks\.run --only (\w+)`", re.MULTILINE)


def text_of(section: Section, head: Sequence[str]) -> str:
    """A section: its table, its sentences, and its `head`: the lines that tell machine, versions and command."""
    parts = [f"## {section.title}\n", f"{table(section.rows)}\n", *(f"{note}\n" for note in section.notes)]
    return "\n".join([*parts, f"Alone: `python -m benchmarks.run --only {section.name}`\n", "\n".join(head) + "\n"])


def page(sections: Sequence[str]) -> str:
    return "\n".join([TITLE, *sections])


def renewed(old: str, new: Mapping[str, str], order: Sequence[str]) -> str:
    """The page `old` with the sections of `new` (by benchmark) in their places.

    `order`: all benchmarks there are; a section of any other is left out.
    """
    kept = {}
    for part in re.split(r"^(?=## )", old, flags=re.MULTILINE)[1:]:
        if (name := _NAME.search(part)) is not None:
            kept[name.group(1)] = part.rstrip("\n") + "\n"
    kept |= new
    return page([kept[name] for name in order if name in kept])


def table(rows: Sequence[Mapping[str, str]]) -> str:
    """Rows of equal keys as a Markdown table, its columns aligned for whoever reads it as text."""
    names = list(rows[0])
    widths = [max(len(name), *(len(row[name]) for row in rows)) for name in names]
    lines = [names, ["-" * width for width in widths], *([row[name] for name in names] for row in rows)]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )
