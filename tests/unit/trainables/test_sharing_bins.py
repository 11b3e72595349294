"""Rows binned once: a fit on another fit's matrix is, to the last bit, the fit with a matrix of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any

import lightgbm.basic
import lightgbm.sklearn
import numpy as np
import pytest
import scipy.sparse
import xgboost.core
from lightgbm import LGBMClassifier, LGBMRegressor
from sharing_cases import CountedBinning, Data, assert_equal, data_of, outputs, scores
from sklearn.base import clone
from xgboost import XGBClassifier, XGBRegressor

from hpsearch.core.clock import SystemClock
from hpsearch.trainables.known_names import known_names
from hpsearch.trainables.sharing import lightgbm_bins, rules_of, xgboost_bins
from hpsearch.trainables.sharing.bin_rule import BinRule
from hpsearch.trainables.sharing.bins import Bins, binned_bytes
from hpsearch.trainables.sharing.cache import Cache
from hpsearch.trainables.sharing.lightgbm_bins import LIGHTGBM_BINS
from hpsearch.trainables.sharing.rules import ruled_classes
from hpsearch.trainables.sharing.xgboost_bins import XGBOOST_BINS

Settings = Mapping[str, Any]

XGB = {"n_jobs": 1, "random_state": 3, "n_estimators": 8}
LGBM = {"n_jobs": 1, "random_state": 3, "n_estimators": 8, "verbose": -1, "min_child_samples": 5}

# What may differ, in fits that all draw rows and columns.
XGB_FREE: Sequence[Settings] = (
    {"subsample": 0.7, "colsample_bytree": 0.6, "learning_rate": 0.1, "max_depth": 3},
    {"subsample": 0.5, "colsample_bylevel": 0.6, "eta": 0.5, "max_depth": 6, "reg_alpha": 0.1, "n_estimators": 5},
    {"subsample": 0.8, "colsample_bynode": 0.6, "gamma": 0.5, "min_child_weight": 3.0, "reg_lambda": 5.0},
    {"subsample": 0.7, "grow_policy": "lossguide", "max_leaves": 5, "max_depth": 0, "max_delta_step": 0.5},
    {"subsample": 0.7, "num_parallel_tree": 2, "max_cat_to_onehot": 1, "max_cat_threshold": 2, "importance_type": "weight"},
    {"subsample": 0.7, "colsample_bytree": 0.6, "learning_rate": 0.1, "max_depth": 3, "n_estimators": 3},
)
LGBM_FREE: Sequence[Settings] = (
    {"subsample": 0.7, "subsample_freq": 1, "colsample_bytree": 0.6, "learning_rate": 0.1},
    {"subsample": 0.4, "subsample_freq": 2, "colsample_bynode": 0.6, "num_leaves": 5, "reg_alpha": 0.1, "n_estimators": 5},
    {"bagging_fraction": 0.8, "bagging_freq": 1, "max_depth": 3, "min_split_gain": 0.01, "min_child_weight": 0.1},
    {"extra_trees": True, "reg_lambda": 3.0, "max_delta_step": 0.4, "path_smooth": 1.0, "importance_type": "gain"},
    {"subsample": 0.7, "subsample_freq": 1, "cat_smooth": 1.0, "cat_l2": 1.0, "max_cat_threshold": 2, "max_cat_to_onehot": 1},
    {"subsample": 0.7, "subsample_freq": 1, "min_data_per_group": 5, "cat_smooth": 1.0, "num_leaves": 7},
    {"subsample": 0.7, "subsample_freq": 1, "colsample_bytree": 0.6, "learning_rate": 0.1, "n_estimators": 3},
)
GOSS_FREE: Sequence[Settings] = (
    {"top_rate": 0.3, "other_rate": 0.2},
    {"top_rate": 0.5, "other_rate": 0.1, "feature_fraction": 0.6},
    {"top_rate": 0.3, "other_rate": 0.2, "num_leaves": 4},
)
FIXED: Mapping[str, tuple[Settings, str, str]] = {
    "arrays": ({}, "binary", "array"),
    "classes": ({}, "multiclass", "float32"),
    "numbers": ({}, "regression", "array"),
    "numbers with gaps": ({}, "regression", "float32"),
    "categories": ({}, "binary", "frame"),
    "classes of categories": ({}, "multiclass", "frame"),
    "numbers of categories": ({}, "regression", "frame"),
    "sparse": ({}, "binary", "sparse"),
}
XGB_FIXED: Mapping[str, tuple[Settings, str, str]] = {
    **FIXED,
    "coarse": ({"max_bin": 16, "tree_method": "hist"}, "binary", "array"),
    "weighted columns": ({"feature_weights": np.arange(1.0, 9.0), "colsample_bynode": 0.5}, "binary", "array"),
    "missing": ({"missing": 0.5, "base_score": 0.4}, "binary", "float32"),
    "absolute error": ({"objective": "reg:absoluteerror"}, "regression", "float32"),
}
LGBM_FIXED: Mapping[str, tuple[Settings, str, str]] = {
    **FIXED,
    "coarse": ({"max_bin": 15, "min_data_in_bin": 7, "subsample_for_bin": 100}, "binary", "array"),
    "weighted classes": ({"class_weight": "balanced"}, "multiclass", "float32"),
    "all columns": ({"feature_pre_filter": False, "enable_bundle": False}, "binary", "float32"),
    "goss": ({"data_sample_strategy": "goss", "learning_rate": 0.5}, "binary", "array"),
    "absolute error": ({"objective": "regression_l1"}, "regression", "float32"),
}
COMPARED = [
    *(("xgboost", name) for name in XGB_FIXED),
    *(("lightgbm", name) for name in LGBM_FIXED),
]


def data_in(task: str, form: str) -> Data:
    if form != "sparse":
        return data_of(task, form)
    dense = data_of(task)
    X, X_new = (scipy.sparse.csr_matrix(np.where(np.abs(rows) < 1, 0, rows)) for rows in (dense.X, dense.X_new))
    return Data(X, dense.y, X_new, dense.y_new)


def made(library: str, task: str, form: str = "array", **settings: Any) -> Any:
    if library == "lightgbm":
        return (LGBMRegressor if task == "regression" else LGBMClassifier)(**{**LGBM, **settings})
    return (XGBRegressor if task == "regression" else XGBClassifier)(**{**XGB, "enable_categorical": form == "frame", **settings})


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> CountedBinning:
    return CountedBinning(monkeypatch)


def bins(limit_bytes: int = 2**20) -> Bins:
    return Bins(SystemClock(), Cache(limit_bytes))


@pytest.mark.parametrize(("library", "name"), COMPARED)
def test_a_fit_on_anothers_matrix_is_the_fit_alone(library: str, name: str, counted: CountedBinning) -> None:
    fixed, task, form = (XGB_FIXED if library == "xgboost" else LGBM_FIXED)[name]
    free = XGB_FREE if library == "xgboost" else GOSS_FREE if name == "goss" else LGBM_FREE
    data, shared = data_in(task, form), bins()
    wanted = [made(library, task, form, **{**fixed, **settings}) for settings in free]
    binned = [clone(each) for each in wanted]
    for each in binned:
        assert shared.fit(each, data.X, data.y, 0, "key").estimator is each
    assert counted.times == 1
    predictions = set()
    for one, alone in zip(binned, wanted, strict=True):
        alone.fit(data.X, data.y)
        assert_equal(outputs(one, data.X_new), outputs(alone, data.X_new), str(alone.get_params()))
        assert scores(one, task, data) == scores(alone, task, data)
        assert set(vars(one)) == set(vars(alone)), "what handed over the matrix is gone"
        assert one.n_features_in_ == alone.n_features_in_
        assert list(getattr(one, "feature_names_in_", ())) == list(getattr(alone, "feature_names_in_", ()))
        predictions.add(alone.predict(data.X_new).tobytes() + outputs(alone, data.X_new)["feature_importances_"].tobytes())
    assert len(predictions) == len(free), "fits that are all alike would show nothing"


@pytest.mark.parametrize(
    ("rule", "free", "estimator"),
    [(XGBOOST_BINS, XGB_FREE, XGBClassifier()), (LIGHTGBM_BINS, (*LGBM_FREE, *GOSS_FREE), LGBMClassifier())],
)
def test_every_setting_that_may_differ_was_compared(rule: BinRule, free: Sequence[Settings], estimator: Any) -> None:
    tried = {name for settings in free for name in settings}
    assert rule.fixed(estimator, dict.fromkeys(tried, 0)) == {}
    names = known_names(estimator)
    assert names is not None
    # Weights of the positive class are for two classes alone, and have a test of their own.
    assert rule.free - {names.same(name) for name in tried} == {"scale_pos_weight"}


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_weights_of_the_positive_class_are_the_fits_own(library: str, counted: CountedBinning) -> None:
    data, shared = data_of("binary"), bins()
    for weight in (1.0, 3.0, 1.0):
        one, alone = (made(library, "binary", scale_pos_weight=weight, subsample=0.7) for _ in range(2))
        shared.fit(one, data.X, data.y, 0, "key")
        assert counted.times == 1
        assert_equal(outputs(one, data.X_new), outputs(alone.fit(data.X, data.y), data.X_new), str(weight))
        counted.times = 1


@pytest.mark.parametrize(
    ("estimator", "own", "fixed"),
    [
        (XGBClassifier(), {"eta": 0.1, "max_depth": 3, "max_bin": 64}, {"max_bin": 64}),
        (XGBClassifier(), {"subsample": 0.5, "seed": 3, "missing": 0.0}, {"random_state": 3, "missing": 0.0}),
        (LGBMClassifier(), {"num_leaf": 7, "min_child_samples": 10}, {"min_data_in_leaf": 10}),
        (
            LGBMClassifier(),
            {"min_data": 10, "lambda": 1.0, "class_weight": "balanced"},
            {"min_data_in_leaf": 10, "class_weight": "balanced"},
        ),
        (LGBMRegressor(), {"max_bins": 9, "random_state": 2, "unheard_of": 1}, {"max_bin": 9, "seed": 2, "unheard_of": 1}),
    ],
    ids=str,
)
def test_what_a_matrix_is_made_of_has_to_be_equal(estimator: Any, own: Settings, fixed: Settings) -> None:
    rule = rules_of(estimator).bins
    assert rule is not None
    assert rule.fixed(estimator, own) == fixed


def test_a_dataset_made_for_more_samples_a_leaf_would_draw_other_columns() -> None:
    """Why min_child_samples has to be equal: a column that no leaf of 60 rows can be split by is not drawn from."""
    data = data_of("binary")
    X = np.column_stack([data.X, np.arange(len(data.X)) < 20])
    few, many = (made("lightgbm", "binary", min_child_samples=n, colsample_bytree=0.5, n_estimators=20) for n in (5, 60))
    shared = bins()
    shared.fit(clone(few), X, data.y, 0, "key")
    wrong = clone(many)
    shared.fit(wrong, X, data.y, 0, "key")
    assert not np.array_equal(wrong.predict_proba(X), many.fit(X, data.y).predict_proba(X))


@pytest.mark.parametrize(
    ("estimator", "sentence"),
    [
        (XGBClassifier(tree_method="approx"), "tree_method = 'approx': only hist bins once, before the first round"),
        (XGBRegressor(tree_method="exact"), "tree_method = 'exact': only hist bins once, before the first round"),
        (LGBMRegressor(linear_tree=True), "linear_tree = true: sharing is not known to be exact with it"),
    ],
    ids=str,
)
def test_what_is_refused_is_fitted_alone(estimator: Any, sentence: str, counted: CountedBinning) -> None:
    rule = rules_of(estimator).bins
    assert rule is not None
    if isinstance(estimator, XGBRegressor | XGBClassifier):
        estimator.set_params(n_estimators=3)
    assert rule.refusal(estimator) == sentence
    data = data_of("regression" if "Regressor" in type(estimator).__name__ else "binary")
    shared = bins()
    for _ in range(2):
        held = shared.fit(clone(estimator), data.X, data.y, 0, "key")
        assert held.binning_s == 0.0
        assert held.seconds == held.spent_s


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_matrices_are_kept_by_split_and_key_while_they_fit(library: str, counted: CountedBinning) -> None:
    data = data_of("binary")
    size = binned_bytes(data.X)

    def binned(limit: int, *asked: tuple[int, str | None]) -> int:
        shared, before = bins(limit), counted.times
        for split, key in asked:
            shared.fit(made(library, "binary"), data.X, data.y, split, key)
        return counted.times - before

    assert binned(2 * size, (0, "a"), (1, "a"), (0, "a"), (1, "a")) == 2
    assert binned(2 * size, (0, "a"), (0, "b"), (0, "a"), (0, "b")) == 2
    assert binned(2 * size, (0, "a"), (0, "b"), (0, "a"), (0, "c"), (0, "a"), (0, "b")) == 4, "the least recently used went"
    assert binned(size - 1, (0, "a"), (0, "a")) == 2
    assert binned(2 * size, (0, None), (0, None)) == 2


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_seconds_of_binning_are_told_apart(library: str) -> None:
    data, shared = data_of("binary"), bins()
    first, second = (shared.fit(made(library, "binary"), data.X, data.y, 0, "key") for _ in range(2))
    assert first.spent_s == pytest.approx(first.seconds + first.binning_s)
    assert second.binning_s == first.binning_s > 0
    assert second.spent_s == second.seconds


@pytest.mark.parametrize("changed", [{"_HOOK": "elsewhere"}, {"_KNOWN": frozenset({"data", "label"})}], ids=str)
@pytest.mark.parametrize(("library", "module"), [("xgboost", xgboost_bins), ("lightgbm", lightgbm_bins)])
def test_a_release_that_makes_its_matrix_otherwise_fits_as_ever(
    library: str, module: Any, changed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By another name, or of something more, which may be part of the matrix: nothing is handed over then."""
    for name, value in changed.items():
        monkeypatch.setattr(module, name, value)
    data, shared = data_of("binary"), bins()
    for depth in (3, 2):
        one, alone = (made(library, "binary", max_depth=depth) for _ in range(2))
        assert shared.fit(one, data.X, data.y, 0, "key").binning_s == 0.0
        assert_equal(outputs(one, data.X_new), outputs(alone.fit(data.X, data.y), data.X_new), library)


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_a_fit_that_fails_on_anothers_matrix_is_made_alone(library: str) -> None:
    data, cache = data_of("binary"), Cache()
    shared = Bins(SystemClock(), cache)
    shared.fit(made(library, "binary"), data.X, data.y, 0, "key")
    kept = cache.get(("bins", 0, "key"))
    cache.keep(("bins", 0, "key"), replace(kept, matrix="no matrix"), 1)
    one, alone = (made(library, "binary", max_depth=2) for _ in range(2))
    assert shared.fit(one, data.X, data.y, 0, "key").binning_s == 0.0
    assert_equal(outputs(one, data.X_new), outputs(alone.fit(data.X, data.y), data.X_new), library)


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_a_fit_that_fails_by_itself_leaves_nothing_behind(library: str) -> None:
    data, cache = data_of("binary"), Cache()
    before = lightgbm.sklearn.Dataset
    one = made(library, "binary", monotone_constraints=(1,) * 99)
    with pytest.raises((xgboost.core.XGBoostError, lightgbm.basic.LightGBMError)):
        Bins(SystemClock(), cache).fit(one, data.X, data.y, 0, "key")
    assert cache.get(("bins", 0, "key")) is None
    assert "_create_dmatrix" not in vars(one)
    assert lightgbm.sklearn.Dataset is before


def test_the_registry_finds_each_class_by_itself() -> None:
    for path in (path for path, rules in ruled_classes().items() if rules.bins):
        module, _, name = path.rpartition(".")
        assert rules_of(getattr(import_module(module), name)()).bins is not None

    class Mine(XGBClassifier):
        pass

    assert rules_of(Mine()).bins is None
