"""The splits of a study: made once from the evaluate block and the target, the same for every trial."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np

from hpsearch.core.values import Value
from hpsearch.spec.model import CvSpec, EvaluateSpec, HoldoutSpec
from hpsearch.trainables.findings import Finding
from hpsearch.trainables.table import Array, Split

_MANY_CLASSES = 20  # more different numbers than this are rather an amount than labels


def is_stratified(evaluate: EvaluateSpec, labels: bool) -> bool:
    """Whether splits keep the classes' shares: as the spec says, else wherever the target is labels."""
    block = evaluate.cv or evaluate.holdout
    assert block is not None  # the spec gives every evaluate block one of the two
    return labels if block.stratify is None else block.stratify


def canonical_splits(evaluate: EvaluateSpec, labels: bool) -> Mapping[str, Value]:
    """The block as far as it decides the splits, with every default written out: part of a trial's identity."""
    stratify = is_stratified(evaluate, labels)
    if evaluate.cv is not None:
        cv = evaluate.cv
        # Without shuffling the seed does nothing: two specs that differ in it alone have the same splits.
        shuffled = cv.shuffle or cv.repeats > 1
        return {
            "kind": "cv",
            "folds": cv.folds,
            "repeats": cv.repeats,
            "stratify": stratify,
            "shuffle": shuffled,
            "seed": cv.seed if shuffled else None,
        }
    holdout = evaluate.holdout
    assert holdout is not None
    return {
        "kind": "holdout",
        "fraction": holdout.fraction,
        "repeats": holdout.repeats,
        "stratify": stratify,
        "seed": holdout.seed,
    }


def make_splits(
    evaluate: EvaluateSpec, y: Array | None, n_rows: int, *, labels: bool, classes: tuple[Hashable, ...] = ()
) -> tuple[Split, ...]:
    """All splits, in scikit-learn's order; `classes` are the labels by class number, for messages.

    cv: (Stratified)KFold, or Repeated(Stratified)KFold with repeats above 1. holdout: (Stratified)ShuffleSplit, where each
    repeat is a fold-0 split of its own. All with the block's seed.

    Raises:
        Finding: too few rows, or too few members of a class, for the block. Its path begins with "evaluate".
    """
    stratify = is_stratified(evaluate, labels)
    if stratify and (y is None or np.issubdtype(y.dtype, np.floating)):
        at = "evaluate.cv.stratify" if evaluate.cv else "evaluate.holdout.stratify"
        why = "there is no target to stratify by" if y is None else "the target is numbers, not labels"
        raise Finding(at, f" = true: {why}; leave it out")
    target = y if stratify else None
    if evaluate.cv is not None:
        if target is not None:
            _check_members(target, evaluate.cv.folds, classes)
        splits = _folds(evaluate.cv, target, n_rows)
    else:
        assert evaluate.holdout is not None
        splits = _holdouts(evaluate.holdout, target, n_rows)
    for split in splits:  # a function trial that shuffled them would change the next trial's
        split.train.setflags(write=False)
        split.test.setflags(write=False)
    return splits


def _folds(cv: CvSpec, target: Array | None, n_rows: int) -> tuple[Split, ...]:
    from sklearn.model_selection import KFold, RepeatedKFold, RepeatedStratifiedKFold, StratifiedKFold

    if cv.folds > n_rows:
        raise Finding("evaluate.cv.folds", f" = {cv.folds}: the table has {n_rows} rows; a fold needs one at least")
    if cv.repeats > 1:
        repeated = RepeatedKFold if target is None else RepeatedStratifiedKFold
        splitter = repeated(n_splits=cv.folds, n_repeats=cv.repeats, random_state=cv.seed)
    else:
        once = KFold if target is None else StratifiedKFold
        splitter = once(n_splits=cv.folds, shuffle=cv.shuffle, random_state=cv.seed if cv.shuffle else None)
    rows = np.zeros((n_rows, 1), dtype=np.int8)
    return tuple(
        Split(index // cv.folds, index % cv.folds, train, test)
        for index, (train, test) in enumerate(splitter.split(rows, target))
    )


def _check_members(target: Array, folds: int, classes: tuple[Hashable, ...]) -> None:
    numbers, counts = np.unique(target, return_counts=True)
    fewest = int(counts.min())
    if fewest < folds:
        number = int(numbers[counts.argmin()])
        label = classes[number] if classes else number
        fix = f"use at most {fewest} folds" if fewest > 1 else "leave that class out"
        if len(counts) > _MANY_CLASSES and isinstance(label, int | float):
            fix = f"the target has {len(counts):,} different numbers: for an amount take a regressor; for labels, {fix}"
        members = "1 member" if fewest == 1 else f"{fewest} members"
        raise Finding(
            "evaluate.cv.folds", f" = {folds}: class {label} has {members}, and each fold needs one; {fix}, or stratify: false"
        )


def _holdouts(holdout: HoldoutSpec, target: Array | None, n_rows: int) -> tuple[Split, ...]:
    from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit

    kind = ShuffleSplit if target is None else StratifiedShuffleSplit
    splitter = kind(n_splits=holdout.repeats, test_size=holdout.fraction, random_state=holdout.seed)
    rows = np.zeros((n_rows, 1), dtype=np.int8)
    try:
        return tuple(Split(repeat, 0, train, test) for repeat, (train, test) in enumerate(splitter.split(rows, target)))
    except ValueError as error:  # too few rows, or members of a class, on one side: scikit-learn's own counts say which
        raise Finding("evaluate.holdout.fraction", f" = {holdout.fraction}: {error}") from error
