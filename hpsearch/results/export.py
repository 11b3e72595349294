"""Results for other programs: JSON rows, CSV, Parquet."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from hpsearch.core.values import Params, json_value
from hpsearch.results.columns import METRIC, SCHEMA_VERSION


def json_rows(configs: pd.DataFrame, params: Mapping[str, Params]) -> list[dict[str, object]]:
    """`configs` as the list that `hpsearch results --format json` prints, in the same order."""
    metrics = {name.removeprefix(METRIC): configs[name].tolist() for name in configs.columns if name.startswith(METRIC)}
    names = ("rank", "config_id", "score", "se", "n", "status", "in_best_set", "in_spec", "seconds", "shared")
    columns = {name: [_plain(value) for value in configs[name].tolist()] for name in names}
    rows: list[dict[str, object]] = []
    for index, config_id in enumerate(configs["config_id"].tolist()):
        rows.append(
            {
                "rank": columns["rank"][index],
                "config_id": config_id,
                "params": {name: json_value(value) for name, value in params[config_id].items()},
                "score": columns["score"][index],
                "se": columns["se"][index],
                "n": columns["n"][index],
                "status": columns["status"][index],
                "in_best_set": columns["in_best_set"][index],
                "in_spec": columns["in_spec"][index],
                "metrics": {name: _plain(values[index]) for name, values in metrics.items()},
                "seconds": columns["seconds"][index],
                "shared": columns["shared"][index],
            }
        )
    return rows


def to_csv(table: pd.DataFrame, path: Path) -> None:
    """One CSV file, UTF-8, an empty cell for null."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, index=False)


def to_parquet(tables: Mapping[str, pd.DataFrame], folder: Path, *, study: str) -> list[Path]:
    """One file a table; the file's own metadata names the study and the schema's version."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, table in tables.items():
        arrow = _arrow(table)
        marks = {"hpsearch.schema_version": str(SCHEMA_VERSION), "hpsearch.study": study, "hpsearch.table": name}
        path = folder / f"{name}.parquet"
        pq.write_table(arrow.replace_schema_metadata({**(arrow.schema.metadata or {}), **marks}), path)
        paths.append(path)
    return paths


def _arrow(table: pd.DataFrame) -> pa.Table:
    times = [str(name) for name, dtype in table.dtypes.items() if isinstance(dtype, pd.DatetimeTZDtype)]
    # pyarrow reads time zones in a way that pandas 3 warns of: they are taken off for the passage.
    arrow = pa.Table.from_pandas(table.assign(**{name: table[name].dt.tz_convert(None) for name in times}), preserve_index=False)
    for name in times:
        column = arrow.column(name).cast(pa.timestamp("us", tz="UTC"))
        arrow = arrow.set_column(arrow.column_names.index(name), name, column)
    return arrow


def _plain(value: object) -> object:
    if value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value
