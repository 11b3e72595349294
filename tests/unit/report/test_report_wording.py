"""The sentences: each number in them is the study's."""

from __future__ import annotations

import re

import numpy as np
import pytest
from page_reader import Page
from results_builders import Study

from hpsearch.report import render, wording
from hpsearch.report.figures import choose


def test_the_summary_names_the_best_and_how_sure_it_is() -> None:
    """What a reader takes away if they read one line."""
    study = Study(varying=("C",))
    study.add({"C": 0.123456789, "kernel": "rbf"}, folds=[0.90, 0.92, 0.88, 0.94, 0.86])
    assert (
        wording.summary(study.results())
        == "The only ranked configuration reaches accuracy 0.900 (standard error 0.021) with C = 0.1235."
    )
    study.add({"C": 2.0, "kernel": "rbf"}, folds=[0.50, 0.53, 0.47, 0.55, 0.46])
    assert wording.summary(study.results()).endswith("with C = 0.1235. With 95 % confidence it is truly the best of them.")
    study.add({"C": 3.0, "kernel": "rbf"}, folds=[0.89, 0.92, 0.88, 0.94, 0.86])
    assert wording.summary(study.results()).startswith(
        "The best of 3 configurations reaches accuracy 0.900 (standard error 0.021)"
    )
    assert wording.summary(study.results()).endswith(". With 95 % confidence the truly best is one of 2 of them.")


def alike(over: str, n: int, worse: int = 0) -> Study:
    """`n` configurations that five splits or seeds cannot tell apart, and some that are far behind."""
    rng, study = np.random.default_rng(3), Study(varying=("C",))
    for c in range(n + worse):
        scores = (0.9 - 0.5 * (c >= n) + rng.normal(0, 0.01, 5)).tolist()
        if over == "splits":
            study.add({"C": c}, folds=scores)
        else:
            for seed, score in enumerate(scores):
                study.add({"C": c}, score, seed=seed)
    return study


@pytest.mark.parametrize("over", ["splits", "seeds"])
def test_where_nothing_can_be_told_apart_nothing_is_said_of_what_the_best_share(over: str) -> None:
    """ "All of the best set have ..." of a set that holds nearly everything would be read as a finding."""
    results = alike(over, 19).results()
    assert wording.summary(results).endswith(f", but 5 {over} cannot tell it from any of the others.")
    more = "folds or repeats" if over == "splits" else "seeds"
    said = f"5 {over} cannot tell the configurations apart: each of the 19 may be the best. More {more} would tell more."
    assert said in results.notes
    assert not results.tells_apart
    results = alike(over, 19, worse=2).results()
    assert wording.summary(results).endswith(f", but 5 {over} can tell it from only 2 of the others.")
    assert any(f"5 {over} tell few configurations apart: 19 of 21 may be the best." in note for note in results.notes)
    (figure,) = choose(results).parameters
    assert "best set" not in figure.reading
    assert not any(point.in_best_set for point in figure.points)
    results = alike(over, 19, worse=3).results()
    assert wording.summary(results).endswith(". With 95 % confidence the truly best is one of 19 of them.")
    assert not any("apart" in note for note in results.notes)
    (figure,) = choose(results).parameters
    assert "The best set lies between 0 and 18." in figure.reading


def test_studies_without_folds_are_told_nothing_of_folds() -> None:
    """A function that was run with several seeds, or with one, has no folds to have more of."""
    several, once = alike("seeds", 12).results(), Study()
    for c in (1, 2):
        once.add({"C": c}, 0.1 * c)
    for results in (several, once.results()):
        said = " ".join([*results.notes, wording.summary(results), Page(render(results)).text])
        assert not re.search(r"\bfolds?\b|\bsplits?\b", said), said
    assert "With more seeds they can." in " ".join(once.results().notes)


def test_the_best_score_has_the_same_digits_in_the_heading_and_in_the_table() -> None:
    """0.98998 above and 0.9900 below look like two scores."""
    study = Study(varying=("C",))
    study.add({"C": 1}, folds=[0.99177, 0.99166, 0.98333, 0.99164, 0.99164])
    study.add({"C": 2}, folds=[0.9, 0.95, 0.92, 0.9, 0.91])
    page = Page(render(study.results(), top=1)).text
    (shown,) = set(re.findall(r"0\.9900\d*", page))
    assert page.count(shown) == 3  # the heading, the row, and beside it what is said of having been chosen


def test_the_summary_says_what_it_cannot_know() -> None:
    """One split each; and nothing at all."""
    study = Study()
    study.fail({"C": 1}, "ValueError", "no")
    assert wording.summary(study.results()) == "No trial has completed: 1 FAILED. The first error: ValueError: no"
    study.add({"C": 2}, 0.5)
    study.add({"C": 3}, 0.6)
    assert wording.summary(study.results()).endswith("scored once each, so how much of its lead is luck is not known.")


def test_the_summary_of_equal_scores_names_no_best() -> None:
    study = Study()
    for c in (1, 2, 3):
        study.add({"C": c}, 0.5)
    assert wording.summary(study.results()) == "All 3 ranked configurations reach accuracy 0.50000: none is better than another."


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


def test_the_best_score_is_told_beside_one_that_was_not_chosen_for_itself() -> None:
    """Without fold 0 the second configuration wins, which scores .5 there; without fold 1 the first, which scores .6."""
    study = Study(varying=("C",))
    study.add({"C": 1.0}, folds=[0.9, 0.6])
    study.add({"C": 2.0}, folds=[0.5, 0.8])
    said = wording.optimism(study.results())
    assert "The best score, 0.75" in said
    assert "with each split left out in turn, where 2 different ones win, what wins scores 0.55" in said
    ahead = Study(varying=("C",))
    ahead.add({"C": 1.0}, folds=[0.9, 0.8])
    ahead.add({"C": 2.0}, folds=[0.5, 0.6])
    said = wording.optimism(ahead.results())
    assert said.startswith("The best score, 0.85")
    assert "no single split made it win" in said
    assert "too good" not in said
    assert "several at once" not in said
    alone = Study(varying=("C",))
    alone.add({"C": 1.0}, 0.9)
    assert wording.optimism(alone.results()).endswith("a little too good to be true.")


@pytest.mark.parametrize("n", [2, 3])
def test_of_two_splits_it_is_said_how_little_they_tell(n: int) -> None:
    study = Study(varying=("C",))
    study.add({"C": 1.0}, folds=[0.9, 0.8, 0.7][:n])
    study.add({"C": 2.0}, folds=[0.5, 0.6, 0.6][:n])
    assert any(note.startswith("Two splits each:") for note in study.results().notes) == (n == 2)


def test_of_equal_scores_none_was_chosen_for_being_best() -> None:
    study = Study(varying=("C",))
    for C in range(4):
        study.add({"C": C}, folds=[0.5, 0.5, 0.5])
    assert wording.optimism(study.results()) == (
        "All score 0.50000: none was chosen for being best, and no luck is in the score for that."
    )


def test_more_winners_than_splits_come_of_equal_scores() -> None:
    study = Study(varying=("C",))
    study.add({"C": 0}, folds=[0.9, 0.9])
    for C in (1, 2, 3):
        study.add({"C": C}, folds=[0.9, 0.8])
    said = wording.optimism(study.results())
    assert "where 4 different ones win (several at once, where scores are equal), what wins scores" in said
    tied = Study(varying=("C",))
    for C, folds in enumerate(([0.9, 0.7, 0.5], [0.9, 0.7, 0.5], [0.1, 0.1, 0.1])):
        tied.add({"C": C}, folds=folds)
    said = wording.optimism(tied.results())
    assert "no luck with that is seen" in said
    assert "where 2 different ones win (several at once, where scores are equal), what wins scores as much on" in said
