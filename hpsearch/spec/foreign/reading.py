"""A foreign file while it is read: nothing of it is lost in silence, since what no importer takes is listed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hpsearch.core.errors import Problem
from hpsearch.core.names import did_you_mean
from hpsearch.spec.foreign.remarks import Remarks
from hpsearch.spec.foreign.sheet import Item
from hpsearch.spec.nodes import Entry, ListNode, MapNode, Mark, Node, ScalarNode, is_null
from hpsearch.spec.places import Log, Place
from hpsearch.spec.scalars import resolve
from hpsearch.spec.writing import flow


@dataclass(frozen=True)
class Lost:
    """What has no counterpart: where it stands, what stands there, and what is done instead."""

    problem: Problem
    written: str

    def __str__(self) -> str:
        return str(self.problem)


@dataclass
class Foreign:
    """What is known of a file so far: `log` says what is wrong with it, `lost` what has no counterpart."""

    file: str
    root: Node
    remarks: Remarks
    log: Log = field(default_factory=Log)
    lost: list[Lost] = field(default_factory=list)

    def top(self) -> Keys:
        return self.keys(Place(self.log, "", self.root.mark, self.root))

    def keys(self, place: Place) -> Keys:
        """The keys of a mapping; a problem is noted where there is something else."""
        if place.node is not None and not isinstance(place.node, MapNode):
            place.refuse("must be a mapping")
        return Keys(self, place)

    def lose(self, place: Place, reason: str) -> None:
        """List what stands at `place`, or what is missing there."""
        problem = Problem(reason, place.path, place.mark.file, place.mark.line, place.mark.column)
        self.lost.append(Lost(problem, "" if place.node is None else flow(place.node)))

    def remarked(self, item: Item, mark: Mark, node: Node) -> Item:
        """The item with the comments that stand above, in and beside the key at `mark` and its value."""
        above, beside = self.remarks.take(mark.line, node)
        return Item(item.key, item.content, (*above, *item.above), (*item.beside, *beside), mark, item.is_off)


@dataclass
class Keys:
    """A mapping whose keys are taken one by one; `finish` lists those that are left."""

    foreign: Foreign
    place: Place
    left: dict[str, Entry] = field(init=False)

    def __post_init__(self) -> None:
        self.left = dict(self.entries)

    @property
    def entries(self) -> Mapping[str, Entry]:
        return self.place.node.entries if isinstance(self.place.node, MapNode) else {}

    def at(self, key: str) -> Place:
        """The key's place, which is taken by that; one without a node where there is nothing, or null."""
        entry = self.left.pop(key, None) or self.entries.get(key)
        at = self.place.child(key)
        return at if entry is None or not is_null(entry.node) else Place(at.log, at.path, at.mark, None)

    def inside(self, key: str) -> Keys:
        return self.foreign.keys(self.at(key))

    def lose(self, key: str, reason: str) -> None:
        """Take the key, if it is there, and list it."""
        if (at := self.at(key)).node is not None:
            self.foreign.lose(at, reason)

    def each(self) -> Iterator[tuple[str, Entry, Place]]:
        """Every key with its place, taken."""
        self.left.clear()
        for key, entry in self.entries.items():
            yield key, entry, self.place.child(key)

    def finish(self, reason: str = "has no counterpart") -> None:
        for key in list(self.left):
            self.lose(key, reason)

    def item(self, key: str, ours: str, content: str | tuple[Item, ...], *beside: str, is_off: bool = False) -> Item:
        """A key of ours that says what `key` of the file says, with the comments around that."""
        made = Item(ours, content, (), beside, is_off=is_off)
        entry = self.entries.get(key)
        return made if entry is None else self.foreign.remarked(made, entry.mark, entry.node)

    def remarks(self, key: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The comments above and beside `key`, for an item that several keys make."""
        entry = self.entries.get(key)
        return ((), ()) if entry is None else self.foreign.remarks.take(entry.mark.line, entry.node)


def number(place: Place) -> int | float | None:
    """A finite number, in quotes or not; None where there is none, after noting what else stands there."""
    if place.node is None:
        return None
    value = place.node.value if isinstance(place.node, ScalarNode) else None
    if isinstance(value, str):
        try:
            value = resolve(value.strip())
        except ValueError as error:
            place.refuse(str(error))
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) == float("inf"):
        place.refuse("must be a number")
        return None
    return value


def whole(place: Place) -> int | None:
    """A whole number, in quotes or not, `3.0` included; None as `number` gives it."""
    value = number(place)
    if isinstance(value, float) and not value.is_integer():
        place.refuse("must be a whole number")
        return None
    if value is not None and abs(value) >= 2**63:
        place.refuse("is larger than any 64-bit integer")
        return None
    return None if value is None else int(value)


def required(place: Place, what: str) -> bool:
    if place.node is None:
        place.add(f"is missing; {what}")
    return place.node is not None


def word(place: Place, known: tuple[str, ...], default: str) -> str:
    """One of some words; the default where there is none, or, noted, another."""
    text = place.text(default)
    if text not in known:
        place.refuse(f"must be {' or '.join(known)}{did_you_mean(text, known)}")
        return default
    return text


def texts(place: Place) -> list[str]:
    """A text, or a list of scalars as texts."""
    places = list(place.items("a text or a list of texts")) if isinstance(place.node, ListNode) else [place]
    found = []
    for at in places:
        if isinstance(at.node, ScalarNode):
            found.append(at.node.value if isinstance(at.node.value, str) else at.node.text)
        elif at.node is not None:
            at.refuse("must be a text")
    return found
