"""The spec's JSON Schema, made of the forms that the loader reads by.

A schema holds each value alone: what hangs on another one (a metric that is one of `evaluate.metrics`, the ends of a range, a
parameter that an estimator takes) is said by `hpsearch plan`.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from hpsearch.spec.composition import EXTENDS
from hpsearch.spec.domain_forms import definitions
from hpsearch.spec.forms import SAID, Schema, together
from hpsearch.spec.model import CHOOSER
from hpsearch.spec.study import STUDY
from hpsearch.spec.trial import KINDS

SHIPPED = resources.files("hpsearch.spec").joinpath("schema.json")
"""The schema as a file, for editors."""


def json_schema() -> Schema:
    """The schema, draft 7, in new values.

    Of a spec that extends another, nothing need be there. Parameters in groups are for what runs by itself alone.
    """
    whole = STUDY.schema()
    grouped = {"properties": {"space": _of_groups(_SPACE)}}
    whole["allOf"] = [
        _WHAT_RUNS,
        _NO_DATA,
        {"if": _RUNS_ITSELF, "then": grouped, "else": _FLAT},
    ]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "hpsearch search spec",
        "description": STUDY.help,
        "type": "object",
        "if": {"required": [EXTENDS]},
        "then": _with_variables(_in_parts(whole)),
        "else": _with_variables({**whole, "allOf": [*whole["allOf"], _NEEDS_DATA]}),  # in a part it may be the base's
        "definitions": {**definitions(), **_grouped_definitions()},
    }


_SPACE: Schema = {"$ref": "#/definitions/space"}
_FLAT: Schema = {"properties": {"space": _SPACE}}
_RUNS_ITSELF: Schema = {
    "required": ["trial"],
    "properties": {"trial": {"type": "object", "anyOf": [{"required": ["function"]}, {"required": ["command"]}]}},
}
# The trial block says what runs, or the space chooses the estimator.
_WHAT_RUNS: Schema = {
    "anyOf": [
        *(
            {"required": ["trial"], "properties": {"trial": {"type": "object", "required": [kind], "properties": {kind: SAID}}}}
            for kind in KINDS
        ),
        {"properties": {"space": {"required": [CHOOSER]}}},
    ]
}
_TRIALS = ({"type": "object", **together(kind)} for kind in ("estimator", "pipeline"))
_NAMES_NOTHING: Schema = {"not": {"anyOf": [{"type": "object", "required": [kind]} for kind in KINDS]}}
_LEARNS: Schema = {
    "anyOf": [
        *({"required": ["trial"], "properties": {"trial": trial}} for trial in _TRIALS),
        {"required": ["space"], "properties": {"space": {"type": "object", "required": [CHOOSER]}, "trial": _NAMES_NOTHING}},
    ]
}
_NEEDS_DATA: Schema = {"if": _LEARNS, "then": {"required": ["data"], "properties": {"data": SAID}}}
_NO_DATA: Schema = {"not": together("data", trial={"type": "object", **together("command")})}


def _with_variables(schema: Any) -> Any:
    """The schema that lets a text be anything in which ${NAME} stands: what it comes to is known when the spec is read."""
    if isinstance(schema, list):
        return [_with_variables(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("pattern"), str):
        return {**schema, "pattern": rf"({schema['pattern']})|\$\{{"}
    if isinstance(schema.get("enum"), list):
        return {"anyOf": [schema, {"type": "string", "pattern": r"\$\{"}]}
    kept = ("not", "propertyNames", "examples", "default")
    return {key: value if key in kept else _with_variables(value) for key, value in schema.items()}


def _of_groups(schema: Any) -> Any:
    """The schema with references to the definitions in which a parameter may be a group."""
    if isinstance(schema, dict):
        return {key: _of_groups(value) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_of_groups(item) for item in schema]
    return schema.replace("#/definitions/", "#/definitions/grouped_") if isinstance(schema, str) else schema


def _grouped_definitions() -> dict[str, Schema]:
    made = {f"grouped_{name}": _of_groups(schema) for name, schema in definitions().items()}
    made["grouped_parameter"]["anyOf"].append({"$ref": "#/definitions/grouped_group"})
    return made


def _in_parts(schema: Any) -> Any:
    """The schema without what asks for a key."""
    if isinstance(schema, dict):
        kept = {key: value for key, value in schema.items() if key not in ("required", "oneOf")}
        return {key: value if key == "not" else _in_parts(value) for key, value in kept.items()}
    return [_in_parts(item) for item in schema] if isinstance(schema, list) else schema


def as_text() -> str:
    """The schema as JSON text: what `hpsearch schema` prints, and what is shipped."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"
