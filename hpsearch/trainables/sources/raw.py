"""What a source hands over: features as they will be, a target as it came, and a digest of the content."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hpsearch.core.names import did_you_mean
from hpsearch.core.values import Value, digest
from hpsearch.spec.model import DataSpec
from hpsearch.trainables.findings import Finding
from hpsearch.trainables.frames import settled, settled_frame, texts
from hpsearch.trainables.table import Features

_PART_BYTES = 16 << 20


@dataclass(frozen=True)
class Raw:
    """A source's rows.

    Attributes:
        X: (n_rows, n_columns), columns and types settled; (n_rows,) of texts.
        target: (n_rows,) Series or array before encoding; None where the source has none.
        name: for people. digest: of the content alone.
    """

    X: Features
    target: Any
    feature_names: tuple[str, ...]
    name: str
    digest: str


def raw_of(names: Sequence[str], read: Callable[[str], pd.Series], data: DataSpec, name: str, content: str) -> Raw:
    """What a file gives: its columns settled one by one, each read when it is due.

    Args:
        names: of the features, then the target's where there is one.
        name: the table's, for people. content: the file's digest.
    """
    features = tuple(each for each in names if each != data.target)
    if data.text is None:
        frame, target = settled_frame(names, read, data)
        return Raw(frame, target, features, name, content)
    X = texts(read(data.text), "data.text", data.text)
    target = settled(read(data.target), data.target, data) if data.target is not None else None
    return Raw(X, target, features, name, content)


def digest_files(paths: Sequence[Path], at: str) -> str:
    """SHA-256 of the files' bytes, one after the other in the given order; their names and places are not part of it.

    Raises:
        Finding: at `at`, for a file that cannot be read.
    """
    try:
        digests = []
        for path in paths:
            with path.open("rb") as file:
                digests.append(file_digest(file, sha256).hexdigest())
    except OSError as error:
        raise Finding(at, f": {error.filename or path} cannot be read: {error.strerror}") from error
    return digest({"files": digests})


def digest_array(array: Any, name: str) -> str:
    """SHA-256 of an array's type, shape and values in row order; of Python objects by their canonical text.

    Args:
        name: what messages call the array: "column city".

    Raises:
        Finding: for an object that is neither text, number, boolean nor missing. Its repr may be another one in every run.
    """
    values = np.asarray(array)
    if values.dtype.hasobject:
        return digest({"objects": [_scalar(value, name) for value in values.ravel().tolist()], "shape": list(values.shape)})
    found = sha256(f"{values.dtype.str}|{values.shape}|".encode())
    # In parts: the bytes of all of it would be a second copy.
    rows = max(1, _PART_BYTES * len(values) // max(1, values.nbytes)) if values.ndim else 1
    for start in range(0, len(values) if values.ndim else 1, rows):
        found.update((values[start : start + rows] if values.ndim else values).tobytes())
    return found.hexdigest()


def _scalar(value: Any, name: str) -> Value:
    plain = value.item() if isinstance(value, np.generic) and value.dtype.kind in "biufU" else value
    if plain is pd.NA or plain is pd.NaT:
        return None
    if plain is None or isinstance(plain, bool | int | float | str):
        return plain
    raise Finding(
        "data",
        f": {name} holds a {type(value).__name__}, which cannot be told from another one in the next run;"
        " return text, numbers, booleans and missing values",
    )


def stamp(paths: Sequence[Path]) -> tuple[tuple[int, int], ...]:
    """Size and change time of the files, to notice that one is written to while it is read."""
    return tuple((path.stat().st_size, path.stat().st_mtime_ns) for path in paths)


def existing_file(folder: Path, source: str, at: str) -> Path:
    """The file that `source` names, relative to the spec's folder.

    Raises:
        Finding: there is none (with the nearest name of that folder), it is a folder, or it is remote.
    """
    if "://" in source:
        raise Finding(at, f" = {source}: remote files are not supported yet; copy it beside the spec")
    path = folder / Path(source).expanduser()
    if path.is_file():
        return path
    if path.is_dir():
        raise Finding(at, f" = {source}: a folder, not a file")
    if not path.parent.is_dir():
        raise Finding(at, f" = {source}: there is no folder {path.parent}; paths are relative to the spec's folder")
    names = [entry.name for entry in path.parent.iterdir() if entry.is_file()]
    raise Finding(at, f" = {source}: there is no such file in {path.parent}{did_you_mean(path.name, names)}")
