"""Building what is fitted: the base estimator of a study, and a trial's own copy of it."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping
from typing import Any, TypeAlias

from hpsearch.core.seeds import SEED_PARAMETERS
from hpsearch.core.values import Params, Value
from hpsearch.spec.model import TrialSpec
from hpsearch.trainables.findings import Finding
from hpsearch.trainables.importing import import_path
from hpsearch.trainables.table import Table
from hpsearch.trainables.threads import whole_cpus

Estimator: TypeAlias = Any

_THREADS = ("n_jobs", "nthread", "nthreads", "num_thread", "num_threads", "thread_count")


def make_estimator(path: str, at: str, params: Params) -> Estimator:
    """An instance of the class at the dotted `path`, with its defaults; `params` give what it cannot be made without.

    Raises:
        Finding: at `at`: the path, what it names is no estimator, or it cannot be made.
    """
    cls = import_path(path, at, example="sklearn.svm.SVC")
    if not inspect.isclass(cls):
        raise Finding(at, f" = {path}: a {type(cls).__name__}, not a class; name the estimator's class")
    if not callable(getattr(cls, "get_params", None)) or not callable(getattr(cls, "set_params", None)):
        raise Finding(at, f" = {path}: no scikit-learn estimator: it has no get_params and set_params")
    required = [name for name, parameter in _init_parameters(cls).items() if parameter.default is inspect.Parameter.empty]
    missing = [name for name in required if name not in params]
    if missing:
        raise Finding(at, f" = {path}: cannot be made without {', '.join(missing)}; set it in trial.fixed or space")
    try:
        made = cls(**{name: for_estimator(params[name]) for name in required})
    except Exception as error:  # a user's class may raise anything
        raise Finding(at, f" = {path}: it cannot be made: {type(error).__name__}: {error}") from error
    if not hasattr(made, "__sklearn_tags__"):  # which scikit-learn's own tools insist on
        raise Finding(at, f" = {path}: no scikit-learn estimator: derive it from sklearn.base.BaseEstimator")
    return made


def _init_parameters(cls: type) -> Mapping[str, inspect.Parameter]:
    try:
        parameters = inspect.signature(cls).parameters
    except (TypeError, ValueError):  # written in C
        return {}
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return {name: parameter for name, parameter in parameters.items() if parameter.kind not in variadic}


def make_base(trial: TrialSpec, params: Params, table: Table | None) -> Estimator:
    """The unfitted estimator or pipeline that every trial of the study is a copy of.

    Args:
        params: one configuration with the fixed parameters, for arguments that a class requires.
        table: the data, whose columns a first step with columns selects from.

    Raises:
        Finding: everything wrong with the estimator, or with any step.
    """
    if trial.kind == "estimator":
        estimator = make_estimator(trial.path, "trial.estimator", params)
        if not callable(getattr(estimator, "fit", None)):
            raise Finding("trial.estimator", f" = {trial.path}: no scikit-learn estimator: it has no fit")
        return estimator
    from hpsearch.trainables.pipelines import make_pipeline  # it needs make_estimator

    return make_pipeline(trial, params, table)


def configure(base: Estimator, params: Params, seed: int, cpus: float) -> Estimator:
    """A fresh copy of `base` with a trial's parameters, its seed on every unset random state, and its threads.

    scikit-learn's own estimators are left without n_jobs: see `threads.joblib_threads`.
    """
    from sklearn.base import clone

    # Cloned values: an estimator may change a list that it is given, and the trial's must stay as it is.
    estimator = clone(base).set_params(**{name: for_estimator(value) for name, value in params.items()})
    settings = estimator.get_params(deep=True)
    own: dict[str, object] = {}
    for owner, names in _by_owner(settings).items():
        own.update(_unset(settings, params, owner, names, SEED_PARAMETERS, seed))
        own.update(_drawing_still(settings, params, owner, seed))
        if not _is_sklearn(_owner_of(settings, owner, estimator)):
            own.update(_unset(settings, params, owner, names, _THREADS, whole_cpus(cpus)))
    return estimator.set_params(**own) if own else estimator


def _unset(
    settings: Mapping[str, Any], params: Params, owner: str, names: set[str], aliases: tuple[str, ...], value: int
) -> dict[str, object]:
    """The settings among `aliases` to give `value`: those that are None, unless the spec or the class sets one of them."""
    present = [f"{owner}{alias}" for alias in aliases if alias in names]
    if any(name in params or settings[name] is not None for name in present):
        return {}
    return dict.fromkeys(present, value)


def _drawing_still(settings: Mapping[str, Any], params: Params, owner: str, seed: int) -> dict[str, object]:
    """The seed for a random state that scikit-learn calls deprecated, and that no default has taken the place of.

    So it is with TargetEncoder in 1.9: left alone it cuts its folds anew in each fit. Where it does not shuffle it takes no seed.
    Its warning, of what no spec has set, is not let into every trial's log.
    """
    name = f"{owner}random_state"
    if name in params or settings.get(name) != "deprecated" or settings.get(f"{owner}shuffle") is False:
        return {}
    warnings.filterwarnings("ignore", r".*\.random_state` are deprecated", FutureWarning)
    return {name: seed}


def _by_owner(settings: Mapping[str, Any]) -> dict[str, set[str]]:
    """Own parameter names by the prefix of the nested estimator they belong to ("", "clf__", "prep__num__")."""
    owners: dict[str, set[str]] = {}
    for name in settings:
        prefix, joint, last = name.rpartition("__")
        owners.setdefault(prefix + joint, set()).add(last)
    return owners


def _owner_of(settings: Mapping[str, Any], owner: str, whole: Estimator) -> object:
    return settings.get(owner.removesuffix("__")) if owner else whole


def _is_sklearn(estimator: object) -> bool:
    return type(estimator).__module__.split(".")[0] == "sklearn"


def for_estimator(value: Value) -> object:
    """A parameter's value as estimators take it: lists as tuples, mappings as dicts of their own."""
    if isinstance(value, Mapping):
        return {key: for_estimator(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(for_estimator(item) for item in value)
    return value
