"""A user's mistakes are shown all at once, each with its place, and end in the exit code that scripts rely on."""

from __future__ import annotations

import pytest

from hpsearch.core import errors
from hpsearch.core.errors import HpsearchError, Problem, SpecError


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("too small"), "too small"),
        (Problem("too small", path="space.C"), "space.C: too small"),
        (Problem(" = 0: a log range starts above 0", path="space.lr.low"), "space.lr.low = 0: a log range starts above 0"),
        (Problem("too small", path="space.C", file="a.yaml", line=23, column=5), "a.yaml:23:5  space.C: too small"),
        (Problem("not a mapping", file="a.yaml"), "a.yaml  not a mapping"),
        (Problem("not a mapping", line=3), "not a mapping"),
        # What nobody sees, or what would steer a terminal, is shown as what it is.
        (Problem("is no key", path="a\u00a0b"), "a\\xa0b: is no key"),
        (Problem("write \u202e", path="\x1b[2J\nb", file="a\x07.yaml"), "a\\x07.yaml  \\x1b[2J\\nb: write \\u202e"),
        (Problem("two\nlines, größe", path="größe"), "größe: two\nlines, größe"),
    ],
)
def test_a_problem_reads_as_place_then_sentence(problem: Problem, text: str) -> None:
    assert str(problem) == text


def test_all_problems_are_shown_one_a_line() -> None:
    error = SpecError([Problem("one", path="a"), Problem("two", file="f.yaml", line=2)])
    assert str(error) == "a: one\nf.yaml:2  two"
    assert [problem.message for problem in error.problems] == ["one", "two"]


def test_a_bare_sentence_is_a_problem_too() -> None:
    assert SpecError("no such file").problems == (Problem("no such file"),)


def test_exit_codes_are_those_of_the_manual() -> None:
    codes = {
        name: kind.exit_code for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, HpsearchError)
    }
    assert codes == {
        "HpsearchError": 1,
        "SpecError": 2,
        "ObjectiveError": 3,
        "OtherMetricsError": 3,
        "InfrastructureError": 4,
        "OutdatedLedgerError": 4,
        "StaleOwnerError": 4,
        "StudyHeldError": 5,
        "Interrupted": 130,
    }


def test_the_tree_drawn_at_the_top_names_every_error() -> None:
    drawn = errors.__doc__ or ""
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, HpsearchError):
            assert name in drawn, name
