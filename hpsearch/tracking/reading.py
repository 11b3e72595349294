"""The runs of an experiment, whoever made them. Reads, and writes nothing; importing this module imports mlflow."""

from __future__ import annotations

from dataclasses import dataclass

from mlflow import MlflowClient
from mlflow.entities import Run, ViewType

from hpsearch.core.errors import InfrastructureError, SpecError
from hpsearch.core.names import did_you_mean, listed
from hpsearch.results.foreign import ForeignRun
from hpsearch.tracking.check import check_store
from hpsearch.tracking.uris import scheme_of, shown, sqlite_path, without_secrets

_PAGE = 1000


@dataclass(frozen=True)
class Experiment:
    """What an experiment holds: all its runs that are not deleted."""

    name: str
    runs: tuple[ForeignRun, ...]


def read_experiment(uri: str, wanted: str) -> Experiment:
    """The experiment that `wanted` names, or whose id it is, with all its runs.

    Raises:
        SpecError: there is no such experiment; names the nearest.
        InfrastructureError: the store cannot be reached or read, or there is none.
    """
    path = sqlite_path(uri)
    if path is not None and not path.is_file():  # opening it would make one
        raise InfrastructureError(
            f"there is no MLflow store at {path}; call this where its mlflow.db lies, or set MLFLOW_TRACKING_URI to its address"
        )
    if path is None and scheme_of(uri) != "file":  # old stores in folders can still be read, where MLflow is told to
        check_store(uri)
    try:
        client = MlflowClient(uri)
        experiment_id, name = _found(client, wanted, uri)
        return Experiment(name, tuple(_runs(client, experiment_id)))
    except SpecError:
        raise
    except Exception as error:  # MLflow's, requests', SQLAlchemy's: all say what is wrong with the store
        said = without_secrets(" ".join(str(error).split())[:2000], uri)
        raise InfrastructureError(f"MLflow's store {shown(uri)} cannot be read: {said}") from error


def _found(client: MlflowClient, wanted: str, uri: str) -> tuple[str, str]:
    """The experiment's id and name."""
    experiments = _experiments(client)
    for number, name in (*experiments, *((number, number) for number, _ in experiments)):  # names first
        if name == wanted:
            return number, dict(experiments)[number]
    names = [name for _, name in experiments]
    there = did_you_mean(wanted, names) or f"; there are {listed(names, 10)}"
    raise SpecError(f"mlflow:{wanted}: no experiment of this name or id in {shown(uri)}{there}")


def _experiments(client: MlflowClient) -> list[tuple[str, str]]:
    """(id, name) of each that is not deleted."""
    found: list[tuple[str, str]] = []
    token: str | None = None
    while True:
        page = client.search_experiments(max_results=_PAGE, page_token=token)
        found.extend((str(each.experiment_id), str(each.name)) for each in page)
        token = page.token
        if not token:
            return found


def _runs(client: MlflowClient, experiment_id: str) -> list[ForeignRun]:
    found: list[ForeignRun] = []
    token: str | None = None
    while True:
        page = client.search_runs([experiment_id], "", ViewType.ACTIVE_ONLY, _PAGE, page_token=token)
        found.extend(map(_run, page))
        token = page.token
        if not token:
            return found


def _run(run: Run) -> ForeignRun:
    return ForeignRun(
        run_id=str(run.info.run_id),
        status=str(run.info.status),
        started_at=_seconds(run.info.start_time),
        ended_at=_seconds(run.info.end_time),
        params=dict(run.data.params),
        metrics=dict(run.data.metrics),
        tags=dict(run.data.tags),
    )


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
