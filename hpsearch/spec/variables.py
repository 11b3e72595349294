"""`${NAME}` and `${NAME:-default}` in string values, from the environment; `$${` writes a literal `${`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from hpsearch.core.names import did_you_mean
from hpsearch.spec.nodes import Entry, ListNode, MapNode, Node, ScalarNode
from hpsearch.spec.places import Log

_REFERENCE = re.compile(r"\$\$\{|\$\{(?P<inside>[^}]*)\}|\$\{")
_INSIDE = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(:-(?P<default>.*))?", re.DOTALL)

_SURROGATE = re.compile(r"[\ud800-\udfff]")  # how Python hands over bytes of the environment that are no UTF-8


def expand(node: Node, environ: Mapping[str, str], log: Log, path: str = "") -> Node:
    """The tree with every reference in its string values replaced. A replaced value stays a string; keys are left alone."""
    if isinstance(node, ListNode):
        return ListNode(node.mark, tuple(expand(item, environ, log, f"{path}[{index}]") for index, item in enumerate(node.items)))
    if isinstance(node, MapNode):
        entries = {
            key: Entry(entry.mark, expand(entry.node, environ, log, f"{path}.{key}" if path else key), entry.is_text)
            for key, entry in node.entries.items()
        }
        return MapNode(node.mark, entries)
    if not isinstance(node.value, str) or "${" not in node.value:
        return node
    return replace(node, value=_expand_text(node, node.value, environ, log, path))


def _expand_text(node: ScalarNode, text: str, environ: Mapping[str, str], log: Log, path: str) -> str:
    def decoded(name: str) -> str:
        content = environ[name]
        if not content.isascii() and _SURROGATE.search(content):
            log.add(node.mark, path, f" = ${{{name}}}: its content in the environment is not UTF-8 text; set it again")
        return content

    def put(match: re.Match[str]) -> str:
        if match[0] == "$${":
            return "${"
        inside = _INSIDE.fullmatch(match["inside"] or "")
        if inside is None:
            secret = (match["inside"] or "").startswith("secret:")
            rule = "secrets are not supported yet" if secret else "write ${NAME} or ${NAME:-default}; $${ for a literal ${"
            log.add(node.mark, path, f" = {match[0]}: {rule}")
            return match[0]
        if inside["name"] in environ:
            return decoded(inside["name"])
        if inside["default"] is None:
            rule = f"the environment has no {inside['name']}{did_you_mean(inside['name'], environ)}"
            log.add(node.mark, path, f" = {match[0]}: {rule}; set it, or write ${{{inside['name']}:-default}}")
            return match[0]
        return inside["default"]

    return _REFERENCE.sub(put, text)
