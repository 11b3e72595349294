"""From a file to a StudySpec: its text, its tree with overrides and environment applied, its blocks; all problems at once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hpsearch.core.errors import Problem, SpecError, in_order
from hpsearch.core.names import nearest, study_name
from hpsearch.spec.composition import extended
from hpsearch.spec.model import StudySpec
from hpsearch.spec.nodes import ListNode, MapNode, Mark, Node, UnreadNumber
from hpsearch.spec.overrides import ASSIGNED, apply_overrides
from hpsearch.spec.places import Log, Place
from hpsearch.spec.source import MAX_BYTES, read_nodes
from hpsearch.spec.study import read_study
from hpsearch.spec.variables import expand
from hpsearch.spec.writing import write


@dataclass(frozen=True)
class Draft:
    """A spec as far as it could be read.

    Attributes:
        study: what is wrong in it has a stand-in; None where there is nothing to go on with.
        problems: empty where the study is as its author meant it.
        unread: paths of which nothing more can be said: those with a problem, and those whose key is misspelt.
    """

    study: StudySpec | None
    problems: tuple[Problem, ...]
    unread: frozenset[str]

    def checked(self) -> StudySpec:
        """The study. Raises: SpecError with every problem, if there is one."""
        if self.study is None or self.problems:
            raise SpecError(in_order(self.problems))
        return self.study


def load_spec(path: Path | str, *, overrides: Sequence[str] = (), environ: Mapping[str, str] | None = None) -> StudySpec:
    """The spec in the file at `path`, with `--set` assignments applied.

    Args:
        overrides: "space.max_depth=[3,5]", each value read as YAML; applied in order.
        environ: what `${NAME}` reads; the process's environment by default.

    Raises:
        SpecError: with all problems of the file, each with its line, path, value, rule and fix.
    """
    return draft_spec(path, overrides=overrides, environ=environ).checked()


def draft_spec(path: Path | str, *, overrides: Sequence[str] = (), environ: Mapping[str, str] | None = None) -> Draft:
    """As `load_spec`, for who has more to say of a spec than its own mistakes.

    Raises:
        SpecError: the file cannot be read, or is no YAML.
    """
    path = Path(path)
    return _draft(read_text(path), str(path), path.parent, overrides, environ)


def parse_spec(
    text: str,
    *,
    file: str,
    folder: Path,
    overrides: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
    with_secrets: bool = True,
) -> StudySpec:
    """The spec in `text`; `file` is what messages call it, `folder` is where its relative paths start.

    Args:
        with_secrets: whether the environment must have the secrets: not for who only reads what a study was.

    Raises:
        SpecError: as `load_spec`.
    """
    return _draft(text, file, folder, overrides, environ, with_secrets=with_secrets).checked()


def _draft(
    text: str,
    file: str,
    folder: Path,
    overrides: Sequence[str],
    environ: Mapping[str, str] | None,
    *,
    with_secrets: bool = True,
) -> Draft:
    environ = os.environ if environ is None else environ
    own, problems = read_nodes(text, file)
    log = Log(list(problems))
    try:
        composed = extended(own, Path(folder) / Path(file).name, lambda other: _other_nodes(other, log), environ, log)
    except SpecError as error:  # what the environment lacks hangs on no other file
        told = len(log.problems)
        expand(own, environ, log, with_secrets=with_secrets)
        raise SpecError(in_order([*error.problems, *log.problems[told:]])) from None
    written, more = apply_overrides(composed, overrides)
    log.problems += more
    # What is kept of the spec is what stands before this: an environment may hold what must not be stored.
    root = expand(written, environ, log, with_secrets=with_secrets)
    study = read_study(Place(log, "", root.mark, root), default_name=study_name(Path(file).stem))
    unread = frozenset({*(problem.path for problem in log.problems), *log.misspelt})
    said = _of_the_author(log.problems)
    if study is None:
        return Draft(None, said, unread)
    study = replace(
        study,
        folder=Path(folder).absolute(),
        file=file,
        text=text if written is own else f"# {Path(file).name!r}, with what it extends and --set put in\n{write(written)}",
        overrides=tuple(overrides),
        positions=dict(_positions(root, "")),
    )
    return Draft(study, said, unread)


def _of_the_author(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """The problems but for those of numbers that stand in for others."""
    stood_in = {(each.file, each.line, each.column) for each in problems if isinstance(each, UnreadNumber)}
    return tuple(
        each for each in problems if isinstance(each, UnreadNumber) or (each.file, each.line, each.column) not in stood_in
    )


def _other_nodes(path: Path, log: Log) -> Node:
    root, problems = read_nodes(read_text(path), str(path))
    log.problems += problems
    return root


def _positions(node: Node, path: str) -> Iterator[tuple[str, Mark]]:
    if node.mark.line or node.mark.file.startswith(ASSIGNED):
        yield path, node.mark
    if isinstance(node, MapNode):
        for key, entry in node.entries.items():
            yield from _positions(entry.node, f"{path}.{key}" if path else key)
    elif isinstance(node, ListNode):
        for index, item in enumerate(node.items):
            yield from _positions(item, f"{path}[{index}]")


def read_text(path: Path) -> str:
    """The file's text; a size beyond the limit is refused before reading it.

    Raises:
        SpecError: the file cannot be read, or is no UTF-8 text.
    """
    try:
        if (size := path.stat().st_size) > MAX_BYTES:
            raise SpecError([Problem(f"the file has {size} bytes; a spec has at most {MAX_BYTES}", file=str(path))])
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)  # a pipe or a device has no size, and may have no end
    except FileNotFoundError:
        near = f"; {path.parent} is no folder"
        if path.parent.is_dir():
            near = _near_file(path)
        raise SpecError([Problem(f"there is no such file{near}", file=str(path))]) from None
    except OSError as error:
        raise SpecError([Problem(f"cannot be read: {error.strerror or error}", file=str(path))]) from None
    if len(content) > MAX_BYTES:
        raise SpecError([Problem(f"has more than {MAX_BYTES} bytes; a spec has at most as many", file=str(path))])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        rule = f"is not UTF-8 text at byte {error.start}; save it as UTF-8"
        raise SpecError([Problem(rule, file=str(path), line=line)]) from None


def _near_file(path: Path) -> str:
    """The end of a message on a file that is not there. An ending that all specs have makes no two names alike."""
    try:
        files = sorted(path.parent.iterdir(), key=lambda other: other.suffix == path.suffix)
    except OSError:
        return ""
    names = {other.stem: other.name for other in files}
    near = nearest(path.stem, names)
    return f"; did you mean {names[near]}?" if near else ""
