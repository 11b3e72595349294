"""What can be said of a data block without loading it. Apart from the loading, so that a worker without data needs no pandas."""

from __future__ import annotations

from glob import glob
from pathlib import Path

from hpsearch.core.values import Value
from hpsearch.spec.model import DataSpec

# Files up to this size are read in about a second.
_QUICK_BYTES = 32 << 20


def is_quick(data: DataSpec, folder: Path) -> bool:
    """Whether the data is loaded in a moment: bundled sets and small files. Of a function nobody knows."""
    if data.kind == "function":
        return False
    if data.kind == "sklearn":
        return True
    found = {data.source, *glob(str(Path(data.source).expanduser()), root_dir=folder, recursive=True)}
    paths = (folder / Path(name).expanduser() for name in found)
    return sum(path.stat().st_size for path in paths if path.is_file()) <= _QUICK_BYTES


def data_options(data: DataSpec) -> dict[str, Value]:
    """The data block as far as it decides what a trial sees, every default written out.

    Where the data lies is no part of it: the content's digest says what it is, and a file may be moved.
    """
    options: dict[str, Value] = {
        "kind": data.kind,
        "target": data.target,
        "columns": tuple(data.columns),
        "drop": tuple(sorted(data.drop)),
        "dtypes": dict(data.dtypes),
        "na_values": tuple(sorted(data.na_values)),
        "positive": data.positive,
        "float32": data.float32,
    }
    if data.text is not None:  # absent otherwise, as it was before there was text
        options["text"] = data.text
    return options
