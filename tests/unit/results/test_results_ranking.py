"""Who is ranked, in what order, and with what uncertainty."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from results_builders import ACCURACY, Study

from hpsearch.core.errors import SpecError
from hpsearch.core.metric import Metric, Mode
from hpsearch.core.trial import Status
from hpsearch.results.bounds import scorer_range

LOSS = Metric("loss", Mode.MIN)


def ranks(study: Study, **options: object) -> dict[object, int | None]:
    """C → rank."""
    configs = study.results(**options).configs  # type: ignore[arg-type]
    return {c: None if rank is pd.NA else int(rank) for c, rank in zip(configs["param.C"], configs["rank"], strict=True)}


@pytest.mark.parametrize(("metric", "best"), [(ACCURACY, 3), (LOSS, 1)])
def test_the_mode_decides_which_end_is_best(metric: Metric, best: int) -> None:
    """A user who minimises must not be given the worst."""
    study = Study(metric)
    for c, score in ((1, 0.1), (2, 0.2), (3, 0.3)):
        study.add({"C": c}, score)
    assert ranks(study)[best] == 1
    assert study.results().configs["rank"].tolist() == [1, 2, 3]


def test_only_completed_trials_with_a_finite_score_are_ranked() -> None:
    """A trial that reported 0.99 and crashed must not win; nor a lone NaN, nor infinity."""
    study = Study()
    study.add({"C": 1}, 0.5)
    study.add({"C": 2}, 0.99, status=Status.FAILED)
    study.add({"C": 3}, 0.99, status=Status.STOPPED)
    study.add({"C": 4}, 0.99, status=Status.TIMEOUT)
    study.add({"C": 5}, 0.99, status=Status.RUNNING)
    study.add({"C": 6}, math.nan)
    study.add({"C": 7}, math.inf)
    study.add({"C": 8})
    assert ranks(study) == {1: 1, 2: None, 3: None, 4: None, 5: None, 6: None, 7: None, 8: None}


def test_equal_scores_share_the_smallest_rank() -> None:
    """1, 2, 2, 4: as in sport."""
    study = Study()
    for c, score in ((1, 0.9), (2, 0.8), (3, 0.8), (4, 0.7)):
        study.add({"C": c}, score)
    assert ranks(study) == {1: 1, 2: 2, 3: 2, 4: 4}


def test_ties_are_ordered_by_tie_break_and_then_by_config_id() -> None:
    """The quicker of two equals comes first where the spec says so; else the order is at least always the same."""
    study = Study()
    slow, quick = study.add({"C": 1}, 0.9, fit_s=9.0), study.add({"C": 2}, 0.9, fit_s=1.0)
    assert study.results(tie_break=["fit_s"]).configs["config_id"].tolist() == [quick.config_id, slow.config_id]
    assert study.results().configs["config_id"].tolist() == sorted([slow.config_id, quick.config_id])


def test_a_scorer_in_tie_break_is_better_when_higher() -> None:
    """scikit-learn's scorers are; a function's other metrics go the way of its own."""
    study = Study(LOSS)
    low = study.add({"C": 1}, folds=[0.5, 0.5], metrics={"auc": 0.6})
    high = study.add({"C": 2}, folds=[0.5, 0.5], metrics={"auc": 0.7})
    assert study.results(tie_break=["auc"]).configs["config_id"].tolist() == [high.config_id, low.config_id]
    plain = Study(LOSS)
    plain.add({"C": 1}, 0.5, metrics={"other_loss": 0.6})
    better = plain.add({"C": 2}, 0.5, metrics={"other_loss": 0.1})
    assert plain.results(tie_break=["other_loss"]).configs["config_id"].iloc[0] == better.config_id


def test_an_unknown_tie_break_is_named_with_the_nearest() -> None:
    """A typo must not silently break no tie."""
    study = Study()
    study.add({"C": 1}, 0.5)
    with pytest.raises(SpecError, match=r"tie_break names 'fit_ss'.*did you mean fit_s\?"):
        study.results(tie_break=["fit_ss"])


def test_repeats_are_averaged_exactly_whatever_their_order() -> None:
    """.1 + .2 + .3 depends on the order in floating point; a rank must not."""
    study = Study()
    for c, scores in ((1, (0.1, 0.2, 0.3)), (2, (0.3, 0.2, 0.1))):
        for seed, score in enumerate(scores):
            study.add({"C": c}, score, seed=seed)
    configs = study.results().configs
    assert configs["rank"].tolist() == [1, 1]
    assert configs["score"].iloc[0] == configs["score"].iloc[1] == pytest.approx(0.2)
    assert configs["n"].tolist() == [3, 3]


def test_a_single_trials_score_is_its_own_to_the_last_bit() -> None:
    """Scores are compared with other tools' digit by digit."""
    study = Study()
    study.add({"C": 1}, 0.1 + 0.2)
    assert study.results().configs["score"].iloc[0] == 0.1 + 0.2


def test_an_incomplete_group_of_repeats_is_flagged_and_not_ranked() -> None:
    """The mean over the seeds that happened to survive flatters what fails for some."""
    study = Study()
    for seed in range(3):
        study.add({"C": 1}, 0.7, seed=seed)
    study.add({"C": 2}, 0.9, seed=0)
    study.fail({"C": 2}, seed=1)
    study.add({"C": 2}, 0.9, seed=2)
    configs = study.results().configs.set_index("param.C")
    assert ranks(study) == {1: 1, 2: None}
    assert configs.loc[2, ["complete", "n_trials", "n_expected", "status"]].tolist() == [False, 2, 3, "FAILED"]
    assert any("not all of the 3 repeats" in note for note in study.results().notes)


def test_fewer_repeats_can_be_asked_for() -> None:
    """A spec that dropped a seed ranks what has the seeds it names."""
    study = Study()
    for c, seeds in ((1, (0, 1)), (2, (0,))):
        for seed in seeds:
            study.add({"C": c}, 0.5 + 0.1 * c - 0.3 * seed, seed=seed)
    assert ranks(study) == {1: 1, 2: None}
    assert ranks(study, seeds=(0,)) == {1: 2, 2: 1}


def test_uncertainty_by_hand_from_folds() -> None:
    """The columns hold what test_results_statistics checks: s² = .001, se² = .45 · .001; n counts the folds."""
    study = Study()
    study.add({"C": 1}, folds=[0.80, 0.82, 0.78, 0.84, 0.76])
    study.add({"C": 2}, folds=[0.79, 0.80, 0.75, 0.82, 0.74])  # .01 .02 .03 .02 .02 less
    best, other = (row for _, row in study.results().configs.iterrows())
    assert (best["sd"], best["se"]) == pytest.approx((math.sqrt(0.001), math.sqrt(0.00045)))
    assert best["n"] == 5
    assert other["p_vs_best"] == pytest.approx(0.0067585, abs=5e-7)
    assert [best["in_best_set"], other["in_best_set"]] == [True, False]
    # .02 below the best, whose standard error is .0212: within one of them, and yet told apart, fold by fold.
    assert [best["within_1se"], other["within_1se"]] == [True, True]


def test_seeds_do_not_count_as_folds() -> None:
    """Rerunning the same folds with more seeds must not shrink the standard error as more data would."""
    once, often = Study(), Study()
    folds = [0.80, 0.82, 0.78, 0.84, 0.76]
    once.add({"C": 1}, folds=folds)
    for seed in range(10):
        often.add({"C": 1}, folds=folds, seed=seed)
    assert often.results().configs["se"].iloc[0] == pytest.approx(once.results().configs["se"].iloc[0])
    assert often.results().configs["n"].iloc[0] == 50


def test_one_split_gives_no_error_and_no_best_set_and_says_so() -> None:
    """A user must not read certainty into a single number."""
    study = Study()
    study.add({"C": 1}, folds=[0.8])
    study.add({"C": 2}, folds=[0.2])
    results = study.results()
    assert results.configs["se"].isna().all()
    assert results.configs["in_best_set"].isna().all()
    assert any("no standard error and no best set" in note for note in results.notes)


def test_seeds_of_a_function_give_errors_with_a_warning() -> None:
    """They show how much the seed matters, and nothing about the data."""
    study = Study()
    for c in (1, 2):
        for seed in range(3):
            study.add({"C": c}, 0.5 + 0.2 * c + 0.01 * seed, seed=seed)
    results = study.results()
    assert results.configs["se"].tolist() == pytest.approx([0.01 / math.sqrt(3)] * 2)
    assert results.configs["in_best_set"].tolist() == [True, False]
    assert any("over seeds alone" in note for note in results.notes)


def test_a_missing_fold_leaves_no_wrong_pairing() -> None:
    """A score that is missing on one fold is compared without it being paired with another fold's."""
    study = Study()
    study.add({"C": 1}, folds=[0.9, 0.8, 0.9, 0.8])
    study.add({"C": 2}, folds=[0.85, 0.75, math.nan, 0.7])
    configs = study.results().configs
    assert configs["rank"].isna().tolist() == [False, True]  # its mean is NaN
    assert math.isnan(configs["se"].iloc[1])


def test_many_comparisons_are_corrected_for() -> None:
    """One comparison at p = .007 tells two configurations apart; the same difference among thirty tells nothing."""
    best, other = [0.80, 0.82, 0.78, 0.84, 0.76], [0.79, 0.80, 0.75, 0.82, 0.74]
    study = Study()
    study.add({"C": 0}, folds=best)
    for c in range(1, 31):
        study.add({"C": c}, folds=other)
    configs = study.results().configs
    assert configs["p_vs_best"].iloc[1:].tolist() == pytest.approx([0.0966650] * 30, rel=1e-4)
    assert configs["in_best_set"].all()


def test_an_interval_ends_where_the_scorer_does() -> None:
    """An accuracy above 1 is none. What a function calls accuracy may well be in percent."""
    split, function = Study(), Study()
    scores = [1.0, 1.0, 0.98, 1.0, 0.96]
    for c in (1, 2):
        split.add({"C": c}, folds=scores)
        for seed, score in enumerate(scores):
            function.add({"C": c}, score, seed=seed)
    assert split.results().configs["ci_high"].tolist() == [1.0, 1.0]
    assert (split.results().configs["ci_low"] < 0.96).all()
    assert (function.results().configs["ci_high"] > 1).all()


@pytest.mark.parametrize(
    ("name", "bounds"),
    [
        ("roc_auc_ovr", (0, 1)),
        ("f1_macro", (0, 1)),
        ("r2", (-math.inf, 1)),
        ("neg_log_loss", (-math.inf, 0)),
        ("matthews_corrcoef", (-1, 1)),
        ("metrics:accuracy", (-math.inf, math.inf)),
        ("f1_score", (-math.inf, math.inf)),
    ],
)
def test_only_scorers_of_scikit_learn_have_known_ranges(name: str, bounds: tuple[float, float]) -> None:
    assert scorer_range(name) == bounds


def test_what_the_spec_no_longer_asks_for_stays_in_the_ranking_and_is_marked() -> None:
    """It is valid, comparable, and paid for; but who narrowed the space wants to know what came from before."""
    study = Study()
    for c, score in ((1, 0.5), (2, 0.9), (3, 0.7)):
        study.add({"C": c}, score)
    results = study.results(asked=lambda params: params["C"] != 2)
    assert results.rank(columns=["C", "in_spec"]).values.tolist() == [[2, False], [3, True], [1, True]]
    assert [row["in_spec"] for row in results.to_json_rows()] == [False, True, True]
    best = results.best()
    assert best is not None
    assert best.in_spec is False
    said = "1 of 3 ranked configurations is of an earlier form of the spec: the present one does not ask for it."
    assert said in results.notes
    unknown = study.results()
    assert unknown.configs["in_spec"].isna().all()
    assert [row["in_spec"] for row in unknown.to_json_rows()] == [None] * 3
    assert not any("earlier form" in note for note in [*unknown.notes, *study.results(asked=lambda _: True).notes])


def test_what_earlier_trials_vary_besides_is_said_with_it() -> None:
    study = Study(varying=("C",))
    for kernel in ("rbf", "linear", "poly"):
        study.add({"C": 1, "kernel": kernel}, 0.5)
    assert (
        "2 of 3 ranked configurations are of an earlier form of the spec: the present one does not ask for them, "
        "and does not vary kernel."
    ) in study.results(asked=lambda params: params["kernel"] == "poly").notes


def test_within_one_standard_error_is_one_of_the_best_ones() -> None:
    """Of the best one's sqrt(.45 · .001) = .0212: what lags by .02 is within, by .03 is not."""
    study, best = Study(), [0.80, 0.82, 0.78, 0.84, 0.76]
    for C, lag in enumerate((0.0, 0.02, 0.03)):
        study.add({"C": C}, folds=[score - lag for score in best])
    assert study.results().configs["within_1se"].tolist() == [True, True, False]
