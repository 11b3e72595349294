"""Parameter values as typed columns: one dtype for a parameter, null where it is absent (inactive)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from hpsearch.core.names import storable
from hpsearch.core.values import Params, Value, canonical, json_value

_INT64_MIN, _INT64_MAX = -(2**63), 2**63 - 1
_LARGEST = 1e150  # of a number that an axis can show: beyond, what two are apart by may be none

_ABSENT = object()  # None is a value (`max_depth: null`); an absent parameter is not


def parameter_names(rows: Iterable[Params]) -> tuple[str, ...]:
    """Every name that any row has, in the order of first appearance."""
    kinds = dict.fromkeys(map(tuple, rows))  # of names: few, where rows are many
    return tuple(dict.fromkeys(chain.from_iterable(kinds)))


def varying_names(rows: Sequence[Params], known: Sequence[str]) -> tuple[str, ...]:
    """The parameters that tell `rows` apart (more than one value, or absent from some), and those in `known` in any case.

    In the order of first appearance; those of `known` that no row has come last.
    """
    names = parameter_names(rows)
    varying = [name for name in names if name in known or _varies(name, rows)]
    return (*varying, *(name for name in known if name not in names))


def _varies(name: str, rows: Sequence[Params]) -> bool:
    first = rows[0].get(name, _ABSENT)
    return any(not _same(row.get(name, _ABSENT), first) for row in rows)


def _same(a: object, b: object) -> bool:
    if a is b or a is _ABSENT or b is _ABSENT:
        return a is b
    # Nearly all are equal texts or whole numbers, for which the canonical form is not needed: 1 and 1.0 are two values.
    return (type(a) is type(b) and isinstance(a, str | int) and a == b) or canonical(a) == canonical(b)


def parameter_column(name: str, rows: Sequence[Params]) -> pd.Series:
    """The values of one parameter over `rows`, typed by what they are.

    All bool → boolean; all int → Int64; float, or int and float together → Float64; all str → string. Everything else
    (lists, mappings, null, kinds mixed, NaN and infinities, numbers beyond 1e150, integers over 64 bits, or a 1 beside a 1.0,
    which are two values) → string, each value as `text_of` writes it.
    """
    values = [row.get(name, _ABSENT) for row in rows]
    kinds = set(map(type, values)) - {object}
    dtype = _dtype(kinds, values)
    if dtype == "text":
        return string_column([None if value is _ABSENT else text_of(value) for value in values])  # type: ignore[arg-type]
    if dtype == "string":
        return string_column([None if value is _ABSENT else value for value in values])  # type: ignore[misc]
    absent = np.fromiter((value is _ABSENT for value in values), dtype=bool, count=len(values))
    # The arrays themselves: pandas looks at a list's every cell before it makes one.
    array, kind = _ARRAYS[dtype]
    return pd.Series(array(np.array([0 if value is _ABSENT else value for value in values], dtype=kind), absent))


_ARRAYS: Mapping[str, tuple[Callable[..., Any], type[Any]]] = {
    "boolean": (pd.arrays.BooleanArray, np.bool_),
    "Int64": (pd.arrays.IntegerArray, np.int64),
    "Float64": (pd.arrays.FloatingArray, np.float64),
}


def string_column(cells: Sequence[str | None]) -> pd.Series:
    """A column of texts and nulls, each made `storable`."""
    try:
        texts = pa.array(cells, type=pa.large_string())
    except UnicodeEncodeError:  # Arrow keeps valid UTF-8 alone
        texts = pa.array([None if cell is None else storable(cell) for cell in cells], type=pa.large_string())
    return pd.Series(pd.array(texts, dtype="string"))


def text_of(value: Value) -> str:
    """A value as a person reads it: strings bare, everything else as compact JSON (3, 3.0, true, null, [1,2]), or .inf."""
    plain = json_value(value)
    return plain if isinstance(plain, str) else canonical(plain)


def _dtype(kinds: set[type], values: Sequence[object]) -> str:
    if not kinds or kinds == {str}:
        return "string"
    if kinds == {bool}:
        return "boolean"
    if kinds <= {int, float}:
        numbers = [value for value in values if isinstance(value, int | float)]
        whole, real = ([number for number in numbers if type(number) is kind] for kind in (int, float))
        if whole and not (min(whole) >= _INT64_MIN and max(whole) <= _INT64_MAX):
            return "text"
        if real and not (np.abs(np.array(real)) <= _LARGEST).all():
            return "text"
        if len(kinds) == 1:
            return "Float64" if real else "Int64"
        exact = {(type(number), number) for number in numbers}
        # 1 and 1.0 mean different things to scikit-learn (max_features): never merge them in one number.
        return "Float64" if len(exact) == len(set(numbers)) and all(float(number) == number for number in numbers) else "text"
    return "text"


def cell_text(value: object) -> str:
    """A cell of a `param.*` column for people: "–" where the parameter is absent."""
    if value is None or value is pd.NA:
        return "–"
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
