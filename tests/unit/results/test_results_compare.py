"""Two configurations against each other: by hand, against known formulas, and how often the interval holds the truth."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t as student

from hpsearch.core.errors import ObjectiveError, SpecError
from hpsearch.core.metric import Metric, Mode
from hpsearch.results import compare_studies
from hpsearch.results.compare import compare_scores
from tests.unit.results.results_builders import ACCURACY, Study

LOSS = Metric("loss", Mode.MIN)
A, B = np.array([0.80, 0.82, 0.78, 0.84, 0.76]), np.array([0.79, 0.80, 0.78, 0.81, 0.76])


def test_the_correlated_t_test_by_hand() -> None:
    """Differences .01 .02 0 .03 0: mean .012, s² = .00017, and (1/5 + 1/4) s² = .0000765."""
    found = compare_scores(A, B, ACCURACY, (0.25, 0.25), rope=0.01)
    se = math.sqrt(0.45 * 0.00017)
    assert (found.mean, found.se, found.n, found.paired) == (pytest.approx(0.012), pytest.approx(se), 5, True)
    assert (found.low, found.high) == pytest.approx((0.012 - 2.776445 * se, 0.012 + 2.776445 * se))
    assert found.p_better == pytest.approx(student.cdf(0.012 / se, 4))
    assert found.p_a == pytest.approx(student.sf((0.01 - 0.012) / se, 4))
    assert found.p_b == pytest.approx(student.cdf((-0.01 - 0.012) / se, 4))
    assert (found.p_a or 0) + (found.p_same or 0) + (found.p_b or 0) == pytest.approx(1.0)


def test_less_is_better_where_the_metric_says_so() -> None:
    more, less = (compare_scores(A, B, metric, (0.25, 0.25), rope=0.01) for metric in (ACCURACY, LOSS))
    assert (less.mean, less.low) == (more.mean, more.low)
    assert less.p_better == pytest.approx(1 - (more.p_better or 0))
    assert (less.p_a, less.p_b) == (pytest.approx(more.p_b), pytest.approx(more.p_a))


def test_the_default_margin_is_a_tenth_of_a_splits_scatter() -> None:
    found = compare_scores(A, B, ACCURACY, (0.25, 0.25))
    assert found.rope == pytest.approx(0.1 * math.sqrt((A.var(ddof=1) + B.var(ddof=1)) / 2))


def test_other_splits_are_compared_unpaired() -> None:
    found = compare_scores(A, B[:4], ACCURACY, (0.25, 0.1), paired=False)
    se = math.sqrt(A.var(ddof=1) * (1 / 5 + 0.25) + B[:4].var(ddof=1) * (1 / 4 + 0.1))
    assert (found.paired, found.n, found.se) == (False, 4, pytest.approx(se))
    assert found.p_better == pytest.approx(student.cdf((A.mean() - B[:4].mean()) / se, 3))
    hole = np.where(np.arange(5) == 2, np.nan, B)
    assert not compare_scores(A, hole, ACCURACY, (0.25, 0.25)).paired


def test_without_any_noise_the_difference_is_certain() -> None:
    same = compare_scores(A, A, ACCURACY, (0.25, 0.25))
    assert (same.mean, same.p_better, same.p_same) == (0.0, 0.5, 1.0)
    ahead = compare_scores(A + 0.1, A, ACCURACY, (0.25, 0.25))
    assert (ahead.p_better, ahead.p_a, ahead.p_b) == (1.0, 1.0, 0.0)
    assert (ahead.low, ahead.high) == pytest.approx((0.1, 0.1))


def test_one_score_each_tells_the_difference_alone() -> None:
    found = compare_scores(A[:1], B[:1], ACCURACY, (0.25, 0.25))
    assert (found.mean, found.se, found.low, found.p_better, found.p_same) == (pytest.approx(0.01), None, None, None, None)


@pytest.mark.parametrize("paired", [True, False])
def test_scores_that_diverged_have_a_difference_and_no_luck(paired: bool) -> None:
    """Nothing is said rather than NaN; and what was compared are not the scores as they are."""
    far = np.array([1e300, -1e300, 1e300, -1e300, 1e300])
    found = compare_scores(far, -far, ACCURACY, (0.25, 0.25), paired=paired)
    assert math.isfinite(found.mean)
    assert found.capped
    known = (found.se, found.low, found.high, found.p_better, found.p_a, found.p_same, found.p_b)
    assert known == (None,) * 7 if paired else all(each is not None and math.isfinite(each) for each in known)
    assert not compare_scores(A, B, ACCURACY, (0.25, 0.25)).capped


def test_what_was_capped_is_said() -> None:
    study = Study()
    for C, folds in ((1, [1e300, -1e300, 1e300]), (2, [-1e300, 1e300, -1e300]), (3, [0.5, 0.6, 0.7])):
        study.add({"C": C}, folds=folds)
    ids = [trial.config_id for trial in study.trials]
    capped = "Scores beyond 1e+100 were taken for that: the difference, and what is said of it, are of these."
    both = study.results().compare(ids[0], ids[1]).notes
    assert both[:2] == (
        "The scores lie so far apart that how much of the difference is luck cannot be computed.",
        capped,
    )
    one = study.results().compare(ids[0], ids[2])
    assert (one.difference.p_better is not None, one.notes[0]) == (True, capped)


@pytest.mark.parametrize("paired", [True, False])
def test_the_interval_holds_the_truth_in_95_of_100(paired: bool) -> None:
    """Folds that share rows as the correction assumes, and a true difference of .3."""
    rng, ratio, held, better = np.random.default_rng(0), 0.25, [], []
    for _ in range(2000):
        own = rng.normal(size=(2, 5)) + math.sqrt(ratio) * rng.normal(size=(2, 1)) + (2 * rng.normal(size=5) if paired else 0)
        found = compare_scores(own[0] + 0.3, own[1], ACCURACY, (ratio, ratio), paired=paired)
        held.append((found.low or 0) <= 0.3 <= (found.high or 0))
        better.append((found.p_better or 0) < 0.05)
    assert np.mean(held) == pytest.approx(0.95, abs=0.02) if paired else np.mean(held) > 0.94
    assert np.mean(better) < 0.05


def two() -> Study:
    study = Study()
    for C, folds in ((1, A), (2, B), (3, B - 0.1)):
        study.add({"C": C}, folds=folds.tolist())
    return study


def test_two_configurations_of_a_study_by_the_beginnings_of_their_ids() -> None:
    study = two()
    ids = [trial.config_id for trial in study.trials]
    found = study.results().compare(ids[1][:8], study.trials[0].key, rope=0.005)
    assert (found.a.params, found.b.params, found.unit) == ({"C": 2}, {"C": 1}, "splits")
    assert found.difference.mean == pytest.approx(-0.012)
    assert found.difference.rope == 0.005
    assert found.notes[0].startswith("The first of 3 owes a part of its lead")
    assert study.results().compare(ids[1], ids[2]).notes == ()


def test_seeds_are_averaged_within_a_split() -> None:
    study = Study()
    for seed in (0, 1):
        study.add({"C": 1}, folds=(A + 0.01 * (2 * seed - 1)).tolist(), seed=seed)
        study.add({"C": 2}, folds=B.tolist(), seed=seed)
    ids = [trial.config_id for trial in study.trials]
    found = study.results().compare(ids[0], ids[1]).difference
    assert (found.mean, found.n, found.se) == (pytest.approx(0.012), 5, pytest.approx(math.sqrt(0.45 * 0.00017)))


def test_what_cannot_be_compared_says_why() -> None:
    study = two()
    failed = study.fail({"C": 9})
    results, first = study.results(), study.trials[0].config_id
    with pytest.raises(SpecError, match=rf"are one configuration of example, {first}; name another"):
        results.compare(first, first[:9])
    with pytest.raises(SpecError, match=r"has no rank \(FAILED\)"):
        results.compare(first, failed.config_id)
    with pytest.raises(
        SpecError, match=r"rope = -1: the largest difference that does not matter is 0 or more, in units of accuracy"
    ):
        results.compare(first, study.trials[1].config_id, rope=-1)


def test_the_best_of_two_studies() -> None:
    one, other = two(), Study(name="other")
    other.add({"C": 1}, folds=(B + 0.02).tolist())
    unpaired = compare_studies(one.results(), other.results())
    assert unpaired.studies == ("example", "other")
    assert (unpaired.a.score, unpaired.b.score) == (pytest.approx(0.8), pytest.approx(0.808))
    assert not unpaired.difference.paired
    assert unpaired.notes[0].startswith("Scored on different splits")
    parts = {"data": "d", "splits": {"folds": 5}, "what": "x"}
    first, second = (
        replace(each, study=replace(each.study, context_parts=parts | {"what": name}))
        for name, each in (("x", one.results()), ("y", other.results()))
    )
    paired = compare_studies(first, second)
    assert paired.difference.paired
    assert (paired.difference.se or 1) < (unpaired.difference.se or 0)
    elsewhere = replace(second, study=replace(second.study, dataset_digest="other", context_parts=parts | {"data": "e"}))
    assert not compare_studies(first, elsewhere).difference.paired
    assert not any("data" in note for note in paired.notes)
    known = replace(first, study=replace(first.study, dataset_digest="one"))
    assert "The two studies have different data: a difference may be theirs." in compare_studies(known, elsewhere).notes
    # Of runs from MLflow nobody knows the data.
    unsure = compare_studies(known, replace(second, study=replace(second.study, dataset_digest=""))).notes
    assert any(note.startswith("Whether the two studies have the same data is not known") for note in unsure)


def test_studies_of_different_metrics_are_refused() -> None:
    with pytest.raises(SpecError, match="example is named twice; name two studies, or two configurations of one"):
        compare_studies(two().results(), two().results())
    loss = Study(LOSS, name="other")
    loss.add({"C": 1}, 0.5)
    with pytest.raises(
        SpecError, match=r"example is ranked by accuracy \(max\), other by loss \(min\): scores of different metrics"
    ):
        compare_studies(two().results(), loss.results())
    with pytest.raises(ObjectiveError, match=r"other has no best configuration\. No trial has been recorded yet"):
        compare_studies(two().results(), Study(name="other").results())
