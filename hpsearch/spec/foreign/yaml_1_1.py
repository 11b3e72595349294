"""What a YAML 1.1 reader makes of plain scalars that YAML 1.2 reads otherwise: `yes` is true there, `010` is eight."""

from __future__ import annotations

import math
from dataclasses import replace

import yaml

from hpsearch.spec.nodes import Entry, ListNode, MapNode, Node, ScalarNode

_TYPED = {f"tag:yaml.org,2002:{kind}" for kind in ("bool", "int", "float")}


def as_yaml_1_1(node: Node, text: str) -> Node:
    """The tree with such scalars as the author's tool read them. `text`: the whole file, to tell plain ones from quoted ones.

    Numbers that YAML 1.1 takes for strings (`1e-4`) stay numbers: nobody meant a text.
    """
    return _read(node, text.removeprefix("\ufeff").splitlines())


def _read(node: Node, lines: list[str]) -> Node:
    if isinstance(node, ListNode):
        return replace(node, items=tuple(_read(item, lines) for item in node.items))
    if isinstance(node, MapNode):
        return replace(
            node, entries={key: Entry(entry.mark, _read(entry.node, lines), entry.is_text) for key, entry in node.entries.items()}
        )
    return _scalar(node) if _is_plain(node, lines) else node


def _is_plain(node: ScalarNode, lines: list[str]) -> bool:
    line = lines[node.mark.line - 1] if 0 < node.mark.line <= len(lines) else ""
    return line[node.mark.column - 1 :].startswith(node.text) and node.text != ""


def _scalar(node: ScalarNode) -> ScalarNode:
    resolver = yaml.resolver.Resolver()
    if resolver.resolve(yaml.ScalarNode, node.text, (True, False)) not in _TYPED:  # type: ignore[no-untyped-call]
        return node
    try:
        value = yaml.safe_load(node.text)
    except (ValueError, OverflowError):
        return node  # a number of thousands of digits; said already
    fits = (isinstance(value, float) and math.isfinite(value)) or (isinstance(value, int) and abs(value) < 2**63)
    return replace(node, value=value, text=str(value).lower()) if fits and value != node.value else node
