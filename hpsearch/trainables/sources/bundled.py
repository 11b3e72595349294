"""`sklearn: NAME`: the data sets that come with scikit-learn, offline, as float arrays."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import numpy as np

from hpsearch.core.names import did_you_mean
from hpsearch.core.values import digest
from hpsearch.spec.model import DataSpec
from hpsearch.trainables.findings import Finding
from hpsearch.trainables.frames import feature_columns
from hpsearch.trainables.sources.raw import Raw, digest_array

# Those with one target. linnerud has three, and the others are downloaded.
SETS = ("breast_cancer", "diabetes", "digits", "iris", "wine")


def read(data: DataSpec, folder: Path) -> Raw:
    """X and y as `load_NAME(return_X_y=True)` gives them; `columns` and `drop` select features by name."""
    if data.source not in SETS:
        near = did_you_mean(data.source, SETS)
        raise Finding("data.sklearn", f" = {data.source}: not one of {', '.join(SETS)}{near}")
    wrong = [
        (f"data.{key}", f": has no effect on scikit-learn's {data.source}, {why}; leave it out")
        for key, given, why in (
            ("target", data.target, "which has its own target"),
            ("dtypes", data.dtypes, "which holds floats alone"),
            ("text", data.text, "which holds floats alone"),
            ("na_values", data.na_values, "which has no missing values"),
        )
        if given
    ]
    if wrong:
        raise Finding.of(wrong)
    bunch = getattr(import_module("sklearn.datasets"), f"load_{data.source}")()
    names = tuple(str(name) for name in bunch.feature_names)
    features = feature_columns(names, data, f"scikit-learn's {data.source}")
    X = bunch.data
    if features != names:
        X = X[:, [names.index(name) for name in features]]
    if data.float32:
        X = X.astype(np.float32)
    content = digest({"X": digest_array(bunch.data, "X"), "y": digest_array(bunch.target, "y")})
    return Raw(X=X, target=bunch.target, feature_names=features, name=data.source, digest=content)
