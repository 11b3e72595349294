"""Why a rule is used or not, as `plan` says it, and what the planner leaves apart for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from trainables_builders import spec_of, trial_of

from hpsearch.trainables import Sharing, prepare

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


def told(text: str, folder: Path) -> dict[bool, list[str]]:
    found = sharing(text, folder).reasons
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
