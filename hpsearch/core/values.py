"""Parameter values and their canonical form, the text that identities are hashed from."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TypeAlias

Value: TypeAlias = "bool | int | float | str | tuple[Value, ...] | Mapping[str, Value] | None"
Params: TypeAlias = Mapping[str, Value]


def freeze(value: object) -> Value:
    """`value` with lists as tuples, all the way down.

    Raises:
        TypeError: for anything that is not a scalar, a sequence or a mapping with string keys.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"the key {key!r} is not a string")
        return {key: freeze(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return tuple(freeze(item) for item in value)
    raise TypeError(
        f"{value!r} is a {type(value).__name__}; a value is null, true, false, a number, a string, a list or a mapping"
    )


def canonical(value: object) -> str:
    """The one text of a value: JSON with sorted keys, no blanks, ASCII only.

    Types stay apart (`3`, `3.0`, `true` and `"3"` are four texts), lists and tuples do not, `-0.0` is `0.0`, and the
    floats that JSON lacks are written {"$float": "nan"}. Two values are equal for hpsearch when their texts are.
    """
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


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
        if any(not isinstance(key, str) for key in value):
            raise TypeError(f"a mapping with keys that are not strings has no canonical form: {value!r}")
        # A user's own "$..." key is doubled, so that it can never look like the marker above.
        return {("$" + key if key.startswith("$") else key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    raise TypeError(f"{value!r} ({type(value).__name__}) has no canonical form")
