"""The spec's JSON Schema, made of the forms that the loader reads by.

A schema holds each value alone: what hangs on another one (a metric that is one of `evaluate.metrics`, the ends of a range, a
parameter that an estimator takes) is said by `hpsearch plan`.
"""

from __future__ import annotations

import json
from importlib import resources

from hpsearch.spec.domain_forms import DEFINITIONS
from hpsearch.spec.forms import Schema
from hpsearch.spec.study import STUDY

SHIPPED = resources.files("hpsearch.spec").joinpath("schema.json")
"""The schema as a file, for editors."""


def json_schema() -> Schema:
    """The schema, draft 7, in new values."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "hpsearch search spec",
        "description": STUDY.help,
        **STUDY.schema(),
        "definitions": dict(DEFINITIONS),
    }


def as_text() -> str:
    """The schema as JSON text: what `hpsearch schema` prints, and what is shipped."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"
