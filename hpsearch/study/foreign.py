"""Results of runs that MLflow holds: `mlflow:EXPERIMENT`, with what else is to be known after a question mark."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from hpsearch.core.errors import SpecError
from hpsearch.core.names import did_you_mean
from hpsearch.spec.model import TrackingSpec
from hpsearch.study.pages import with_page
from hpsearch.tracking import resolve_uri

if TYPE_CHECKING:
    from hpsearch.results import StudyResults

_PREFIX = "mlflow:"
_KEYS = ("metric", "mode")


def is_experiment(name: str) -> bool:
    """Whether what is given for a study means an experiment in MLflow."""
    return name.startswith(_PREFIX)


def load_experiment(address: str) -> StudyResults:
    """The runs of an experiment as a study's results.

    Args:
        address: "mlflow:NAME" or "mlflow:ID", and what is to be told of its metric: "mlflow:churn?metric=rmse&mode=min". The
            store is MLFLOW_TRACKING_URI's, else mlflow.db of the current folder.

    Raises:
        SpecError: an address that cannot be read, no such experiment, no runs, a metric or a direction that cannot be told.
        InfrastructureError: the store cannot be read.
    """
    experiment, given = parse(address)
    from hpsearch.results.foreign import Asked, results_of_runs  # late, as pandas is; and mlflow takes seconds
    from hpsearch.tracking.reading import read_experiment

    found = read_experiment(resolve_uri(TrackingSpec()), experiment)
    return with_page(results_of_runs(found.name, found.runs, Asked(_PREFIX + experiment, **given)))


def parse(address: str) -> tuple[str, dict[str, str]]:
    """The experiment, and what is said of its metric."""
    experiment, mark, query = address.removeprefix(_PREFIX).rpartition("?")
    if not mark or "=" not in query:  # an experiment's own name may end with a question
        experiment, query = address.removeprefix(_PREFIX), ""
    if not experiment:
        raise SpecError(f"{address}: no experiment; write mlflow:NAME, or its id")
    given: dict[str, str] = {}
    for part in filter(None, query.split("&")):
        key, _, value = part.partition("=")
        if key not in _KEYS:
            raise SpecError(f"{address}: no option {key!r}; there are {', '.join(_KEYS)}{did_you_mean(key, _KEYS)}")
        if not value:
            raise SpecError(f"{address}: {key} has no value; write {key}={'rmse' if key == 'metric' else 'min'}, or leave it out")
        given[key] = unquote(value)
    return experiment, given
