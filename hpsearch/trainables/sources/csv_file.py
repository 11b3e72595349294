"""`csv: PATH`: one file of comma-separated values with a header, compressed or not, as pandas reads it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from hpsearch.spec.model import DataSpec
from hpsearch.trainables.findings import Finding
from hpsearch.trainables.frames import feature_columns, read_dtypes, settle_frame
from hpsearch.trainables.sources.raw import Raw, digest_files, existing_file, stamp


def read(data: DataSpec, folder: Path) -> Raw:
    """Numbers are read as `pandas.read_csv` reads them by default."""
    path = existing_file(folder, data.source, "data.csv")
    before = stamp([path])
    content = digest_files([path], "data.csv")
    try:
        features = feature_columns(header_of(path, data.source), data, path.name)
        target = [data.target] if data.target is not None else []
        frame = pd.read_csv(
            path,
            # Only where columns are named: pandas does not notice a row with too many fields when it picks columns.
            usecols=[*features, *target] if data.columns else None,
            dtype=read_dtypes(data),
            na_values=list(data.na_values) or None,
            low_memory=False,  # else a column's type may differ from chunk to chunk
        )
    except (pd.errors.ParserError, UnicodeDecodeError, ValueError, OSError) as error:
        raise Finding("data.csv", f" = {data.source}: {error}") from error
    if not isinstance(frame.index, pd.RangeIndex):  # pandas takes the surplus for row names, and shifts all columns
        raise Finding("data.csv", f" = {data.source}: the rows have more fields than the header has names")
    if stamp([path]) != before:
        raise Finding("data.csv", f" = {data.source}: the file changed while it was read; run again when it is complete")
    frame = settle_frame(frame[[*features, *target]], data)
    return Raw(
        X=frame[list(features)].copy(),
        target=frame[data.target] if data.target is not None else None,
        feature_names=features,
        name=path.name,
        digest=content,
    )


def header_of(path: Path, source: str) -> tuple[str, ...]:
    """The columns' names, as they are in every trial.

    Raises:
        Finding: the file is empty or no text, a name stands twice, or what separates the names is no comma.
    """
    try:
        header = pd.read_csv(path, header=None, nrows=1, dtype=str, keep_default_na=False)
    except pd.errors.EmptyDataError as error:
        raise Finding("data.csv", f" = {source}: the file is empty") from error
    except (pd.errors.ParserError, UnicodeDecodeError, ValueError, OSError) as error:
        raise Finding("data.csv", f" = {source}: {error}") from error
    # An empty name becomes what pandas calls such a column: the index that `frame.to_csv(path)` writes has one.
    names = tuple(str(name) or f"Unnamed: {index}" for index, name in enumerate(header.iloc[0]))
    _check_header(names, source)
    return names


def _check_header(names: tuple[str, ...], source: str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Finding(
            "data.csv", f" = {source}: the header names {', '.join(twice)} more than once; a column needs a name of its own"
        )
    if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
        raise Finding("data.csv", f" = {source}: the header {names[0]!r} is not separated by commas; hpsearch reads commas alone")
