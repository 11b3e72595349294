"""The data block as part of a trial's identity. Apart from the loading, so that a worker without data needs no pandas."""

from __future__ import annotations

from hpsearch.core.values import Value
from hpsearch.spec.model import DataSpec


def data_options(data: DataSpec) -> dict[str, Value]:
    """The data block as far as it decides what a trial sees, every default written out.

    Where the data lies is no part of it: the content's digest says what it is, and a file may be moved.
    """
    return {
        "kind": data.kind,
        "target": data.target,
        "columns": tuple(data.columns),
        "drop": tuple(sorted(data.drop)),
        "dtypes": dict(data.dtypes),
        "na_values": tuple(sorted(data.na_values)),
        "positive": data.positive,
        "float32": data.float32,
    }
