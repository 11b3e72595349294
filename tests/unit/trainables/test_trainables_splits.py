"""Splits depend on the evaluate block and the target alone: a user may compare scores across trials, machines and runs."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.model_selection import KFold, RepeatedKFold, ShuffleSplit, StratifiedKFold, StratifiedShuffleSplit

from hpsearch.core.values import digest
from hpsearch.spec.model import CvSpec, EvaluateSpec, HoldoutSpec
from hpsearch.trainables.splits import canonical_splits, make_splits

Y = np.arange(60) % 4 // 3


def cv(**options: object) -> EvaluateSpec:
    return EvaluateSpec(CvSpec(**options), None, ("accuracy",))  # type: ignore[arg-type]


def holdout(**options: object) -> EvaluateSpec:
    return EvaluateSpec(None, HoldoutSpec(**options), ("accuracy",))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("evaluate", "labels", "splitter"),
    [
        (cv(seed=2), True, StratifiedKFold(5, shuffle=True, random_state=2)),
        (cv(folds=3, seed=2), False, KFold(3, shuffle=True, random_state=2)),
        (cv(folds=3, stratify=False), True, KFold(3, shuffle=True, random_state=0)),
        (cv(folds=3, stratify=True), False, StratifiedKFold(3, shuffle=True, random_state=0)),
        (cv(folds=4, shuffle=False, seed=9), True, StratifiedKFold(4)),
        (cv(folds=3, repeats=2, seed=1), False, RepeatedKFold(n_splits=3, n_repeats=2, random_state=1)),
        (holdout(repeats=3, seed=4), True, StratifiedShuffleSplit(3, test_size=0.2, random_state=4)),
        (holdout(fraction=0.3), False, ShuffleSplit(1, test_size=0.3, random_state=0)),
    ],
)
def test_scikit_learn_s_own(evaluate: EvaluateSpec, labels: bool, splitter: object) -> None:
    ours = make_splits(evaluate, Y, len(Y), labels=labels)
    theirs = list(splitter.split(np.zeros((60, 1)), Y))  # type: ignore[attr-defined]
    assert len(ours) == len(theirs)
    for split, (train, test) in zip(ours, theirs, strict=True):
        assert np.array_equal(split.train, train)
        assert np.array_equal(split.test, test)


def test_repeats_and_folds_are_numbered() -> None:
    assert [(s.repeat, s.fold) for s in make_splits(cv(folds=2, repeats=2), Y, 60, labels=True)] == [
        (0, 0),
        (0, 1),
        (1, 0),
        (1, 1),
    ]
    assert [(s.repeat, s.fold) for s in make_splits(holdout(repeats=2), Y, 60, labels=True)] == [(0, 0), (1, 0)]


def test_defaults_are_written_out_so_that_saying_them_changes_no_key() -> None:
    assert canonical_splits(cv(), labels=True) == canonical_splits(cv(folds=5, stratify=True, seed=0), labels=True)
    assert canonical_splits(cv(shuffle=False, seed=1), labels=True) == canonical_splits(cv(shuffle=False), labels=True)


def test_what_changes_the_splits_changes_their_identity() -> None:
    blocks = [
        cv(),
        cv(seed=1),
        cv(folds=4),
        cv(repeats=2),
        cv(stratify=False),
        cv(shuffle=False),
        holdout(),
        holdout(fraction=0.3),
    ]
    assert len({digest(canonical_splits(block, labels=True)) for block in blocks}) == len(blocks)
