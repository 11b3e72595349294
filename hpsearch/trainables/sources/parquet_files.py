"""`parquet: PATH` or a glob: one table in one or many files, read in the order of their names."""

from __future__ import annotations

from glob import glob, has_magic
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from hpsearch.spec.model import DataSpec
from hpsearch.trainables.findings import Finding
from hpsearch.trainables.frames import feature_columns, settle_frame
from hpsearch.trainables.sources.raw import Raw, digest_files, existing_file, stamp


def read(data: DataSpec, folder: Path) -> Raw:
    """Only the columns that are used are read. All files must have them."""
    paths = _files(data.source, folder)
    before = stamp(paths)
    content = digest_files(paths, "data.parquet")
    frames = []
    try:
        names = tuple(pq.read_schema(paths[0]).names)
        features = feature_columns(names, data, paths[0].name)
        wanted = [*features, *([data.target] if data.target is not None else [])]
        for path in paths:
            lacking = sorted(set(wanted) - set(pq.read_schema(path).names))
            if lacking:
                raise Finding(
                    "data.parquet", f" = {data.source}: {path.name} has no column {', '.join(lacking)}, which {paths[0].name} has"
                )
            frames.append(pq.read_table(path, columns=wanted, partitioning=None).to_pandas(ignore_metadata=True))
    except (pa.ArrowException, OSError) as error:
        raise Finding("data.parquet", f" = {data.source}: {error}") from error
    if stamp(paths) != before:
        raise Finding("data.parquet", f" = {data.source}: a file changed while it was read; run again when it is complete")
    frame = frames[0] if len(frames) == 1 else pd.concat([_uncategorised(frame) for frame in frames], ignore_index=True)
    frame = settle_frame(frame[wanted], data)
    return Raw(
        X=frame[list(features)].copy(),
        target=frame[data.target] if data.target is not None else None,
        feature_names=features,
        name=paths[0].name if len(paths) == 1 else Path(data.source).name,
        digest=content,
    )


def _files(source: str, folder: Path) -> list[Path]:
    if "://" in source or not has_magic(source):
        return [existing_file(folder, source, "data.parquet")]
    # Matched from the folder on: its own name may hold brackets, which are no pattern.
    names = glob(str(Path(source).expanduser()), root_dir=folder, recursive=True)
    found = sorted(path for path in (folder / name for name in names) if path.is_file())
    if not found:
        raise Finding("data.parquet", f" = {source}: no file of {folder} matches")
    return found


def _uncategorised(frame: pd.DataFrame) -> pd.DataFrame:
    """Dictionary columns as plain values: each file has its own dictionary, and the policy makes one of all."""
    return frame.astype({name: object for name in frame.columns if isinstance(frame[name].dtype, pd.CategoricalDtype)})
