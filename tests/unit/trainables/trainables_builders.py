"""Specs in a line, and a run that remembers what a trial did with it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hpsearch.core.errors import SpecError
from hpsearch.core.identity import config_id, trial_key
from hpsearch.core.trial import Evaluation, Trial
from hpsearch.spec.loader import parse_spec
from hpsearch.spec.model import StudySpec
from hpsearch.trainables import Prepared, build, prepare


def spec_of(text: str, folder: Path) -> StudySpec:
    """A spec from its blocks; version and name are added."""
    return parse_spec("version: 1\nname: test\n" + textwrap.dedent(text), file="test.yaml", folder=folder)


def problems_of(text: str, folder: Path) -> list[str]:
    """What prepare() says of the spec, one line a problem, without the file's name; the spec itself must be readable."""
    spec = spec_of(text, folder)
    try:
        prepare(spec)
    except SpecError as error:
        problems = error.problems
    else:
        return []
    assert all(problem.file == "test.yaml" for problem in problems)
    assert all(problem.line > 0 for problem in problems), "every problem is shown at its line"
    return [str(problem).partition("  ")[2] for problem in problems]


def iris_choosing(space: str, trial: str = "{}", metrics: str = "accuracy") -> str:
    """A study of iris whose space chooses what runs."""
    return f"""
data: {{sklearn: iris}}
evaluate: {{cv: {{folds: 3, seed: 0}}, metrics: [{metrics}]}}
metric: {{name: accuracy, mode: max}}
trial: {trial}
space: {space}
"""


class RememberingRun:
    """A TrialRun that keeps what it is told."""

    def __init__(self, scratch: Path = Path("unused"), cpus: float = 1, gpus: float = 0) -> None:
        self.scratch = scratch
        self.cpus = cpus
        self.gpus = gpus
        self.reports: list[tuple[float, dict[str, float]]] = []
        self.attached: list[Path] = []

    def restored(self) -> Path | None:
        return None

    def report(self, metrics: Mapping[str, float], step: float, checkpoint: Path | None = None) -> None:
        self.reports.append((step, dict(metrics)))

    def attach(self, path: Path) -> None:
        self.attached.append(path)


def trial_of(prepared: Prepared, params: Mapping[str, Any], seed: int = 0) -> Trial:
    whole = {**prepared.program.trial.fixed, **params}
    return Trial(trial_key(prepared.context, whole, seed), config_id(whole), whole, seed)


def evaluate(
    text: str, folder: Path, params: Mapping[str, Any], *, seed: int = 0, run: RememberingRun | None = None
) -> Evaluation:
    """One trial of the spec, in this process."""
    prepared = prepare(spec_of(text, folder))
    objective = build(prepared.program, prepared.table)
    return objective.evaluate(trial_of(prepared, params, seed), run or RememberingRun())


def constant_score(estimator: Any, X: Any, y: Any) -> float:
    """A scorer that is importable, but lies outside every spec's folder."""
    return 1.0
