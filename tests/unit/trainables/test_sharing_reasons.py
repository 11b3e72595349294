"""Why a rule is used or not, as `plan` says it, and what the planner leaves apart for it."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.decomposition import PCA
from trainables_builders import spec_of, trial_of

from hpsearch.trainables import Sharing, prepare
from hpsearch.trainables.bases import Bases
from hpsearch.trainables.estimators import configure
from hpsearch.trainables.sharing import rules_of
from hpsearch.trainables.sharing.ahead import bin_key, last_step

BOOSTING = """
trial: {estimator: xgboost.XGBClassifier, fixed: {tree_method: hist}}
data: {sklearn: breast_cancer}
evaluate: {cv: {folds: 3}, metrics: [roc_auc, accuracy]}
metric: {name: roc_auc, mode: max}
space: {n_estimators: [5, 10], max_depth: [2, 3]}
"""
STEPS = """
trial: {pipeline: {scale: sklearn.preprocessing.StandardScaler, clf: sklearn.ensemble.GradientBoostingClassifier}}
data: {sklearn: wine}
evaluate: {cv: {folds: 3}}
metric: {name: accuracy, mode: max}
space: {scale__with_mean: [true, false], clf__n_estimators: [5, 10], clf__n_iter_no_change: [null, 3]}
"""
CHOSEN = """
data: {sklearn: iris}
evaluate: {cv: {folds: 3}}
metric: {name: accuracy, mode: max}
space:
  estimator:
    choice:
      sklearn.ensemble.HistGradientBoostingClassifier: {max_iter: [5, 10], early_stopping: [false, true]}
      sklearn.ensemble.RandomForestClassifier: {n_estimators: [5, 10], warm_start: [true]}
      sklearn.svm.SVC: {C: [1, 10]}
"""
MODULE = """
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import accuracy_score, make_scorer

class MyTrees(ExtraTreesClassifier):
    pass

def looking(estimator, X, y):
    return float(estimator.n_estimators)

def profit(y, p):
    return float((y == p).sum())

predicting = make_scorer(profit)
"""


def sharing(text: str, folder: Path) -> Sharing:
    (folder / "sharing_parts.py").write_text(MODULE)
    return prepare(spec_of(text, folder)).program.sharing


def told(text: str, folder: Path, *rules: str) -> dict[bool, list[str]]:
    """What is said of these rules, or of all but binning."""
    reasons = sharing(text, folder).reasons
    found = [reason for reason in reasons if (reason.rule in rules if rules else reason.rule != "bins")]
    return {used: [reason.sentence for reason in found if reason.used is used] for used in (True, False)}


LONE = "steps of a pipeline: there are none, the trial is one estimator"
WHOLE = "n_estimators: a fit of the most has the smaller ones in it, to the last bit"


@pytest.mark.parametrize(
    ("change", "used", "unused"),
    [
        (("", ""), [WHOLE], [LONE]),
        (("max_depth: [2, 3]", "booster: [gbtree, dart]"), [WHOLE], [
            "booster = 'dart': only gbtree leaves the trees of earlier rounds as they are", LONE]),
        (("tree_method: hist", "booster: dart"), [], [
            "booster = 'dart': only gbtree leaves the trees of earlier rounds as they are", LONE]),
        (("max_depth: [2, 3]", "booster: {choice: {dart: {rate_drop: [0.1, 0.2]}, gbtree: {}}}"), [WHOLE], [
            "booster = 'dart': only gbtree leaves the trees of earlier rounds as they are",
            "rate_drop = 0.1: sharing is not known to be exact with it",
            "rate_drop = 0.2: sharing is not known to be exact with it", LONE]),
        (("max_depth: [2, 3]", "multi_strategy: [one_output_per_tree]"), [], [
            "multi_strategy = 'one_output_per_tree': sharing is not known to be exact with it", LONE]),
        (("n_estimators: [5, 10]", "n_estimators: 5"), [], [
            "n_estimators: has one value, so there is nothing smaller to answer for", LONE]),
        (("n_estimators: [5, 10], ", ""), [], [
            "n_estimators: has one value, so there is nothing smaller to answer for", LONE]),
        (("accuracy]", "fit_s]"), [], ["fit_s: is compared, and of shared work it is not that of a trial alone"]),
        (("space:", "report: {tie_break: [seconds]}\nspace:"), [], [
            "seconds: is compared, and of shared work it is not that of a trial alone"]),
        (("accuracy]", "'sharing_parts:looking']"), [], [
            "sharing_parts:looking: may look into the estimator, and a fit cut short is known to predict alike, no more", LONE]),
        (("accuracy]", "'sharing_parts:predicting']"), [WHOLE], [LONE]),
        (("xgboost.XGBClassifier, fixed: {tree_method: hist}", "sharing_parts.MyTrees"), [], [
            "MyTrees: is derived from a class that a rule knows, and may fit otherwise", LONE]),
    ],
)  # fmt: skip
def test_each_rule_has_its_reason(change: tuple[str, str], used: list[str], unused: list[str], tmp_path: Path) -> None:
    found = told(BOOSTING.replace(*change), tmp_path)
    assert found == {True: used, False: unused}


BINNED = "its rows are put into bins once a fold for all trials that bin alike"
ANEW = "rows are binned anew for each value, since their bins may depend on it"
LIGHTGBM = {"xgboost.XGBClassifier, fixed: {tree_method: hist}": "lightgbm.LGBMClassifier", "max_depth": "min_child_samples"}


@pytest.mark.parametrize(
    ("changes", "used", "unused"),
    [
        ({}, [f"XGBClassifier: {BINNED}"], []),
        ({"n_estimators: [5, 10], ": ""}, [f"XGBClassifier: {BINNED}"], []),
        ({"max_depth: [2, 3]": "max_bin: [64, 256]"}, [f"XGBClassifier: {BINNED}"], [f"max_bin: {ANEW}"]),
        ({"n_estimators: [5, 10], max_depth": "max_bin"}, [], [f"max_bin: {ANEW}"]),
        (LIGHTGBM, [f"LGBMClassifier: {BINNED}"], [f"min_child_samples: {ANEW}"]),
        ({"tree_method: hist": "tree_method: approx"}, [], [
            "tree_method = 'approx': only hist bins once, before the first round"]),
        ({"fixed: {tree_method: hist}": "fixed: {}", "max_depth: [2, 3]": "tree_method: [hist, exact]"},
         [f"XGBClassifier: {BINNED}"], ["tree_method = 'exact': only hist bins once, before the first round"]),
        ({"max_depth: [2, 3]": "multi_strategy: [one_output_per_tree]"}, [], [
            "multi_strategy = 'one_output_per_tree': sharing is not known to be exact with it"]),
        ({"accuracy]": "fit_s]"}, [], []),
        ({"xgboost.XGBClassifier, fixed: {tree_method: hist}": "sharing_parts.MyTrees"}, [], []),
    ],
)  # fmt: skip
def test_binning_has_its_reason(changes: dict[str, str], used: list[str], unused: list[str], tmp_path: Path) -> None:
    text = BOOSTING
    for before, after in changes.items():
        text = text.replace(before, after)
    assert told(text, tmp_path, "bins") == {True: used, False: unused}


BINNED_STEPS = """
trial: {pipeline: {scale: sklearn.preprocessing.StandardScaler, clf: }}
data: {sklearn: wine}
evaluate: {cv: {folds: 3}}
metric: {name: accuracy, mode: max}
space:
  scale__with_mean: [true, false]
  clf__max_depth: [2, 3]
  clf:
    choice:
      xgboost.XGBClassifier: {max_bin: [16, 64], tree_method: [hist, approx], eta: {float: [0.1, 0.2], points: 2}}
      lightgbm.LGBMClassifier: {min_child_samples: [5, 10], subsample: [0.5, 1.0]}
      sklearn.ensemble.ExtraTreesClassifier: {criterion: [gini, entropy]}
repeat: {seeds: [0, 1]}
"""


def test_the_planner_counts_what_a_worker_bins(tmp_path: Path) -> None:
    """By parameters alone: two trials bin alike where a worker, which has their estimators, takes them to."""
    spec = spec_of(BINNED_STEPS, tmp_path)
    prepared = prepare(spec)
    assert prepared.table is not None
    bases = Bases(spec.trial, prepared.table, ())
    grid = (spec.space.grid_at(index) for index in range(spec.space.grid_size()))
    trials = [trial_of(prepared, params, seed) for params in grid for seed in (0, 1)]
    planned, binned = defaultdict(set), defaultdict(set)
    for trial in trials:
        base, own = bases.of(trial.params)
        last, _ = last_step(configure(base, own, trial.seed, 1.0))
        rule = rules_of(last).bins
        planned[prepared.program.sharing.bins_of(trial)].add(trial.key)
        binned[bin_key(base, own, trial.seed) if rule and rule.refusal(last) is None else ""].add(trial.key)
    assert len(planned.pop("")) == len(binned.pop("")) == (16 + 8) * 2, "approx, and trees that look at numbers themselves"
    assert sorted(map(sorted, planned.values())) == sorted(map(sorted, binned.values()))
    assert len(planned) == (4 + 4) * 2


def test_components_of_a_pca_are_not_cut_from_more(tmp_path: Path) -> None:
    text = STEPS.replace("scale: sklearn.preprocessing.StandardScaler", "pca: sklearn.decomposition.PCA")
    said = "each value is fitted for itself: the first components of more differ from fewer in their last digits"
    told_of = told(text.replace("scale__with_mean: [true, false]", "pca__n_components: [2, 3]"), tmp_path, "steps")
    assert told_of[False] == [f"pca__n_components: {said}"]
    assert told_of[True] == ["pca: with equal settings, fitted to the same rows, they give the same"], "each number, once a fold"
    assert told(text.replace("scale__with_mean", "pca__whiten"), tmp_path, "steps")[False] == []


def test_the_first_components_of_more_are_not_those_of_fewer() -> None:
    """Why: the same numbers up to their last digits, which a classifier may split by."""
    X, _ = load_breast_cancer(return_X_y=True)
    two, ten = (PCA(n_components=n, svd_solver="full").fit(X[::2]).transform(X) for n in (2, 10))
    assert np.allclose(two, ten[:, :2], rtol=0, atol=1e-9)
    assert not np.array_equal(two, ten[:, :2])


def test_steps_are_shared_unless_no_two_trials_have_them_in_common(tmp_path: Path) -> None:
    steps = "scale: with equal settings, fitted to the same rows, they give the same"
    found = told(STEPS, tmp_path)
    assert steps in found[True]
    assert [text for text in found[False] if text.startswith("clf__n_iter_no_change = 3: the fit ends by itself")]
    alone = told(
        STEPS.replace("clf__n_estimators: [5, 10], clf__n_iter_no_change: [null, 3]", "scale__with_std: [true, false]"), tmp_path
    )
    assert "scale: differs in every configuration, so no two trials have it in common" in alone[False]


def test_what_is_chosen_is_looked_at_class_by_class(tmp_path: Path) -> None:
    found = told(CHOSEN, tmp_path)
    assert found[True] == ["max_iter: a fit of the most has the smaller ones in it, to the last bit"]
    assert [text.partition(":")[0] for text in found[False]] == [
        "early_stopping = true",
        "warm_start = true",
        "SVC",
        "steps of a pipeline",
    ]


def test_functions_keep_their_own_affairs(tmp_path: Path) -> None:
    (tmp_path / "sharing_job.py").write_text("def run(params):\n    return {'loss': 0}\n")
    text = "trial: {function: 'sharing_job:run'}\nmetric: {name: loss, mode: min}\nspace: {x: [1, 2]}\n"
    assert told(text, tmp_path)[False] == [
        "function sharing_job:run: what it does is its own affair: nothing is known that its trials have in common"
    ]


def test_the_planner_leaves_apart_what_is_refused(tmp_path: Path) -> None:
    """Else five trials that are fitted one by one would keep one worker busy, and plan would count one fit for them."""
    text = BOOSTING.replace("max_depth: [2, 3]", "booster: [gbtree, dart]")
    prepared = prepare(spec_of(text, tmp_path))
    fits = {
        (rounds, booster): prepared.program.sharing.kinship(
            trial_of(prepared, {"n_estimators": rounds, "booster": booster}, 0)
        ).fit
        for rounds in (5, 10)
        for booster in ("gbtree", "dart")
    }
    assert fits[5, "gbtree"] == fits[10, "gbtree"] != ""
    assert fits[5, "dart"] == fits[10, "dart"] == ""
