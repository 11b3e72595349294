"""First steps are fitted once a node: on Ray, with two workers, and where one of them dies while others wait for it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

import pytest
from harness import Shell
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import StratifiedKFold, cross_validate
from sklearn.tree import DecisionTreeClassifier

from hpsearch.ledger.folder import StudyFolder
from hpsearch.study import open_ledger

Scores: TypeAlias = dict[object, list[dict[str, float]]]
STEPS = """
import os, pathlib, time

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

HERE = pathlib.Path(__file__).parent


class Slow(TransformerMixin, BaseEstimator):
    '''Begins are written down: the fold, by its rows, and the process.'''

    def __init__(self, power=1.0):
        self.power = power

    def fit(self, X, y=None):
        with open(HERE / "fits.txt", "a") as file:
            file.write(f"{self.power}/{X.sum():.6f} {os.getpid()}\\n")
        while not (HERE / "go").exists():
            time.sleep(0.02)
        time.sleep(0.3)
        return self

    def transform(self, X):
        return np.abs(X) ** self.power
"""
SPEC = """
name: {name}
trial: {{pipeline: {{slow: slow_steps.Slow, clf: sklearn.tree.DecisionTreeClassifier}}}}
data: {{sklearn: breast_cancer}}
evaluate: {{cv: {{folds: 4}}, metrics: [accuracy, roc_auc]}}
metric: {{name: accuracy, mode: max}}
space: {{slow__power: [1.0], clf__max_depth: [1, 2, 3, 4, 5, 6, 7, 8]}}
retry: {{crash: 1}}
"""


def fits(folder: Path) -> list[tuple[str, int]]:
    """Which fold of which setting, and by which process, in the order in which they began."""
    path = folder / "fits.txt"
    lines = path.read_text().splitlines() if path.exists() else []
    return [(steps, int(pid)) for steps, pid in (line.split() for line in lines)]


def scores(folder: Path, name: str) -> Scores:
    """Of each fold, by the depth of the tree."""
    with closing(open_ledger(StudyFolder(folder / "studies" / name))) as ledger:
        depths = {record.config_id: record.params["clf__max_depth"] for record in ledger.trials()}
        found: Scores = {}
        for record in sorted(ledger.split_scores(), key=lambda record: record.split.fold):
            found.setdefault(depths[record.config_id], []).append(dict(record.split.scores))
    return found


def scikit_learns() -> Scores:
    """Each depth by itself. The slow step changes nothing: no value of the table is below 0, and its power is 1."""
    X, y = load_breast_cancer(return_X_y=True)
    cv, metrics = StratifiedKFold(4, shuffle=True, random_state=0), ["accuracy", "roc_auc"]
    found: Scores = {}
    for depth in range(1, 9):
        tree = DecisionTreeClassifier(max_depth=depth, random_state=0)
        each = cross_validate(tree, X, y, cv=cv, scoring=metrics)
        found[depth] = [{name: each[f"test_{name}"][fold] for name in metrics} for fold in range(4)]
    return found


def both_at_work(shell: Shell, name: str) -> subprocess.Popen[str]:
    """The run, once each of its workers fits a fold."""
    shell.write("slow_steps.py", STEPS)
    shell.write("spec.yaml", SPEC.format(name=name))
    process = shell.start("run", "spec.yaml")
    deadline = time.monotonic() + 60
    while len(fits(shell.folder)) < 2:
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            pytest.fail(f"no two workers fit a fold after 60 s, or the run ended before\n{process.communicate()}")
        time.sleep(0.05)
    return process


def test_two_workers_fit_each_fold_once(cluster_shell: Shell) -> None:
    """Also of the setting that both begin at once: they divide its folds."""
    process = both_at_work(cluster_shell, "both")
    (cluster_shell.folder / "go").touch()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    found = fits(cluster_shell.folder)
    assert sorted(Counter(steps for steps, _ in found).values()) == [1, 1, 1, 1]
    assert len({pid for _, pid in found}) == 2
    assert scores(cluster_shell.folder, "both") == scikit_learns()


def test_what_a_killed_worker_was_fitting_another_fits(cluster_shell: Shell) -> None:
    """It dies in the middle of a fit; nobody waits for it, and scores are the same."""
    process = both_at_work(cluster_shell, "killed")
    steps, pid = fits(cluster_shell.folder)[0]
    os.kill(pid, signal.SIGKILL)
    (cluster_shell.folder / "go").touch()
    _, err = process.communicate(timeout=90)
    assert process.returncode == 0, err
    assert "8/8 done" in err
    again = Counter(each for each, _ in fits(cluster_shell.folder))
    assert sorted(again.values()) == [1, 1, 1, 2]
    assert again[steps] == 2, "what the dead one was at"
    assert scores(cluster_shell.folder, "killed") == scikit_learns()
