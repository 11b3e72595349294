"""The sentences: each number in them is the study's."""

from __future__ import annotations

import pytest
from results_builders import Study

from hpsearch.report import wording


def test_the_summary_names_the_best_and_how_sure_it_is() -> None:
    """What a reader takes away if they read one line."""
    study = Study(varying=("C",))
    study.add({"C": 0.123456789, "kernel": "rbf"}, folds=[0.90, 0.92, 0.88, 0.94, 0.86])
    assert (
        wording.summary(study.results())
        == "The only ranked configuration reaches accuracy 0.9 (standard error 0.021) with C = 0.1235."
    )
    study.add({"C": 2.0, "kernel": "rbf"}, folds=[0.50, 0.53, 0.47, 0.55, 0.46])
    assert wording.summary(study.results()).endswith("with C = 0.1235, and no other can be taken for as good.")
    study.add({"C": 3.0, "kernel": "rbf"}, folds=[0.89, 0.92, 0.88, 0.94, 0.86])
    assert wording.summary(study.results()).startswith("The best of 3 configurations reaches accuracy 0.9 (standard error 0.021)")
    assert wording.summary(study.results()).endswith("; 1 other cannot be told apart from it.")


def test_the_summary_says_what_it_cannot_know() -> None:
    """One split each; and nothing at all."""
    study = Study()
    study.fail({"C": 1}, "ValueError", "no")
    assert wording.summary(study.results()) == "No trial has completed: 1 FAILED. The first error: ValueError: no"
    study.add({"C": 2}, 0.5)
    study.add({"C": 3}, 0.6)
    assert wording.summary(study.results()).endswith("scored once each, so how much of its lead is luck is not known.")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0123, "12 ms"),
        (0.84, "0.8 s"),
        (9.96, "10 s"),
        (59.6, "1 min"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
        (270_000, "3 d 3 h"),
    ],
)
def test_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    """13 h is not 46,800 s."""
    assert wording.duration(seconds) == text


def test_long_labels_keep_both_ends() -> None:
    """Values that begin alike must still be told apart."""
    assert wording.short("preprocessing.StandardScaler", 20) == "preprocess…ardScaler"
    assert len(wording.short("x" * 500, 20)) == 20
    assert wording.short("two\nlines") == "two lines"


def test_dotted_paths_are_named_by_their_last_part_unless_that_is_shared() -> None:
    """Labels that fit; two classes of one name keep their modules, and numbers their decimals."""
    assert wording.last_parts(["sklearn.svm.SVC", "xgboost.XGBClassifier", "passthrough"]) == (
        "SVC",
        "XGBClassifier",
        "passthrough",
    )
    assert wording.last_parts(["a.Scaler", "b.Scaler"]) == ("a.Scaler", "b.Scaler")
    assert wording.last_parts(["1.5", "2.5"]) == ("1.5", "2.5")


def test_scores_of_a_table_share_their_decimals() -> None:
    """Columns of numbers are compared by eye."""
    study = Study()
    study.add({"C": 1}, folds=[0.90, 0.92, 0.88, 0.94, 0.86])  # se .021
    assert wording.decimals(study.results().rank()) == 3
    alone = Study()
    alone.add({"C": 1}, 1234.5)
    assert wording.decimals(alone.results().rank()) == 1
