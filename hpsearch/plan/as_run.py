"""A study as it was last run: its spec, read again from the ledger, and the rule for its best configuration."""

from __future__ import annotations

from pathlib import Path

from hpsearch.core.best import BestRule
from hpsearch.core.errors import SpecError
from hpsearch.ledger import StudyRecord
from hpsearch.spec import parse_spec
from hpsearch.spec.model import StudySpec


def spec_as_run(study: StudyRecord, folder: Path) -> StudySpec | None:
    """The spec that the study was last run with, its relative paths excepted.

    None where it cannot be read here: its environment variables are not set, or another release wrote it.

    Args:
        folder: the study's.
    """
    try:
        return parse_spec(study.spec_text, file=str(folder / "spec.yaml"), folder=folder, with_secrets=False)
    except SpecError:
        return None


def best_rule(spec: StudySpec) -> BestRule:
    """What makes a configuration of the study the best one."""
    return BestRule(spec.metric, spec.repeat.seeds, spec.report.tie_break, scorers=spec.evaluate is not None)


def best_rule_as_run(study: StudyRecord, folder: Path) -> BestRule:
    """The rule of the spec as it was last run; where that cannot be read, all seeds that there are, and no tie-break."""
    spec = spec_as_run(study, folder)
    return BestRule(study.metric, seeds=()) if spec is None else best_rule(spec)
