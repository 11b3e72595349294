"""`--set space.max_depth=[3,5]`: an assignment from the command line, merged into the spec's tree."""

from __future__ import annotations

from collections.abc import Sequence

from hpsearch.core.errors import Problem, SpecError, in_order
from hpsearch.core.values import Value
from hpsearch.spec.composition import merge
from hpsearch.spec.domains import BRANCHES
from hpsearch.spec.model import OWN
from hpsearch.spec.nodes import Entry, MapNode, Mark, Node
from hpsearch.spec.places import Log, Place
from hpsearch.spec.source import moved, read_nodes

ASSIGNED = "--set "
"""What begins the name of the place where an assignment stands, in messages."""


def apply_overrides(root: Node, overrides: Sequence[str]) -> tuple[Node, list[Problem]]:
    """The tree with every assignment made, in order, and the problems of those that could not be."""
    problems: list[Problem] = []
    for override in overrides:
        mark = Mark(f"{ASSIGNED}{override}" if len(override) <= 60 else f"{ASSIGNED}{override[:57]}...")
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
            keys = _as_written(root, keys)
            for key in reversed(keys):
                node = MapNode(mark, {key: Entry(mark, node)})
            root = merge(root, node, into=keys)
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


def _as_written(node: Node, keys: Sequence[str], under: str = "") -> list[str]:
    """The keys with those in one that the tree has as one, or that can be no other: a class's path, `model.lr`, `param.x`.

    Args:
        under: the key before.
    """
    if not keys:
        return []
    entries = node.entries if isinstance(node, MapNode) else {}
    taken = next((end for end in range(len(keys), 0, -1) if ".".join(keys[:end]) in entries), 1)
    if under == BRANCHES and ".".join(keys[:taken]) not in entries and any("." in key for key in entries):
        # Beside classes by their paths, one that is new: to its last name, which is a class's.
        taken = next((end for end in range(2, len(keys) + 1) if keys[end - 1][:1].isupper()), 1)
    if taken == 1 and keys[0] == OWN.removesuffix("."):
        taken = min(2, len(keys))
    key = ".".join(keys[:taken])
    if key not in entries:
        return [key, *keys[taken:]]
    return [key, *_as_written(entries[key].node, keys[taken:], key)]
