"""What MLflow shall hold of a trial and of a study, decided from ledger records alone. Pure: no mlflow, no clock.

Where things go, and why:

- A mean metric is logged under its own name, at step 0 (after reports: at the last reported step, so that MLflow's
  "latest" value is the one that ranks).
- A fold's metric is `fold/METRIC` with step = repeat * folds + fold: one column and one line chart for all folds, which
  MLflow draws for the selected runs on one axis, fold beside fold, in a chart section "fold" of its own. `METRIC.fold3`
  would make a column a fold (50 of them with ten repeats), and charts that compare nothing.
- Every timestamp comes from the ledger: delivering twice writes the same points, which MLflow drops.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hpsearch.core.trial import Report, SplitScore, Status
from hpsearch.core.values import Params, digest
from hpsearch.ledger.records import StudyRecord, TrialRecord
from hpsearch.tracking.limits import PARAM_CHARS, PARAMS_A_RUN, TAG_CHARS, cut, cut_head, key, short_text, value_text

RUN_NAME_CHARS = 120
_CONSTANTS = 50  # as tags of a run; MLflow takes 100 tags a call
_MAX_STEP = 2**63 - 1

MLFLOW_STATUS: Mapping[Status, str] = {
    Status.RUNNING: "RUNNING",
    Status.COMPLETED: "FINISHED",
    Status.STOPPED: "KILLED",
    Status.CANCELLED: "KILLED",
    Status.FAILED: "FAILED",
    Status.TIMEOUT: "FAILED",
}
ERROR_TAGS = ("hpsearch.error_kind", "hpsearch.error_type", "hpsearch.error", "hpsearch.traceback")


@dataclass(frozen=True, slots=True)
class Point:
    """One metric value; the timestamp in milliseconds, POSIX."""

    key: str
    value: float
    timestamp_ms: int
    step: int


@dataclass(frozen=True, slots=True)
class Labels:
    """What names a study's runs: the parameters that vary, and whether seeds do. When it changes, runs are relabelled."""

    varying: tuple[str, ...]
    seeds: bool

    @property
    def digest(self) -> str:
        return digest({"varying": self.varying, "seeds": self.seeds}, length=16)


@dataclass(frozen=True)
class RunContent:
    """A run as MLflow shall hold it. `status` is MLflow's; `end_ms` is None while it runs."""

    name: str
    status: str
    start_ms: int
    end_ms: int | None
    tags: Mapping[str, str]
    params: Mapping[str, str] = field(default_factory=dict)
    points: tuple[Point, ...] = ()


def trial_content(
    trial: TrialRecord,
    splits: Sequence[SplitScore],
    reports: Sequence[Report],
    *,
    labels: Labels,
    common: Mapping[str, str],
) -> RunContent:
    """One trial's child run. `reports`: those of the attempt shown; `common`: the tags of all the study's runs."""
    cut_names: list[str] = []
    params = _params(trial, labels, cut_names)
    tags = {**common, "hpsearch.role": "trial"}
    tags |= _constants(trial.params, labels.varying)
    tags |= {
        "hpsearch.trial_key": trial.key,
        "hpsearch.config_id": trial.config_id,
        "hpsearch.status": trial.status.value,
        "hpsearch.attempt": str(trial.attempt),
        "hpsearch.seed": str(trial.seed),
        "hpsearch.context": trial.context,
    }
    for name, value in (("hpsearch.worker", trial.worker), ("hpsearch.node", trial.node)):
        if value:
            tags[name] = cut(value, TAG_CHARS)
    if trial.shared:
        tags["hpsearch.seconds"] = "shared"  # its part of what was done once for several trials
    if trial.status in (Status.FAILED, Status.TIMEOUT):
        tags |= _error(trial)
    if cut_names:
        tags["hpsearch.cut"] = cut(" ".join(cut_names), TAG_CHARS)
    ended = trial.status is not Status.RUNNING
    start_ms = milliseconds(trial.started_at)
    return RunContent(
        name=run_name(trial.params, trial.seed, labels),
        status=MLFLOW_STATUS[trial.status],
        start_ms=start_ms,
        end_ms=milliseconds(trial.ended_at if trial.ended_at is not None else trial.started_at) if ended else None,
        tags=tags,
        params=params,
        points=_points(trial, splits, reports) if ended else (),
    )


def run_name(params: Params, seed: int, labels: Labels) -> str:
    """`C=1 gamma=0.01 seed=2`: the varying parameters, cut where the name grows too long."""
    parts = [f"{name}={short_text(params[name])}" for name in labels.varying if name in params]
    if labels.seeds or not parts:
        parts.append(f"seed={seed}")
    return cut(" ".join(parts), RUN_NAME_CHARS)


def common_tags(study: StudyRecord, user: str) -> dict[str, str]:
    """Tags of the parent and of every child: they find the study's runs again when mirror.db is lost."""
    tags = {
        "hpsearch.study": study.name,
        "hpsearch.study_id": study.uid,
        "mlflow.user": user,
        "mlflow.source.name": "hpsearch",
        "mlflow.source.type": "LOCAL",
    }
    if study.dataset:
        tags |= {"hpsearch.dataset": cut(study.dataset, TAG_CHARS), "hpsearch.dataset_digest": study.dataset_digest}
    return tags


def milliseconds(seconds: float | None) -> int:
    return round((seconds or 0.0) * 1000)


def _params(trial: TrialRecord, labels: Labels, cut_names: list[str]) -> dict[str, str]:
    params: dict[str, str] = {}
    for name in labels.varying[:PARAMS_A_RUN]:
        if name not in trial.params:  # not active here
            continue
        text = value_text(trial.params[name])
        if len(text) > PARAM_CHARS:
            cut_names.append(name)
        params[unique_key(name, params)] = cut(text, PARAM_CHARS)
    if labels.seeds:
        params[unique_key("seed", params)] = str(trial.seed)
    return params


def _constants(params: Params, varying: Sequence[str]) -> dict[str, str]:
    names = [name for name in params if name not in varying]
    tags: dict[str, str] = {}
    for name in names[:_CONSTANTS]:
        tags[unique_key(f"hpsearch.const.{name}", tags)] = cut(value_text(params[name]), TAG_CHARS)
    if len(names) > _CONSTANTS:
        tags["hpsearch.const"] = cut(value_text({name: params[name] for name in names}), TAG_CHARS)
    return tags


def unique_key(name: str, taken: Iterable[str]) -> str:
    """`name` made fit for MLflow; numbered where another name was made fit to the same text."""
    fit, number = key(name), 2
    result = fit
    while result in taken:
        result, number = f"{fit[:240]}_{number}", number + 1
    return result


def _error(trial: TrialRecord) -> dict[str, str]:
    values = (trial.error_kind, trial.error_type, trial.error, trial.traceback)
    tags: dict[str, str] = {}
    for name, value in zip(ERROR_TAGS, values, strict=True):
        if value:
            tags[name] = (cut_head if name == "hpsearch.traceback" else cut)(str(value), TAG_CHARS)
    return tags


def _points(trial: TrialRecord, splits: Sequence[SplitScore], reports: Sequence[Report]) -> tuple[Point, ...]:
    end_ms = milliseconds(trial.ended_at if trial.ended_at is not None else trial.started_at)
    names: dict[str, str] = {}

    def fit(name: str) -> str:
        if name not in names:
            names[name] = unique_key(name, set(names.values()))
        return names[name]

    points: list[Point] = []
    last: dict[str, Point] = {}
    steps = report_steps(reports)
    for report, step in zip(reports, steps, strict=True):
        for name, value in report.metrics.items():
            point = Point(fit(name), float(value), milliseconds(report.at), step)
            points.append(point)
            if name not in last or (step, point.timestamp_ms) >= (last[name].step, last[name].timestamp_ms):
                last[name] = point
    for name, value in _final_metrics(trial).items():
        before = last.get(name)
        if before is None:
            points.append(Point(fit(name), value, end_ms, 0))
        elif before.value != value:  # NaN included: what the function returned counts, over what it reported last
            points.append(Point(fit(name), value, max(end_ms, before.timestamp_ms + 1), before.step))
    folds = 1 + max((split.fold for split in splits), default=0)
    for split in splits:
        step = split.repeat * folds + split.fold
        scores = {"fit_s": split.fit_s, "score_s": split.score_s, **split.scores}
        points.extend(Point(fit(f"fold/{name}"), float(value), end_ms, step) for name, value in scores.items())
    return tuple(dict.fromkeys(points))


def _final_metrics(trial: TrialRecord) -> dict[str, float]:
    metrics = {name: float(value) for name, value in trial.metrics.items()}
    own = {"seconds": trial.seconds, "fit_s": trial.fit_s, "score_s": trial.score_s}
    # A study may have asked for one of these itself; its own value stands.
    return {name: float(value) for name, value in own.items() if value is not None} | metrics


def report_steps(reports: Sequence[Report]) -> list[int]:
    """MLflow's steps are whole numbers: the reported ones where all are, else the reports' order."""
    whole = all(
        math.isfinite(report.step) and report.step == int(report.step) and abs(report.step) <= _MAX_STEP for report in reports
    )
    return [int(report.step) if whole else report.seq for report in reports]
