"""How each domain is written and what it is, one entry a domain, and the JSON Schema of a space."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from hpsearch.core.values import Value
from hpsearch.space.domains import Choice, Constant, Default, Domain, FloatRange, IntRange, Normal, Ordinal
from hpsearch.spec.forms import Form, Key, Kind, Schema, together
from hpsearch.spec.kinds import ANYTHING, Flag, Named, Own
from hpsearch.spec.nodes import ListNode, MapNode, Node, is_null, key_value, plain
from hpsearch.spec.places import Place

PARAMETER_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
# With dots: a function's groups, and param.NAME.
NAME_PATTERN = rf"^{PARAMETER_NAME.pattern}(\.{PARAMETER_NAME.pattern})*$"

_NUMBER: Schema = {"type": "number"}
_INTEGER: Schema = {"type": "integer"}
_ABOVE_0: Schema = {**_NUMBER, "exclusiveMinimum": 0}
_VALUES: Schema = {"$ref": "#/definitions/values"}
_BRANCHES: Schema = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": {"anyOf": [{"$ref": "#/definitions/space"}, {"type": "null"}]},
}


def _checked(says: str, shape: Schema) -> Kind:
    """What the domain checks itself, together with the rest of its numbers."""
    return Own(says, Place.value, shape)


class _Shape(Kind, Protocol):
    """How a domain's own value is written."""

    @property
    def parts(self) -> tuple[str, ...]:
        """What the domain's problems call the items of its list, in order; none where they are numbered."""

    def arguments(self, place: Place) -> tuple[object, ...] | None:
        """The first arguments of the domain's class; None after noting why there are none."""


@dataclass(frozen=True)
class _One:
    """Any value."""

    says: str = "any value"
    parts: tuple[str, ...] = ()

    def read(self, place: Place) -> Value:
        return place.value()

    def schema(self) -> Schema:
        return {}

    def arguments(self, place: Place) -> tuple[object, ...]:
        return (place.value(),)


@dataclass(frozen=True)
class _Pair:
    """[low, high], or the like. `of_what`: what is said of it beside that."""

    of: str
    first: Schema
    second: Schema
    of_what: str = ""

    @property
    def says(self) -> str:
        return f"[{self.of}]"

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.of.split(", "))

    def read(self, place: Place) -> Value:
        return place.value()

    def schema(self) -> Schema:
        return {"type": "array", "items": [self.first, self.second], "minItems": 2, "maxItems": 2}

    def arguments(self, place: Place) -> tuple[object, ...] | None:
        if not isinstance(place.node, ListNode) or len(place.node.items) != 2:
            many = isinstance(place.node, ListNode) and len(place.node.items) > 2 and self.of == "low, high"
            fix = "; for some values write {choice: [...]}" if many else ""
            place.refuse(f"must be [{self.of}]{self.of_what}{fix}")
            return None
        return tuple(plain(item) for item in place.node.items)


@dataclass(frozen=True)
class _Listed:
    says: str
    parts: tuple[str, ...] = ()

    def read(self, place: Place) -> Value:
        return place.value()

    def schema(self) -> Schema:
        return _VALUES

    def arguments(self, place: Place) -> tuple[object, ...] | None:
        if not isinstance(place.node, ListNode):
            place.refuse(f"must be {self.says}")
            return None
        return (values_of(place),)


@dataclass(frozen=True)
class _Branched(_Listed):
    """A list, or a mapping whose keys are the values."""

    def schema(self) -> Schema:
        return {"anyOf": [_VALUES, _BRANCHES]}

    def arguments(self, place: Place) -> tuple[object, ...] | None:
        if not isinstance(place.node, MapNode):
            return super().arguments(place)
        for key, entry in place.node.entries.items():
            if not isinstance(entry.node, MapNode) and not is_null(entry.node):
                place.child(key).refuse("must be a mapping of the parameters that exist under this value; write {} for none")
        return (tuple(key_value(key, entry) for key, entry in place.node.entries.items()),)


def values_of(place: Place) -> tuple[Value, ...]:
    """The values of a list; a domain among them is a mistake: sub-spaces stand in a mapping."""
    for item in place.items():
        if is_domain(item.node):
            item.refuse("a domain cannot stand in a list; write its values, or a mapping of values to sub-spaces")
    value = place.value()
    return value if isinstance(value, tuple) else (None,)  # noted: any stand-in will do


def is_domain(node: Node | None) -> bool:
    """Whether a mapping has one of the keys of a domain."""
    return isinstance(node, MapNode) and any(key in DOMAIN_FORMS for key in node.entries)


@dataclass(frozen=True)
class DomainForm(Form):
    """How a domain is written, and what it is.

    Attributes:
        shape: of the value under the key that the domain is known by.
        make: called with the shape's arguments, each option that is written, as its kind reads it, and `default`. A SpaceError's
            problems say which part they are of.
    """

    shape: _Shape = _One()
    make: Callable[..., Domain] = Constant

    def domain(self, place: Place, default: Default) -> Domain | None:
        """The domain that a mapping writes; None after noting why it is none."""
        block = self.block(place)
        first = self.shape.arguments(block.at(self.name.rpartition(".")[2]))
        if first is None:
            return None
        own = [key for key in self.keys[1:] if key.name not in _OF_ALL]
        options = {key.name: key.kind.read(at) for key in own if (at := block.at(key.name))}
        return self.make(*first, **{name: value for name, value in options.items() if value is not None}, default=default)


_DEFAULT = Key("default", ANYTHING, "What `first` and `list` take where they leave the parameter out.", "")
_WHEN = Key(
    "when",
    Named(ANYTHING, "a mapping of parameters to the values that they must have"),
    "The parameter exists only where each of these has its value, or one of a list of values.",
    "{booster: gbtree}",
)
_LOG = Key("log", Flag(), "Whether equal factors are alike, in place of equal distances.", "true", "false")
_APART = "Values lie this far apart, from the low end; not with `points` or `log`."
_WHOLE_STEP = Key("step", _checked("a whole number of at least 1", {**_INTEGER, "minimum": 1}), _APART, "2")
_STEP = Key("step", _checked("a number above 0", _ABOVE_0), _APART, "0.1")
_ROUNDING = replace(_STEP, help="Draws are rounded to multiples of it.")
_POINTS = Key(
    "points", _checked("a whole number of at least 2", {**_INTEGER, "minimum": 2}), "How many values a grid has of it.", "5"
)

_OF_ALL = ("default", "when")


def _form(
    name: str,
    shape: _Shape,
    make: Callable[..., Domain],
    help: str,
    example: str,
    default: str,
    *options: Key,
    never: tuple[Schema, ...] = (),
) -> DomainForm:
    """The key that a domain is known by, what else it takes, and what every domain does. `default`: an example of one."""
    own = Key(name, shape, help, example, needs="write its values")
    keys = (own, *options, replace(_DEFAULT, example=default), _WHEN)
    return DomainForm(f"space.{name}", help, keys, never=never, shape=shape, make=make)


_RANGE = (together("step", "points"), together("step", log={"const": True}))
_LOG_SCALE = " of the value's natural logarithm"
# A new domain is a class in `space/`, and one entry here.
_FORMS = (
    _form(
        "int", _Pair("low, high", _INTEGER, _INTEGER), IntRange, "Whole numbers, both ends included.", "[3, 9]", "5",
        _WHOLE_STEP, _POINTS, _LOG, never=_RANGE,
    ),
    _form(
        "float", _Pair("low, high", _NUMBER, _NUMBER), FloatRange, "Numbers; a grid needs `points` or `step`.", "[0.01, 0.3]",
        "0.1", _STEP, _POINTS, _LOG, never=_RANGE,
    ),
    _form(
        "choice", _Branched("a list of values, or a mapping of values to the parameters that exist under each"), Choice,
        "Values, each as likely as any other.", "[gini, entropy]", "gini",
    ),
    _form(
        "const", _One(), Constant, "One value, for lists and mappings: they would be read otherwise.", "{no: 1.0, yes: 2.0}",
        "{no: 1.0, yes: 2.0}",
    ),
    _form(
        "ordinal", _Listed("a list of values, from least to most"), Ordinal, "Values in an order.", "[small, medium, large]",
        "medium",
    ),
    _form(
        "normal", _Pair("mean, sd", _NUMBER, _ABOVE_0), Normal, "Normally distributed; not for grids.", "[0, 1]", "0.5",
        _ROUNDING,
    ),
    _form(
        "lognormal", _Pair("mean, sd", _NUMBER, _ABOVE_0, _LOG_SCALE), partial(Normal, log=True),
        "Its natural logarithm is normally distributed; not for grids.", "[0, 1]", "0.5",
    ),
)  # fmt: skip
DOMAIN_FORMS: Mapping[str, DomainForm] = {form.keys[0].name: form for form in _FORMS}


def definitions() -> dict[str, Schema]:
    """What the schema of a space is made of, by name."""
    no_domain: Schema = {"not": {"type": "object", "anyOf": [{"required": [name]} for name in DOMAIN_FORMS]}}
    return {
        "space": {
            "type": "object",
            "propertyNames": {"pattern": NAME_PATTERN},
            "additionalProperties": {"$ref": "#/definitions/parameter"},
        },
        "parameter": {
            "anyOf": [
                {"type": ["string", "number", "boolean", "null"]},
                _VALUES,
                *({"$ref": f"#/definitions/{name}"} for name in DOMAIN_FORMS),
            ]
        },
        "values": {"type": "array", "minItems": 1, "uniqueItems": True, "items": no_domain},
        "group": {
            "type": "object",
            "minProperties": 1,
            "allOf": [no_domain, {"$ref": "#/definitions/space"}],
        },
        **{name: form.schema() for name, form in DOMAIN_FORMS.items()},
    }
