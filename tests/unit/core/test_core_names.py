"""A typo is answered with the name that was meant, and a strange name with no guess."""

from __future__ import annotations

import pytest

from hpsearch.core.names import did_you_mean, listed, nearest, study_name

KNOWN = ("learning_rate", "max_depth", "n_estimators")


def test_a_typo_finds_its_name() -> None:
    assert nearest("learnign_rate", KNOWN) == "learning_rate"
    assert did_you_mean("maxdepth", KNOWN) == "; did you mean max_depth?"


def test_swapped_letters_are_the_likeliest_slip() -> None:
    assert nearest("SCV", ("SVR", "SVC")) == "SVC"


def test_a_strange_name_gets_no_guess() -> None:
    assert nearest("xyz", KNOWN) is None
    assert did_you_mean("xyz", KNOWN) == ""
    assert did_you_mean("anything", ()) == ""


def test_of_many_names_the_first_few_are_said() -> None:
    assert listed(["b", "a"]) == "a, b"
    assert listed(f"x{digit}" for digit in "7654321") == "x1, x2, x3, x4, x5 and 2 more"
    assert listed([]) == ""


@pytest.mark.parametrize(
    ("text", "name"),
    [("My sweep: 2!", "My-sweep-2"), ("..", "study"), ("größe", "gr-e"), ("a" * 63 + ".b", "a" * 63), ("churn_1.2", "churn_1.2")],
)
def test_a_study_is_called_by_what_a_folder_may_be_called(text: str, name: str) -> None:
    assert study_name(text) == name
