"""A study's configurations as an Optuna study, for optuna-dashboard and Optuna's own plots. Optuna is imported when this is used.

One Optuna trial is one configuration: its value is the score that is ranked, over all its splits and repeats. What has no score
of its own is no trial there: what still runs, was cut off, or lacks repeats.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from types import ModuleType
from typing import Any, TypeAlias

import pandas as pd
import sqlalchemy as sa

from hpsearch.core.errors import InfrastructureError, SpecError
from hpsearch.core.identity import KEY_VERSION
from hpsearch.core.metric import Mode
from hpsearch.core.names import legible
from hpsearch.core.trial import Status
from hpsearch.core.values import Params, json_value
from hpsearch.ledger import ReportRecord
from hpsearch.results.optuna_axes import Axis, axes_of
from hpsearch.results.parameters import varying_names
from hpsearch.results.ranked_study import RankedStudy

_COMPLETE = "hpsearch.complete"  # an attribute of the Optuna study, written last
_ATTRIBUTES = ("rank", "se", "n", "in_best_set", "seconds")


Told: TypeAlias = Callable[[int, int], None]
"""How many are done, of how many."""


@dataclass(frozen=True, slots=True)
class OptunaCopy:
    """What was written: the Optuna study's name, its trials, and the configurations that have no score to be written."""

    name: str
    trials: int
    left_out: int


def write_optuna(
    results: RankedStudy, url: str, reports: Iterable[ReportRecord], *, name: str | None = None, told: Told = lambda *_: None
) -> OptunaCopy:
    """Writes the study to Optuna's storage at `url`. Optuna makes a transaction of each parameter: thousands of trials take long.

    Args:
        told: how many trials are written, of how many, after each.

    Raises:
        SpecError: `url` is none, or the storage holds a study of this name already; nothing was written.
        InfrastructureError: Optuna is not installed, or the storage cannot be used.
    """
    _check_url(url)
    optuna = _optuna()
    name = name or results.study.name
    fixed = _fixed(results)
    axes = axes_of([each for each in results.varying if each not in fixed], list(results.params.values()), results.design)
    with _quiet(optuna):
        trials = list(_trials(optuna, results, axes, _steps(results, reports)))
    try:
        with _quiet(optuna):
            study = _new_study(optuna, optuna.storages.get_storage(url), name, results, fixed)
            for done, trial in enumerate(trials, start=1):
                study.add_trial(trial)
                told(done, len(trials))
            study.set_user_attr(_COMPLETE, True)
    except SpecError:
        raise
    except Exception as error:  # SQLAlchemy's, Optuna's, a driver's
        first = _first(error)
        said = " ".join(str(first).split())[:500]
        raise InfrastructureError(
            f"the Optuna study cannot be written to {_shown(url)}: {type(first).__name__}: {said}"
        ) from error
    return OptunaCopy(name, len(trials), len(results.configs) - len(trials))


def _check_url(url: str) -> None:
    try:
        sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise SpecError(
            f"{legible(_shown(url)) or repr(url)} is no address of an Optuna storage; write sqlite:///FILE, or a server's, "
            "such as postgresql://USER@HOST/NAME"
        ) from error


def _first(error: BaseException) -> BaseException:
    """What a database's driver said, where that is behind the error; SQLAlchemy adds the statement, and its values."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, sa.exc.StatementError) and cause.orig is not None:
            return cause.orig
        cause = cause.__cause__
    return error


def _optuna() -> ModuleType:
    try:
        import optuna
    except ImportError as error:
        raise InfrastructureError("Optuna is not installed here, which writes its own storage: pip install optuna") from error
    return optuna  # type: ignore[no-any-return]


@contextmanager
def _quiet(optuna: Any) -> Iterator[None]:
    """Without Optuna's log lines and its warnings of what it may change: nobody here called it."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        optuna.logging.set_verbosity(before)


def _new_study(optuna: Any, storage: Any, name: str, results: RankedStudy, fixed: Params) -> Any:
    direction = "minimize" if results.metric.mode is Mode.MIN else "maximize"
    try:
        study = optuna.create_study(storage=storage, study_name=name, direction=direction)
    except optuna.exceptions.DuplicatedStudyError as error:
        there = optuna.load_study(storage=storage, study_name=name)
        half = "hpsearch.study" in there.user_attrs and _COMPLETE not in there.user_attrs
        why = "which was cut off while it was written" if half else f"with {len(there.get_trials(deepcopy=False)):,} trials"
        raise SpecError(
            f"the Optuna storage holds a study {name!r} already, {why}; nothing was written: give another name, "
            f"or delete that one: optuna delete-study --study-name {name} --storage URL"
        ) from error
    study.set_metric_names([results.metric.name])
    study.set_user_attr("hpsearch.study", results.study.name)
    study.set_user_attr("hpsearch.fixed", {key: json_value(value) for key, value in fixed.items()})
    return study


def _fixed(results: RankedStudy) -> Params:
    """The parameters that tell no trials apart.

    Of runs from elsewhere also those that only a run without a result lacks, which broke off before it had logged them.
    """
    rows = list(results.params.values())
    fixed = {key: value for key, value in (rows[0] if rows else {}).items() if key not in results.varying}
    ranked = [results.params[config] for config in results.rank()["config_id"]]
    if results.design.space is None and ranked:
        varying = varying_names([*ranked, *({**ranked[0], **row} for row in rows)], ())
        fixed |= {key: value for key, value in ranked[0].items() if key not in varying}
    return fixed


def _trials(optuna: Any, results: RankedStudy, axes: tuple[Axis, ...], steps: Mapping[str, Mapping[int, float]]) -> Iterator[Any]:
    states = optuna.trial.TrialState
    by_config = results.trials.groupby("config_id", sort=False)
    began, ended = by_config["started_at"].min(), by_config["ended_at"].max()
    keys = by_config["trial_key"].agg(list)
    distributions = {axis.name: _distribution(optuna, axis) for axis in axes}
    number = 0
    for row in sorted(results.configs.to_dict("records"), key=lambda row: (began[row["config_id"]], row["config_id"])):
        config = str(row["config_id"])
        state = _state(row)
        if state is None:
            continue
        params = results.params[config]
        active = [axis for axis in axes if axis.name in params]
        start, end = (_local(times[config]) for times in (began, ended))
        yield optuna.trial.FrozenTrial(
            number=number,
            state=states[state],
            value=float(row["score"]) if state == "COMPLETE" else None,
            datetime_start=start,
            datetime_complete=end or start,
            params={axis.name: axis.value(params[axis.name]) for axis in active},
            distributions={axis.name: distributions[axis.name] for axis in active},
            user_attrs=_attributes(row, keys[config]),
            system_attrs={},
            intermediate_values=dict(steps.get(config, {})),
            trial_id=number,
        )
        number += 1


def _state(row: Mapping[Any, Any]) -> str | None:
    if pd.notna(row["rank"]):
        return "COMPLETE"
    if row["status"] in (Status.FAILED.value, Status.TIMEOUT.value) or row["complete"]:  # complete, and its score is no number
        return "FAIL"
    return "PRUNED" if row["status"] == Status.STOPPED.value else None


def _attributes(row: Mapping[Any, Any], keys: list[str]) -> dict[str, object]:
    known = {name: row[name] for name in _ATTRIBUTES if pd.notna(row[name])}
    # Of what was read from MLflow, a trial's key is its run's id.
    ours = all(key.startswith(f"{KEY_VERSION}:") for key in keys)
    return {"config_id": str(row["config_id"]), **known, ("trial_keys" if ours else "mlflow_run_ids"): keys}


def _distribution(optuna: Any, axis: Axis) -> Any:
    kinds = optuna.distributions
    if axis.kind == "choice":
        return kinds.CategoricalDistribution(axis.choices)
    if axis.kind == "int":
        return kinds.IntDistribution(int(axis.low), int(axis.high), log=axis.log, step=int(axis.step or 1))
    return kinds.FloatDistribution(axis.low, axis.high, log=axis.log, step=axis.step)


def _steps(results: RankedStudy, reports: Iterable[ReportRecord]) -> dict[str, dict[int, float]]:
    """What each configuration reported of the metric on its way: the mean of its repeats at each step."""
    owners = dict(zip(results.trials["trial_key"], results.trials["config_id"], strict=True))
    found: dict[str, dict[int, list[float]]] = {}
    for each in reports:
        report = each.report
        if each.key in owners and results.metric.name in report.metrics and math.isfinite(report.step):
            # Optuna's steps are whole: of others, the order of the reports.
            step = int(report.step) if report.step == int(report.step) else report.seq
            found.setdefault(owners[each.key], {}).setdefault(step, []).append(float(report.metrics[results.metric.name]))
    return {config: {step: fmean(values) for step, values in steps.items()} for config, steps in found.items()}


def _local(time: Any) -> datetime | None:
    """In this machine's own time, as Optuna has it."""
    return None if pd.isna(time) else datetime.fromtimestamp(time.timestamp())


def _shown(url: str) -> str:
    """Without the user and the password."""
    scheme, mark, rest = url.partition("://") if "://" in url else ("", "", url)
    return f"{scheme}{mark}***@{rest.rpartition('@')[2]}" if "@" in rest else url
