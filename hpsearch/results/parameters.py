"""Parameter values as typed columns: one dtype for a parameter, null where it is absent (inactive)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from hpsearch.core.values import Params, Value, canonical, json_value

_INT64_MIN, _INT64_MAX = -(2**63), 2**63 - 1
_LARGEST = 1e150  # of a number that an axis can show: beyond, what two are apart by may be none

_ABSENT = object()  # None is a value (`max_depth: null`); an absent parameter is not


def parameter_names(rows: Iterable[Params]) -> tuple[str, ...]:
    """Every name that any row has, in the order of first appearance."""
    names: dict[str, None] = {}
    for row in rows:
        names.update(dict.fromkeys(row))
    return tuple(names)


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
    kinds = {type(value) for value in values if value is not _ABSENT}
    dtype = _dtype(kinds, values)
    if dtype == "text":
        cells: list[object] = [pd.NA if value is _ABSENT else text_of(value) for value in values]  # type: ignore[arg-type]
        return string_column(cells)
    cells = [pd.NA if value is _ABSENT else value for value in values]
    return string_column(cells) if dtype == "string" else pd.Series(cells, dtype=dtype)


def string_column(cells: Sequence[object]) -> pd.Series:
    """A column of texts and nulls. A lone surrogate (half of a file name in another encoding) is written out: "\\udc80"."""
    try:
        return pd.Series(list(cells), dtype="string")
    except UnicodeEncodeError:  # Arrow keeps valid UTF-8 alone
        fit = [cell.encode("utf-8", "backslashreplace").decode() if isinstance(cell, str) else cell for cell in cells]
        return pd.Series(fit, dtype="string")


def text_of(value: Value) -> str:
    """A value as a person reads it: strings bare, everything else as compact JSON (3, 3.0, true, null, [1,2]), or .inf."""
    plain = json_value(value)
    return plain if isinstance(plain, str) else canonical(plain)


def _dtype(kinds: set[type], values: Sequence[object]) -> str:
    if not kinds or kinds == {str}:
        return "string"
    if kinds == {bool}:
        return "boolean"
    present = [value for value in values if value is not _ABSENT]
    if kinds <= {int, float}:
        numbers = [value for value in present if isinstance(value, int | float)]
        if any(
            (isinstance(number, int) and not _INT64_MIN <= number <= _INT64_MAX)
            or (isinstance(number, float) and not abs(number) <= _LARGEST)
            for number in numbers
        ):
            return "text"
        if kinds == {int}:
            return "Int64"
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
