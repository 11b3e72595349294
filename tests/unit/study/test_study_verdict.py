"""How a run ends is judged by the trials of its own plan; what an earlier form of the study left counts for nothing."""

from __future__ import annotations

from pathlib import Path

from study_runs import SPEC, run

from hpsearch.core.errors import ObjectiveError
from hpsearch.core.seeds import uniform
from hpsearch.study import UnreadableStudy, statuses

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
