"""Trials that share work have the scores that each has alone, to the last bit; and the work is done once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from harness import ROOT
from sharing_cases import CountedBinning
from trainables_builders import RememberingRun, spec_of, trial_of

from hpsearch.core.trial import Evaluation
from hpsearch.search import make_searcher
from hpsearch.trainables import Objective, Prepared, build, prepare
from hpsearch.trainables.fitting import FittingObjective

XGBOOST = """
trial: {estimator: xgboost.XGBClassifier, fixed: {tree_method: hist, colsample_bytree: 0.7}}
data: {sklearn: breast_cancer}
evaluate: {cv: {folds: 3}, metrics: [roc_auc, accuracy]}
metric: {name: roc_auc, mode: max}
space: {n_estimators: [5, 10, 20], max_depth: [2, 3], subsample: [0.7, 1.0]}
"""
FOREST = """
trial: {estimator: sklearn.ensemble.RandomForestRegressor}
data: {sklearn: diabetes}
evaluate: {holdout: {fraction: 0.3, repeats: 2}}
metric: {name: r2, mode: max}
space: {n_estimators: [3, 6, 12], max_features: [0.5, 1.0]}
repeat: {seeds: [0, 1]}
"""
TEXT_LIKE = """
trial: {pipeline: {scale: sklearn.preprocessing.StandardScaler, pca: sklearn.decomposition.PCA, clf: sklearn.svm.SVC}}
data: {sklearn: wine}
evaluate: {cv: {folds: 3}, metrics: [accuracy, f1_macro]}
metric: {name: accuracy, mode: max}
space: {scale__with_mean: [true, false], pca__n_components: [2, 5], clf__C: [0.1, 1, 10]}
"""
CHURN = f"""
trial:
  pipeline:
    prep: {{columns: {{numeric: passthrough, categorical: sklearn.preprocessing.OneHotEncoder}}}}
    clf: lightgbm.LGBMClassifier
  fixed: {{prep__categorical__handle_unknown: ignore, clf__verbose: -1}}
data: {{csv: {ROOT / "search_spaces" / "data" / "churn.csv"}, target: churn}}
evaluate: {{cv: {{folds: 2}}}}
metric: {{name: roc_auc, mode: max}}
space: {{clf__n_estimators: [5, 15], clf__num_leaves: [7, 15], prep__categorical__min_frequency: [1, 400]}}
"""
CHOSEN = """
data: {sklearn: iris}
evaluate: {cv: {folds: 3}}
metric: {name: accuracy, mode: max}
space:
  estimator:
    choice:
      sklearn.ensemble.GradientBoostingClassifier: {n_estimators: [5, 10], subsample: [0.5, 1.0]}
      sklearn.ensemble.ExtraTreesClassifier: {n_estimators: [5, 10]}
      sklearn.svm.SVC: {C: [1, 10]}
"""
BINNED = f"""
trial: {{estimator: lightgbm.LGBMClassifier, fixed: {{verbose: -1, subsample: 0.7, subsample_freq: 1, colsample_bytree: 0.6}}}}
data: {{csv: {ROOT / "search_spaces" / "data" / "churn.csv"}, target: churn}}
evaluate: {{cv: {{folds: 2}}, metrics: [roc_auc, accuracy]}}
metric: {{name: roc_auc, mode: max}}
space: {{num_leaves: [7, 15], min_child_samples: [10, 200], learning_rate: [0.1, 0.3], n_estimators: [5, 10]}}
"""
SAME_ROUNDS = """
trial: {estimator: xgboost.XGBRegressor, fixed: {subsample: 0.7}}
data: {sklearn: diabetes}
evaluate: {cv: {folds: 3}}
metric: {name: r2, mode: max}
space: {max_depth: [2, 3], max_bin: [16, 64]}
"""
STUDIES = {
    "xgboost": XGBOOST,
    "forest": FOREST,
    "pipeline": TEXT_LIKE,
    "frames": CHURN,
    "chosen": CHOSEN,
    "binned": BINNED,
    "same rounds": SAME_ROUNDS,
}


class Counting:
    """How often estimators were fitted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fits = 0
        whole = FittingObjective._fit

        def counted(objective: FittingObjective, *arguments: Any) -> Any:
            self.fits += 1
            return whole(objective, *arguments)

        monkeypatch.setattr(FittingObjective, "_fit", counted)


def evaluated(prepared: Prepared, text: str, folder: Path, *, together: bool) -> Mapping[str, Evaluation]:
    spec = spec_of(text, folder)
    objective: Objective = build(prepared.program, prepared.table)
    configurations = make_searcher(prepared.program.sharing.ordered(spec.space), spec.search).ask(1000)
    trials = [trial_of(prepared, params, seed) for seed in spec.repeat.seeds for params in configurations]
    if together:
        objective.expect(trials)
    return {trial.key: objective.evaluate(trial, RememberingRun(folder)) for trial in trials}


@pytest.mark.parametrize("name", STUDIES)
def test_scores_are_those_of_each_trial_alone(name: str, tmp_path: Path) -> None:
    text = STUDIES[name]
    prepared = prepare(spec_of(text, tmp_path))
    shared, alone = (evaluated(prepared, text, tmp_path, together=together) for together in (True, False))
    assert shared.keys() == alone.keys()
    for key, evaluation in alone.items():
        assert [split.scores for split in shared[key].splits] == [split.scores for split in evaluation.splits]
        assert shared[key].metrics == evaluation.metrics


@pytest.mark.parametrize(
    ("name", "fits"),
    [("xgboost", 4 * 3), ("forest", 2 * 2 * 2), ("pipeline", 12 * 3), ("frames", 4 * 2), ("chosen", (2 + 1 + 2) * 3)],
)
def test_one_fit_answers_for_a_path(name: str, fits: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = prepare(spec_of(STUDIES[name], tmp_path))
    counting = Counting(monkeypatch)
    evaluated(prepared, STUDIES[name], tmp_path, together=True)
    assert counting.fits == fits


@pytest.mark.parametrize(
    ("name", "times"),
    [("xgboost", 3), ("frames", 2 * 2), ("binned", 2 * 2), ("same rounds", 2 * 3)],
    ids=["once a fold", "once for each setting of the steps before", "once for each min_child_samples", "where nothing else is"],
)
def test_rows_are_binned_once_for_all_that_bin_alike(
    name: str, times: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = prepare(spec_of(STUDIES[name], tmp_path))
    counted = CountedBinning(monkeypatch)
    evaluated(prepared, STUDIES[name], tmp_path, together=True)
    assert counted.times == times


def test_steps_with_equal_parameters_are_fitted_once_a_fold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    counts = {PCA: 0, StandardScaler: 0}
    for cls in counts:
        whole = cls.fit_transform

        def counted(self: Any, *arguments: Any, of: Any = cls, whole: Any = whole, **more: Any) -> Any:
            counts[of] += 1
            return whole(self, *arguments, **more)

        monkeypatch.setattr(cls, "fit_transform", counted)
    evaluated(prepare(spec_of(TEXT_LIKE, tmp_path)), TEXT_LIKE, tmp_path, together=True)
    assert counts == {StandardScaler: 2 * 3, PCA: 4 * 3}


def test_seconds_that_others_spent_are_counted_once(tmp_path: Path) -> None:
    """Fits attributed to trials add up to what was spent, and what moves from one trial to another adds up to nothing."""
    prepared = prepare(spec_of(XGBOOST, tmp_path))
    found = evaluated(prepared, XGBOOST, tmp_path, together=True)
    assert abs(sum(each.moved_s for each in found.values())) < 1e-6
    by_rounds = [np.mean([split.fit_s for split in each.splits]) for each in found.values()]
    assert by_rounds[0] < by_rounds[1] < by_rounds[2], "5, 10 and 20 rounds of one fit"


def test_seconds_of_shared_work_are_marked_and_no_others(tmp_path: Path) -> None:
    prepared = prepare(spec_of(XGBOOST, tmp_path))
    assert {each.shared for each in evaluated(prepared, XGBOOST, tmp_path, together=True).values()} == {True}
    assert {each.shared for each in evaluated(prepared, XGBOOST, tmp_path, together=False).values()} == {False}


def test_a_study_of_seconds_shares_nothing(tmp_path: Path) -> None:
    for change in (
        ("metrics: [roc_auc, accuracy]", "metrics: [roc_auc, fit_s]"),
        ("space:", "report: {tie_break: [fit_s]}\nspace:"),
    ):
        assert not prepare(spec_of(XGBOOST.replace(*change), tmp_path)).program.sharing.is_any


def test_a_fit_that_cannot_be_shared_is_made_for_each_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = XGBOOST.replace("subsample: [0.7, 1.0]", "booster: [gbtree, dart]")
    prepared = prepare(spec_of(text, tmp_path))
    counting = Counting(monkeypatch)
    shared = evaluated(prepared, text, tmp_path, together=True)
    assert counting.fits == (2 + 2 * 3) * 3
    alone = evaluated(prepared, text, tmp_path, together=False)
    assert all(shared[key].metrics == alone[key].metrics for key in alone)


INSIDE = """
trial: {pipeline: {scale: sklearn.preprocessing.StandardScaler, clf: sklearn.ensemble.GradientBoostingClassifier}}
data: {sklearn: wine}
evaluate: {cv: {folds: 3}, metrics: [accuracy, "inside_scores:looking"]}
metric: {name: accuracy, mode: max}
space: {scale__with_mean: [true, false], clf__n_estimators: [3, 6, 9]}
"""


def test_a_scorer_that_may_look_inside_is_shown_no_fit_that_was_cut_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inside_scores.py").write_text("def looking(estimator, X, y):\n    return float(estimator.score(X, y))\n")
    prepared = prepare(spec_of(INSIDE, tmp_path))
    assert prepared.program.sharing.is_any, "the steps are"
    assert not prepared.program.sharing.paths
    counting = Counting(monkeypatch)
    found = evaluated(prepared, INSIDE, tmp_path, together=True)
    assert counting.fits == len(found) * 3 == 6 * 3
