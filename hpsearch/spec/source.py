"""YAML text to nodes with positions, and nothing that YAML lets a file do to its reader.

PyYAML parses to events; what the events mean is decided here: YAML 1.2 scalars, no tags, no duplicate keys, bounded size,
depth and expansion of aliases. Nothing is constructed by PyYAML, which would keep the last of two equal keys, read `no` as
false, and follow an alias bomb.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import cast

import yaml

from hpsearch.core.errors import Problem, SpecError, in_order
from hpsearch.spec.nodes import Entry, ListNode, MapNode, Mark, Node, ScalarNode, UnreadNumber
from hpsearch.spec.scalars import OutOfRange, resolve
from hpsearch.spec.syntax import explained, joined_key

MAX_BYTES = 1 << 20
MAX_LEVELS = 64
MAX_EXPANDED = 50_000
MAX_VALUES = 50_000
MAX_KEY = 1_000
_VALUE = 100  # characters
MAX_TAG_LINES = 10
# Beyond these characters the parser in C reads the text: some twenty times as fast, in words and positions of its own.
_LONG = 20_000

# What YAML allows in a file at all; PyYAML refuses the rest too, but cannot say on which line.
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_TAG_LINE = re.compile(r"^%TAG", re.MULTILINE)

# What an escape may still bring in: NUL ends paths and titles, and a lone surrogate cannot be stored.
_UNFIT = re.compile(r"[\x00\ud800-\udfff]")


class _Events(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):
    """PyYAML's pure Python parser without its composer and constructor."""

    def __init__(self, text: str) -> None:
        yaml.reader.Reader.__init__(self, text)
        yaml.scanner.Scanner.__init__(self)
        yaml.parser.Parser.__init__(self)

    def __iter__(self) -> Iterator[yaml.Event]:
        while self._has_more():
            yield cast(yaml.Event, self.get_event())  # type: ignore[no-untyped-call]  # the stubs leave it untyped

    def _has_more(self) -> bool:
        try:
            return self.check_event()
        except (ValueError, OverflowError) as error:
            # An escape beyond Unicode, a version of a thousand digits: PyYAML lets Python's own errors out.
            mark = yaml.Mark("", self.index, self.line, self.column, None, 0)
            raise yaml.MarkedYAMLError(problem=f"a number here is too large ({error})", problem_mark=mark) from error


def _events(text: str) -> Iterator[yaml.Event]:
    loader = fast_loader(text)
    return iter(_Events(text)) if loader is None else _events_in_c(loader(text))


def fast_loader(text: str) -> type[yaml.CLoader] | None:
    """The parser in C for a long text, where there is one."""
    return yaml.CLoader if len(text) > _LONG and hasattr(yaml, "CLoader") else None


def _events_in_c(parser: yaml.CLoader) -> Iterator[yaml.Event]:
    """Its composer and constructor are not asked."""
    while parser.check_event():
        yield cast(yaml.Event, parser.get_event())


@dataclass(frozen=True, slots=True)
class _Anchored:
    node: Node
    size: int
    levels: int


def read_nodes(text: str, file: str) -> tuple[Node, list[Problem]]:
    """The document's root, and what is wrong with it that did not keep it from being read.

    Raises:
        SpecError: where reading could not go on; holds the problems found until there.
    """
    composer = _Composer(file)
    return composer.read(text), composer.problems


class _Stop(Exception):
    """Reading cannot go on; the last problem says why."""


class _Composer:
    def __init__(self, file: str) -> None:
        self.problems: list[Problem] = []
        self._file = file
        self._anchors: dict[str, _Anchored | None] = {}  # None: still open
        self._expanded = 0
        self._values = 0

    def read(self, text: str) -> Node:
        try:
            self._check_text(text)
            return self._document(text)
        except _Stop:
            raise SpecError(in_order(self.problems)) from None
        except yaml.reader.ReaderError as error:  # of the parser in C, which names no line
            self._add(Mark(self._file), f"is not YAML: {error.reason}")
            raise SpecError(in_order(self.problems)) from None
        except yaml.MarkedYAMLError as error:
            self._refuse_syntax(error, text.removeprefix("\ufeff"))
            raise SpecError(in_order(self.problems)) from None

    def _check_text(self, text: str) -> None:
        size = len(text.encode("utf-8", "surrogatepass"))
        if size > MAX_BYTES:
            raise self._stop(Mark(self._file), f"the file has {size} bytes; a spec has at most {MAX_BYTES}")
        if len(tags := _TAG_LINE.findall(text)) > MAX_TAG_LINES:
            raise self._stop(Mark(self._file, 1, 1), f"{len(tags)} lines that begin with %TAG; a spec has no tags")
        if match := _FORBIDDEN.search(text):
            before = text[: match.start()]
            mark = Mark(self._file, before.count("\n") + 1, match.start() - before.rfind("\n"))
            fix = "remove it, or escape it in double quotes"
            raise self._stop(mark, f"the character U+{ord(match[0]):04X} is not allowed in YAML; {fix}")

    def _document(self, text: str) -> Node:
        events = _events(text.removeprefix("\ufeff"))
        next(events)  # the stream's start
        if isinstance(first := next(events), yaml.StreamEndEvent):
            raise self._stop(Mark(self._file, 1, 1), "the file is empty; a spec needs at least trial, metric and space")
        assert isinstance(first, yaml.DocumentStartEvent)
        root = self._node(next(events), events, level=1).node
        next(events)  # the document's end
        if not isinstance(more := next(events), yaml.StreamEndEvent):
            self._add(
                self._mark(more),
                "a second document starts here; a spec is one document: remove the ---, or write the rest in a file of its own",
            )
        return root

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], level: int) -> _Anchored:
        """The node that starts with `event`, inside `level` - 1 collections."""
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, level)
        assert isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)
        mark = self._mark(event)
        self._values += 1
        if self._values > MAX_VALUES:
            raise self._stop(mark, f"more than {MAX_VALUES:,} keys and values; write a range, or a smaller spec")
        if event.tag is not None:
            self._add(mark, f"the tag {event.tag} is not allowed; a spec is made of plain values")
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        if isinstance(event, yaml.ScalarEvent):
            # A long text counts as many values: what is read again wherever an alias stands is its characters.
            made = _Anchored(self._scalar(event, mark), 1 + len(event.value) // _VALUE, 0)
        else:
            if level > MAX_LEVELS:
                raise self._stop(mark, f"more than {MAX_LEVELS} levels of nesting")
            read = self._list if isinstance(event, yaml.SequenceStartEvent) else self._map
            made = read(mark, events, level)
        if event.anchor is not None:
            self._anchors[event.anchor] = made
        return made

    def _alias(self, event: yaml.AliasEvent, level: int) -> _Anchored:
        mark = self._mark(event)
        if event.anchor not in self._anchors:
            raise self._stop(mark, f"*{event.anchor}: no &{event.anchor} stands before it")
        made = self._anchors[event.anchor]
        if made is None:
            raise self._stop(mark, f"*{event.anchor} stands inside &{event.anchor} itself")
        self._expanded += made.size
        if self._expanded > MAX_EXPANDED:
            raise self._stop(mark, f"*{event.anchor}: aliases expand to more than {MAX_EXPANDED} values")
        if level - 1 + made.levels > MAX_LEVELS:
            raise self._stop(mark, f"*{event.anchor}: aliases expand to more than {MAX_LEVELS} levels of nesting")
        return made

    def _scalar(self, event: yaml.ScalarEvent, mark: Mark) -> ScalarNode:
        if not event.implicit[0]:
            text = self._decoded(event.value, mark)
            return ScalarNode(mark, text, text)
        try:
            return ScalarNode(mark, resolve(event.value), event.value)
        except OutOfRange as error:
            self.problems.append(UnreadNumber(f"{event.value[:60]}: {error}", "", mark.file, mark.line, mark.column))
            return ScalarNode(mark, error.nearest, event.value)

    def _decoded(self, text: str, mark: Mark) -> str:
        """Quoted text with pairs of escaped surrogates joined, as JSON writes them; what no text may hold is noted."""
        if _UNFIT.search(text):
            joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            if joined.count("\ufffd") == text.count("\ufffd") and "\0" not in joined:
                text = joined
            else:
                self._add(mark, "the text holds an escaped character that no text may hold: \\0, or half of a surrogate pair")
        return text

    def _list(self, mark: Mark, events: Iterator[yaml.Event], level: int) -> _Anchored:
        made = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            made.append(self._node(event, events, level + 1))
        node = ListNode(mark, tuple(item.node for item in made))
        return _Anchored(node, 1 + sum(item.size for item in made), 1 + max((item.levels for item in made), default=0))

    def _map(self, mark: Mark, events: Iterator[yaml.Event], level: int) -> _Anchored:
        entries: dict[str, Entry] = {}
        merged: list[MapNode] = []
        size, levels = 1, 0
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key_mark = self._mark(event)
            key = self._node(event, events, level + 1).node
            value = self._node(next(events), events, level + 1)
            size, levels = size + 1 + value.size, max(levels, value.levels)
            if not isinstance(key, ScalarNode):
                self._add(key_mark, "a key must be a word or a number, not a list or a mapping")
            elif len(key.text) > MAX_KEY:
                raise self._stop(key_mark, f"a key of {len(key.text)} characters; one has at most {MAX_KEY}")
            elif key.text == "<<" and isinstance(event, yaml.ScalarEvent) and event.implicit[0]:
                merged += self._merged(key_mark, value.node)
            elif key.text in entries:
                first = entries[key.text]
                rule = "keep one of the two"
                if first.is_text != isinstance(key.value, str):
                    rule = "with quotes and without, a key is the same here; rename one, or list the values and write when: {...}"
                self._add(key_mark, f"the key {key.text} stands on line {first.mark.line} already; {rule}")
            else:
                if isinstance(event, yaml.ScalarEvent) and event.implicit[0] and _is_nothing(value.node):
                    self._check_blank(key_mark, key.text)
                entries[key.text] = Entry(key_mark, value.node, isinstance(key.value, str))
        for other in merged:
            entries.update({name: entry for name, entry in other.entries.items() if name not in entries})
        return _Anchored(MapNode(mark, entries), size, 1 + levels)

    def _check_blank(self, mark: Mark, key: str) -> None:
        """`{a:1}` is a key with a colon in it, and no value."""
        if said := joined_key(key):
            self._add(mark, f"the key {key[:60]}: {said}")

    def _merged(self, mark: Mark, node: Node) -> list[MapNode]:
        maps = [item for item in (node.items if isinstance(node, ListNode) else (node,)) if isinstance(item, MapNode)]
        if not maps:
            self._add(mark, "<< takes a mapping, or a list of mappings")
        return maps

    def _refuse_syntax(self, error: yaml.MarkedYAMLError, text: str) -> None:
        slip = explained(error, text)
        mark = Mark(self._file) if slip is None else Mark(self._file, slip.line + 1, slip.column + 1)
        self._add(mark, f"is not YAML: {error.problem if slip is None else slip.says}")

    def _mark(self, event: yaml.Event) -> Mark:
        start = event.start_mark
        return Mark(self._file) if start is None else Mark(self._file, start.line + 1, start.column + 1)

    def _add(self, mark: Mark, message: str) -> None:
        self.problems.append(Problem(message, "", mark.file, mark.line, mark.column))

    def _stop(self, mark: Mark, message: str) -> _Stop:
        self._add(mark, message)
        return _Stop()


def _is_nothing(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.value is None and not node.text


def moved(node: Node, mark: Mark) -> Node:
    """The tree with every position replaced: for text that stands in no file."""
    if isinstance(node, ScalarNode):
        return replace(node, mark=mark)
    if isinstance(node, ListNode):
        return ListNode(mark, tuple(moved(item, mark) for item in node.items))
    return MapNode(mark, {key: Entry(mark, moved(entry.node, mark), entry.is_text) for key, entry in node.entries.items()})
