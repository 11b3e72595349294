"""From a data block to a Table: read, settle, encode."""

from __future__ import annotations

from collections.abc import Hashable
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from hpsearch.core.values import digest
from hpsearch.spec.model import DataSpec
from hpsearch.trainables.findings import Finding
from hpsearch.trainables.frames import check_dtypes
from hpsearch.trainables.labels import encode_target
from hpsearch.trainables.sources.options import data_options
from hpsearch.trainables.sources.raw import Raw
from hpsearch.trainables.table import Array, Table
from hpsearch.trainables.task import Task

_SOURCES = {
    "csv": "hpsearch.trainables.sources.csv_file",
    "parquet": "hpsearch.trainables.sources.parquet_files",
    "sklearn": "hpsearch.trainables.sources.bundled",
    "function": "hpsearch.trainables.sources.loader_function",
}


class Source(Protocol):
    """A module of this folder."""

    def read(self, data: DataSpec, folder: Path) -> Raw:
        """Raises: Finding, for whatever is wrong with the block or with what it points at."""


def load_table(data: DataSpec, folder: Path, task: Task, *, learner: str = "the estimator") -> Table:
    """The table of a data block, ready for trials of `task`; `learner` is what messages call the one that learns it.

    Raises:
        Finding: whatever is wrong with the block, the source, its columns or its target, all under "data".
    """
    check_dtypes(data.dtypes)
    raw = cast(Source, import_module(_SOURCES[data.kind])).read(data, folder)
    if raw.X.shape[0] == 0:
        raise Finding(f"data.{data.kind}", f" = {data.source}: the table has no rows")
    if raw.target is None:
        if task is not Task.OPEN:
            raise Finding("data.target", f": is missing; say which column {learner} is to learn")
        if data.positive is not None:
            raise Finding("data.positive", f" = {data.positive}: there is no target whose class it could name")
        y: Array | None = None
        classes: tuple[Hashable, ...] = ()
    else:
        name = data.target if data.target is not None else "the target"
        y, classes = encode_target(raw.target, task, positive=data.positive, name=name, learner=learner)
        if len(y) != raw.X.shape[0]:
            raise Finding(f"data.{data.kind}", f" = {data.source}: {raw.X.shape[0]:,} rows of features and {len(y):,} of targets")
    return Table(
        X=raw.X,
        y=y,
        classes=classes,
        feature_names=raw.feature_names,
        name=raw.name,
        digest=digest({"content": raw.digest, "options": data_options(data)}),
    )
