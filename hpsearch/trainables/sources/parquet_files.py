"""`parquet: PATH` or a glob: one table in one or many files, read in the order of their names."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from glob import glob, has_magic
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from hpsearch.spec.model import DataSpec
from hpsearch.trainables.findings import Finding
from hpsearch.trainables.frames import feature_columns
from hpsearch.trainables.sources.raw import Raw, digest_files, existing_file, raw_of, stamp

_DEEPEST = 100  # folders of a pattern; glob calls itself for each


def read(data: DataSpec, folder: Path) -> Raw:
    """Only the columns that are used are read, one at a time. All files must have them."""
    paths = _files(data.source, folder)
    before = stamp(paths)
    content = digest_files(paths, "data.parquet")
    name = paths[0].name if len(paths) == 1 else Path(data.source).name
    with ExitStack() as opened:
        try:
            files = [opened.enter_context(pq.ParquetFile(path)) for path in paths]
            available = tuple(files[0].schema_arrow.names)
            features = feature_columns(available, data, paths[0].name)
            wanted = [*features, *([data.target] if data.target is not None else [])]
            for path, file in zip(paths, files, strict=True):
                lacking = sorted(set(wanted) - set(file.schema_arrow.names))
                if lacking:
                    raise Finding(
                        "data.parquet",
                        f" = {data.source}: {path.name} has no column {', '.join(lacking)}, which {paths[0].name} has",
                    )
            raw = raw_of(wanted, lambda column: _column(files, column), data, name, content)
        except (pa.ArrowException, OSError) as error:
            raise Finding("data.parquet", f" = {data.source}: {error}") from error
    if stamp(paths) != before:
        raise Finding("data.parquet", f" = {data.source}: a file changed while it was read; run again when it is complete")
    return raw


def _column(files: Sequence[pq.ParquetFile], name: str) -> pd.Series:
    """The column in all files, one after the other.

    Dictionaries as plain values where there are several: each file has its own, and the policy makes one of all.
    """
    parts = []
    for file in files:
        # A name may begin another's, "a" that of "a.b", which Arrow then reads too.
        part: pd.Series = file.read(columns=[name]).select([name]).to_pandas(ignore_metadata=True)[name]
        parts.append(part.astype(object) if len(files) > 1 and isinstance(part.dtype, pd.CategoricalDtype) else part)
    pa.default_memory_pool().release_unused()  # else it keeps what it has used for the columns before
    return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)


def _files(source: str, folder: Path) -> list[Path]:
    if "://" in source or not has_magic(source):
        return [existing_file(folder, source, "data.parquet")]
    if source.count("/") > _DEEPEST:
        raise Finding("data.parquet", f" = {source[:60]}...: has {source.count('/'):,} folders; a pattern has at most {_DEEPEST}")
    # Matched from the folder on: its own name may hold brackets, which are no pattern.
    names = glob(str(Path(source).expanduser()), root_dir=folder, recursive=True)
    found = sorted(path for path in (folder / name for name in names) if path.is_file())
    if not found:
        raise Finding("data.parquet", f" = {source}: no file of {folder} matches")
    return found
