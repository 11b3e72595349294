"""Function trials: how a function is called, whether the spec gives it what it takes, and what it may return."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from hpsearch.core.errors import ObjectiveError, OtherMetricsError
from hpsearch.core.groups import nested
from hpsearch.core.metric import Metric
from hpsearch.core.names import did_you_mean
from hpsearch.core.trial import Evaluation, Trial
from hpsearch.core.values import Value
from hpsearch.trainables.findings import Finding
from hpsearch.trainables.handle import TrialHandle, TrialRun
from hpsearch.trainables.importing import import_path
from hpsearch.trainables.metrics import as_float, as_metrics
from hpsearch.trainables.table import Array, Table

UserFunction: TypeAlias = Callable[..., Any]

# A first argument of one of these names takes all parameters in one dict.
_ALL = ("params", "config")
_HANDLE = "trial"


@dataclass(frozen=True)
class Call:
    """How a function is called: `run(params)`, `run(params, trial)`, or with its parameters by name.

    Attributes:
        by_name: whether each parameter is an argument of its own.
        takes_trial: whether the function is handed the TrialHandle.
    """

    by_name: bool
    takes_trial: bool

    def __call__(self, function: UserFunction, params: dict[str, Any], handle: TrialHandle) -> object:
        if self.by_name:
            return function(**params, **({_HANDLE: handle} if self.takes_trial else {}))
        return function(params, handle) if self.takes_trial else function(params)


def import_function(path: str, at: str = "trial.function") -> UserFunction:
    """The function at "pkg.mod:name".

    Raises:
        Finding: it cannot be imported, or is none that can be called and waited for.
    """
    function = import_path(path, at, example="mylib.train:run")
    if not callable(function) or inspect.isclass(function):
        raise Finding(at, f" = {path}: a {type(function).__name__}, not a function")
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise Finding(
            at, f" = {path}: is a coroutine or generator function; a trial is a plain function that returns its metrics"
        )
    return function


def call_of(
    function: UserFunction,
    path: str,
    places: Mapping[str, str],
    at: str = "trial.function",
    *,
    sometimes: Collection[str] = (),
) -> Call:
    """How to call `function` with the parameters named in `places` (name → path in the spec).

    Args:
        sometimes: those of them that not every configuration has.

    Raises:
        Finding: for every parameter that the function does not take, and every argument that the spec does not give.
    """
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError) as error:
        raise Finding(at, f" = {path}: its arguments cannot be read ({error}); wrap it in a Python function") from error
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if positional and positional[0].name in _ALL and positional[0].name not in places:
        return _with_dict(parameters, positional, path, at)
    named = {p.name: p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    taken = {*named, *(p.name for p in positional)}
    anything = any(p.kind is p.VAR_KEYWORD for p in parameters)
    wrong: list[tuple[str, str]] = [
        (at, f" = {path}: its argument {p.name} is positional only; hpsearch gives parameters by name")
        for p in positional
        if p.kind is p.POSITIONAL_ONLY
    ]
    wrong += [
        (place, f": {path} takes no such argument{did_you_mean(name, named)}")
        for name, place in places.items()
        if name not in taken and not anything
    ]
    wrong += [
        (at, f" = {path}: its argument {p.name} is neither in space nor in trial.fixed{did_you_mean(p.name, places)}")
        for p in named.values()
        if p.name not in places and p.name != _HANDLE and p.default is p.empty
    ]
    wrong += [
        (places[p.name], f": exists in some configurations alone; give the argument {p.name} of {path} a default for the others")
        for p in named.values()
        if p.name in sometimes and p.default is p.empty
    ]
    if _HANDLE in places:
        wrong.append((places[_HANDLE], ": is the name by which a function gets its trial; call the parameter something else"))
    if wrong:
        raise Finding.of(wrong)
    return Call(by_name=True, takes_trial=_HANDLE in named)


def _with_dict(parameters: list[inspect.Parameter], positional: list[inspect.Parameter], path: str, at: str) -> Call:
    further = [p for p in positional[2:] if p.default is p.empty]
    further += [p for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty]
    if further:
        names = ", ".join(p.name for p in further)
        raise Finding(at, f" = {path}: it takes (params, trial), and nothing gives its {names}")
    takes = len(positional) > 1 and (positional[1].name == _HANDLE or positional[1].default is inspect.Parameter.empty)
    return Call(by_name=False, takes_trial=takes or any(p.kind is p.VAR_POSITIONAL for p in parameters))


class FunctionObjective:
    """A user's function, called once a trial."""

    def __init__(self, function: UserFunction, call: Call, path: str, metric: Metric, table: Table | None) -> None:
        self._function = function
        self._call = call
        self._path = path
        self._metric = metric
        self._table = table
        self._splits = None if table is None or not table.splits else tuple((each.train, each.test) for each in table.splits)

    def expect(self, trials: Sequence[Trial]) -> None:
        """Nothing: what these do in common is their own affair."""

    def evaluate(self, trial: Trial, run: TrialRun) -> Evaluation:
        """What the function returned, over what it last reported under each name.

        Raises:
            ObjectiveError: the study's metric is not among them, or something is no number.
            Whatever the function raises goes through.
        """
        params = nested({name: _thawed(value) for name, value in trial.params.items()})
        handle = TrialHandle(run=run, params=params, seed=trial.seed, data=_data(self._table), splits=self._splits)
        returned = self._call(self._function, params, handle)
        return Evaluation(settle(returned, handle.reported, self._metric.name, self._path))


def _data(table: Table | None) -> tuple[Any, Any] | None:
    """What a trial may look at and not change, so that the next trial sees the same: read-only arrays, copy-on-write frames."""
    if table is None:
        return None
    X = table.X.copy(deep=False) if table.is_frame else _read_only(table.X) if table.is_dense else table.X
    return X, None if table.y is None else _read_only(table.y)


def _read_only(array: Array) -> Array:
    view = array.view()
    view.setflags(write=False)
    return view


def settle(returned: object, reported: Mapping[str, float], metric: str, path: str) -> dict[str, float]:
    """The trial's metrics: the returned value counts, else the last report.

    Args:
        returned: {name: number}, or one number, which is `metric`'s; None where the function reports instead.
        reported: the last value reported under each name.

    Raises:
        ObjectiveError: `metric` is in neither; says what came instead. OtherMetricsError where something did.
    """
    if returned is None:
        given: dict[str, float] = {}
    elif isinstance(returned, Mapping):
        given = as_metrics(returned, f"{path} returned")
    elif isinstance(returned, str | bytes | list | tuple | set):
        raise ObjectiveError(f"{path} returned a {type(returned).__name__}; return {{{metric!r}: number}}, or a number")
    else:
        given = {metric: as_float(returned, metric, f"{path} returned")}
    metrics = {**reported, **given}
    if metric not in metrics:
        near = did_you_mean(metric, metrics)
        lacking = OtherMetricsError if metrics else ObjectiveError
        raise lacking(f"{path} {_said(returned, reported)}, and the study's metric is {metric}{near}")
    return metrics


def _said(returned: object, reported: Mapping[str, float]) -> str:
    what = f"returned {_listed(returned) or 'an empty mapping'}" if isinstance(returned, Mapping) else "returned nothing"
    return f"{what} and reported {_listed(reported) or 'nothing'}"


def _listed(names: Iterable[object]) -> str:
    words = [str(name) for name in names]
    return ", ".join(words[:8]) + (f" and {len(words) - 8} more" if len(words) > 8 else "")


def _thawed(value: Value) -> Any:
    """A value as its YAML reads: lists and dicts, new ones for each trial, so that a function may change them."""
    if isinstance(value, Mapping):
        return {key: _thawed(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_thawed(item) for item in value]
    return value
