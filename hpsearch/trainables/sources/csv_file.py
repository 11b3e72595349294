"""`csv: PATH`: one file of comma-separated values with a header, compressed or not, as pandas reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from hpsearch.spec.model import DataSpec
from hpsearch.trainables.findings import Finding
from hpsearch.trainables.frames import feature_columns, read_dtypes
from hpsearch.trainables.sources.csv_parts import parsed
from hpsearch.trainables.sources.csv_rows import check_rows
from hpsearch.trainables.sources.raw import Raw, digest_files, existing_file, raw_of, stamp


def read(data: DataSpec, folder: Path) -> Raw:
    """Numbers are read as `pandas.read_csv` reads them by default; columns that no trial sees are not."""
    path = existing_file(folder, data.source, "data.csv")
    before = stamp([path])
    content = digest_files([path], "data.csv")
    try:
        header = header_of(path, data.source)
        features = feature_columns(header, data, path.name)
        wanted = [*features, *([data.target] if data.target is not None else [])]
        picks = len(wanted) < len(header)
        if picks:
            check_rows(path, header, data.source)
        column = _columns(path, wanted if picks else None, len(header), data)
    except (pd.errors.ParserError, UnicodeDecodeError, ValueError, OSError) as error:
        raise Finding("data.csv", f" = {data.source}: {error}") from error
    if stamp([path]) != before:
        raise Finding("data.csv", f" = {data.source}: the file changed while it was read; run again when it is complete")
    return raw_of(wanted, column, data, path.name, content)


def _columns(path: Path, columns: list[str] | None, width: int, data: DataSpec) -> Callable[[str], pd.Series]:
    """Gives each of the columns, once. None: all. Of running text no word means missing, and an empty cell is an empty text."""
    how: dict[str, Any] = {"dtype": read_dtypes(data), "na_values": list(data.na_values) or None}
    if data.text is None:
        found = parsed(path, width, usecols=columns, **how)
        if found.has_names_of_rows:  # pandas takes the surplus for those, and shifts all columns
            raise Finding("data.csv", f" = {data.source}: the rows have more fields than the header has names")
        return found.take
    text = parsed(path, width, usecols=[data.text], dtype="str", na_filter=False)
    target = parsed(path, width, usecols=[data.target], **how) if data.target is not None else text
    return lambda name: (text if name == data.text else target).take(name)


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
