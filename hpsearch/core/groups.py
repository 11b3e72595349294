"""Names with dots: `model.lr` is the parameter lr of the group model, and what runs gets {"model": {"lr": ...}}."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any


def head(name: str) -> str:
    """The outermost group of a name, or the name itself where it has no dots."""
    return name.partition(".")[0]


def is_group(name: str, names: Collection[str]) -> bool:
    """Whether some of `names` are parameters of the group `name`."""
    return any(each.startswith(f"{name}.") for each in names)


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values by group: {"model.lr": 0.1, "x": 1} is {"model": {"lr": 0.1}, "x": 1}. No mapping of `values` is changed."""
    whole: dict[str, Any] = {}
    for name, value in values.items():
        *groups, last = name.split(".")
        inner = whole
        for group in groups:
            inner[group] = {**inner.get(group, {})}
            inner = inner[group]
        inner[last] = value
    return whole
