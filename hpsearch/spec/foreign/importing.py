"""A foreign file's text to a spec's: which tool's it is, its reading, and what our own loader says of the outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hpsearch.core.errors import Problem, SpecError, in_order
from hpsearch.spec.foreign.checking import check
from hpsearch.spec.foreign.determined import DETERMINED
from hpsearch.spec.foreign.katib import KATIB
from hpsearch.spec.foreign.reading import Foreign, Lost
from hpsearch.spec.foreign.remarks import MOST, Remarks
from hpsearch.spec.foreign.sheet import NOWHERE, Line, comment, lines_of
from hpsearch.spec.foreign.system import System
from hpsearch.spec.foreign.wandb import WANDB
from hpsearch.spec.foreign.yaml_1_1 import as_yaml_1_1
from hpsearch.spec.loader import read_text
from hpsearch.spec.nodes import MapNode, Node
from hpsearch.spec.source import read_nodes

SYSTEMS: Mapping[str, System] = {"wandb": WANDB, "katib": KATIB, "determined": DETERMINED}


@dataclass(frozen=True)
class Imported:
    """A spec's text, the tool that the file was written for, and what of the file has no counterpart: in the text as comments."""

    text: str
    system: System
    lost: tuple[Lost, ...]


def import_file(path: Path, system: str | None = None) -> Imported:
    """The spec that the file at `path` amounts to. `system`: a key of SYSTEMS, where the file does not tell.

    Raises:
        SpecError: with everything that is wrong with the file, each with its line.
    """
    return import_text(read_text(path), str(path), system)


def import_text(text: str, file: str, system: str | None = None) -> Imported:
    """As `import_file`; `file` is what messages call it, and names a study that has no name."""
    root, problems = read_nodes(text, file)
    if problems:
        raise SpecError(in_order(problems))
    chosen = SYSTEMS[system] if system is not None else _recognised(root, file)
    if chosen.is_yaml_1_1:
        root = as_yaml_1_1(root, text)
    remarks = Remarks(text)
    if remarks.are_too_many:
        rule = f"more than {MOST:,} lines have comments, and a spec with all of them would be too large; remove some"
        raise SpecError([Problem(rule, file=file, line=1)])
    foreign = Foreign(file, root, remarks)
    first = min((entry.mark.line for entry in root.entries.values()), default=1) if isinstance(root, MapNode) else 1
    items = chosen.read(foreign)
    foreign.lost.sort(key=lambda lost: (lost.problem.line, lost.problem.column))
    listed = " What has no counterpart here is listed at the end." if foreign.lost else ""
    head = [f"Imported from {Path(file).name}, {chosen.title}.{listed}", *foreign.remarks.before(first)]
    said = [*map(comment, head), ""]
    tail = [comment(text) if text else "" for text in _tail(foreign)]
    lines = [*(Line(text, NOWHERE) for text in said), *lines_of(items), *(Line(text, NOWHERE) for text in tail)]
    if not foreign.log.problems:
        check(lines, foreign.log, root.mark)
    if foreign.log.problems:
        raise SpecError(in_order(foreign.log.problems))
    return Imported("".join(f"{line.text}\n" for line in lines), chosen, tuple(foreign.lost))


def _recognised(root: Node, file: str) -> System:
    for system in SYSTEMS.values():
        if isinstance(root, MapNode) and system.is_one(root):
            return system
    known = "; ".join(f"{system.title} ({system.looks})" for system in SYSTEMS.values())
    ours = isinstance(root, MapNode) and {"trial", "space"} <= root.entries.keys()
    own = "it looks like a spec of hpsearch, which needs no import; " if ours else ""
    rule = f"is no file that can be imported: {own}looked for {known}; say which it is with --from {'|'.join(SYSTEMS)}"
    raise SpecError([Problem(rule, file=file, line=1)])


def _tail(foreign: Foreign) -> Iterator[str]:
    """What has no counterpart, and the comments that belong to it or to nothing."""
    if foreign.lost:
        yield ""
        yield "No counterpart here:"
        for lost in foreign.lost:
            where = f"line {lost.problem.line}  " if lost.problem.line else ""
            yield f"  {where}{Problem(lost.problem.message, lost.problem.path)}"
            if lost.written:
                yield f"    {lost.problem.path.rpartition('.')[2]}: {lost.written}"
    if rest := foreign.remarks.rest():
        yield ""
        yield "Other comments of the file:"
        yield from (f"  line {line}  {text}" for line, text in rest.items())
