"""A table of about 1 GB of float64: what its memory on a node is measured with. Made once, below build/."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROWS, COLUMNS = 2_600_000, 48
# Rows that are made, and rows that are learnt, at once: 19 MB of them.
CHUNK = 50_000


def make(path: Path, rows: int) -> None:
    """Numbers that no compression makes smaller, and a target of two classes; as a whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    names = [f"n{index:02}" for index in range(COLUMNS)]
    rng = np.random.default_rng(14)
    schema = pa.schema([*((name, pa.float64()) for name in names), ("y", pa.int8())])
    with pq.ParquetWriter(new, schema, compression="none", use_dictionary=False) as file:
        for start in range(0, rows, CHUNK):
            numbers = rng.normal(size=(COLUMNS, min(CHUNK, rows - start)))
            y = numbers[0] + numbers[1] * numbers[2] > 0
            file.write_table(pa.table([*map(pa.array, numbers), pa.array(y.astype(np.int8))], schema=schema))
    new.replace(path)


def chunked(params: dict[str, Any], trial: Any) -> float:
    """A linear model learnt and scored chunk by chunk: a trial that needs none of the table but a chunk at a time."""
    from sklearn.linear_model import SGDClassifier

    X, y = trial.data
    model = SGDClassifier(loss="log_loss", alpha=params["alpha"], random_state=trial.seed)
    ((train, test),) = trial.splits
    for rows in _chunks(train):
        model.partial_fit(X.take(rows), y[rows], classes=[0, 1])
    right = sum(int((model.predict(X.take(rows)) == y[rows]).sum()) for rows in _chunks(test))
    return right / len(test)


def _chunks(rows: Any) -> list[Any]:
    return np.array_split(rows, max(1, len(rows) // CHUNK))
