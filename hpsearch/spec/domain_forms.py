"""What a parameter's domain may hold, as forms, and the JSON Schema of a space."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from hpsearch.spec.forms import Form, Key, Kind, Schema
from hpsearch.spec.kinds import ANYTHING, Flag, Named, Own
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


def _pair(of: str, first: Schema, second: Schema) -> Kind:
    return _checked(f"[{of}]", {"type": "array", "items": [first, second], "minItems": 2, "maxItems": 2})


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

_LOW_HIGH, _MEAN_SD = _pair("low, high", _NUMBER, _NUMBER), _pair("mean, sd", _NUMBER, _ABOVE_0)
_CHOICE = _checked(
    "a list of values, or a mapping of values to the parameters that exist under each", {"anyOf": [_VALUES, _BRANCHES]}
)
_ORDERED = _checked("a list of values, from least to most", _VALUES)


def _form(name: str, kind: Kind, help: str, example: str, default: str, *options: Key) -> Form:
    """The key that a domain is known by, what else it takes, and what every domain does. `default`: an example of one."""
    own = Key(name, kind, help, example, needs="write its values")
    return Form(f"space.{name}", help, (own, *options, replace(_DEFAULT, example=default), _WHEN))


_FORMS = (
    _form(
        "int",
        _pair("low, high", _INTEGER, _INTEGER),
        "Whole numbers, both ends included.",
        "[3, 9]",
        "5",
        _WHOLE_STEP,
        _POINTS,
        _LOG,
    ),
    _form("float", _LOW_HIGH, "Numbers; a grid needs `points` or `step`.", "[0.01, 0.3]", "0.1", _STEP, _POINTS, _LOG),
    _form("choice", _CHOICE, "Values, each as likely as any other.", "[gini, entropy]", "gini"),
    _form(
        "const",
        ANYTHING,
        "One value, for lists and mappings: they would be read otherwise.",
        "{no: 1.0, yes: 2.0}",
        "{no: 1.0, yes: 2.0}",
    ),
    _form("ordinal", _ORDERED, "Values in an order.", "[small, medium, large]", "medium"),
    _form("normal", _MEAN_SD, "Normally distributed; not for grids.", "[0, 1]", "0.5", _ROUNDING),
    _form("lognormal", _MEAN_SD, "Its natural logarithm is normally distributed; not for grids.", "[0, 1]", "0.5"),
)
DOMAIN_FORMS: Mapping[str, Form] = {form.keys[0].name: form for form in _FORMS}

_NO_DOMAIN: Schema = {"not": {"type": "object", "anyOf": [{"required": [name]} for name in DOMAIN_FORMS]}}
DEFINITIONS: Mapping[str, Schema] = {
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
    "values": {"type": "array", "minItems": 1, "uniqueItems": True, "items": _NO_DOMAIN},
    "group": {
        "type": "object",
        "minProperties": 1,
        "allOf": [_NO_DOMAIN, {"$ref": "#/definitions/space"}],
    },
    **{name: form.schema() for name, form in DOMAIN_FORMS.items()},
}
