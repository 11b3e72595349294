"""What every sharing rule owes the planner and the workers, for each class in the registry; a new line there is tested here."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from sharing_cases import SCORERS, Data, assert_exact, data_of, rule_of
from sklearn.base import BaseEstimator, clone, is_classifier
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine, make_friedman1
from sklearn.metrics import check_scoring
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from hpsearch.trainables.estimators import configure
from hpsearch.trainables.sharing import rules_of
from hpsearch.trainables.sharing.rules import ruled_classes

# Without these, a class does not share as it comes.
NEEDED = {"XGB": {"n_estimators": 9}, "HistGradientBoosting": {"early_stopping": False}, "LGBM": {"verbose": -1}}

SAMPLED: dict[str, dict[str, Any]] = {
    "XGB": {"subsample": 0.7, "colsample_bytree": 0.6},
    "LGBM": {"subsample": 0.7, "subsample_freq": 1, "colsample_bytree": 0.6, "min_child_samples": 5},
    "Gradient": {"subsample": 0.7, "max_features": 0.6},
    "HistGradientBoosting": {"max_features": 0.6},
    "RandomForest": {"max_samples": 0.7, "max_features": 0.6},
    "ExtraTrees": {"bootstrap": True, "max_samples": 0.7, "max_features": 0.6},
}
CLASSES = {
    "breast cancer": load_breast_cancer,
    "wine": load_wine,
    "digits": lambda **as_arrays: load_digits(n_class=3, **as_arrays),
}
NUMBERS = {
    "diabetes": load_diabetes,
    "friedman": lambda **_: make_friedman1(300, random_state=1),
    "made": lambda **_: made_numbers(),
}


def made_numbers() -> tuple[np.ndarray, np.ndarray]:
    data = data_of("regression")
    return data.X, data.y


def default_of(path: str) -> Any:
    """The class as a trial of one CPU configures it."""
    module, _, name = path.rpartition(".")
    cls = getattr(import_module(module), name)
    needed = next((settings for start, settings in NEEDED.items() if name.startswith(start)), {})
    return configure(cls(), needed, seed=5, cpus=1)


@pytest.fixture(params=[path for path, rules in ruled_classes().items() if rules.path], ids=lambda path: path.rpartition(".")[2])
def estimator(request: pytest.FixtureRequest) -> Iterator[Any]:
    with threadpool_limits(1):  # some take all that the machine has, and wait for one another on a busy one
        yield default_of(request.param)


def test_the_registry_finds_each_class_by_itself(estimator: Any) -> None:
    """A library that moves a class would silently share nothing."""
    rule = rules_of(estimator).path
    assert rule is not None
    assert rule.refusal(estimator) is None
    assert rule.parameter in estimator.get_params()


def test_at_the_end_of_a_pipeline_each_number_scores_as_alone(estimator: Any) -> None:
    tasks = ("binary", "multiclass") if is_classifier(estimator) else ("regression",)
    rule = rule_of(estimator)
    for task in tasks:
        data = data_of(task)
        pipeline = Pipeline([("scale", StandardScaler()), ("model", estimator)])
        at = f"model__{rule.parameter}"
        fitted = clone(pipeline).set_params(**{at: 9}).fit(data.X, data.y)
        for rounds in (2, 6, 9):
            alone = clone(pipeline).set_params(**{at: rounds}).fit(data.X, data.y)
            short = Pipeline([*fitted.steps[:-1], ("model", rule.shortened(fitted[-1], rounds))])
            score = check_scoring(alone, scoring=SCORERS[task])
            assert score(short, data.X_new, data.y_new) == score(alone, data.X_new, data.y_new)
            assert short.get_params()[at] == rounds


@pytest.mark.parametrize("which", range(3))
def test_with_rows_and_columns_drawn_each_number_predicts_as_alone(estimator: Any, which: int) -> None:
    """On three tables each; a rule whose class no line of SAMPLED has is one that nobody has compared so."""
    name = type(estimator).__name__
    settings = next(settings for start, settings in SAMPLED.items() if name.startswith(start))
    load = list((CLASSES if is_classifier(estimator) else NUMBERS).values())[which]
    X, y = load(return_X_y=True)
    drawn = np.random.default_rng(which).permutation(len(X))[:200]
    train, test = drawn[:150], drawn[150:]
    assert_exact(clone(estimator).set_params(**settings), "", Data(X[train], y[train], X[test], y[test]), rounds=(1, 3, 8))


def test_a_cut_fit_can_be_pickled_cloned_and_fitted_anew(estimator: Any) -> None:
    data = data_of("binary" if is_classifier(estimator) else "regression")
    rule = rule_of(estimator)
    fitted = clone(estimator).set_params(**{rule.parameter: 6}).fit(data.X, data.y)
    before = fitted.predict(data.X_new)
    short = rule.shortened(fitted, 2)
    alone = clone(estimator).set_params(**{rule.parameter: 2}).fit(data.X, data.y)
    expected = alone.predict(data.X_new)
    assert np.array_equal(pickle.loads(pickle.dumps(short)).predict(data.X_new), expected)
    assert np.array_equal(rule.shortened(rule.shortened(fitted, 4), 2).predict(data.X_new), expected), "cut twice"
    assert np.array_equal(clone(short).fit(data.X, data.y).predict(data.X_new), expected)
    short.fit(data.X[::2], data.y[::2])
    assert np.array_equal(fitted.predict(data.X_new), before)


def test_more_rounds_than_were_fitted_are_our_own_mistake(estimator: Any) -> None:
    data = data_of("binary" if is_classifier(estimator) else "regression")
    rule = rule_of(estimator)
    fitted = clone(estimator).set_params(**{rule.parameter: 3}).fit(data.X, data.y)
    for rounds in (0, 4):
        with pytest.raises(AssertionError, match="the most rounds"):
            rule.shortened(fitted, rounds)


def test_a_setting_that_no_rule_knows_is_refused_unless_it_is_at_its_default(estimator: Any) -> None:
    """So that what a library's next release adds is not shared before somebody has compared it."""

    class Newer(type(estimator)):  # type: ignore[misc]  # a base that is a variable
        def get_params(self, deep: bool = True) -> dict[str, Any]:
            return {**super().get_params(deep), "quantum": self.__dict__.get("quantum", False)}

    newer = Newer(**estimator.get_params())
    rule = rule_of(estimator)
    assert rule.refusal(newer) is None
    newer.quantum = True
    assert rule.refusal(newer) == "quantum = true: sharing is not known to be exact with it"


def test_an_estimator_of_ones_own_has_no_rule() -> None:
    class XGBClassifier(BaseEstimator):
        pass

    assert rules_of(XGBClassifier()).path is None


def test_looking_for_a_rule_imports_no_library() -> None:
    """A worker of functions and commands needs none of them, and each takes a second."""
    code = (
        "import sys; from hpsearch.trainables.sharing import rules_of; assert rules_of(object()).path is None;"
        " print({'sklearn', 'xgboost', 'lightgbm', 'pandas'} & {name.split('.')[0] for name in sys.modules})"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"
