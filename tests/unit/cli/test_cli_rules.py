"""What `best --rule` says of its choice."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from hpsearch.cli.results import best
from hpsearch.cli.rules import tell_choice
from hpsearch.core.metric import Metric, Mode
from tests.unit.results.results_builders import Study


def test_a_rule_tells_what_it_saved_and_what_that_may_cost(capsys: pytest.CaptureFixture[str]) -> None:
    """A fourth of the time for twice the loss is nobody's wish, where nobody is told."""
    study = Study(Metric("loss", Mode.MIN), varying=("x",))
    study.add({"x": 1}, folds=(0.1, 0.2, 0.3), seconds=0.15)
    study.add({"x": 2}, folds=(0.4, 0.2, 0.6), seconds=0.11)
    results = study.results()

    def told(rule: str) -> str:
        tell_choice(results, results.choice(rule), rule)
        said = capsys.readouterr()
        assert not said.out, "stdout is for the parameters"
        return said.err

    assert told("best") == ""
    assert told("1se") == (
        "1se: rank 1, the best itself; of those within one standard error of it none takes less time by a tenth or more\n"
    )
    assert re.fullmatch(
        r"cheapest: rank 2 of 2 configurations: 0\.2 worse \(95 %: -0\.\d+ to 0\.\d+\), 0\.11 s instead of 0\.15 s\n",
        told("cheapest"),
    )


def test_each_rule_is_explained() -> None:
    said = " ".join(CliRunner().invoke(best, ["--help"]).stdout.split())
    for part in ("best: the first of the ranking", "1se: of those within one standard", "cheapest: the same of the best set"):
        assert part in said
