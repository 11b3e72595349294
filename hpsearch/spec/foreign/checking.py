"""What hpsearch itself says of a spec that an importer made, told in terms of the file that it was made from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from hpsearch.core.errors import Problem, SpecError
from hpsearch.spec.foreign.sheet import Item, Line, lines_of
from hpsearch.spec.loader import parse_spec
from hpsearch.spec.nodes import Mark
from hpsearch.spec.places import Log

_REFERENCE = re.compile(r"(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_AROUND = "trial: {function: 'any:any'}\nmetric: {name: any, mode: min}\n"
_LINE = re.compile(r"on line (\d+)")


def check(lines: Sequence[Line], log: Log, whole: Mark) -> None:
    """Note every problem of the spec where its line comes from in the foreign file, else at `whole`, the file's own place."""
    for problem in _problems(lines):
        mark = lines[problem.line - 1].mark if problem.line else whole
        said = Problem(_LINE.sub("on another line", problem.message), problem.path)
        log.add(
            mark if mark.file else whole,
            "",
            f"this would become {said}" if problem.path else f"the spec that this becomes: {said}",
        )


def grid_size(space: Sequence[Item]) -> int | None:
    """How many configurations a grid over these parameters has; None where hpsearch would not take them."""
    lines = list(lines_of((Item("space", tuple(space)),)))
    try:
        return parse_spec(_AROUND + _text(lines), file="space", folder=Path()).space.grid_size()
    except SpecError:
        return None


def _problems(lines: Sequence[Line]) -> Iterator[Problem]:
    text = _text(lines)
    # What the environment will hold when the spec is run is no matter of its import.
    environ = dict.fromkeys(_REFERENCE.findall(text), "x")
    try:
        parse_spec(text, file="spec", folder=Path(), environ=environ)
    except SpecError as error:
        yield from error.problems


def _text(lines: Sequence[Line]) -> str:
    return "".join(f"{line.text}\n" for line in lines)
