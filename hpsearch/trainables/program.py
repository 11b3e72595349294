"""`prepare` checks a study and gives what all its trials share; `build` makes of that, in a worker, what evaluates a trial."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from hpsearch.core.clock import Clock, SystemClock
from hpsearch.core.errors import Problem
from hpsearch.core.groups import head
from hpsearch.core.identity import Context
from hpsearch.core.metric import Metric
from hpsearch.core.trial import Evaluation, Trial
from hpsearch.core.values import Params, Value
from hpsearch.spec import Draft
from hpsearch.spec.model import EvaluateSpec, StudySpec, TrialSpec
from hpsearch.trainables.bases import Bases
from hpsearch.trainables.checks import Checked, check
from hpsearch.trainables.choices import chosen_paths
from hpsearch.trainables.command_code import command_snapshot
from hpsearch.trainables.commands import CommandObjective
from hpsearch.trainables.findings import Findings
from hpsearch.trainables.fitting import FittingObjective
from hpsearch.trainables.functions import FunctionObjective, call_of, import_function
from hpsearch.trainables.handle import TrialRun
from hpsearch.trainables.scorers import find_scorers
from hpsearch.trainables.sharing.exchange import Exchange
from hpsearch.trainables.sharing.grouping import Sharing
from hpsearch.trainables.sharing.reasons import nothing_shared, sharing_in
from hpsearch.trainables.snapshot import CodeSnapshot, take_snapshot
from hpsearch.trainables.sources.options import data_options, is_quick
from hpsearch.trainables.splits import canonical_splits
from hpsearch.trainables.table import Table


@dataclass(frozen=True)
class Program:
    """All that a worker needs besides the table: small, frozen, and picklable by pickle itself.

    Attributes:
        first: one configuration with the fixed parameters: their names.
        choices: one of each choice of what runs, with values for classes that need some to be made; none of a function.
        code: the first-party files that the study names; None where there are none.
    """

    trial: TrialSpec
    evaluate: EvaluateSpec | None
    metric: Metric
    cpus: float
    gpus: float
    first: Params
    choices: tuple[Params, ...]
    sharing: Sharing
    code: CodeSnapshot | None


@dataclass(frozen=True)
class Prepared:
    """A study that may start.

    Attributes:
        table: with the splits; None where the spec has no data block, and where it has been handed over.
        context: what makes the keys of its trials, besides parameters and seed.
        dataset: the data's name for people, and `dataset_digest` its content's; both empty without data.
    """

    program: Program
    table: Table | None
    context: Context
    dataset: str = ""
    dataset_digest: str = ""


class Objective(Protocol):
    """What evaluates trials in a worker, one after the other."""

    def expect(self, trials: Sequence[Trial]) -> None:
        """The trials that will be evaluated next, in this order, unless something comes between."""

    def evaluate(self, trial: Trial, run: TrialRun) -> Evaluation:
        """Raises: whatever the trial raised."""


def prepare(spec: StudySpec, *, before_loading: Callable[[], None] | None = None) -> Prepared:
    """Import, load and check everything that trials of `spec` will use, and settle who they are.

    The spec's folder is put first on sys.path, and stays there for what functions import while they run.

    Args:
        before_loading: called before data is loaded that may take long, once nothing but that data can still be wrong: for
            what takes long to start.

    Raises:
        SpecError: with every problem that can be known before a trial runs, each with its place in the spec.
    """
    code = _code(spec)
    what = _what(spec)  # now, not after the data is loaded: a file edited meanwhile is not what will run
    findings = Findings(spec.problem)
    checked = check(spec, code, findings, before_loading=before_loading)
    findings.raise_if_any()
    table = checked.table
    program = Program(
        trial=spec.trial,
        evaluate=spec.evaluate,
        metric=spec.metric,
        cpus=spec.resources.cpu,
        gpus=spec.resources.gpu,
        first=checked.first,
        choices=checked.choices,
        sharing=_sharing(spec, checked),
        code=code,
    )
    context = _context(spec, what, checked)
    if table is None:
        return Prepared(program, None, context)
    return Prepared(program, table, context, table.name, table.digest)


def further_problems(draft: Draft) -> tuple[Problem, ...]:
    """What is wrong with what a spec points at, where the spec has mistakes of its own: so that all are told at once.

    Nothing is said of what a mistake of the spec's own has left open, nor is data loaded that may take long.
    """
    spec = draft.study
    if spec is None:
        return ()
    if spec.data is not None and not is_quick(spec.data, spec.folder):
        spec, draft = replace(spec, data=None), replace(draft, unread=draft.unread | {"data"})
    findings = Findings(spec.problem, draft.unread)
    check(spec, _code(spec), findings)
    return findings.problems


def build(program: Program, table: Table | None, *, clock: Clock | None = None, exchange: Exchange | None = None) -> Objective:
    """The objective of a prepared study; made once in each worker, and used for all its trials.

    Args:
        table: the study's as `prepare` gives it, which may be read-only; None where it has none.
        clock: times fits and scores; the machine's where left out.
        exchange: the way to workers that share first steps with this one; none where left out.

    Raises:
        SpecError: where this machine lacks what the driver's had: a package, say.
    """
    findings = Findings(lambda path, message: Problem(message, path))
    if program.trial.kind == "command":
        assert program.code is not None
        with findings.collecting():
            return CommandObjective(program.trial.command, program.trial.path, program.code, program.metric.name)
        findings.raise_if_any()
    if program.code is not None:
        program.code.activate()
    with findings.collecting():
        if program.trial.kind == "function":
            return _function(program, table)
        return _fitting(program, table, clock or SystemClock(), exchange)
    findings.raise_if_any()
    raise AssertionError("a block that neither returned nor left a finding")


def _function(program: Program, table: Table | None) -> Objective:
    path = program.trial.path
    function = import_function(path)
    call = call_of(function, path, {name: name for name in map(head, program.first)})
    return FunctionObjective(function, call, path, program.metric, table)


def _fitting(program: Program, table: Table | None, clock: Clock, exchange: Exchange | None) -> Objective:
    assert table is not None  # prepare() lets no estimator through without data and splits
    assert program.evaluate is not None
    bases = Bases(program.trial, table, program.choices)
    metrics = program.evaluate.metrics
    scorers, shares = find_scorers(metrics), program.sharing.is_any
    return FittingObjective(bases, table, scorers, metrics, program.cpus, clock, shares=shares, exchange=exchange)


def _sharing(spec: StudySpec, checked: Checked) -> Sharing:
    if checked.table is None or spec.evaluate is None or spec.trial.scores_itself:
        return nothing_shared(spec)
    return sharing_in(spec, Bases(spec.trial, checked.table, ()), find_scorers(spec.evaluate.metrics))


def _context(spec: StudySpec, what: Value, checked: Checked) -> Context:
    data: dict[str, Value] | None = None
    if spec.data is not None and checked.table is not None:
        data = {"block": data_options(spec.data), "digest": checked.table.digest}
    splits = canonical_splits(spec.evaluate, checked.labels) if spec.evaluate is not None else None
    return Context(what=what, data=data, splits=splits)


def _what(spec: StudySpec) -> Value:
    """What runs, without its parameters: those are in each trial's key."""
    trial = spec.trial
    if trial.kind == "command":
        own = command_snapshot(trial.command, spec.folder)
        return {"kind": trial.kind, "code": own.digest if own.files else None, "command": trial.command}
    code = take_snapshot(_trial_modules(spec), spec.folder)
    shared: dict[str, Value] = {"kind": trial.kind, "code": code.digest if code is not None else None}
    scorers = take_snapshot(_scorer_modules(spec), spec.folder)
    if scorers is not None:  # absent otherwise: names of metrics are no part of who a trial is
        shared["scorers"] = scorers.digest
    if trial.kind != "pipeline":
        return {**shared, "path": _dotted(trial.path)}
    steps: tuple[Value, ...] = tuple(
        {
            "name": step.name,
            "path": _dotted(step.path),
            "columns": tuple(
                {"name": group.name, "select": group.select, "transformers": tuple(map(_dotted, group.transformers))}
                for group in step.columns
            ),
            "remainder": step.remainder,
        }
        for step in trial.steps
    )
    return {**shared, "steps": steps}


def _dotted(path: str) -> str:
    return path.replace(":", ".")


def _code(spec: StudySpec) -> CodeSnapshot | None:
    if spec.trial.kind == "command":
        return command_snapshot(spec.trial.command, spec.folder)
    return take_snapshot([*_trial_modules(spec), *_scorer_modules(spec), *_data_modules(spec)], spec.folder)


def _trial_modules(spec: StudySpec) -> list[str]:
    """Of what runs, and of all that the space may choose to run: a trial's key has them all, whichever it runs."""
    paths = [spec.trial.path, *chosen_paths(spec)]
    for step in spec.trial.steps:
        paths += [step.path, *(path for group in step.columns for path in group.transformers)]
    return _modules(paths)


def _scorer_modules(spec: StudySpec) -> list[str]:
    """Of scorers written `pkg.mod:scorer`. A function scores itself: its metric's name is no path, whatever it looks like."""
    if spec.evaluate is None or spec.trial.kind == "function":
        return []
    return _modules([name for name in spec.evaluate.metrics if ":" in name])


def _data_modules(spec: StudySpec) -> list[str]:
    """Of a data function: made importable too, but no part of who a trial is; the digest of what it returned is."""
    return _modules([spec.data.source]) if spec.data is not None and spec.data.kind == "function" else []


def _modules(paths: list[str]) -> list[str]:
    """The modules of dotted paths; a step of columns has no path, and `passthrough` no module."""
    modules = [_dotted(path).rpartition(".")[0] for path in paths]
    return [module for module in modules if module]
