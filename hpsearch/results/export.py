"""Results for other programs: JSON rows and CSV. (Parquet: `exported`.)"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from hpsearch.core.files import written_to
from hpsearch.core.values import Params, json_value
from hpsearch.results.columns import METRIC

_LUCK = ("p_best", "rank_low", "rank_high")


def json_rows(configs: pd.DataFrame, params: Mapping[str, Params]) -> list[dict[str, object]]:
    """`configs` as the list that `hpsearch results --format json` prints, in the same order."""
    metrics = {name.removeprefix(METRIC): configs[name].tolist() for name in configs.columns if name.startswith(METRIC)}
    names = ("rank", "config_id", "score", "se", "n", "status", "in_best_set", "in_spec", "seconds", "shared", *_LUCK)
    columns = {name: [plain_value(value) for value in configs[name].tolist()] for name in names}
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
                "metrics": {name: plain_value(values[index]) for name, values in metrics.items()},
                "seconds": columns["seconds"][index],
                "shared": columns["shared"][index],
                **{name: columns[name][index] for name in _LUCK},
            }
        )
    return rows


def to_csv(table: pd.DataFrame, path: Path) -> None:
    """One CSV file, UTF-8, an empty cell for null."""
    with written_to(path, parents=True) as place:
        table.to_csv(place, index=False)


def json_records(table: pd.DataFrame) -> list[dict[str, object]]:
    """A table's rows for strict JSON."""
    return [{str(name): plain_value(value) for name, value in row.items()} for row in table.to_dict(orient="records")]


def plain_value(value: object) -> object:
    """Null for what is not known or not finite."""
    if value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value
