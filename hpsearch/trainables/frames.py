"""The frame policy: which columns of a file are features, and what type each has in every trial.

numeric      keeps its dtype; `float32: true` makes float32 of float64; pandas' nullable numbers become numpy's
boolean      stays bool; with missing values it becomes a category
text         becomes `category`, categories sorted over the whole table, so that codes do not depend on a fold
`dtypes`     overrides: a numpy or pandas dtype's name, `category`, or `str` to keep text as text

One column at a time: while a source is read, there need be no more than the table as it will be, and a column. `data.text` is one
column of texts in place of a frame: see `texts`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np
import pandas as pd

from hpsearch.core.names import did_you_mean
from hpsearch.spec.model import DataSpec
from hpsearch.trainables.blocks import Blocks
from hpsearch.trainables.findings import Finding

TEXT_DTYPES = frozenset({"str", "string", "object", "text"})
_INTEGERS = tuple(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))
_DTYPES = ("category", "str", "bool", "float32", "float64", *_INTEGERS)
_TRUTH = {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False}


def feature_columns(available: Sequence[str], data: DataSpec, source: str) -> tuple[str, ...]:
    """Names of the features, in the order of `data.columns` or else of the source; the target is never one.

    Raises:
        Finding: every name in target, columns, drop and dtypes that the source does not have, with the nearest; no feature left.
    """
    known = set(available)
    wrong: list[tuple[str, str]] = []

    def check(path: str, name: str) -> None:
        if name not in known:
            wrong.append((path, f" = {name}: {source} has no such column{_nearest(name, available)}"))

    if data.target is not None:
        check("data.target", data.target)
    for index, name in enumerate(data.columns):
        check(f"data.columns[{index}]", name)
    for index, name in enumerate(data.drop):
        check(f"data.drop[{index}]", name)
    if data.text is not None:
        check("data.text", data.text)
    for name in data.dtypes:
        check(f"data.dtypes.{name}", name)
    if data.columns and data.target is not None and data.target in data.columns:
        wrong.append(("data.columns", f": {data.target} is the target; a model would be shown the answer"))
    if wrong:
        raise Finding.of(wrong)
    if data.text is not None:
        return (data.text,)
    left_out = {*data.drop, *([data.target] if data.target is not None else [])}
    chosen = tuple(name for name in (data.columns or available) if name not in left_out)
    if not chosen:
        raise Finding("data", f": no feature is left of {source} once the target and data.drop are taken away")
    return chosen


def read_dtypes(data: DataSpec) -> dict[str, str]:
    """Columns that must be read as text, so that "007" is not read as 7 before its override is looked at."""
    return {name: "str" for name, dtype in data.dtypes.items() if dtype in TEXT_DTYPES or dtype == "category"}


def settled(column: pd.Series, name: str, data: DataSpec) -> pd.Series:
    """The column with the type that the policy gives it. The target keeps its precision, whatever `float32` says of the features.

    Raises:
        Finding: it cannot have its dtype, or holds values no estimator can take.
    """
    return _settle(column, data.dtypes.get(name), data.float32 and name != data.target)


def settled_frame(
    names: Sequence[str], read: Callable[[str], pd.Series], data: DataSpec
) -> tuple[pd.DataFrame, pd.Series | None]:
    """The columns `names`, settled, as a frame with a plain row index; the target, where it is one of them, apart.

    Args:
        read: called once for each column, in their order.

    Raises:
        Finding: for every column that cannot be settled.
    """
    wrong: list[tuple[str, str]] = []
    blocks = Blocks(tuple(name for name in names if name != data.target))
    target: pd.Series | None = None
    for name in names:
        try:
            column = settled(read(name), name, data)
        except Finding as finding:
            wrong.extend(finding.items)
            continue
        if name == data.target:
            target = column
        else:
            blocks.add(name, column)
    if wrong:
        raise Finding.of(wrong)
    return blocks.frame(), target


def texts(column: pd.Series, path: str, name: str) -> pd.Series:
    """Running text as a series of pandas' `str`.

    It holds all texts in one buffer (Arrow), so that workers map them: of 200,000 texts, a series of Python strings is pickled
    into each worker in 0.2 s and has no buffer, an array of fixed width takes four times the memory, and this one is read
    half a microsecond a text slower than either.

    Args:
        path: where messages stand; `name`: what they call the text.

    Raises:
        Finding: something else than text, or a missing one.
    """
    missing = column.isna().to_numpy()
    if missing.any():
        first = int(missing.argmax())
        raise Finding(
            path,
            f" = {name}: {int(missing.sum()):,} of {len(column):,} rows have no text (the first is row {first + 1});"
            " write an empty text there, or take those rows out of the data",
        )
    kind = pd.api.types.infer_dtype(column, skipna=False)
    if kind not in ("string", "empty"):
        raise Finding(path, f" = {name}: holds {kind} values, not text; leave text out")
    return column.astype("str").reset_index(drop=True)


def check_dtypes(dtypes: Mapping[str, str]) -> None:
    """Raises: Finding for every dtype of the data block that is none."""
    wrong = []
    for name, dtype in dtypes.items():
        try:
            if dtype not in TEXT_DTYPES:
                pd.api.types.pandas_dtype(dtype)
        except (TypeError, ValueError):
            wrong.append((f"data.dtypes.{name}", f" = {dtype}: not a dtype{did_you_mean(dtype, _DTYPES)}"))
    if wrong:
        raise Finding.of(wrong)


def _settle(column: pd.Series, override: str | None, float32: bool) -> pd.Series:
    if override is not None:
        column = _overridden(column, override)
        if override in TEXT_DTYPES:
            return column
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        return _category(column)
    if pd.api.types.is_bool_dtype(kind):
        return _category(column.astype(object)) if column.isna().any() else column.astype(bool)
    if pd.api.types.is_numeric_dtype(kind):
        return _number(column, float32 and override is None)
    if pd.api.types.is_datetime64_any_dtype(kind) or pd.api.types.is_timedelta64_dtype(kind):
        raise Finding("data", f": column {column.name} holds times, which no estimator takes; drop it, or write numbers or text")
    return _from_objects(column, float32)


def _number(column: pd.Series, float32: bool) -> pd.Series:
    dtype = column.dtype
    if isinstance(dtype, pd.api.extensions.ExtensionDtype):  # Int64, Float64, Arrow's
        whole = pd.api.types.is_integer_dtype(dtype) and not column.isna().any()
        column = pd.Series(
            column.to_numpy(dtype=np.int64) if whole else column.to_numpy(dtype=np.float64, na_value=np.nan), name=column.name
        )
    return column.astype(np.float32) if float32 and column.dtype == np.float64 else column


def _from_objects(column: pd.Series, float32: bool) -> pd.Series:
    inferred = pd.api.types.infer_dtype(column, skipna=True)
    if inferred in ("decimal", "floating", "integer", "mixed-integer-float"):
        return _number(pd.to_numeric(column).astype(np.float64), float32)
    if inferred == "empty":  # nothing but missing values
        return column.astype(np.float32 if float32 else np.float64)
    return _category(column)


def _category(column: pd.Series) -> pd.Series:
    """As `category`; the categories are the values that occur, sorted, numbers and texts each among themselves."""
    values = column.astype(object)
    try:
        present = set(values[values.notna()])
    except TypeError as error:  # lists, mappings
        raise Finding("data", f": column {column.name} holds {error}; write one value a cell, or drop it") from error
    try:
        ordered = sorted(present)
    except TypeError:
        ordered = sorted(present, key=lambda value: (type(value).__name__, str(value)))
    return pd.Series(pd.Categorical(values, categories=ordered), name=column.name, index=column.index)


def _overridden(column: pd.Series, dtype: str) -> pd.Series:
    path = f"data.dtypes.{column.name}"
    try:
        if dtype in TEXT_DTYPES:
            return _cast(column, "str" if dtype == "text" else dtype)
        if pd.api.types.is_bool_dtype(dtype):
            return _truth(column, path)
        missing = int(column.isna().sum())
        if missing and pd.api.types.is_integer_dtype(dtype):
            raise Finding(path, f" = {dtype}: {missing:,} values are missing, which integers cannot be; use float64")
        return _cast(column, dtype)
    except (TypeError, ValueError, OverflowError) as error:
        raise Finding(path, f" = {dtype}: {error}") from error


def _cast(column: pd.Series, dtype: str) -> pd.Series:
    # pandas' stubs know dtypes by literal alone; check_dtypes has made sure that this is one.
    return column.astype(cast(Any, dtype))


def _truth(column: pd.Series, path: str) -> pd.Series:
    if column.isna().any():
        raise Finding(path, f" = bool: {int(column.isna().sum()):,} values are missing, which a bool cannot be; use category")
    truth = column.astype(str).str.lower().map(_TRUTH)
    if truth.isna().any():
        raise Finding(path, f" = bool: {column[truth.isna()].iloc[0]!r} is neither true nor false; use category")
    return truth.astype(bool)


def _nearest(name: str, available: Sequence[str]) -> str:
    near = did_you_mean(name, available)
    if near or not available:
        return near
    shown = ", ".join(available[:8])
    return f"; it has {shown}" + (f" and {len(available) - 8} more" if len(available) > 8 else "")
