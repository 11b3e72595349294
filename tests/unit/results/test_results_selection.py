"""Rows by a condition: of every table, by parameters as they are, with what is absent meeting no comparison."""

from __future__ import annotations

import pytest
from results_builders import Study

from hpsearch.core.errors import SpecError
from hpsearch.space.expressions import ABSENT, Expression


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("a > 1", False), ("a == a", False), ("a != 1", False), ("1 in [a, 1]", False), ("not a > 1", True),
        ("a > 1 or b == 2", True), ("b == 2 and not a", True), ("a", False), ("min(a, b) > 0", False), ("1 < b <= a", False),
    ],
)  # fmt: skip
def test_what_is_absent_meets_no_comparison(text: str, holds: bool) -> None:
    assert Expression.parse(text).holds({"a": ABSENT, "b": 2}) is holds


def study() -> Study:
    made = Study(varying=("C", "mixed", "score"))
    made.add({"C": 1, "mixed": 1, "score": "own"}, folds=[0.8, 0.82])
    made.add({"C": 2, "mixed": "auto"}, folds=[0.7, 0.71])
    made.add({"C": 3, "mixed": (1, 2), "flag": True}, folds=[0.6, 0.61])
    made.fail({"C": 4, "mixed": None})
    return made


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("C >= 2 and accuracy > 0.5", [2, 3]),
        ("mixed == 1", [1]),
        ("mixed == 'auto'", [2]),
        ("mixed in [[1, 2], null]", [3, 4]),
        ("flag", [3]),
        ("score > 0.65", [1, 2]),
        ("param.score == 'own'", [1]),
        ("metric.accuracy < 0.65", [3]),
        ("status != 'COMPLETED'", [4]),
        ("rank >= 1", [1, 2, 3]),
        ("C > 9", []),
    ],
)
def test_conditions_on_configurations(condition: str, found: list[int]) -> None:
    assert study().results().where(condition)["param.C"].tolist() == found


def test_conditions_on_other_tables_know_the_parameters_too() -> None:
    results = study().results()
    rows = results.where("C <= 2 and fold == 1 and accuracy > 0.75", "evaluations")
    assert rows[["param.C", "metric.accuracy"]].values.tolist() == [[1, 0.82]]
    assert results.where("error_type == 'ValueError'", "failures")["param.C"].tolist() == [4]
    assert len(results.where("started_at > '2020-01-01'", "trials")) == 4
    assert results.column("C", "evaluations") == "param.C"


def test_an_unknown_table_is_named_with_the_nearest() -> None:
    with pytest.raises(
        SpecError, match=r"no table 'trails'; there are configs, trials, evaluations, failures; did you mean trials\?"
    ):
        study().results().where("C > 1", "trails")


def test_a_row_that_cannot_be_told_is_named() -> None:
    with pytest.raises(SpecError, match=r"where = mixed > 0: > compares numbers, or texts, and mixed is the text 'auto'"):
        study().results().where("mixed > 0")
    with pytest.raises(SpecError, match=r"where = 1 / \(C - 1\) > 0: 1 / \(C - 1\) divides by zero \(where C = 1\)"):
        study().results().where("1 / (C - 1) > 0")


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("mixed == 'atuo'", "mixed is never 'atuo'; did you mean auto?"),
        ("C in [1, 9] and score > 0", "C is never 9; write 1, 2, 3 or 4"),
        ("status == 'FAILD'", "status is never 'FAILD'; did you mean FAILED?"),
        ("status == 'TIMEOUT'", ""), ("C == 1.0 or mixed == 'auto'", ""), ("C > 9", ""), ("flag == false", ""),
    ],
)  # fmt: skip
def test_a_value_that_no_row_has_is_said(condition: str, said: str) -> None:
    assert study().results().never_met(condition) == ([f"where = {condition}: {said}"] if said else [])
