"""The spec that is written: keys in order, each with its comments and with the place in the foreign file that it came from."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hpsearch.core.values import Value
from hpsearch.spec.nodes import Entry, ListNode, MapNode, Mark, Node, ScalarNode
from hpsearch.spec.writing import as_text, flow

NOWHERE = Mark("")
# What would end a comment's line, or may stand in no YAML file.
_UNFIT = re.compile(r"[^\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Item:
    """A key and its value.

    Attributes:
        content: a value as YAML on one line, or the keys of a block.
        above, beside: comments, without their #.
        mark: where it comes from, for what is wrong with it.
        is_off: written as a comment.
    """

    key: str
    content: str | tuple[Item, ...]
    above: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    mark: Mark = NOWHERE
    is_off: bool = False


@dataclass(frozen=True)
class Line:
    """A line of the spec, and where what it says comes from."""

    text: str
    mark: Mark


def lines_of(items: Sequence[Item], indent: str = "") -> Iterator[Line]:
    for item in items:
        for text in item.above:
            yield Line(f"{indent}{comment(text)}", item.mark)
        beside = f"  {comment('; '.join(item.beside))}" if item.beside else ""
        off = "# " if item.is_off else ""
        if isinstance(item.content, str):
            yield Line(f"{indent}{off}{as_text(item.key)}: {item.content}{beside}", item.mark)
        elif any(not each.is_off for each in item.content):
            yield Line(f"{indent}{off}{as_text(item.key)}:{beside}", item.mark)
            yield from lines_of(item.content, f"{indent}  ")
        else:
            yield Line(f"{indent}{off}{as_text(item.key)}: {{}}{beside}", item.mark)
            yield from lines_of(item.content, f"{indent}  ")


def comment(text: str) -> str:
    """The text as a comment of one line."""
    return f"# {_UNFIT.sub(' ', text)}".rstrip()


def yaml_of(value: Value) -> str:
    """A value on one line that reads back as the same value, types included; nothing in it reads the environment."""
    return flow(_node(value))


def _node(value: Value) -> Node:
    if isinstance(value, Mapping):
        entries = {
            key if isinstance(key, str) else json.dumps(key): Entry(NOWHERE, _node(item), isinstance(key, str))
            for key, item in value.items()
        }
        return MapNode(NOWHERE, entries)
    if isinstance(value, tuple):
        return ListNode(NOWHERE, tuple(_node(item) for item in value))
    if isinstance(value, str):
        return ScalarNode(NOWHERE, value.replace("${", "$${"), value)
    return ScalarNode(NOWHERE, value, _float(value) if isinstance(value, float) else json.dumps(value))


def _float(value: float) -> str:
    return repr(value) if math.isfinite(value) else ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
