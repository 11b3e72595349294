"""`${NAME}` and `${NAME:-default}` in string values, from the environment; `$${` writes a literal `${`.

`${secret:NAME}` reads it too, but only when it is used: in a spec's value it stays as it is written, and so it is shown,
stored and logged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import quote

from hpsearch.core.errors import SHOWN, InfrastructureError
from hpsearch.core.names import did_you_mean
from hpsearch.spec.nodes import ListNode, MapNode, Node
from hpsearch.spec.places import Log

SECRET = "${secret:"
# The blocks whose texts are used where they lead, and are no values of the study.
_WITH_SECRETS = ("tracking", "ledger", "notify", "environment")

_REFERENCE = re.compile(r"\$\$\{|\$\{(?P<inside>[^}]*)\}|\$\{")
_INSIDE = re.compile(r"(?P<secret>secret:)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)(:-(?P<default>.*))?", re.DOTALL)

_OPEN = re.compile(r"\$?\$\{")
_HOW = "write ${NAME}, ${NAME:-default} or ${secret:NAME}; $${ for a literal ${"
_NAMED = re.compile(r"\$\{secret:([A-Za-z_][A-Za-z0-9_]*)")
_HIDDEN = re.compile(r"\$\{secret:[^}]*\}")
_SURROGATE = re.compile(r"[\ud800-\udfff]")  # how Python hands over bytes of the environment that are no UTF-8


def expand(node: Node, environ: Mapping[str, str], log: Log, path: str = "", *, with_secrets: bool = True) -> Node:
    """The tree with every reference in its string values replaced. A replaced value stays a string; keys are left alone.

    A value with a secret in it stays as it is written, with all its references; `reveal` reads them.

    Args:
        with_secrets: whether the environment must have the secrets: not for who only reads what a study was.
    """
    if isinstance(node, ListNode):
        return ListNode(
            node.mark,
            tuple(
                expand(item, environ, log, f"{path}[{index}]", with_secrets=with_secrets) for index, item in enumerate(node.items)
            ),
        )
    if isinstance(node, MapNode):
        entries = {
            key: replace(
                entry, node=expand(entry.node, environ, log, f"{path}.{key}" if path else key, with_secrets=with_secrets)
            )
            for key, entry in node.entries.items()
        }
        return MapNode(node.mark, entries)
    if not isinstance(node.value, str) or "${" not in node.value or (SECRET in node.value and not with_secrets):
        return node

    problems: list[str] = []
    text = node.value
    if SECRET in text and not path.startswith(_WITH_SECRETS):
        where = ", ".join(_WITH_SECRETS)
        problems.append(f": a secret stands in {where} alone, where its content is used and goes nowhere else")
        text = masked(text, "")  # what else is wrong is the rest's
    # After so many nobody reads on, and to look for near names takes long.
    expanded = _expanded(text, environ, problems.append, lambda: len(log.problems) + len(problems) < SHOWN)
    for problem in problems:
        log.add(node.mark, path, problem)
    if problems:
        log.unread.add(path)
    return node if SECRET in node.value else replace(node, value=expanded)


def reveal(address: str, environ: Mapping[str, str]) -> str:
    """An address that holds a secret, with every reference replaced; any other as it is. For use, never for people or files.

    A secret's content is percent-encoded where it is not: its @ or / must not take the address apart in another place.

    Raises:
        InfrastructureError: the environment lacks what it had when the spec was read.
    """
    if SECRET not in address:
        return address
    problems: list[str] = []
    encoded = {**environ, **{name: quote(environ[name], safe="%") for name in _NAMED.findall(address) if name in environ}}
    revealed = _expanded(address, encoded, problems.append)
    if problems:
        raise InfrastructureError(f"{address}{problems[0].partition('}')[2]}")
    return revealed


def masked(text: str, mask: str) -> str:
    """The text as written, with `mask` for each reference to a secret."""
    return _HIDDEN.sub(mask, text)


def _expanded(
    text: str, environ: Mapping[str, str], note: Callable[[str], None], looks_for_near: Callable[[], bool] = lambda: True
) -> str:
    def put(match: re.Match[str]) -> str:
        if match[0] == "$${":
            return "${"
        inside = _INSIDE.fullmatch(match["inside"] or "")
        if inside is None:
            note(f" = {_shown(match[0])}: {_HOW}")
            return match[0]
        name = inside["name"]
        if inside["secret"] and inside["default"] is not None:
            fix = f"write ${{secret:{name}}}, and set {name} where the study is planned and run"
            note(f" = ${{secret:{name}:-...}}: a secret has no default, which would be a secret in the file; {fix}")
            return match[0]
        content = environ.get(name, inside["default"])
        if content is None:
            near = did_you_mean(name, environ) if looks_for_near() else ""
            fix = "set it" if inside["secret"] else f"set it, or write ${{{name}:-default}}"
            note(f" = {_shown(match[0])}: the environment has no {name}{near}; {fix}")
            return match[0]
        if not content.isascii() and _SURROGATE.search(content):
            note(f" = {match[0]}: its content in the environment is not UTF-8 text; set it again")
        return content

    # Behind the last } every ${ is open: each would be looked through to the end.
    end = text.rfind("}") + 1
    expanded = _REFERENCE.sub(put, text[:end])
    if any(match[0] == "${" for match in _OPEN.finditer(text, end)):
        note(f" = ${{: {_HOW}")
    return expanded + text[end:].replace("$${", "${")


def _shown(reference: str) -> str:
    if reference.startswith(SECRET) and ":-" in reference:  # what stands there may be a secret itself
        reference = f"{reference.partition(':-')[0]}:-...}}"
    return reference if len(reference) <= 60 else f"{reference[:57]}..."
