"""An edited spec: what it asks for is counted apart from what earlier forms of it left; all of one context is ranked."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from study_runs import SPEC, run

from hpsearch.core.trial import Status
from hpsearch.study import load, status
from hpsearch.study.inspect import StudyStatus

NARROW = SPEC.replace("{int: [1, 6]}", "{int: [3, 4]}")


def counts(standing: StudyStatus) -> tuple[dict[str, int], int, int | None]:
    """Of the plan by status, of earlier forms in all, and planned."""
    plan = {name.value: n for name, n in standing.trials.items() if n}
    return plan, sum(standing.earlier.values()), standing.planned


def test_a_narrowed_grid(tmp_path: Path) -> None:
    """88 completed of 32 is no count of anything."""
    folder = run(tmp_path).folder
    assert counts(status(folder)) == ({"COMPLETED": 6}, 0, 6)
    run(tmp_path, NARROW)
    assert counts(status(folder)) == ({"COMPLETED": 2}, 4, 2)
    results = load("squares", tmp_path / "studies")
    assert results.rank(columns=["x", "in_spec"]).values.tolist() == [[x, x in (3, 4)] for x in range(1, 7)]
    assert status(folder).best_params == results.select() == {"x": 1}
    assert "†" in (tmp_path / "studies" / "squares" / "report.html").read_text()


def test_figures_are_those_of_the_parameters_that_vary(tmp_path: Path) -> None:
    """They are drawn for MLflow at each end, beside the report; what an earlier form of the spec varied is no longer there."""
    folder = run(tmp_path).folder
    assert {"score-by-x.png", "score-by-x.svg"} <= {path.name for path in folder.figures.iterdir()}
    (folder.figures / "score-by-gone.svg").write_text("")
    run(tmp_path, NARROW)
    assert not (folder.figures / "score-by-gone.svg").exists()


def test_fewer_repeats(tmp_path: Path) -> None:
    folder = run(tmp_path, SPEC + "repeat: {seeds: [0, 1]}\n").folder
    run(tmp_path, SPEC + "repeat: {seeds: [1]}\n")
    assert counts(status(folder)) == ({"COMPLETED": 6}, 6, 6)
    assert load("squares", tmp_path / "studies").configs["in_spec"].all()


def test_another_seed_of_the_draws(tmp_path: Path) -> None:
    spec = SPEC.replace("{int: [1, 6]}", "{int: [1, 100000]}") + "search: {method: random, trials: 5, seed: 1}\n"
    folder = run(tmp_path, spec).folder
    run(tmp_path, spec.replace("seed: 1", "seed: 2"))
    assert counts(status(folder)) == ({"COMPLETED": 5}, 5, 5)
    assert load("squares", tmp_path / "studies").configs["in_spec"].sum() == 5


def test_other_code_and_failures(tmp_path: Path) -> None:
    """Trials of other contexts are earlier ones too, and no results; a failure of the plan is one."""
    folder = run(tmp_path, SPEC.replace("space: {", "space: {bad_from: 5, ")).folder
    assert counts(status(folder)) == ({"COMPLETED": 4, "FAILED": 2}, 0, 6)
    run(tmp_path, NARROW)
    assert counts(status(folder)) == ({"COMPLETED": 2}, 6, 2)


def test_what_would_take_long_to_tell_is_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`watch hpsearch status` beside a large resumed study costs a count, and says what it always has."""
    folder = run(tmp_path).folder
    run(tmp_path, NARROW)
    monkeypatch.setattr(sys.modules[StudyStatus.__module__], "LISTED", 5)
    assert status(folder).trials[Status.COMPLETED] == 6
