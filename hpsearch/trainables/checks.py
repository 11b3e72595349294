"""Everything that can be known to be wrong with a study before its first trial, found together."""

from __future__ import annotations

from dataclasses import dataclass

from hpsearch.core.values import Params
from hpsearch.spec.model import StudySpec
from hpsearch.trainables.estimators import Estimator, make_base
from hpsearch.trainables.findings import Findings
from hpsearch.trainables.functions import Call, call_of, import_function
from hpsearch.trainables.importing import put_first
from hpsearch.trainables.inputs import check_inputs
from hpsearch.trainables.parameters import check_parameters
from hpsearch.trainables.scorer_checks import check_responses, check_scorers
from hpsearch.trainables.scorers import find_scorers
from hpsearch.trainables.snapshot import CodeSnapshot
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


def check(spec: StudySpec, code: CodeSnapshot | None) -> Checked:
    """Imports, loads and checks; `code` is made importable first.

    Raises:
        SpecError: with every problem found.
    """
    put_first(spec.folder)
    if code is not None:
        code.activate()
    findings = Findings(spec.problem)
    first = first_configuration(spec)
    table, labels = _check_function(spec, findings) if spec.trial.kind == "function" else _check_estimator(spec, first, findings)
    findings.raise_if_any()
    return Checked(table, labels, first)


def first_configuration(spec: StudySpec) -> Params:
    """The fixed parameters and the low end of every domain: a configuration to make an estimator with."""
    return {**spec.trial.fixed, **{name: spec.space.domain(name).sample(0.0) for name in spec.space.names()}}


def places(spec: StudySpec) -> dict[str, str]:
    """Where each parameter stands in the spec."""
    return {
        **{name: f"trial.fixed.{name}" for name in spec.trial.fixed},
        **{name: f"space.{name}" for name in spec.space.names()},
    }


def _check_function(spec: StudySpec, findings: Findings) -> tuple[Table | None, bool]:
    call: Call | None = None
    with findings.collecting():
        call = call_of(import_function(spec.trial.path), spec.trial.path, places(spec))
    table = _load(spec, Task.OPEN, spec.trial.path, findings)
    labels = table is not None and has_labels(Task.OPEN, table.classes, table.y)
    if spec.evaluate is not None:
        if spec.data is None:
            findings.add(
                "evaluate", ": a function is given splits of the data block, and there is none; add one, or drop evaluate"
            )
        if call is not None and not call.takes_trial:
            findings.add("evaluate", f": {spec.trial.path} does not take trial, so it cannot use trial.splits; drop evaluate")
        _check_splits(spec, table, labels, findings)
    return table, labels


def _check_estimator(spec: StudySpec, first: Params, findings: Findings) -> tuple[Table | None, bool]:
    base: Estimator | None = None
    with findings.collecting():
        base = make_base(spec.trial, first, None)
    learner = _learner(base)
    task = Task.OPEN if base is None else task_of(base)
    if spec.data is None:
        findings.add("data", f": is missing; {learner} needs data to be fitted to")
    if spec.evaluate is None:
        findings.add("evaluate", f": is missing; {learner} needs splits to be scored on")
    table = _load(spec, task, learner, findings)
    labels = table is not None and has_labels(task, table.classes, table.y)
    if base is not None:
        check_parameters(findings, base, spec.trial.fixed, spec.space)
        check_values(findings, base, spec.trial.fixed, spec.space)
    _check_scoring(spec, base, table, task, findings)
    if base is not None and table is not None:
        _check_splits(spec, table, labels, findings)
        with findings.collecting():
            whole = make_base(spec.trial, first, table)
            check_inputs(whole, table, places(spec), f"trial.{spec.trial.kind}")
    return table, labels


def _check_scoring(spec: StudySpec, base: Estimator | None, table: Table | None, task: Task, findings: Findings) -> None:
    if spec.evaluate is None:
        return
    names = spec.evaluate.metrics
    with findings.collecting():
        scorers = find_scorers(names)
        if table is not None:
            with findings.collecting():
                check_scorers(scorers, table, task, names)
        if base is not None:
            check_responses(scorers, base, spec.trial.fixed, spec.space, names)


def _load(spec: StudySpec, task: Task, learner: str, findings: Findings) -> Table | None:
    if spec.data is None:
        return None
    from hpsearch.trainables.sources.loading import load_table  # brings pandas

    with findings.collecting():
        return load_table(spec.data, spec.folder, task, learner=learner)
    return None


def _check_splits(spec: StudySpec, table: Table | None, labels: bool, findings: Findings) -> None:
    if spec.evaluate is not None and table is not None:
        with findings.collecting():
            make_splits(spec.evaluate, table.y, table.n_rows, labels=labels, classes=table.classes)


def _learner(base: Estimator | None) -> str:
    if base is None:
        return "the estimator"
    return type(base.steps[-1][1] if hasattr(base, "steps") else base).__name__
