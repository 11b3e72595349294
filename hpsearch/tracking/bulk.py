"""Fresh runs written to MLflow's SQLite store in one transaction: 0.3 ms a run, where the client's three calls take 10.

What is used of MLflow, all of it named without an underscore: the class `SqlAlchemyStore` with `ManagedSessionMaker`,
`engine` and `sanitize_metric_value`, and the table models `SqlRun`, `SqlTag`, `SqlParam`, `SqlMetric`, `SqlLatestMetric`,
which MLflow's own migration of file stores fills in the same way. Where a version of MLflow lacks one of these, or refuses
the rows, the writer is not available and the mirror uses the client; a test holds both to the same content.

A run's id is made from its parent's and its trial's key, so that two runs of one trial cannot both be inserted.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import sqlalchemy
from mlflow.exceptions import MlflowException
from mlflow.store.tracking.dbmodels.models import SqlLatestMetric, SqlMetric, SqlParam, SqlRun, SqlTag
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from sqlalchemy.exc import OperationalError

from hpsearch.tracking.content import Point, RunContent

_CHUNK = 500
_OTHER_SCHEMA = ("no such table", "no such column", "no column named")


class Unfit(Exception):
    """MLflow's tables are not what this module knows."""


class BulkWriter:
    """Inserts whole runs; see the module. Made by `open`."""

    def __init__(self, store: SqlAlchemyStore) -> None:
        self._store = store

    @classmethod
    def open(cls, uri: str, artifacts: Path) -> BulkWriter | None:
        """The writer of a SQLite store, or None where the store is of a kind it does not know."""
        if os.environ.get("MLFLOW_ENABLE_WORKSPACES", "").lower() in ("true", "1"):
            return None
        store = SqlAlchemyStore(uri, str(artifacts))
        if not all(hasattr(store, name) for name in ("ManagedSessionMaker", "engine", "sanitize_metric_value")):
            return None
        # With WAL, NORMAL still survives any death of the process; after a power cut the newest runs are delivered again.
        sqlalchemy.event.listen(store.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = NORMAL"))
        store.engine.dispose()
        return cls(store)

    def insert(
        self, experiment_id: str, parent_id: str, parent_artifacts: str, contents: Mapping[str, RunContent]
    ) -> dict[str, str]:
        """Write the runs that do not exist yet: trial key → run id. All or none; a run that exists is left as it is.

        Raises:
            Unfit: the rows do not fit MLflow's tables.
            MlflowException: the store is locked, full, or cannot be read.
        """
        try:
            return self._insert(experiment_id, parent_id, parent_artifacts, contents)
        except MlflowException as error:  # what MLflow makes of every error within a session
            cause = error.__cause__
            if isinstance(cause, OperationalError) and not any(words in str(cause.orig) for words in _OTHER_SCHEMA):
                raise
            raise Unfit(f"{type(cause).__name__}: {cause}") from error
        except (AttributeError, TypeError) as error:
            raise Unfit(f"{type(error).__name__}: {error}") from error

    def _insert(
        self, experiment_id: str, parent_id: str, parent_artifacts: str, contents: Mapping[str, RunContent]
    ) -> dict[str, str]:
        ids = {key: bulk_id(parent_id, key) for key in contents}
        with self._store.ManagedSessionMaker(read_only=False) as session:
            present: set[str] = set()
            wanted = list(ids.values())
            for start in range(0, len(wanted), _CHUNK):
                chunk = wanted[start : start + _CHUNK]
                present.update(session.scalars(sqlalchemy.select(SqlRun.run_uuid).where(SqlRun.run_uuid.in_(chunk))))
            fresh = {key: run_id for key, run_id in ids.items() if run_id not in present}
            rows = _Rows(self._store, int(experiment_id))
            for key, run_id in fresh.items():
                rows.add(run_id, contents[key], parent_artifacts.replace(parent_id, run_id))
            for table, values in rows.tables():
                if values:
                    session.execute(sqlalchemy.insert(table), values)
        return fresh


def bulk_id(parent_id: str, trial_key: str) -> str:
    """The id of the run that `insert` writes for a trial: 32 hex digits, as MLflow's own."""
    return sha256(f"{parent_id}\x1f{trial_key}".encode()).hexdigest()[:32]


class _Rows:
    """The rows of many runs, table by table."""

    def __init__(self, store: SqlAlchemyStore, experiment_id: int) -> None:
        self._store = store
        self._experiment_id = experiment_id
        self._runs: list[dict[str, Any]] = []
        self._tags: list[dict[str, Any]] = []
        self._params: list[dict[str, Any]] = []
        self._metrics: list[dict[str, Any]] = []
        self._latest: list[dict[str, Any]] = []

    def tables(self) -> tuple[tuple[sqlalchemy.Table, list[dict[str, Any]]], ...]:
        return (
            (SqlRun.__table__, self._runs),
            (SqlTag.__table__, self._tags),
            (SqlParam.__table__, self._params),
            (SqlMetric.__table__, self._metrics),
            (SqlLatestMetric.__table__, self._latest),
        )

    def add(self, run_id: str, content: RunContent, artifact_uri: str) -> None:
        self._runs.append(
            {
                "run_uuid": run_id,
                "name": content.name,
                "source_type": "UNKNOWN",  # as the client writes them; the UI reads the tags
                "source_name": "",
                "entry_point_name": "",
                "user_id": content.tags.get("mlflow.user", "unknown"),
                "status": content.status,
                "start_time": content.start_ms,
                "end_time": content.end_ms,
                "deleted_time": None,
                "source_version": "",
                "lifecycle_stage": "active",
                "artifact_uri": artifact_uri,
                "experiment_id": self._experiment_id,
            }
        )
        tags = {**content.tags, "mlflow.runName": content.name}
        self._tags += [{"run_uuid": run_id, "key": name, "value": value} for name, value in tags.items()]
        self._params += [{"run_uuid": run_id, "key": name, "value": value} for name, value in content.params.items()]
        latest: dict[str, tuple[tuple[int, int, float], dict[str, Any]]] = {}
        seen: set[tuple[Any, ...]] = set()
        for point in content.points:
            row = self._metric(run_id, point)
            identity = tuple(row.values())
            if identity in seen:  # MLflow's primary key is the whole row
                continue
            seen.add(identity)
            self._metrics.append(row)
            order = (point.step, point.timestamp_ms, row["value"])
            if point.key not in latest or order > latest[point.key][0]:
                latest[point.key] = (order, row)
        self._latest += [row for _, row in latest.values()]

    def _metric(self, run_id: str, point: Point) -> dict[str, Any]:
        is_nan, value = self._store.sanitize_metric_value(point.value)
        return {
            "run_uuid": run_id,
            "key": point.key,
            "value": value,
            "timestamp": point.timestamp_ms,
            "step": point.step,
            "is_nan": is_nan,
        }
