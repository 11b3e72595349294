"""One run as MLflow has it, which runs are evaluations, and what hpsearch's own runs say of themselves besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hpsearch.core.errors import SpecError
from hpsearch.core.trial import FailureKind, Status

PARENT = "mlflow.parentRunId"
ROLE = "hpsearch.role"
_CONSTANT = "hpsearch.const."
_FOLD = "fold/"
_STATUS = {
    "FINISHED": Status.COMPLETED,
    "FAILED": Status.FAILED,
    "KILLED": Status.CANCELLED,
    "RUNNING": Status.RUNNING,
    "SCHEDULED": Status.RUNNING,
}


@dataclass(frozen=True, slots=True)
class ForeignRun:
    """A run. `status` in MLflow's words; times in POSIX seconds, UTC; of a metric, the value that was logged last."""

    run_id: str
    status: str
    started_at: float | None
    ended_at: float | None
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]

    @property
    def parent(self) -> str | None:
        return self.tags.get(PARENT)

    @property
    def outcome(self) -> Status:
        """Its status in our words. KILLED is a run that ended without its result, but where hpsearch says more."""
        told = self.tags.get("hpsearch.status")
        return Status(told) if told in list(Status) else _STATUS.get(self.status, Status.RUNNING)

    @property
    def seconds(self) -> float | None:
        if "seconds" in self.metrics and ROLE in self.tags:
            return self.metrics["seconds"]  # its part of shared work, where the run's own times tell the whole
        return None if self.started_at is None or self.ended_at is None else max(0.0, self.ended_at - self.started_at)

    @property
    def error_kind(self) -> FailureKind | None:
        told = self.tags.get("hpsearch.error_kind")
        return FailureKind(told) if told in list(FailureKind) else None

    def whole_tag(self, name: str, default: int) -> int:
        """A tag that is a whole number."""
        told = self.tags.get(name, "")
        return int(told) if told.isascii() and told.removeprefix("-").isdigit() and len(told) < 19 else default


def evaluations(runs: Sequence[ForeignRun], metric: str | None) -> list[ForeignRun]:
    """The runs that are evaluations: of nested ones the children, not the parents that only group them.

    A parent counts where it has the metric and nothing under it has: then its children are its parts. Without a metric, every run
    is taken to have it.
    """
    by_id = {run.run_id: run for run in runs}
    groups: set[str] = set()
    for run in runs:
        if metric is None or metric in run.metrics:
            groups.update(_above(run, by_id))
    own_metric = {run.run_id for run in runs if run.run_id not in groups and metric is not None and metric in run.metrics}
    return [
        run
        for run in runs
        if run.run_id not in groups
        and run.tags.get(ROLE) != "study"
        and (run.run_id in own_metric or not own_metric.intersection(_above(run, by_id)))
    ]


def _above(run: ForeignRun, by_id: Mapping[str, ForeignRun]) -> list[str]:
    """The runs it lies in, the nearest first. Tags are anybody's to write: a circle of them ends where it began."""
    found: list[str] = []
    at = run.parent
    while at is not None and at in by_id and at not in found and at != run.run_id:
        found.append(at)
        at = by_id[at].parent
    return found


def study_of(runs: Sequence[ForeignRun]) -> ForeignRun | None:
    """The parent run of the one study of hpsearch's that all other runs are trials of; None where there is no such study."""
    studies = [run for run in runs if run.tags.get(ROLE) == "study"]
    if len(studies) != 1:
        return None
    (study,) = studies
    trials = [run for run in runs if run is not study]
    return study if all(run.parent == study.run_id and run.tags.get(ROLE) == "trial" for run in trials) else None


def as_logged_by_anybody(run: ForeignRun, varying: Sequence[str]) -> ForeignRun:
    """A trial of hpsearch's with its constants as parameters, and without what only repeats or details it.

    Args:
        varying: the names that its study varies: its `seed` is the repeat's where that is none of them.
    """
    if run.tags.get(ROLE) != "trial":
        return run
    label = "seed_2" if "seed" in varying else "seed"
    constants = {name.removeprefix(_CONSTANT): text for name, text in run.tags.items() if name.startswith(_CONSTANT)}
    params = {name: text for name, text in run.params.items() if name != label or label in varying}
    return replace(
        run,
        params=params | constants,
        metrics={name: value for name, value in run.metrics.items() if not name.startswith(_FOLD)},
    )


def refuse_none(runs: Sequence[ForeignRun], place: str) -> None:
    if not runs:
        raise SpecError(f"{place}: the experiment holds no run: there is nothing to rank")
