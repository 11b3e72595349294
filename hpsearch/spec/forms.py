"""What a spec's mappings may hold, declared once: the loader, the JSON Schema and docs/spec.md are made of the same forms."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Protocol, TypeAlias

from hpsearch.spec.nodes import plain
from hpsearch.spec.places import Block, Place
from hpsearch.spec.source import read_nodes

Schema: TypeAlias = dict[str, Any]
"""A JSON Schema, draft 7."""


SAID: Schema = {"not": {"type": "null"}}
"""Matches whatever is not left out."""


class Kind(Protocol):
    """How a value is written. A new kind is a class with these three, and needs no other line."""

    @property
    def says(self) -> str:
        """What the reference page tells to write: "a whole number of at least 2"."""

    def read(self, place: Place) -> Any:
        """The value; None where nothing stands, or after noting what is wrong with it."""

    def schema(self) -> Schema:
        """What `read` takes without a word, as far as a schema can say it."""


@dataclass(frozen=True)
class Key:
    """A key of a form.

    Attributes:
        help: what it means, in a sentence.
        example: a value, as YAML.
        default: as YAML; empty where leaving it out means that there is none.
        needs: what to write, where the key may not be left out: the end of "is missing; ...".
        later: None for a key that has its effect. Any other is known, its value is checked, and it is refused as not supported
            yet; the text says what helps meanwhile, and is empty where nothing does.
    """

    name: str
    kind: Kind
    help: str
    example: str
    default: str = ""
    needs: str = ""
    later: str | None = None


@dataclass(frozen=True)
class Form:
    """A mapping with keys of the spec's own; a kind itself.

    Attributes:
        name: of its section in the reference.
        one_of: keys of which exactly one must be there; `what` it is.
        at_most: keys that exclude each other, where one_of is empty.
        never: what the mapping may not match, for the schema: whoever reads the values says so with both.
        beside: what a key asks of the others, where it is there; for the schema as well.
        example: the whole mapping, as YAML in block style; empty where its keys' examples tell enough.
    """

    name: str
    help: str
    keys: tuple[Key, ...]
    one_of: tuple[str, ...] = ()
    what: str = ""
    at_most: tuple[str, ...] = ()
    example: str = ""
    never: tuple[Schema, ...] = ()
    beside: Mapping[str, Schema] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The keys that have their effect."""
        return tuple(key.name for key in self.keys if key.later is None)

    @property
    def says(self) -> str:
        return f"a mapping, see [{self.name}](#{self.name.replace('.', '')})"

    def block(self, place: Place) -> Block:
        """The mapping that stands at a place; notes unknown keys, and those that are not supported yet."""
        block = place.block(self.names, {key.name: key.later for key in self.keys if key.later is not None})
        for key in self.keys:
            if key.later is not None and not place.child(key.name).is_null:
                key.kind.read(place.child(key.name))
        return block

    def read(self, place: Place) -> dict[str, Any]:
        """The values that stand there, by key; whatever is not as it should be is noted and left out."""
        block = self.block(place)
        if self.one_of:
            block.only(self.one_of, self.what)
        return self.values(block)

    def values(self, block: Block, but: Collection[str] = ()) -> dict[str, Any]:
        """As `read`, of a mapping that `block` gave; keys in `but` are the caller's to read."""
        found = {}
        for key in self.keys:
            at = block.at(key.name)
            if key.needs and block.is_there:
                at.require(key.needs)
            value = key.kind.read(at) if at and key.name not in but else None
            if value is not None:
                found[key.name] = value
        if self.at_most and sum(name in block.nodes for name in self.at_most) > 1:
            block.only(self.at_most, self.what)
        return found

    def schema(self) -> Schema:
        made: Schema = {"type": "object", "additionalProperties": False, "properties": {}}
        for key in self.keys:
            made["properties"][key.name] = self._property(key)
        if needed := [key.name for key in self.keys if key.needs and key.later is None]:
            made["required"] = needed
        if self.one_of:
            made["oneOf"] = [{"required": [name]} for name in self.one_of]
        never = [{"required": list(pair)} for pair in combinations(self.at_most, 2)]
        if never or self.never:
            made["not"] = {"anyOf": [*never, *self.never]}
        if self.beside:
            made["dependencies"] = dict(self.beside)
        return made

    def _property(self, key: Key) -> Schema:
        if key.later is not None:
            return {"type": "null", "description": f"{key.help} Not supported yet.", "examples": [None]}
        asked = bool(key.needs) or key.name in self.one_of
        made = {**(key.kind.schema() if asked else nullable(key.kind.schema())), "description": key.help}
        if key.default:
            made["default"] = read_value(key.default)
        return {**made, "examples": [read_value(key.example)]}


def together(*keys: str, **values: Schema) -> Schema:
    """Matches a mapping with all of the keys, whatever they hold but null, and those of `values` as these say."""
    found = {**dict.fromkeys(keys, SAID), **values}
    return {"required": list(found), "properties": found}


def nullable(schema: Schema) -> Schema:
    """The schema, or null: which is to leave a key out."""
    if isinstance(schema.get("type"), str) and schema["type"] != "object":
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def read_value(text: str) -> Any:
    """A declared example or default, as JSON has it."""
    node, problems = read_nodes(text, "")
    assert not problems
    return json.loads(json.dumps(plain(node)))


def forms_of(kind: Kind) -> Iterator[Form]:
    """The forms that a kind is made of, from the outside in, in the order of their keys."""
    if isinstance(kind, Form):
        yield kind
        for key in kind.keys:
            yield from forms_of(key.kind)
    for inner in (*getattr(kind, "forms", ()), *filter(None, [getattr(kind, "each", None)])):
        yield from forms_of(inner)
