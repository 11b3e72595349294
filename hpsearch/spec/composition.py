"""Trees put together: a spec upon the one that it `extends`, an assignment upon a spec.

Mappings merge deeply; everything else is replaced, and so are a parameter's domain and the trial's kind as wholes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from hpsearch.core.errors import SpecError, in_order
from hpsearch.core.names import did_you_mean
from hpsearch.spec.domain_forms import DOMAIN_FORMS, is_domain
from hpsearch.spec.domains import BRANCHES
from hpsearch.spec.nodes import Entry, MapNode, Node
from hpsearch.spec.places import Log, Place
from hpsearch.spec.trial import KINDS
from hpsearch.spec.variables import expand

EXTENDS, UNSET = "extends", "unset"
_MOST_FILES = 10


def merge(old: Node, new: Node, *, into: Sequence[str] = ()) -> Node:
    """`new` upon `old`. `into`: the keys that an assignment leads along, which may go through a choice into a sub-space."""
    return _merge(old, new, (), into)


def extended(root: Node, path: Path, read: Callable[[Path], Node], environ: Mapping[str, str], log: Log) -> Node:
    """The tree with what it extends underneath, and without what it unsets there; the same tree where it extends nothing.

    Args:
        path: of the file that the tree was read from: the other one's is relative to it.
        read: gives a file's tree; raises SpecError where it cannot.

    Raises:
        SpecError: with all that was noted so far: the other file cannot be read, or extends this one.
    """
    return _extended(root, path, read, environ, log, (path.absolute(),))


def _extended(
    root: Node,
    path: Path,
    read: Callable[[Path], Node],
    environ: Mapping[str, str],
    log: Log,
    files: tuple[Path, ...],
) -> Node:
    if not isinstance(root, MapNode) or root.entries.keys().isdisjoint((EXTENDS, UNSET)):
        return root
    place = Place(log, "", root.mark, root)
    extends, unset = place.child(EXTENDS), place.child(UNSET)
    before = len(log.problems)
    if extends.node is not None:
        extends = replace(extends, node=expand(extends.node, environ, log, EXTENDS))
    own = replace(root, entries={key: entry for key, entry in root.entries.items() if key not in (EXTENDS, UNSET)})
    name = extends.text(None)
    if len(log.problems) > before:
        raise SpecError(in_order(log.problems))
    if name is None:
        if unset:
            unset.add(f"takes something out of the spec that {EXTENDS} names, and there is none")
        return own
    other = path.parent / name
    file = Path(os.path.normpath(other.absolute()))
    if file in files or len(files) >= _MOST_FILES:
        chain = " extends ".join(each.name for each in (*files, file))
        extends.refuse(f"goes in a circle: {chain}" if file in files else f"more than {_MOST_FILES} files in a row")
        raise SpecError(in_order(log.problems))
    try:
        tree = read(other)
    except SpecError as error:
        if not other.is_file():
            extends.refuse(error.problems[0].message)
            raise SpecError(in_order(log.problems)) from None
        raise SpecError(in_order([*log.problems, *error.problems])) from None
    if not isinstance(tree, MapNode):
        extends.refuse("that file holds no spec: a spec is a mapping, as {trial: ..., space: ...}")
        raise SpecError(in_order(log.problems))
    base = _extended(tree, other, read, environ, log, (*files, file))
    for item in unset.items("a list of paths, as [space.gamma]"):
        taken = item.text(None)
        if taken is not None:
            base = _without(base, taken, item)
    return merge(base, own)


def _without(root: Node, path: str, place: Place) -> Node:
    """The tree without what stands at `path`; notes a problem where nothing does."""
    if isinstance(root, MapNode):
        if path in root.entries:
            return replace(root, entries={key: entry for key, entry in root.entries.items() if key != path})
        # A key may hold dots itself.
        for key, entry in root.entries.items():
            if path.startswith(f"{key}."):
                inner = _without(entry.node, path[len(key) + 1 :], place)
                return replace(root, entries={**root.entries, key: replace(entry, node=inner)})
    near = did_you_mean(path.partition(".")[0], root.entries) if isinstance(root, MapNode) else ""
    place.refuse(f"the spec that is extended has nothing there{near}")
    return root


def _merge(old: Node, new: Node, path: tuple[str, ...], rest: Sequence[str]) -> Node:
    """`rest`: the keys from here to where an assignment is made; `path`: how far we are, a function's groups aside."""
    if not isinstance(old, MapNode) or not isinstance(new, MapNode):
        return new
    is_parameter = _is_parameter(path)
    is_group = is_parameter and not is_domain(old) and not is_domain(new)
    if is_parameter and not is_group and not _goes_on(old, rest):
        return new
    entries = dict(old.entries)
    if path == ("trial",) and any(kind in new.entries for kind in KINDS):
        entries = {key: entry for key, entry in entries.items() if key not in KINDS or key in new.entries}
    for key, entry in new.entries.items():
        before = entries.get(key)
        if before is None or (is_parameter and list(rest) == [BRANCHES]):
            entries[key] = entry
        else:
            inner = (*path[:-1], key) if is_group else (*path, key)
            entries[key] = Entry(before.mark, _merge(before.node, entry.node, inner, rest[1:]), before.is_text)
    # What a spec lacks is its own to add, and no fault of the file below.
    return MapNode(old.mark if path or rest else new.mark, entries)


def _goes_on(old: MapNode, keys: Sequence[str]) -> bool:
    """Whether an assignment leads on: to one key of a domain, or through a choice into one sub-space; it leaves the others."""
    kinds = [key for key in old.entries if key in DOMAIN_FORMS]
    if keys and len(kinds) == 1 and (keys[0] != BRANCHES or kinds != [BRANCHES] or len(keys) == 1):
        return keys[0] in {key.name for key in DOMAIN_FORMS[kinds[0]].keys}
    branches = old.entries.get(BRANCHES)
    return keys[:1] == [BRANCHES] and len(keys) > 1 and branches is not None and isinstance(branches.node, MapNode)


def _is_parameter(path: tuple[str, ...]) -> bool:
    """Whether a parameter stands here: its name is in the space, or in a sub-space under a choice's value."""
    return path[:1] == ("space",) and len(path) % 3 == 2 and all(key == BRANCHES for key in path[2::3])
