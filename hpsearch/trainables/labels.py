"""The target policy: labels become class numbers, values become floats, and what cannot be learnt is said beforehand."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd

from hpsearch.core.names import did_you_mean
from hpsearch.core.values import Value
from hpsearch.trainables.findings import Finding
from hpsearch.trainables.table import Array
from hpsearch.trainables.task import Task


def encode_target(
    raw: pd.Series | Array, task: Task, *, positive: Value = None, name: str = "the target", learner: str = "the estimator"
) -> tuple[Array, tuple[Hashable, ...]]:
    """(y, classes): int64 class numbers and the labels by number, or float64 values and no classes.

    Labels are numbered in sorted order; `positive` makes its label number 1 of two. An OPEN task's target is labels where it
    is text, categories or booleans, or where `positive` is given; else its numbers stay as they are.

    Args:
        raw: (n_rows,) as the source gives it.
        name: what the target is called in messages; learner: what is to learn it.

    Raises:
        Finding: missing values, one class, a target that does not suit the task, a positive that is no label.
    """
    column = raw if isinstance(raw, pd.Series) else _as_series(raw, name)
    if column.dtype == object:
        column = column.infer_objects()
    _check_missing(column, name)
    textual = not pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype)
    if task is Task.CLASSIFICATION or (task is Task.OPEN and (textual or positive is not None)):
        return _encode_labels(column, positive, name, learner)
    if positive is not None:
        raise Finding("data.positive", f" = {positive}: {learner} is a regressor; positive names a class")
    values = _as_numbers(column, name, learner)
    if task is Task.OPEN and pd.api.types.is_integer_dtype(column.dtype):
        return column.to_numpy(dtype=np.int64), ()
    return values, ()


def _as_series(raw: Array, name: str) -> pd.Series:
    if raw.ndim == 2 and raw.shape[1] == 1:
        raw = raw[:, 0]
    if raw.ndim != 1:
        raise Finding("data.target", f": {name} has the shape {raw.shape}; a target is one value a row")
    return pd.Series(raw)


def _check_missing(column: pd.Series, name: str) -> None:
    missing = column.isna().to_numpy()
    if missing.any():
        first = int(missing.argmax())
        raise Finding(
            "data.target",
            f" = {name}: {int(missing.sum()):,} of {len(column):,} rows have no target (the first is row {first + 1});"
            " take those rows out of the data",
        )


def _encode_labels(column: pd.Series, positive: Value, name: str, learner: str) -> tuple[Array, tuple[Hashable, ...]]:
    if pd.api.types.is_float_dtype(column.dtype):
        values = column.to_numpy(dtype=np.float64)
        if not np.array_equal(values, np.floor(values)):
            raise Finding(
                "data.target",
                f" = {name}: a number with {len(np.unique(values)):,} different values, and {learner} is a classifier;"
                " use a regressor, or a target of labels",
            )
    plain = column.astype(object).to_numpy()
    try:
        labels = np.unique(plain)
    except TypeError as error:
        kinds = sorted({type(value).__name__ for value in plain})
        raise Finding(
            "data.target", f" = {name}: labels of several types ({', '.join(kinds)}) have no order; use one type"
        ) from error
    if len(labels) < 2:
        only = f"only one class, {labels[0]}" if len(labels) else "no rows"
        raise Finding("data.target", f" = {name}: there is {only}; a classifier needs two")
    numbers = np.searchsorted(labels, plain).astype(np.int64)
    classes = tuple(labels.tolist())
    if positive is None:
        return numbers, classes
    if len(classes) != 2:
        raise Finding("data.positive", f" = {positive}: {name} has {len(classes)} classes; positive is for two")
    chosen = [label for label in classes if label == positive and isinstance(label, bool) == isinstance(positive, bool)]
    if not chosen:
        raise Finding(
            "data.positive", f" = {positive!r}: no label of {name}, which are {_listed(classes)}{_near(positive, classes)}"
        )
    return (numbers, classes) if chosen[0] == classes[1] else (1 - numbers, (classes[1], classes[0]))


def _as_numbers(column: pd.Series, name: str, learner: str) -> Array:
    if not pd.api.types.is_numeric_dtype(column.dtype):
        try:
            column = pd.to_numeric(column.astype(object))
        except (TypeError, ValueError) as error:
            text = next((value for value in column if isinstance(value, str)), column.iloc[0])
            raise Finding(
                "data.target",
                f" = {name}: {text!r} is no number, and {learner} is a regressor; use a classifier, or another target",
            ) from error
    values = column.to_numpy(dtype=np.float64)
    if not np.isfinite(values).all():
        raise Finding("data.target", f" = {name}: row {int(np.isfinite(values).argmin()) + 1} is infinite; a target is finite")
    return values


def _listed(classes: Sequence[Hashable]) -> str:
    return " and ".join(repr(label) for label in classes)


def _near(positive: Value, classes: Sequence[Hashable]) -> str:
    return did_you_mean(str(positive), [str(label) for label in classes])
