"""From a file to a StudySpec: its text, its tree with overrides and environment applied, its blocks; all problems at once."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from hpsearch.core.errors import Problem, SpecError
from hpsearch.core.names import did_you_mean
from hpsearch.spec.model import StudySpec
from hpsearch.spec.nodes import ListNode, MapNode, Node
from hpsearch.spec.overrides import apply_overrides
from hpsearch.spec.places import Log, Place
from hpsearch.spec.source import MAX_BYTES, read_nodes
from hpsearch.spec.study import read_study
from hpsearch.spec.variables import expand
from hpsearch.spec.writing import write


def load_spec(path: Path | str, *, overrides: Sequence[str] = (), environ: Mapping[str, str] | None = None) -> StudySpec:
    """The spec in the file at `path`, with `--set` assignments applied.

    Args:
        overrides: "space.max_depth=[3,5]", each value read as YAML; applied in order.
        environ: what `${NAME}` reads; the process's environment by default.

    Raises:
        SpecError: with all problems of the file, each with its line, path, value, rule and fix.
    """
    path = Path(path)
    return parse_spec(_read_text(path), file=str(path), folder=path.parent, overrides=overrides, environ=environ)


def parse_spec(
    text: str,
    *,
    file: str,
    folder: Path,
    overrides: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
) -> StudySpec:
    """The spec in `text`; `file` is what messages call it, `folder` is where its relative paths start.

    Raises:
        SpecError: as `load_spec`.
    """
    root, problems = read_nodes(text, file)
    written, more = apply_overrides(root, overrides)
    log = Log([*problems, *more])
    # What is kept of the spec is what stands before this: an environment may hold what must not be stored.
    root = expand(written, os.environ if environ is None else environ, log)
    study = read_study(Place(log, "", root.mark, root), default_name=_name_from(file))
    if study is None or log.problems:
        raise SpecError(log.in_order())
    return replace(
        study,
        folder=Path(folder).absolute(),
        file=file,
        text=text if not overrides else f"# {Path(file).name!r} with --set applied\n{write(written)}",
        overrides=tuple(overrides),
        positions=dict(_positions(root, "")),
    )


def _name_from(file: str) -> str:
    """A study's name where the spec gives none: its file's, with what a name may not hold left out."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", Path(file).stem).strip("-.")[:64] or "study"


def _positions(node: Node, path: str) -> Iterator[tuple[str, tuple[int, int]]]:
    if node.mark.line:
        yield path, (node.mark.line, node.mark.column)
    if isinstance(node, MapNode):
        for key, entry in node.entries.items():
            yield from _positions(entry.node, f"{path}.{key}" if path else key)
    elif isinstance(node, ListNode):
        for index, item in enumerate(node.items):
            yield from _positions(item, f"{path}[{index}]")


def _read_text(path: Path) -> str:
    """The file's text; a size beyond the limit is refused before reading it."""
    try:
        if (size := path.stat().st_size) > MAX_BYTES:
            raise SpecError([Problem(f"the file has {size} bytes; a spec has at most {MAX_BYTES}", file=str(path))])
        content = path.read_bytes()
    except FileNotFoundError:
        near = f"; {path.parent} is no folder"
        if path.parent.is_dir():
            near = did_you_mean(path.name, [other.name for other in path.parent.iterdir()])
        raise SpecError([Problem(f"there is no such file{near}", file=str(path))]) from None
    except OSError as error:
        raise SpecError([Problem(f"cannot be read: {error.strerror or error}", file=str(path))]) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        rule = f"is not UTF-8 text at byte {error.start}; save it as UTF-8"
        raise SpecError([Problem(rule, file=str(path), line=line)]) from None
