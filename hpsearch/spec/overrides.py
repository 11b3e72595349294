"""`--set space.max_depth=[3,5]`: an assignment from the command line, merged into the spec's tree."""

from __future__ import annotations

from collections.abc import Sequence

from hpsearch.core.errors import Problem, SpecError, in_order
from hpsearch.core.values import Value
from hpsearch.spec.domains import BRANCHES
from hpsearch.spec.nodes import Entry, MapNode, Mark, Node
from hpsearch.spec.places import Log, Place
from hpsearch.spec.source import moved, read_nodes
from hpsearch.spec.trial import KINDS


def apply_overrides(root: Node, overrides: Sequence[str]) -> tuple[Node, list[Problem]]:
    """The tree with every assignment made, in order, and the problems of those that could not be.

    Mappings merge deeply; everything else is replaced, and so are a parameter's domain and the trial's kind as wholes.
    """
    problems: list[Problem] = []
    for override in overrides:
        mark = Mark(f"--set {override}" if len(override) <= 60 else f"--set {override[:57]}...")
        path, equals, text = override.partition("=")
        keys = path.strip().split(".")
        if not equals or not all(keys):
            problems.append(Problem("must be PATH=VALUE, as space.max_depth=[3,5]", file=mark.file))
            continue
        try:
            value, found = _read_value(text, mark.file)
        except SpecError as error:
            value, found = None, list(error.problems)
        problems += [Problem(problem.message, path, mark.file) for problem in found]
        if value is not None and isinstance(root, MapNode):
            node = moved(value, mark)
            for key in reversed(keys):
                node = MapNode(mark, {key: Entry(mark, node)})
            root = _merge(root, node, (), keys)
    return root, problems


def parse_value(text: str) -> Value:
    """A value as `--set` and a spec read it: `3`, `1e-4`, `[1, 2]`, `rbf`.

    Raises:
        SpecError: for text that is not YAML, or is no parameter's value.
    """
    nowhere = Mark("")
    try:
        node, problems = _read_value(text, "")
    except SpecError as error:
        raise SpecError([Problem(problem.message, text) for problem in error.problems]) from None
    log = Log([Problem(problem.message, text) for problem in problems])
    value = Place(log, text, nowhere, moved(node, nowhere)).value()
    if log.problems:
        raise SpecError(in_order(log.problems))
    return value


def _read_value(text: str, file: str) -> tuple[Node, list[Problem]]:
    # Nothing at all is null, as it is after a key in a file.
    return read_nodes(text if text.strip() else "null", file)


def _merge(old: Node, new: Node, path: tuple[str, ...], keys: list[str]) -> Node:
    """`keys`: where the assignment is made; `path`: how far we are."""
    if (
        not isinstance(old, MapNode)
        or not isinstance(new, MapNode)
        or (_is_domain(path) and not _goes_on(old, keys[len(path) :]))
    ):
        return new
    entries = dict(old.entries)
    if path == ("trial",) and any(kind in new.entries for kind in KINDS):
        entries = {key: entry for key, entry in entries.items() if key not in KINDS or key in new.entries}
    for key, entry in new.entries.items():
        before = entries.get(key)
        if before is None:
            entries[key] = entry
        else:
            entries[key] = Entry(before.mark, _merge(before.node, entry.node, (*path, key), keys), before.is_text)
    return MapNode(old.mark, entries)


def _goes_on(old: MapNode, keys: Sequence[str]) -> bool:
    """Whether an assignment leads on, through a choice with sub-spaces into one of them, and leaves the others."""
    branches = old.entries.get(BRANCHES)
    return keys[:1] == [BRANCHES] and len(keys) > 1 and branches is not None and isinstance(branches.node, MapNode)


def _is_domain(path: tuple[str, ...]) -> bool:
    """Whether a parameter's domain stands here: under its name in the space, or in a sub-space under a choice's value."""
    return path[:1] == ("space",) and len(path) % 3 == 2 and all(key == BRANCHES for key in path[2::3])
