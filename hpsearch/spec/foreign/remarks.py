"""The comments of a YAML file, which its parser leaves out, by the lines that they stand on."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

import yaml

from hpsearch.spec.nodes import ListNode, MapNode, Node, ScalarNode
from hpsearch.spec.source import fast_loader

# PyYAML's line ends; a comment goes as far as the next.
_LINE_END = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")
MOST = 50_000
"""Lines with comments that a file may have: they all go into the spec that it becomes, which is no larger than any other."""
_BEGINNING = re.compile(r"(?:^|(?<=[ \t]))#")


class Remarks:
    """Comments by line, counted from 1. Each is given out once; `rest` gives those that nobody asked for."""

    def __init__(self, text: str) -> None:
        """`text`: a YAML document that has been read already, so that nothing can be wrong with it."""
        text = text.removeprefix("\ufeff")
        scalars = list(_scalars(text)) if "#" in text else []
        starts = [start for start, _ in scalars]
        self._found: dict[int, tuple[str, bool]] = {}  # text, and whether it has the line to itself
        at = 0
        for number, line in enumerate(_LINE_END.split(text), start=1):
            for match in _BEGINNING.finditer(line) if "#" in line else ():
                before = bisect_right(starts, at + match.start()) - 1
                if before < 0 or scalars[before][1] <= at + match.start():
                    self._found[number] = (line[match.end() :].strip(), not line[: match.start()].strip())
                    break
            if len(self._found) > MOST:
                break
            at += len(line)
            at += 2 if text.startswith("\r\n", at) else 1

    @property
    def are_too_many(self) -> bool:
        return len(self._found) > MOST

    def take(self, line: int, node: Node) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What is said above a key at `line`, down to the last line of its value, and what beside these lines."""
        first = line
        while self._found.get(first - 1, ("", False))[1]:
            first -= 1
        lines = [number for number in range(first, _last_line(node, line) + 1) if number in self._found]
        taken = [self._found.pop(number) for number in lines]
        return tuple(text for text, alone in taken if alone and text), tuple(text for text, alone in taken if not alone and text)

    def before(self, line: int) -> tuple[str, ...]:
        """What stands alone above `line`."""
        lines = sorted(number for number, (_, alone) in self._found.items() if alone and number < line)
        return tuple(text for text, _ in map(self._found.pop, lines) if text)

    def rest(self) -> dict[int, str]:
        return {number: text for number, (text, _) in sorted(self._found.items()) if text}


def _scalars(text: str) -> Iterator[tuple[int, int]]:
    """Where each scalar begins and ends, within which # begins no comment."""
    for token in yaml.scan(text, fast_loader(text) or yaml.Loader):
        if isinstance(token, yaml.ScalarToken):
            yield token.start_mark.index, token.end_mark.index


def _last_line(node: Node, line: int) -> int:
    if isinstance(node, ScalarNode):
        return max(line, node.mark.line)
    below = node.items if isinstance(node, ListNode) else tuple(entry.node for entry in node.entries.values())
    own = max((entry.mark.line for entry in node.entries.values()), default=line) if isinstance(node, MapNode) else line
    # An alias has the lines of its anchor, above.
    return max([line, node.mark.line, own, *(_last_line(item, line) for item in below)])
