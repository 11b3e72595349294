"""Names with dots: `model.lr` is the parameter lr of the group model, and what runs gets {"model": {"lr": ...}}."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def head(name: str) -> str:
    """The outermost group of a name, or the name itself where it has no dots."""
    return name.partition(".")[0]


def groups_of(names: Iterable[str]) -> frozenset[str]:
    """Every group that has some of `names` as parameters, with the groups around it: "a" and "a.b" of a.b.lr."""
    return frozenset(name[:end] for name in names for end, mark in enumerate(name) if mark == ".")


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values by group: {"model.lr": 0.1, "x": 1} is {"model": {"lr": 0.1}, "x": 1}. No mapping of `values` is changed."""
    whole: dict[str, Any] = {}
    own: dict[int, Any] = {id(whole): whole}  # the mappings made here, by id: those of `values` are copied, once
    for name, value in values.items():
        *groups, last = name.split(".")
        inner = whole
        for group in groups:
            found = inner.get(group, {})
            if id(found) not in own:
                found = inner[group] = {**found}
                own[id(found)] = found
            inner = found
        inner[last] = value
    return whole
