"""The fixed parameters of a trial, and names with dots wherever parameters are given values.

A function's parameter `model.lr` is also written {model: {lr: ...}}. In the space both are parameters of that name. A fixed group
stays one mapping, as any value that is one, unless the space has parameters of the group: then each of its own is one too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from hpsearch.core.groups import groups_of, nested
from hpsearch.core.values import Params
from hpsearch.spec.naming import Naming
from hpsearch.spec.nodes import MapNode
from hpsearch.spec.places import Place

Names = Sequence[tuple[str, Place]]
"""Each parameter's name and where it stands; a name may stand in several branches."""


@dataclass(frozen=True)
class Fixed:
    """`names` of the parameters as they are written, with dots; `values` as trials get them."""

    names: Names
    values: Params


def opened(place: Place, groups: Collection[str], rule: str, prefix: str = "") -> Iterator[tuple[str, Place]]:
    """The entries of a mapping of parameters to values; those of a mapping that is one of `groups` in its place."""
    for key, at in place.entries(rule):
        name = f"{prefix}{key}"
        if isinstance(at.node, MapNode) and name in groups:
            yield from opened(at, groups, rule, f"{name}.")
        else:
            yield name, at


def read_fixed(place: Place, naming: Naming, searched: Names) -> Fixed:
    """The block `trial.fixed`; problems are noted. `searched`: the space's."""
    own = {name for name, _ in searched}
    names: list[tuple[str, Place]] = []
    values: dict[str, object] = {}
    entries = place.node.entries if isinstance(place.node, MapNode) else ()
    groups = groups_of([*own, *entries]) if naming.has_groups else ()
    for name, at in () if place.is_null else opened(place, groups, "a mapping of parameters to values"):
        if problem := naming.problem(name):
            at.add(problem)
        if name in values:
            at.add("stands in trial.fixed twice, with dots and as a group; drop one of the two")
        names.append((name, at))
        values[name] = at.value()
    if naming.has_groups:
        check_groups([*names, *searched])
        values = _grouped(values, groups_of(own))
    return Fixed(names, values)  # type: ignore[arg-type]  # places give values alone


def check_groups(names: Names) -> None:
    """Notes each name that is a group too: `model` beside `model.lr`."""
    seen = dict(names)
    for name, at in names:
        for end in (index for index, mark in enumerate(name) if mark == "."):
            other = seen.get(name[:end])
            if other is not None:
                at.add(f"{other.path} is a parameter too; a name is a parameter's or a group's")
                break


def _grouped(values: dict[str, object], searched: Collection[str]) -> dict[str, object]:
    """The values with those of one group in one mapping, unless the space has parameters of that group, one of `searched`."""
    whole: dict[str, object] = {}
    for name, value in values.items():
        parts = name.split(".")
        own = next((end for end in range(1, len(parts)) if ".".join(parts[:end]) not in searched), len(parts))
        key = ".".join(parts[:own])
        if own < len(parts):
            value = nested({".".join(parts[own:]): value})
        whole[key] = _merged(whole[key], value) if key in whole else value
    return whole


def _merged(one: object, other: object) -> object:
    """`one` with what `other` has: the same mapping, which was made while reading, not copied for each name."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return other
    for key, value in other.items():
        one[key] = _merged(one[key], value) if key in one else value
    return one
