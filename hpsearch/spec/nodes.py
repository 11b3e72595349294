"""A YAML document as frozen values that know where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from hpsearch.core.errors import Problem
from hpsearch.core.values import Key, Value
from hpsearch.spec.scalars import OutOfRange, resolve


@dataclass(frozen=True, slots=True)
class Mark:
    """A position, counted from 1; line 0 where there is none (an override)."""

    file: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """`value` as YAML 1.2 reads it; `text` as it is written, without its quotes."""

    mark: Mark
    value: bool | int | float | str | None
    text: str


@dataclass(frozen=True, slots=True)
class UnreadNumber(Problem):
    """A number that cannot be. What is wrong with the one that stands in for it is nobody's mistake."""


@dataclass(frozen=True, slots=True)
class ListNode:
    mark: Mark
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A key's position and its value. `is_text`: whether YAML reads the key as a string (0 and true are none)."""

    mark: Mark
    node: Node
    is_text: bool = True


@dataclass(frozen=True, slots=True)
class MapNode:
    mark: Mark
    entries: Mapping[str, Entry]


Node: TypeAlias = "ScalarNode | ListNode | MapNode"


def is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.value is None


def written(node: Node) -> str:
    """The node as a message shows it: short, on one line, strings that could be taken for something else in quotes."""
    if isinstance(node, ListNode):
        parts = [written(item) for item in node.items[:8]] + ["..."] * (len(node.items) > 8)
        text = f"[{', '.join(parts)}]"
    elif isinstance(node, MapNode):
        parts = [f"{key}: {written(entry.node)}" for key, entry in islice(node.entries.items(), 4)]
        text = f"{{{', '.join(parts + ['...'] * (len(node.entries) > 4))}}}"
    elif isinstance(node.value, str):
        text = node.value if node.value.isprintable() and node.value.strip() == node.value != "" else repr(node.value)
        text = repr(text) if _looks_typed(text) else text
    else:
        text = node.text or "null"
    return text if len(text) <= 60 else text[:57] + "..."


def plain(node: Node) -> Value:
    """The node's value, lists as tuples."""
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, ListNode):
        return tuple(plain(item) for item in node.items)
    return {key_value(key, entry): plain(entry.node) for key, entry in node.entries.items()}


def key_value(key: str, entry: Entry) -> Key:
    """A mapping's key as a value: `1` and `true` are no texts."""
    try:
        return key if entry.is_text else resolve(key)
    except OutOfRange as error:  # noted where it was read
        return error.nearest


def _looks_typed(text: str) -> bool:
    """Whether a string looks like a number, a boolean or null: only quotes tell that it is none."""
    try:
        return not isinstance(resolve(text), str)
    except ValueError:
        return True
