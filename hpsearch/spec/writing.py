"""Nodes to YAML text that reads back as the same nodes, and that a person can read."""

from __future__ import annotations

import json
import re

from hpsearch.spec.nodes import ListNode, MapNode, Node, ScalarNode
from hpsearch.spec.scalars import resolve

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
# What JSON leaves as it is, and YAML forbids or takes for the end of a line.
_ESCAPED = re.compile(r"[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def write(node: Node, indent: str = "") -> str:
    """Mappings with a line for each key, down to where one fits on a line; everything in them on one line."""
    if not isinstance(node, MapNode) or not node.entries:
        return f"{indent}{flow(node)}\n"
    lines = []
    for key, entry in node.entries.items():
        head = f"{indent}{_key(key, is_text=entry.is_text)}:"
        line = f"{head} {flow(entry.node)}\n"
        is_block = isinstance(entry.node, MapNode) and entry.node.entries and len(line) > 100
        lines.append(f"{head}\n{write(entry.node, indent + '  ')}" if is_block else line)
    return "".join(lines)


def flow(node: Node) -> str:
    """The node on one line."""
    if isinstance(node, ListNode):
        return f"[{', '.join(flow(item) for item in node.items)}]"
    if isinstance(node, MapNode):
        items = (f"{_key(key, is_text=entry.is_text)}: {flow(entry.node)}" for key, entry in node.entries.items())
        return f"{{{', '.join(items)}}}"
    return _scalar(node)


def _key(key: str, *, is_text: bool) -> str:
    return as_text(key) if is_text else key or "null"


def _scalar(node: ScalarNode) -> str:
    return as_text(node.value) if isinstance(node.value, str) else node.text or "null"


def as_text(text: str) -> str:
    """A text as YAML writes it: plain where that reads back as the same text, else in double quotes."""
    if _PLAIN.fullmatch(text) and isinstance(resolve(text), str):
        return text
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))
