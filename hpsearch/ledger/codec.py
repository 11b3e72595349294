"""Values and metrics as text, and back with their exact types.

JSON, in the order given. What JSON lacks is written by markers: `{"$float": "nan"}` (also "inf", "-inf"), and keys that are no
strings, or begin with `$`, as `key_text` does, so that no user's mapping can look like a marker. Lists and tuples are both
written as arrays and come back as tuples. ASCII only: no text of a user's can be refused by a database's encoding.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from hpsearch.core.names import storable
from hpsearch.core.values import Params, Value, key_of, key_text

_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_dumps = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), allow_nan=False, check_circular=False).encode

TEXT_LIMIT = 1 << 20
"""Characters of one free text (a log, a traceback) that are kept; the middle of a longer one is left out."""


def encode(value: object) -> str:
    """The text of `value`.

    Raises:
        TypeError: for anything that is not a scalar, a list, a tuple or a mapping with scalars as keys.
    """
    return _dumps(_plain(value))


def decode(text: str) -> Value:
    """The inverse of `encode`: equal, and of the same types throughout (lists come back as tuples)."""
    return _value(json.loads(text))


def decode_params(text: str) -> Params:
    """As `decode`, for a text that holds a mapping.

    Raises:
        ValueError: where it holds something else.
    """
    plain = json.loads(text)
    if type(plain) is dict and "$" not in text and "[" not in text:
        return plain  # no marker and no array: it is what it stands for
    value = _value(plain)
    if not isinstance(value, Mapping):
        raise ValueError(f"{text[:80]!r} holds no mapping")
    params: dict[str, Value] = {}
    for name, item in value.items():
        if not isinstance(name, str):
            raise ValueError(f"{text[:80]!r} holds a key that is no name: {name!r}")
        params[name] = item
    return params


def decode_params_all(texts: Sequence[str]) -> list[Params]:
    """`decode_params` of each, in a fraction of the time where they are many and plain."""
    together = f"[{','.join(texts)}]"
    if "$" not in together and together.find("[", 1) < 0:
        plain = json.loads(together)
        if len(plain) == len(texts) and set(map(type, plain)) <= {dict}:
            return plain  # type: ignore[no-any-return]
    return [decode_params(text) for text in texts]


def encode_metrics(metrics: Mapping[str, float]) -> str:
    """As `encode`, for numbers by name; NumPy's scalars are taken as the plain numbers they stand for."""
    return encode({name: value if type(value) is int else float(value) for name, value in metrics.items()})


def decode_metrics(text: str) -> dict[str, float]:
    """The inverse of `encode_metrics`.

    Raises:
        ValueError: where the text holds anything but numbers by name.
    """
    return _numbers(decode_params(text))


def decode_metrics_all(texts: Sequence[str]) -> list[dict[str, float]]:
    """`decode_metrics` of each, in a fraction of the time where they are many and plain."""
    found: list[Any] = decode_params_all(texts)
    if set(map(type, chain.from_iterable(map(dict.values, found)))) <= {int, float}:
        return found
    return [_numbers(metrics) for metrics in found]


def real(value: float | None) -> float | None:
    """A float as a database column keeps it: NaN is NULL there (SQLite knows no other), and -0.0 is 0.0."""
    if value is None:
        return None
    number = float(value) + 0.0
    return None if math.isnan(number) else number


def number(value: float | None) -> float:
    """The inverse of `real` for a column that always holds a number: NULL is NaN."""
    return math.nan if value is None else value


def clean(text: str) -> str:
    """Free text that every database takes: no lone surrogates, no NUL, at most TEXT_LIMIT characters with both ends kept."""
    if len(text) > TEXT_LIMIT:
        half = TEXT_LIMIT // 2
        text = f"{text[:half]}\n... {len(text) - 2 * half:,} characters left out ...\n{text[-half:]}"
    if text.isascii():
        return text.replace("\x00", "\\x00")
    return storable(text).replace("\x00", "\\x00")


def _numbers(values: Params) -> dict[str, float]:
    metrics: dict[str, float] = {}
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{name} is no number: {value!r}")
        metrics[name] = value
    return metrics


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        return {"$float": "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"}
    if isinstance(value, Mapping):
        return {key_text(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    raise TypeError(f"{value!r} ({type(value).__name__}) cannot be stored")


def _value(plain: object) -> Value:
    if plain is None or isinstance(plain, bool | int | float | str):
        return plain
    if isinstance(plain, list):
        return tuple(_value(item) for item in plain)
    if not isinstance(plain, dict):
        raise ValueError(f"{plain!r} is no JSON")
    if len(plain) == 1 and "$float" in plain:
        return _FLOATS[plain["$float"]]
    return {key_of(key): _value(item) for key, item in plain.items()}
