"""Turning what a user's code calls a metric into {name: float}, or saying why it is none."""

from __future__ import annotations

import numbers
import re
from collections.abc import Mapping
from typing import Any

from hpsearch.core.errors import ObjectiveError

MAX_METRICS = 1000
MAX_NAME_LENGTH = 250
_HALF = re.compile("[\ud800-\udfff]")  # of a surrogate pair: neither tables nor MLflow take it


def as_float(value: object, name: str, source: str) -> float:
    """A number, a numpy scalar, or a tensor or array of one element, as float. NaN and infinities are let through.

    Raises:
        ObjectiveError: anything else; says what `source` ("the function returned") gave for `name`.
    """
    item = value
    if not isinstance(item, numbers.Number) and hasattr(item, "item"):
        try:
            item = item.item()
        except (ValueError, RuntimeError, TypeError) as error:  # more than one element
            raise ObjectiveError(f"{source} {name} = {_brief(value)}: a metric is one number, not many") from error
    if isinstance(item, numbers.Real):
        try:
            return float(item)
        except (OverflowError, ValueError) as error:
            raise ObjectiveError(f"{source} {name} = {_brief(value)}: {error}") from error
    raise ObjectiveError(f"{source} {name} = {_brief(value)} ({type(value).__name__}): a metric is a number")


def as_metrics(values: Mapping[Any, object], source: str) -> dict[str, float]:
    """`values` with every metric as float.

    Raises:
        ObjectiveError: a name that is no text, has half a character, is empty or is too long, a value that is no number, or too
            many of them.
    """
    if len(values) > MAX_METRICS:
        raise ObjectiveError(f"{source} {len(values):,} metrics: at most {MAX_METRICS:,} are kept for a trial; return fewer")
    metrics = {}
    for name, value in values.items():
        if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME_LENGTH:
            raise ObjectiveError(f"{source} a metric named {_brief(name)}: a name is text of 1 to {MAX_NAME_LENGTH} characters")
        if half := _HALF.search(name):
            raise ObjectiveError(
                f"{source} a metric named {_brief(name)}: {ascii(half[0])[1:-1]} is half a character, as in the name of a file "
                "in another encoding; write it in whole ones"
            )
        metrics[name] = as_float(value, name, source)
    return metrics


def _brief(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
