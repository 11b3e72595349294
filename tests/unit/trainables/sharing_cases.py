"""Data to share fits on, and the comparison that every sharing rule must stand: a cut fit against fits with each number alone."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm.basic
import numpy as np
import pandas as pd
import pytest
import xgboost.core
from sklearn.base import clone
from sklearn.datasets import make_classification, make_regression
from sklearn.metrics import check_scoring

from hpsearch.trainables.known_names import known_names
from hpsearch.trainables.sharing import PathRule, rules_of

ROUNDS = (1, 4, 12)


@dataclass(frozen=True)
class Case:
    """Settings to compare an estimator with, on which tables."""

    settings: Mapping[str, Any]
    tasks: tuple[str, ...] = ("binary",)
    form: str = "array"
    scored: bool = False


@dataclass(frozen=True)
class Data:
    """Rows to fit on and rows to predict, cut from one table."""

    X: Any
    y: Any
    X_new: Any
    y_new: Any


def surprise(estimator: Any, X: Any, y: Any) -> float:
    """A scorer of one's own, which looks at what it was fitted with."""
    return float(np.mean(estimator.predict(X) == y)) + estimator.n_features_in_ + getattr(estimator, "n_classes_", 0)


SCORERS = {
    "binary": {"auc": "roc_auc", "loss": "neg_log_loss", "accuracy": "accuracy", "own": surprise},
    "multiclass": {"auc": "roc_auc_ovr", "loss": "neg_log_loss", "f1": "f1_macro", "own": surprise},
    "regression": {"r2": "r2", "mse": "neg_mean_squared_error", "mae": "neg_mean_absolute_error", "own": surprise},
}


def data_of(task: str, form: str = "array", rows: int = 240) -> Data:
    """A table of the task. `form`: "array" of float64, "float32" with gaps, "frame" with gaps and categories."""
    if task == "regression":
        X, y = make_regression(rows, 8, n_informative=5, noise=20.0, random_state=1)
        y = np.exp(y / 200)  # above 0, which counts and gammas need
    else:
        X, y = make_classification(
            rows, 8, n_informative=5, n_classes=3 if task == "multiclass" else 2, flip_y=0.1, random_state=1
        )
    made = _formed(X, form)
    cut = rows * 3 // 4
    return Data(made[:cut], y[:cut], made[cut:], y[cut:])


def _formed(X: np.ndarray, form: str) -> Any:
    if form == "array":
        return X
    rng = np.random.default_rng(7)
    groups = rng.integers(0, 5, len(X))
    X = X.astype(np.float32)
    X[:, 0] += groups  # so that the categories tell something
    X[rng.random(X.shape) < 0.1] = np.nan
    if form == "float32":
        return X
    frame = pd.DataFrame(X, columns=[f"x{column}" for column in range(X.shape[1])])
    frame["group"] = pd.Categorical(np.array(list("edcba"))[groups], categories=list("abcde"))
    return frame


def rule_of(estimator: Any) -> PathRule:
    rule = rules_of(estimator).path
    assert rule is not None, f"{type(estimator).__name__} has no rule"
    return rule


def assert_exact(estimator: Any, task: str, data: Data, rounds: Sequence[int] = ROUNDS, *, scored: bool = False) -> None:
    """One fit with the most rounds, cut to each number, is to the last bit what a fit with that number alone is.

    Args:
        scored: whether scorers, too, are to give the same of both, and a pickled one predicts alike: slower.
    """
    rule = rule_of(estimator)
    assert rule.refusal(with_rounds(estimator, max(rounds))) is None
    fitted = with_rounds(estimator, max(rounds)).fit(data.X, data.y)
    before = _raw(fitted, data.X_new)
    differing = set()
    for number in rounds:
        alone = with_rounds(estimator, number).fit(data.X, data.y)
        short = rule.shortened(fitted, number)
        expected = outputs(alone, data.X_new)
        assert_equal(outputs(short, data.X_new), expected, f"{number} rounds")
        assert type(short) is type(alone)
        assert set(vars(short)) == set(vars(alone))
        assert repr(short.get_params()) == repr(alone.get_params())
        differing.add(_raw(alone, data.X_new).tobytes())
        if scored:
            assert scores(short, task, data) == scores(alone, task, data)
            assert np.array_equal(_raw(pickle.loads(pickle.dumps(short)), data.X_new), _raw(alone, data.X_new))
    assert len(differing) == len(rounds), "rounds that change nothing would show nothing"
    assert np.array_equal(_raw(fitted, data.X_new), before), "cutting a fit leaves it as it is"


def each_of(cases: Mapping[str, Case]) -> list[tuple[str, str]]:
    """(name, task), for each table of each case."""
    return [(name, task) for name, case in cases.items() for task in case.tasks]


def assert_case_exact(made: Callable[..., Any], case: Case, task: str) -> None:
    """`assert_exact` of what `made(task, **settings)` makes."""
    assert_exact(made(task, **case.settings), task, data_of(task, case.form), scored=case.scored)


def _raw(estimator: Any, X: Any) -> np.ndarray:
    made: np.ndarray = getattr(estimator, "predict_proba", estimator.predict)(X)
    return made


def with_rounds(estimator: Any, number: int) -> Any:
    return clone(estimator).set_params(**{rule_of(estimator).parameter: number})


def scores(estimator: Any, task: str, data: Data) -> dict[str, float]:
    return check_scoring(estimator, scoring=SCORERS[task])(estimator, data.X_new, data.y_new)


def outputs(estimator: Any, X: Any) -> dict[str, np.ndarray]:
    """All that a scorer could ask of a fitted estimator."""
    methods = ("predict", "predict_proba", "decision_function")
    found = {name: getattr(estimator, name)(X) for name in methods if hasattr(estimator, name)}
    attributes = ("classes_", "n_features_in_", "feature_importances_", "n_estimators_", "n_iter_", "train_score_")
    return found | {name: getattr(estimator, name) for name in attributes if hasattr(estimator, name)}


def assert_equal(given: dict[str, np.ndarray], expected: dict[str, np.ndarray], what: str) -> None:
    assert given.keys() == expected.keys(), what
    for name, value in expected.items():
        # NaN is equal to NaN here: importances of a fit without splits.
        assert np.array_equal(given[name], value, equal_nan=True), f"{what}: {name}"


def assert_lists_only_compared(rule: PathRule, estimator: Any, cases: Mapping[str, Case], elsewhere: frozenset[str]) -> None:
    """Every setting that the white list admits is tried in some case, or `elsewhere`: by another test, or read by no fit."""
    names = known_names(estimator)
    tried = {names.same(name) if names else name for case in cases.values() for name in case.settings}
    allowed = rule.allowed
    assert (allowed.any_value | allowed.some_values.keys()) - tried - elsewhere == frozenset()


def refusal_of(estimator: Any) -> str | None:
    return rule_of(estimator).refusal(estimator)


class CountedBinning:
    """How often a library binned."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.times = 0
        for cls, name in ((xgboost.core.QuantileDMatrix, "_init"), (lightgbm.basic.Dataset, "_lazy_init")):
            monkeypatch.setattr(cls, name, self._counting(getattr(cls, name)))

    def _counting(self, whole: Any) -> Any:
        def counted(*arguments: Any, **settings: Any) -> Any:
            self.times += 1
            return whole(*arguments, **settings)

        return counted
