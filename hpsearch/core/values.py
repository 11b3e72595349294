"""Parameter values, their canonical form, the text that identities are hashed from, and their form in JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TypeAlias

Key: TypeAlias = "bool | int | float | str | None"
"""Of a literal mapping, as `class_weight` has them: {0: 1.0, 1: 5.0}."""
Value: TypeAlias = "bool | int | float | str | tuple[Value, ...] | Mapping[str, Value] | Mapping[Key, Value] | None"
Params: TypeAlias = Mapping[str, Value]


def freeze(value: object) -> Value:
    """`value` with lists as tuples, all the way down.

    Raises:
        TypeError: for anything that is not a scalar, a sequence or a mapping with scalars as keys.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        for key in value:
            key_text(key)
        return {key: freeze(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return tuple(freeze(item) for item in value)
    raise TypeError(
        f"{value!r} is a {type(value).__name__}; a value is null, true, false, a number, a string, a list or a mapping"
    )


def key_text(key: object) -> str:
    """A mapping's key as JSON can have it: a string as it is, 0 as "$0", true as "$true".

    A string that begins with $ gets another one: so no string can look like another key, nor like the marker of a float that
    JSON lacks.

    Raises:
        TypeError: for what is no scalar, or no number.
    """
    if isinstance(key, str):
        return f"${key}" if key.startswith("$") else key
    if key is not None and not isinstance(key, bool | int | float):
        raise TypeError(f"the key {key!r} is no text, number, boolean or null")
    if isinstance(key, float) and not math.isfinite(key):
        raise TypeError(f"the key {key!r} is no number")
    return f"${json.dumps(key)}"


def key_of(text: str) -> Key:
    """The inverse of `key_text`."""
    if not text.startswith("$"):
        return text
    return text[1:] if text.startswith("$$") else json.loads(text[1:])


def canonical(value: object) -> str:
    """The one text of a value: JSON with sorted keys, no blanks, ASCII only.

    Types stay apart (`3`, `3.0`, `true` and `"3"` are four texts), lists and tuples do not, `-0.0` is `0.0`, and the
    floats that JSON lacks are written {"$float": "nan"}, and keys that are no strings as `key_text` does. Two values are equal
    for hpsearch when their texts are.
    """
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def json_value(value: Value) -> object:
    """A parameter for strict JSON; what JSON has no number for is written as YAML writes it."""
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    if isinstance(value, tuple):
        return [json_value(item) for item in value]
    if isinstance(value, Mapping):
        return {name if isinstance(name, str) else canonical(name): json_value(item) for name, item in value.items()}
    return value


def digest(value: object, *, length: int = 32) -> str:
    """The first `length` hex digits (4 bits each) of the SHA-256 of the canonical text."""
    return sha256(canonical(value).encode("ascii")).hexdigest()[:length]


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return {"$float": "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"}
        return 0.0 if value == 0 else float(value)
    if isinstance(value, Mapping):
        return {key_text(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    raise TypeError(f"{value!r} ({type(value).__name__}) has no canonical form")
