"""The spec's JSON Schema, made of the forms that the loader reads by.

A schema holds each value alone: what hangs on another one (a metric that is one of `evaluate.metrics`, the ends of a range, a
parameter that an estimator takes) is said by `hpsearch plan`.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from hpsearch.spec.composition import EXTENDS
from hpsearch.spec.domain_forms import DEFINITIONS
from hpsearch.spec.forms import Schema
from hpsearch.spec.study import STUDY

SHIPPED = resources.files("hpsearch.spec").joinpath("schema.json")
"""The schema as a file, for editors."""


def json_schema() -> Schema:
    """The schema, draft 7, in new values. Of a spec that extends another, nothing need be there."""
    whole = STUDY.schema()
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "hpsearch search spec",
        "description": STUDY.help,
        "type": "object",
        "if": {"required": [EXTENDS]},
        "then": _in_parts(whole),
        "else": whole,
        "definitions": dict(DEFINITIONS),
    }


def _in_parts(schema: Any) -> Any:
    """The schema without what asks for a key."""
    if isinstance(schema, dict):
        return {key: _in_parts(value) for key, value in schema.items() if key not in ("required", "oneOf")}
    return [_in_parts(item) for item in schema] if isinstance(schema, list) else schema


def as_text() -> str:
    """The schema as JSON text: what `hpsearch schema` prints, and what is shipped."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"
