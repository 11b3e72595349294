"""What a study predicts, as far as its data and splits depend on it."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from hpsearch.trainables.table import Array


class Task(StrEnum):
    """CLASSIFICATION: the target is labels. REGRESSION: it is a number. OPEN: nobody says (functions, clusterers)."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"
    OPEN = "open"


def task_of(estimator: object) -> Task:
    """The task of an estimator, or of the last step of a pipeline, by scikit-learn's own tags."""
    from sklearn.base import is_classifier, is_regressor

    if is_classifier(estimator):
        return Task.CLASSIFICATION
    return Task.REGRESSION if is_regressor(estimator) else Task.OPEN


def has_labels(task: Task, classes: tuple[object, ...], y: Array | None) -> bool:
    """Whether the target is class numbers, so that splits are stratified unless the spec says otherwise."""
    return y is not None and (task is Task.CLASSIFICATION or bool(classes)) and np.issubdtype(y.dtype, np.integer)
