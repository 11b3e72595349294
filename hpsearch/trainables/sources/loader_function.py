"""`function: pkg.mod:load`: called without arguments where the study is prepared; returns (X, y), or X alone.

X may be a DataFrame (the frame policy holds, and `target` may name one of its columns), an array, or a scipy.sparse matrix; with
`text` a DataFrame that has this column, or the texts themselves: a list, an array or a Series.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hpsearch.core.values import digest
from hpsearch.spec.model import DataSpec
from hpsearch.trainables.findings import Finding
from hpsearch.trainables.frames import feature_columns, settled_frame, texts
from hpsearch.trainables.importing import import_path
from hpsearch.trainables.sources.raw import Raw, digest_array

_AT = "data.function"


def read(data: DataSpec, folder: Path) -> Raw:
    """Calls the function; whatever it raises is told with its own message. The digest is of what it returned."""
    if data.na_values:
        raise Finding("data.na_values", ": is for CSV files; a function returns missing values as NaN itself")
    load = import_path(data.source, _AT, example="mylib.data:load")
    if not callable(load):
        raise Finding(_AT, f" = {data.source}: a {type(load).__name__}, not a function")
    try:
        returned = load()
    except Exception as error:  # a user's function may raise anything
        raise Finding(_AT, f" = {data.source}: it raised {type(error).__name__}: {error}") from error
    X, y = _parts(returned, data)
    if len(X.shape) == 1:
        return _from_texts(X, y, data)
    if isinstance(X, pd.DataFrame):
        return _from_frame(X, y, data)
    return _from_array(X, y, data)


def _parts(returned: Any, data: DataSpec) -> tuple[Any, Any]:
    source = data.source
    if isinstance(returned, tuple):
        if len(returned) != 2:
            raise Finding(_AT, f" = {source}: it returned {len(returned)} things; return (X, y), or X alone")
        X, y = returned
    else:
        X, y = returned, None
    if not hasattr(X, "shape"):
        X = np.asarray(X, dtype=object) if data.text is not None else np.asarray(X)
    if len(X.shape) != 2 and (data.text is None or len(X.shape) != 1):
        raise Finding(_AT, f" = {source}: X has the shape {tuple(X.shape)}; it must have rows and columns{_or_text(X)}")
    if y is not None:
        y = y.reset_index(drop=True) if isinstance(y, pd.Series) else np.asarray(y)
        if len(y) != X.shape[0]:
            raise Finding(_AT, f" = {source}: it returned {X.shape[0]:,} rows of X and {len(y):,} of y")
    return X, y


def _or_text(X: Any) -> str:
    return ", or data.text a name for these texts" if len(X.shape) == 1 and X.dtype.kind in "OUT" else ""


def _from_texts(X: Any, y: Any, data: DataSpec) -> Raw:
    """Texts without a table; `text` is what they are called."""
    if data.target is not None:
        raise Finding("data.target", f" = {data.target}: {data.source} returns texts alone; return (texts, y), or a DataFrame")
    assert data.text is not None
    found = texts(pd.Series(X), _AT, f"{data.source}: X")
    return Raw(found, y, (data.text,), data.source, _digest(digest_array(found.to_numpy(dtype=object), "X"), y))


def _from_frame(X: pd.DataFrame, y: Any, data: DataSpec) -> Raw:
    X = X.set_axis([str(name) for name in X.columns], axis=1)
    if not X.columns.is_unique:
        twice = sorted(set(X.columns[X.columns.duplicated()]))
        raise Finding(_AT, f" = {data.source}: X names {', '.join(twice)} more than once; a column needs a name of its own")
    if y is not None and data.target is not None:
        raise Finding("data.target", f" = {data.target}: {data.source} returns y itself; leave target out")
    features = feature_columns(tuple(X.columns), data, f"what {data.source} returns")
    if y is None and data.target is not None:
        y = X[data.target].reset_index(drop=True)
    if data.text is not None:
        found = texts(X[data.text], "data.text", data.text)
        return Raw(found, y, features, data.source, _digest(digest_array(found.to_numpy(dtype=object), data.text), y))
    frame, _ = settled_frame(features, lambda name: X[name], data)
    return Raw(X=frame, target=y, feature_names=features, name=data.source, digest=_digest(_digest_frame(frame), y))


def _from_array(X: Any, y: Any, data: DataSpec) -> Raw:
    wrong = [
        (f"data.{key}", f": needs column names, and {data.source} returns an array; return a DataFrame")
        for key, given in (
            ("columns", data.columns),
            ("drop", data.drop),
            ("dtypes", data.dtypes),
            ("text", data.text),
            ("target", data.target),
        )
        if given
    ]
    if wrong:
        raise Finding.of(wrong)
    if X.dtype.kind not in "biuf":
        raise Finding(_AT, f" = {data.source}: X is an array of {X.dtype}; return numbers, or a DataFrame")
    if isinstance(X, np.ndarray):
        content = digest_array(X, "X")
    elif hasattr(X, "tocsr"):
        X = X.tocsr()
        X.sort_indices()
        content = digest(
            {part: digest_array(getattr(X, part), "X") for part in ("data", "indices", "indptr")} | {"shape": list(X.shape)}
        )
    else:
        raise Finding(_AT, f" = {data.source}: X is a {type(X).__name__}; return an array, a DataFrame or a scipy.sparse matrix")
    if data.float32 and X.dtype == np.float64:
        X = X.astype(np.float32)
    names = tuple(f"x{index}" for index in range(X.shape[1]))
    return Raw(X=X, target=y, feature_names=names, name=data.source, digest=_digest(content, y))


def _digest(features: str, y: Any) -> str:
    # Categories and pandas' texts by their values; numbers and times of numpy's are bytes already.
    target = y.astype(object).to_numpy() if isinstance(y, pd.Series) and y.dtype.kind not in "biufmM" else y
    return digest({"X": features, "y": None if y is None else digest_array(np.asarray(target), "y")})


def _digest_frame(frame: pd.DataFrame) -> str:
    columns = {}
    for name in frame.columns:
        column = frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            categories = column.cat.categories.astype(object).to_numpy()
            columns[name] = [digest_array(column.cat.codes.to_numpy(), name), digest_array(categories, f"column {name}")]
        else:
            columns[name] = [digest_array(column.to_numpy(), f"column {name}")]
    return digest({"order": list(frame.columns), "columns": columns})
