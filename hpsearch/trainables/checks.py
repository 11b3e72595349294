"""Everything that can be known to be wrong with a study before its first trial, found together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from hpsearch.core.values import Params
from hpsearch.spec.model import StudySpec
from hpsearch.spec.study import ANY_TRIAL
from hpsearch.trainables.command_checks import check_command
from hpsearch.trainables.estimators import Estimator, make_base
from hpsearch.trainables.findings import Findings
from hpsearch.trainables.functions import Call, call_of, import_function
from hpsearch.trainables.importing import put_first
from hpsearch.trainables.inputs import check_inputs
from hpsearch.trainables.parameters import check_parameters, parameter_places
from hpsearch.trainables.scorer_checks import check_responses, check_scorers
from hpsearch.trainables.scorers import Scorers, find_scorers
from hpsearch.trainables.snapshot import CodeSnapshot
from hpsearch.trainables.sources.options import is_quick
from hpsearch.trainables.splits import make_splits
from hpsearch.trainables.table import Table
from hpsearch.trainables.task import Task, has_labels, task_of
from hpsearch.trainables.value_checks import check_values


@dataclass(frozen=True)
class Checked:
    """What the checks had to make, and others need.

    Attributes:
        first: one configuration with the fixed parameters.
        labels: whether the target is class numbers.
    """

    table: Table | None
    labels: bool
    first: Params


@dataclass(frozen=True)
class _Learner:
    """What the data is for. `base` and `scorers` are None where there are none, or where they cannot be made."""

    name: str
    task: Task
    base: Estimator | None = None
    scorers: Scorers | None = None


def check(
    spec: StudySpec, code: CodeSnapshot | None, findings: Findings, *, before_loading: Callable[[], None] | None = None
) -> Checked:
    """Imports, loads and checks; `code` is made importable first. What is wrong is in `findings`.

    Args:
        before_loading: called where data is loaded that may take long, if nothing but the data can still be wrong.
    """
    put_first(spec.folder)
    if code is not None and spec.trial.kind != "command":  # whose files this process imports none of
        code.activate()
    first = first_configuration(spec)
    if spec.trial == ANY_TRIAL:
        learner = _Learner("the trial", Task.OPEN)
    elif spec.trial.kind == "function":
        learner = _check_function(spec, findings)
    elif spec.trial.kind == "command":
        check_command(spec, findings)
        learner = _Learner(spec.trial.path, Task.OPEN)
    else:
        learner = _check_estimator(spec, first, findings)
    if before_loading is not None and spec.data is not None and not findings.problems and not is_quick(spec.data, spec.folder):
        before_loading()
    table = _load(spec, learner, findings)
    labels = table is not None and has_labels(learner.task, table.classes, table.y)
    if table is not None:
        _check_with(table, spec, learner, first, labels, findings)
    return Checked(table, labels, first)


def first_configuration(spec: StudySpec) -> Params:
    """The fixed parameters and the first quarter of every domain: what to make an estimator with that asks for arguments.

    Only of parameters that every configuration has: what is made here must leave nothing in a trial that lacks one.
    """
    drawn = spec.space.sample(lambda _: 0.25)
    return {**spec.trial.fixed, **{name: value for name, value in drawn.items() if spec.space.is_always_there(name)}}


def _check_function(spec: StudySpec, findings: Findings) -> _Learner:
    call: Call | None = None
    with findings.collecting():
        function = import_function(spec.trial.path)
        # Which arguments there are cannot be told of half a space.
        if not findings.is_unread("space") and not findings.is_unread("trial.fixed"):
            sometimes = [name for name in spec.space.names() if not spec.space.is_always_there(name)]
            call = call_of(function, spec.trial.path, parameter_places(spec.trial.fixed, spec.space), sometimes=sometimes)
    if spec.evaluate is not None:
        if spec.data is None and findings.is_whole("data"):
            findings.add(
                "evaluate", ": a function is given splits of the data block, and there is none; add one, or drop evaluate"
            )
        if call is not None and not call.takes_trial:
            findings.add("evaluate", f": {spec.trial.path} does not take trial, so it cannot use trial.splits; drop evaluate")
    return _Learner(spec.trial.path, Task.OPEN)


def _check_estimator(spec: StudySpec, first: Params, findings: Findings) -> _Learner:
    base: Estimator | None = None
    with findings.collecting():
        base = make_base(spec.trial, first, None)
    title = "the estimator" if base is None else type(base.steps[-1][1] if hasattr(base, "steps") else base).__name__
    if spec.data is None:
        findings.add("data", f": is missing; {title} needs data to be fitted to")
    if spec.evaluate is None:
        findings.add("evaluate", f": is missing; {title} needs splits to be scored on")
    if base is not None:
        check_parameters(findings, base, spec.trial.fixed, spec.space)
        check_values(findings, base, spec.trial.fixed, spec.space)
    scorers: Scorers | None = None
    if spec.evaluate is not None:
        with findings.collecting():
            scorers = find_scorers(spec.evaluate.metrics)
            if base is not None:
                check_responses(scorers, base, spec.trial.fixed, spec.space, spec.evaluate.metrics)
    return _Learner(title, Task.OPEN if base is None else task_of(base), base, scorers)


def _load(spec: StudySpec, learner: _Learner, findings: Findings) -> Table | None:
    if spec.data is None:
        return None
    from hpsearch.trainables.sources.loading import load_table  # brings pandas

    # Of a target that could not be read, no class is asked for.
    data = replace(spec.data, positive=None) if findings.is_unread("data.target") else spec.data
    with findings.collecting():
        return load_table(data, spec.folder, learner.task, learner=learner.name)
    return None


def _check_with(table: Table, spec: StudySpec, learner: _Learner, first: Params, labels: bool, findings: Findings) -> None:
    if learner.scorers is not None and spec.evaluate is not None:
        with findings.collecting():
            check_scorers(learner.scorers, table, learner.task, spec.evaluate.metrics)
    if learner.base is not None and findings.is_whole("data") and findings.is_whole("trial"):
        with findings.collecting():
            whole = make_base(spec.trial, first, table)
            check_inputs(whole, table, parameter_places(spec.trial.fixed, spec.space), f"trial.{spec.trial.kind}")
    if spec.evaluate is not None:
        with findings.collecting():
            make_splits(spec.evaluate, table.y, table.n_rows, labels=labels, classes=table.classes)
