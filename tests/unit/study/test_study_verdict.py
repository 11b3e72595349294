"""How a run ends is judged by the trials of its own plan; what an earlier form of the study left counts for nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from study_runs import SPEC, run

from hpsearch.core.errors import ObjectiveError
from hpsearch.core.seeds import uniform
from hpsearch.ledger import StudyState
from hpsearch.study import UnreadableStudy, load, statuses

PICKY = """
def run(params, trial):
    if params["x"] > 2:
        raise ValueError(f"x = {params['x']} is too much")
    return {"loss": float(params["x"])}
"""
LIMIT = "limits: {failures: 10%}\n"


def test_a_study_recovers_when_its_spec_is_narrowed_to_what_works(tmp_path: Path) -> None:
    failed = run(tmp_path, SPEC + LIMIT, job=PICKY)
    assert isinstance(failed.error, ObjectiveError)
    assert "the first: ValueError: x = 3 is too much" in str(failed.error)
    assert run(tmp_path, SPEC.replace("[1, 6]", "[1, 2]") + LIMIT, job=PICKY).error is None


def test_a_run_whose_every_trial_failed_has_not_completed_whatever_was_there_before(tmp_path: Path) -> None:
    assert run(tmp_path, SPEC.replace("[1, 6]", "[1, 2]"), job=PICKY).error is None
    failed = run(tmp_path, SPEC.replace("[1, 6]", "[3, 6]"), job=PICKY)
    assert isinstance(failed.error, ObjectiveError)
    assert "none of 4 trials completed" in str(failed.error)


LOS = """
def run(params, trial):
    return {"los": float(params["x"]), **({"loss": 1.0} if params["x"] in params.get("named", []) else {})}
"""
MANY = SPEC.replace("[1, 6]", "[1, 900]")


def test_a_metric_of_another_name_ends_the_search_with_both_names(tmp_path: Path) -> None:
    """Hours of trials would otherwise all end without a score."""
    ended = run(tmp_path, MANY, job=LOS)
    assert isinstance(ended.error, ObjectiveError)
    assert re.fullmatch(
        r"stopped after \d+ of 900 trials, as none gives the study's metric: job:run returned los and reported nothing, and the"
        r" study's metric is loss; did you mean los\? Give it that name where it is measured; or change metric\.name, with reuse:"
        r" \{failed: rerun\} for the trials that have failed",
        str(ended.error),
    )
    assert len(load("squares", tmp_path / "studies").trials) < 900
    assert ended.state is StudyState.FAILED
    advised = run(tmp_path, MANY.replace("name: loss", "name: los") + "reuse: {failed: rerun}\n", job=LOS)
    assert advised.error is None
    assert advised.progress is not None
    assert (advised.progress.completed, advised.reused) == (900, 0)


@pytest.mark.parametrize("named", [[1], [5], [3, 500]])
def test_a_metric_that_some_trials_lack_ends_no_search(tmp_path: Path, named: list[int]) -> None:
    ended = run(tmp_path, SPEC.replace("[1, 6]", "[1, 40]").replace("space: {", f"space: {{named: {{const: {named}}}, "), job=LOS)
    assert ended.error is None
    assert ended.progress is not None
    assert (ended.progress.completed, ended.progress.finished) == (sum(x <= 40 for x in named), True)


def test_few_trials_that_all_lack_the_metric_are_none_completed(tmp_path: Path) -> None:
    ended = run(tmp_path, SPEC.replace("[1, 6]", "[1, 5]"), job=LOS)
    assert str(ended.error).startswith("none of 5 trials completed; the first: OtherMetricsError: job:run returned los")


def test_one_damaged_study_hides_no_other(tmp_path: Path) -> None:
    run(tmp_path)
    damaged = tmp_path / "studies" / "broken"
    damaged.mkdir()
    (damaged / "ledger.db").write_bytes(b"no database")
    found = {type(one): one.folder.name for one in statuses(tmp_path / "studies")}
    assert found.pop(UnreadableStudy) == "broken"
    assert list(found.values()) == ["squares"]


def test_a_number_from_names_is_in_the_unit_interval_and_the_same_everywhere() -> None:
    assert uniform(7, "draw", 0, "C") == uniform(7, "draw", 0, "C") != uniform(7, "draw", 1, "C")
    numbers = [uniform(0, index) for index in range(1000)]
    assert 0 <= min(numbers) < 0.01
    assert 0.99 < max(numbers) < 1
