"""The kinds of values that stand in a spec: each reads its own, tells the reference how it is written, and makes its schema."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hpsearch.core.values import Value
from hpsearch.spec.forms import Form, Kind, Schema
from hpsearch.spec.nodes import ScalarNode
from hpsearch.spec.places import Place, number_bounds
from hpsearch.spec.units import BYTES, PERCENT, SECONDS, fraction, memory_bytes, seconds

# Python's str.strip() leaves something.
_NOT_BLANK = r"\S"
_LABEL: Schema = {"type": ["string", "number", "boolean"], "pattern": _NOT_BLANK}


@dataclass(frozen=True)
class Whole:
    low: int
    high: int | None = None

    @property
    def says(self) -> str:
        return f"a whole number of at least {self.low}" if self.high is None else f"a whole number from {self.low} to {self.high}"

    def read(self, place: Place) -> int | None:
        return place.whole(None, low=self.low, high=self.high)

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.low, **({} if self.high is None else {"maximum": self.high})}


@dataclass(frozen=True)
class Number:
    """`above`: `low` itself is too small; `below`: `high` itself too large."""

    low: float | None = None
    high: float | None = None
    above: bool = False
    below: bool = False

    @property
    def says(self) -> str:
        return f"a number{number_bounds(self.low, self.high, above=self.above, below=self.below)}"

    def read(self, place: Place) -> float | None:
        return place.number(None, low=self.low, high=self.high, above=self.above, below=self.below)

    def schema(self) -> Schema:
        low = {} if self.low is None else {"exclusiveMinimum" if self.above else "minimum": self.low}
        high = {} if self.high is None else {"exclusiveMaximum" if self.below else "maximum": self.high}
        return {"type": "number", **low, **high}


@dataclass(frozen=True)
class Flag:
    says: str = "true or false"

    def read(self, place: Place) -> bool | None:
        return place.flag(None)

    def schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Text:
    says: str = "a text"

    def read(self, place: Place) -> str | None:
        return place.text(None)

    def schema(self) -> Schema:
        return {"type": "string", "pattern": _NOT_BLANK}


@dataclass(frozen=True)
class Label:
    """A name that may look like something else: `2024` is the text "2024" here."""

    says: str = "a text"

    def read(self, place: Place) -> str | None:
        return place.label(None)

    def schema(self) -> Schema:
        return dict(_LABEL)


@dataclass(frozen=True)
class Labels:
    says: str = "a text, or a list of texts"

    def read(self, place: Place) -> tuple[str, ...]:
        return place.labels()

    def schema(self) -> Schema:
        return {"anyOf": [dict(_LABEL), {"type": "array", "items": dict(_LABEL), "uniqueItems": True}]}


@dataclass(frozen=True)
class Scalar:
    says: str = "a text, a number, or true or false"

    def read(self, place: Place) -> Value:
        return place.scalar(None)

    def schema(self) -> Schema:
        return {"type": ["string", "number", "boolean"]}


@dataclass(frozen=True)
class Words:
    """One of some words; those in `later` are known, and refused as not supported yet."""

    options: tuple[str, ...]
    later: tuple[str, ...] = ()

    @property
    def says(self) -> str:
        return " or ".join(f"`{word}`" for word in self.options)

    def read(self, place: Place) -> str | None:
        return place.one_of(self.options, None, self.later)

    def schema(self) -> Schema:
        return {"enum": list(self.options)}


@dataclass(frozen=True)
class Memory:
    says: str = "a size with its unit, as `4GiB` or `500MB`"

    def read(self, place: Place) -> int | None:
        size = (
            memory_bytes(place.node.value) if isinstance(place.node, ScalarNode) and isinstance(place.node.value, str) else None
        )
        if not size:
            place.refuse("must be a size with its unit, as 4GiB or 500MB")
        return size or None

    def schema(self) -> Schema:
        return {"type": "string", "pattern": BYTES}


@dataclass(frozen=True)
class Duration:
    says: str = "a time with its unit, as `90s`, `10m`, `2h` or `1d`"

    def read(self, place: Place) -> float | None:
        time_s = seconds(place.node.value) if isinstance(place.node, ScalarNode) and isinstance(place.node.value, str) else None
        if not time_s:
            place.refuse("must be a time with its unit, as 90s, 10m, 2h or 1d")
        return time_s or None

    def schema(self) -> Schema:
        return {"type": "string", "pattern": SECONDS}


@dataclass(frozen=True)
class Share:
    """A bare 1 is refused: it could be meant as one of them, or as all."""

    of: str

    @property
    def says(self) -> str:
        return "a percentage up to `100%`, or a fraction below 1"

    def read(self, place: Place) -> float | None:
        value = place.node.value if isinstance(place.node, ScalarNode) else None
        share = fraction(value) if isinstance(value, str) else None
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1:
            share = float(value)
        if share is None:
            place.refuse(f"must be a share of {self.of}: a percentage up to 100%, or a fraction below 1, as 10% or 0.1")
        return share

    def schema(self) -> Schema:
        number = {"type": "number", "minimum": 0, "exclusiveMaximum": 1}
        return {"anyOf": [number, {"type": "string", "pattern": PERCENT}]}


@dataclass(frozen=True)
class Named:
    """A mapping with names of the user's own."""

    each: Kind
    says: str = "a mapping"

    def read(self, place: Place) -> dict[str, Any]:
        return {name: value for name, at in place.entries(self.says) if (value := self.each.read(at)) is not None}

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": self.each.schema()}


@dataclass(frozen=True)
class Many:
    """A list."""

    each: Kind
    says: str = "a list"

    def read(self, place: Place) -> tuple[Any, ...]:
        return tuple(value for at in place.items(self.says) if (value := self.each.read(at)) is not None)

    def schema(self) -> Schema:
        return {"type": "array", "items": self.each.schema()}


@dataclass(frozen=True)
class Own:
    """What one block alone has: `reader` reads it, `shape` is its schema, `forms` are those of mappings in it."""

    says: str
    reader: Callable[[Place], Any]
    shape: Schema
    forms: tuple[Form, ...] = ()

    def read(self, place: Place) -> Any:
        return self.reader(place)

    def schema(self) -> Schema:
        return dict(self.shape)


SEED = Whole(0, 2**32 - 1)  # scikit-learn's random_state takes no more
ANYTHING = Own("any value", Place.value, {})
