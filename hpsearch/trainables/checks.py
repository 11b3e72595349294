"""Everything that can be known to be wrong with a study before its first trial, found together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from hpsearch.core.groups import head
from hpsearch.core.values import Params
from hpsearch.spec.model import StudySpec
from hpsearch.spec.study import ANY_TRIAL
from hpsearch.trainables.choices import Choice, choices_of, what_runs
from hpsearch.trainables.command_checks import check_command
from hpsearch.trainables.estimators import Estimator, make_base
from hpsearch.trainables.findings import Findings
from hpsearch.trainables.functions import Call, call_of, import_function
from hpsearch.trainables.importing import put_first
from hpsearch.trainables.inputs import arriving_columns, check_inputs
from hpsearch.trainables.parameters import check_parameters
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
        table: with the splits.
        first: one configuration with the fixed parameters.
        choices: one of each choice of what runs.
        labels: whether the target is class numbers.
    """

    table: Table | None
    labels: bool
    first: Params
    choices: tuple[Params, ...]


class _Made(NamedTuple):
    """A choice of what runs, and that, unfitted and without columns of the data."""

    choice: Choice
    base: Estimator


@dataclass(frozen=True)
class _Learner:
    """What the data is for. `made`: what could be made of each choice. `scorers`: None where some are not found."""

    name: str
    task: Task
    made: Sequence[_Made] = ()
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
    if spec.trial == ANY_TRIAL:
        learner = _Learner("the trial", Task.OPEN)
    elif spec.trial.kind == "function":
        learner = _check_function(spec, findings)
    elif spec.trial.kind == "command":
        check_command(spec, findings)
        learner = _Learner(spec.trial.path, Task.OPEN)
    else:
        learner = _check_estimator(spec, findings)
    if before_loading is not None and spec.data is not None and not findings.problems and not is_quick(spec.data, spec.folder):
        before_loading()
    table = _load(spec, learner, findings)
    labels = table is not None and has_labels(learner.task, table.classes, table.y)
    if table is not None:
        _check_with(table, spec, learner, labels, findings)
        table = _split(table, spec, labels, findings)
    return Checked(table, labels, _first_configuration(spec), tuple(choice.first for choice, _ in learner.made))


def _first_configuration(spec: StudySpec) -> Params:
    """The fixed parameters and the first quarter of every domain, of those whose group every configuration has."""
    drawn = spec.space.sample(lambda _: 0.25)
    sure = {name for names in _by_head(spec.space.names()).values() if spec.space.is_always_there(*names) for name in names}
    return {**spec.trial.fixed, **{name: value for name, value in drawn.items() if name in sure}}


def _by_head(names: Iterable[str]) -> dict[str, list[str]]:
    """The names by their outermost group: what a function takes as one argument."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(head(name), []).append(name)
    return found


def _check_function(spec: StudySpec, findings: Findings) -> _Learner:
    call: Call | None = None
    with findings.collecting():
        function = import_function(spec.trial.path)
        # Which arguments there are cannot be told of half a space.
        if not findings.is_unread("space") and not findings.is_unread("trial.fixed"):
            places, sometimes = _arguments(spec)
            call = call_of(function, spec.trial.path, places, sometimes=sometimes)
    if spec.evaluate is not None:
        if spec.data is None and findings.is_whole("data"):
            findings.add(
                "evaluate", ": a function is given splits of the data block, and there is none; add one, or drop evaluate"
            )
        if call is not None and not call.takes_trial:
            findings.add("evaluate", f": {spec.trial.path} does not take trial, so it cannot use trial.splits; drop evaluate")
    return _Learner(spec.trial.path, Task.OPEN)


def _arguments(spec: StudySpec) -> tuple[dict[str, str], set[str]]:
    """What a function is given by name, with its place in the spec; and what of it not every configuration has."""
    fixed, space = spec.trial.fixed, spec.space
    places = {head(name): f"trial.fixed.{name}" for name in reversed(list(fixed))}
    places |= {head(each.name): f"space.{each.place}" for each in reversed(space.parameters)}
    sometimes = {own for own, names in _by_head(space.names()).items() if not space.is_always_there(*names)}
    return places, sometimes - set(map(head, fixed))


def _check_estimator(spec: StudySpec, findings: Findings) -> _Learner:
    found = _made(spec, findings)
    title = "the estimator" if not found else _title(found[0].base)
    if spec.data is None:
        findings.add("data", f": is missing; {title} needs data to be fitted to")
    if spec.evaluate is None:
        findings.add("evaluate", f": is missing; {title} needs splits to be scored on")
    checked: set[tuple[str, str]] = set()
    for choice, base in found:
        # What stands in several choices with the same class is checked once.
        new = [each for each in choice.settings if (each.at, choice.of(each)) not in checked]
        checked |= {(each.at, choice.of(each)) for each in new}
        check_parameters(findings, base, new, choice)
        check_values(findings, base, new)
    scorers: Scorers | None = None
    if spec.evaluate is not None:
        with findings.collecting():
            scorers = find_scorers(spec.evaluate.metrics)
    if spec.evaluate is not None and scorers is not None:
        # Once for each class that predicts; of a choice that could not be read, nobody knows what it would have been.
        last = {made.choice.last: made for made in reversed(found) if findings.is_whole(made.choice.last_block)}
        for choice, base in last.values():
            with findings.collecting():
                check_responses(scorers, base, choice.settings, spec.evaluate.metrics)
    return _Learner(title, _task(found, findings), found, scorers)


def _made(spec: StudySpec, findings: Findings) -> list[_Made]:
    found = []
    for choice in choices_of(spec):
        if not findings.seeks_near:  # looking for each of a thousand classes that are not there takes minutes
            break
        with findings.collecting(), choice.placed():
            found.append(_Made(choice, make_base(choice.trial, what_runs(spec.trial, choice.first)[1], None)))
    return found


def _title(base: Estimator) -> str:
    return type(base.steps[-1][1] if hasattr(base, "steps") else base).__name__


def _task(found: Sequence[_Made], findings: Findings) -> Task:
    """What all choices learn; OPEN, with a finding, where they do not learn the same."""
    tasks = [task_of(base) for _, base in found]
    most = max(tasks, key=tasks.count, default=Task.OPEN)
    odd = [index for index, task in enumerate(tasks) if task is not most]
    for index in odd:
        one, other = (f"{_title(found[each].base)} is {_KINDS[tasks[each]]}" for each in (index, tasks.index(most)))
        findings.add(found[index].choice.last[0], f": {one}, and {other}; a study compares what learns the same from one target")
    return Task.OPEN if odd else most


_KINDS = {
    Task.CLASSIFICATION: "a classifier",
    Task.REGRESSION: "a regressor",
    Task.OPEN: "neither a classifier nor a regressor",
}


def _load(spec: StudySpec, learner: _Learner, findings: Findings) -> Table | None:
    if spec.data is None:
        return None
    from hpsearch.trainables.sources.loading import load_table  # brings pandas

    # Of a target that could not be read, no class is asked for.
    data = replace(spec.data, positive=None) if findings.is_unread("data.target") else spec.data
    with findings.collecting():
        return load_table(data, spec.folder, learner.task, learner=learner.name)
    return None


def _check_with(table: Table, spec: StudySpec, learner: _Learner, labels: bool, findings: Findings) -> None:
    if learner.scorers is not None and spec.evaluate is not None:
        with findings.collecting():
            check_scorers(learner.scorers, table, learner.task, spec.evaluate.metrics)
    if learner.made and findings.is_whole("data") and findings.is_whole("trial"):
        arriving = arriving_columns(table)
        for choice, _ in learner.made:
            with findings.collecting(), choice.placed():
                whole = make_base(choice.trial, what_runs(spec.trial, choice.first)[1], table)
                check_inputs(whole, table, [each.name for each in choice.settings], f"trial.{spec.trial.kind}", arriving)


def _split(table: Table, spec: StudySpec, labels: bool, findings: Findings) -> Table:
    """The table with its splits: each worker that made them for itself would hold them once more, and spend the same seconds."""
    if spec.evaluate is not None:
        with findings.collecting():
            splits = make_splits(spec.evaluate, table.y, table.n_rows, labels=labels, classes=table.classes)
            return replace(table, splits=splits)
    return table
