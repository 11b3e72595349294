"""MLflow behind a dozen methods: the calls the mirror makes, and MLflow's errors turned into three kinds.

Importing this module imports mlflow. A trial's run costs three calls here (create_run with its tags and name, log_batch,
set_terminated), about 10 ms on SQLite; `bulk` writes fresh runs to SQLite in a thirtieth of that.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, Run, RunTag, ViewType
from mlflow.exceptions import MlflowException

from hpsearch.tracking.bulk import BulkWriter, Unfit
from hpsearch.tracking.content import RunContent
from hpsearch.tracking.errors import Gone, Refused, Unavailable
from hpsearch.tracking.limits import clean
from hpsearch.tracking.uris import scheme_of, sqlite_path, without_secrets

_REFUSALS = frozenset({"INVALID_PARAMETER_VALUE", "INVALID_STATE", "RESOURCE_ALREADY_EXISTS"})
_DELETED = ("must be in the 'active' state", "'active' lifecycle_stage")
_PAGE = 1000
_METRICS_A_CALL = 1000
_NAMES_A_CALL = 100


@dataclass(frozen=True, slots=True)
class Found:
    """A child run as a search found it. `points`: how many metrics it has."""

    run_id: str
    trial_key: str
    ended: bool
    points: int


class Store:
    """One MLflow store. Every method may raise Unavailable; those about a run also Gone and Refused."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self.concurrent = scheme_of(uri) in ("http", "https")
        with self._calling():
            path = sqlite_path(uri)
            if path is None:
                self.bulk = None
                self._client = MlflowClient(uri)
            else:
                with _first_opening(path):
                    _use_wal(path)
                    self.bulk = BulkWriter.open(uri, path.parent / "mlruns")
                    self._client = MlflowClient(uri)
                    self._client.search_experiments(max_results=1)  # makes the schema, whichever way it was opened

    # -- experiment and parent

    def experiment(self, name: str, tags: Mapping[str, str]) -> str:
        """The id of the experiment called `name`, made where it is missing."""
        with self._calling():
            found = self._client.get_experiment_by_name(name)
            if found is None:
                try:
                    return str(self._client.create_experiment(name, tags=dict(tags)))
                except MlflowException as error:
                    if error.error_code != "RESOURCE_ALREADY_EXISTS":
                        raise
                    found = self._client.get_experiment_by_name(name)  # another study was quicker
            if found is None or found.lifecycle_stage != "active":
                where = f"mlflow experiments restore -x {found.experiment_id}" if found else "mlflow experiments restore"
                raise Unavailable(f"the experiment {name} was deleted in MLflow; restore it ({where}) or set tracking.experiment")
            return str(found.experiment_id)

    def parents(self, experiment_id: str, study_id: str) -> list[str]:
        """Ids of the active parent runs of a study, oldest first. More than one only after a lost reply."""
        condition = f"tags.`hpsearch.study_id` = '{study_id}' AND tags.`hpsearch.role` = 'study'"
        return [run.info.run_id for run in self._search(experiment_id, condition, order="attributes.start_time ASC")]

    def children(self, experiment_id: str, parent_id: str, trial_key: str | None = None) -> list[Found]:
        """The active child runs under a parent, of one trial or of all."""
        condition = f"tags.`mlflow.parentRunId` = '{parent_id}'"
        if trial_key is not None:
            condition += f" AND tags.`hpsearch.trial_key` = '{trial_key}'"
        return [_found(run) for run in self._search(experiment_id, condition) if "hpsearch.trial_key" in run.data.tags]

    def _search(self, experiment_id: str, condition: str, order: str | None = None) -> list[Run]:
        runs: list[Run] = []
        token: str | None = None
        with self._calling():
            while True:
                page = self._client.search_runs(
                    [experiment_id], condition, ViewType.ACTIVE_ONLY, _PAGE, order_by=[order] if order else None, page_token=token
                )
                runs.extend(page)
                token = page.token
                if not token:
                    return runs

    # -- one run

    def create(self, experiment_id: str, content: RunContent) -> str:
        """A new run with its tags, RUNNING; `fill` and `end` follow."""
        with self._calling():
            run = self._client.create_run(
                experiment_id, start_time=content.start_ms, tags=dict(content.tags), run_name=content.name
            )
            return str(run.info.run_id)

    def fill(self, run_id: str, content: RunContent, *, tags: bool = True) -> None:
        """Params, metrics and (unless they were just created with) tags. Writing the same again changes nothing."""
        metrics = [Metric(point.key, point.value, point.timestamp_ms, point.step) for point in content.points]
        params = [Param(name, value) for name, value in content.params.items()]
        labels = [RunTag(name, value) for name, value in content.tags.items()] if tags else []
        with self._calling():
            # MlflowClient.log_batch cuts params and tags into calls of 100, metrics into what the rest leaves room for.
            first = _METRICS_A_CALL - min(len(params), _NAMES_A_CALL) - min(len(labels), _NAMES_A_CALL)
            self._client.log_batch(run_id, metrics[:first], params, labels)
            for start in range(first, len(metrics), _METRICS_A_CALL):
                self._client.log_batch(run_id, metrics[start : start + _METRICS_A_CALL])

    def reopen(self, run_id: str, name: str) -> None:
        """RUNNING again, and restored if somebody deleted it: for a run that gets new content.

        Until `end` the run says that it is incomplete, so that a mirror that dies in between is noticed by the next one.
        """
        with self._calling():
            if self._client.get_run(run_id).info.lifecycle_stage != "active":
                self._client.restore_run(run_id)
            self._client.update_run(run_id, status="RUNNING", name=name)

    def end(self, run_id: str, status: str, end_ms: int) -> None:
        with self._calling():
            self._client.set_terminated(run_id, status, end_ms)

    def tag(self, run_id: str, tags: Mapping[str, str]) -> None:
        with self._calling():
            self._client.log_batch(run_id, tags=[RunTag(name, value) for name, value in tags.items()])

    def untag(self, run_id: str, names: Sequence[str]) -> None:
        with self._calling():
            present = self._client.get_run(run_id).data.tags
            for name in names:
                if name in present:
                    self._client.delete_tag(run_id, name)

    def delete(self, run_id: str) -> None:
        with self._calling():
            self._client.delete_run(run_id)

    def use_dataset(self, run_id: str, name: str, digest: str) -> None:
        """Name the data that the run used, as MLflow's own kind of input."""
        dataset = Dataset(name=clean(name)[:500], digest=clean(digest)[:36], source_type="hpsearch", source="{}")
        with self._calling():
            self._client.log_inputs(run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "search")])])

    def upload(self, run_id: str, path: Path, into: str = "") -> None:
        """A file, or a folder's files, as the run's artifacts: these in the folder `into` of them."""
        with self._calling():
            if path.is_dir():
                self._client.log_artifacts(run_id, str(path), into or None)
            else:
                self._client.log_artifact(run_id, str(path))

    def artifact_uri(self, run_id: str) -> str:
        with self._calling():
            return str(self._client.get_run(run_id).info.artifact_uri)

    # -- many runs

    def insert(self, experiment_id: str, parent_id: str, contents: Mapping[str, RunContent]) -> dict[str, str]:
        """Whole fresh runs by trial key, in one transaction: key → run id of those written.

        A key that is missing in the answer has its run already, under the id that `bulk_id` gives.

        Raises:
            Unfit: this store cannot be written so; use the calls for one run.
        """
        assert self.bulk is not None
        artifact_uri = self.artifact_uri(parent_id)
        with self._calling():
            return self.bulk.insert(experiment_id, parent_id, artifact_uri, contents)

    # -- errors

    @contextmanager
    def _calling(self) -> Iterator[None]:
        try:
            yield
        except (Unavailable, Refused, Gone, Unfit):
            raise
        except MlflowException as error:
            message = without_secrets(" ".join(str(error).split())[:2000], self._uri)
            if any(words in message for words in _DELETED) or error.error_code == "RESOURCE_DOES_NOT_EXIST":
                raise Gone(message) from error
            if error.error_code in _REFUSALS:
                raise Refused(message) from error
            raise Unavailable(message) from error
        except Exception as error:  # requests, SQLAlchemy, cloud clients: each with its own tree; all of them may pass
            text = without_secrets(f"{type(error).__name__}: {' '.join(str(error).split())[:2000]}", self._uri)
            raise Unavailable(text) from error


def _found(run: Run) -> Found:
    return Found(
        run_id=run.info.run_id,
        trial_key=run.data.tags["hpsearch.trial_key"],
        ended=run.info.status != "RUNNING",
        points=len(run.data.metrics),
    )


@contextmanager
def _first_opening(path: Path) -> Iterator[None]:
    """One at a time: two processes that make MLflow's schema at once break each other's migration.

    The lock is on the store's folder itself, so that no file is left behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # file systems without locks: as MLflow itself does it
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _use_wal(path: Path) -> None:
    """Write-ahead logging, once and for good: readers (the UI) and writers stop blocking each other, commits cost a fifth."""
    connection = sqlite3.connect(path, timeout=5)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError:
        pass  # in use or on a network file system: slower, and otherwise the same
    finally:
        connection.close()
