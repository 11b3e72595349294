"""Reading nodes into values, with every mistake noted and none raised: a spec's problems are told all at once.

A `Place` is a node with its path in the spec, or the path where a node could have been. Its methods give the value of a type,
or, after noting a problem, the default: what comes after is then still checked.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from hpsearch.core.errors import SHOWN, Problem
from hpsearch.core.names import did_you_mean, nearest
from hpsearch.core.values import Value
from hpsearch.spec.nodes import ListNode, MapNode, Mark, Node, ScalarNode, is_null, key_value, plain, written

D = TypeVar("D")
_LARGEST = sys.float_info.max


@dataclass
class Log:
    """The problems found so far.

    Attributes:
        misspelt: paths of what is not there, since its key is close to one that is no key.
        unread: paths of texts that could not be put together from the environment: of their content nothing more is said.
    """

    problems: list[Problem] = field(default_factory=list)
    misspelt: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)

    @property
    def seeks_near(self) -> bool:
        """Whether a near name is looked for: that takes long, and of more problems nobody reads."""
        return len(self.problems) < SHOWN

    def add(self, mark: Mark, path: str, message: str) -> None:
        if path in self.unread:
            return
        self.problems.append(Problem(message, path, mark.file, mark.line, mark.column))


@dataclass(frozen=True)
class Place:
    """A path in the spec and what stands there. `node` is None where nothing, or null, does; `mark` is then the block's."""

    log: Log
    path: str
    mark: Mark
    node: Node | None
    is_misspelt: bool = False  # a key close to this one stands beside it: that has been said, and "is missing" would be noise

    def __bool__(self) -> bool:
        return self.node is not None

    def says(self, word: str) -> bool:
        """Whether exactly this string stands here."""
        return isinstance(self.node, ScalarNode) and self.node.value == word

    @property
    def is_null(self) -> bool:
        """Whether nothing stands here, or a null, as in a list or under a name of the user's own."""
        return self.node is None or is_null(self.node)

    def child(self, key: str) -> Place:
        """The place of a mapping's key, whatever else the mapping holds. A null is as good as nothing."""
        entry = self.node.entries.get(key) if isinstance(self.node, MapNode) else None
        path = _join(self.path, key)
        if entry is None:
            return Place(self.log, path, self.mark, None)
        return Place(self.log, path, entry.node.mark, None if is_null(entry.node) else entry.node)

    def add(self, message: str) -> None:
        """Note a problem here."""
        self.log.add(self.mark, self.path, message)

    def refuse(self, rule: str) -> None:
        """Note that the value here breaks `rule`; the message shows the value."""
        shown = f" = {written(self.node)}: " if isinstance(self.node, ScalarNode) else ""
        self.add(f"{shown}{rule}")

    def require(self, what: str) -> bool:
        """Whether something stands here; notes a problem if not."""
        if self.node is None and not self.is_misspelt:
            self.add(f"is missing; {what}")
        return self.node is not None

    def text(self, default: D) -> str | D:
        """A string of at least one character."""
        if self.node is None:
            return default
        if self.is_null:
            self.refuse("must not be empty")
            return default
        if not isinstance(self.node, ScalarNode) or not isinstance(self.node.value, str):
            quoted = f'; put it in quotes: "{self.node.text}"' if isinstance(self.node, ScalarNode) else ""
            self.refuse(f"must be a text{quoted}")
            return default
        if not self.node.value.strip():
            self.refuse("must not be empty")
            return default
        return self.node.value

    def label(self, default: D) -> str | D:
        """A name that may look like something else: `2024` is the text "2024" here."""
        if self.node is None:
            return default
        if isinstance(self.node, ScalarNode) and isinstance(self.node.value, int | float):
            return self.node.text
        return self.text(default)

    def labels(self) -> tuple[str, ...]:
        """A list of labels, each once, or one for a list of one."""
        places = [self] if isinstance(self.node, ScalarNode) else list(self.items("a text or a list of texts"))
        found: dict[str, None] = {}
        for place in places:
            label = place.label(None)
            if label is not None and label in found:
                place.refuse("stands twice; keep one")
            elif label is not None:
                found[label] = None
        return tuple(found)

    def one_of(self, options: Collection[str], default: D, later: Collection[str] = ()) -> str | D:
        """One of some words; those in `later` are known, and refused as not supported yet."""
        word = self.text(default)
        if word is default or word in options:
            return word
        either = " or ".join(options)
        if word in later:
            self.refuse(f"is not supported yet; use {either}")
        else:
            longer = next((f"; did you mean {option}?" for option in options if str(word).startswith(option)), "")
            self.refuse(f"must be {either}{longer or did_you_mean(str(word), options)}")
        return default

    def whole(self, default: D, *, low: int, high: int | None = None) -> int | D:
        """An integer from `low` to `high`, both included."""
        if self.node is None:
            return default
        value = self.node.value if isinstance(self.node, ScalarNode) else None
        if type(value) is not int or value < low or (high is not None and value > high):
            bounds = f"of at least {low}" if high is None else f"from {low} to {high}"
            self.refuse(f"must be a whole number {bounds}")
            return default
        return value

    def number(
        self, default: D, *, low: float | None, high: float | None = None, above: bool = False, below: bool = False
    ) -> float | D:
        """A finite number from `low` (`above` it, if asked) to `high` (or `below` it)."""
        if self.node is None:
            return default
        value = self.node.value if isinstance(self.node, ScalarNode) else None
        if (
            not isinstance(value, int | float)
            or isinstance(value, bool)
            or not -_LARGEST <= value <= _LARGEST
            or (low is not None and not (low < value if above else low <= value))
            or (high is not None and not (value < high if below else value <= high))
        ):
            self.refuse(f"must be a number{number_bounds(low, high, above=above, below=below)}")
            return default
        return float(value)

    def flag(self, default: D) -> bool | D:
        if self.node is None:
            return default
        if not isinstance(self.node, ScalarNode) or not isinstance(self.node.value, bool):
            self.refuse("must be true or false")
            return default
        return self.node.value

    def scalar(self, default: Value) -> Value:
        """A string, a number or a boolean."""
        if self.node is None:
            return default
        if not isinstance(self.node, ScalarNode):
            self.refuse("must be a single value")
            return default
        return self.node.value

    def value(self) -> Value:
        """Anything, as a parameter's value: lists as tuples. None after noting keys that no value has."""
        before = len(self.log.problems)
        if self.node is not None:
            self._check_keys(self.node, self.path)
        return None if self.node is None or len(self.log.problems) > before else plain(self.node)

    def _check_keys(self, node: Node, path: str) -> None:
        """Notes keys that a mapping in Python cannot hold, or takes for one."""
        if isinstance(node, ListNode):
            for index, item in enumerate(node.items):
                self._check_keys(item, f"{path}[{index}]")
        elif isinstance(node, MapNode):
            first: dict[object, str] = {}
            for key, entry in node.entries.items():
                value = key_value(key, entry)
                if isinstance(value, float) and not math.isfinite(value):
                    self.log.add(entry.mark, path, f"the key {key} is no number")
                elif (other := first.setdefault(value, key)) != key:
                    self.log.add(entry.mark, path, f"the keys {other} and {key} are the same one in Python; keep one")
                self._check_keys(entry.node, f"{path}.{key}")

    def items(self, what: str = "a list") -> Iterator[Place]:
        """The places of a list's items. `what` the rule asks for, where it is no list."""
        if isinstance(self.node, ListNode):
            for index, item in enumerate(self.node.items):
                yield Place(self.log, f"{self.path}[{index}]", item.mark, item)
        elif self.node is not None:
            self.refuse(f"must be {what}")

    def entries(self, what: str = "a mapping") -> Iterator[tuple[str, Place]]:
        """The keys and places of a mapping with names of the user's own. A null value is a value here."""
        if isinstance(self.node, MapNode):
            for key, entry in self.node.entries.items():
                yield key, Place(self.log, _join(self.path, key), entry.node.mark, entry.node)
        elif self.node is not None:
            self.refuse(f"must be {what}")

    def block(self, keys: Collection[str], later: Mapping[str, str] | None = None) -> Block:
        """A mapping with the spec's own keys. Unknown ones are noted; those in `later` as not supported yet, with what helps."""
        later = later or {}
        if self.node is not None and not isinstance(self.node, MapNode):
            self.refuse(f"must be a mapping with some of the keys {', '.join(keys)}")
        if not isinstance(self.node, MapNode):
            return Block(self, {})
        misspelt = set[str]()
        for key, entry in self.node.entries.items():
            if key in keys or (key in later and is_null(entry.node)):
                continue
            if key in later:
                hint = f"; {later[key]}" if later[key] else ""
                self.log.add(entry.mark, _join(self.path, key), f"is not supported yet{hint}")
            else:
                seeks = self.log.seeks_near
                if seeks and (near := nearest(key, keys)) is not None:
                    misspelt.add(near)
                    self.log.misspelt.add(_join(self.path, near))
                known = did_you_mean(key, (*keys, *later) if seeks else ()) or f"; known are {', '.join(keys)}"
                self.log.add(entry.mark, _join(self.path, key), f"is no key of {self.path or 'a spec'}{known}")
        given = {key: entry.node for key, entry in self.node.entries.items() if key in keys and not is_null(entry.node)}
        return Block(self, given, frozenset(misspelt))


@dataclass(frozen=True)
class Block:
    """A mapping with known keys, or the place where it could have been."""

    place: Place
    nodes: Mapping[str, Node]
    misspelt: frozenset[str] = frozenset()

    def at(self, key: str) -> Place:
        node = self.nodes.get(key)
        mark = self.place.mark if node is None else node.mark
        return Place(self.place.log, _join(self.place.path, key), mark, node, key in self.misspelt)

    @property
    def is_there(self) -> bool:
        return isinstance(self.place.node, MapNode)

    def only(self, keys: Collection[str], what: str) -> str | None:
        """The one key of `keys` that is there; notes a problem, and gives None, where it is not exactly one."""
        found = [key for key in keys if key in self.nodes]
        if len(found) == 1:
            return found[0]
        if found:
            self.at(found[1]).add(f"{' and '.join(found)} exclude each other; {self.place.path} takes one of {', '.join(keys)}")
        elif isinstance(self.place.node, MapNode) and self.misspelt.isdisjoint(keys):
            self.place.add(f"needs {what}: one of {', '.join(keys)}")
        return None


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def number_bounds(low: float | None, high: float | None, *, above: bool, below: bool) -> str:
    """The rule of a number, as the end of a sentence: " above 0, and at most 1"."""
    start = "" if low is None else f" {'above' if above else 'of at least'} {low:g}"
    return start + ("" if high is None else f", and {'below' if below else 'at most'} {high:g}")
