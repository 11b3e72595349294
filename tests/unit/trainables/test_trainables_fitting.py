"""Estimators: seeds, threads, and that no trial leaves anything behind for the next."""

from __future__ import annotations

import logging
import math
import warnings
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler, TargetEncoder
from sklearn.tree import DecisionTreeClassifier
from trainables_builders import RememberingRun, evaluate, problems_of, spec_of, trial_of
from xgboost import XGBClassifier

from hpsearch.core.clock import ManualClock
from hpsearch.trainables import build, prepare
from hpsearch.trainables.estimators import configure, make_base
from hpsearch.trainables.folds import Folds
from hpsearch.trainables.sources.bundled import read
from hpsearch.trainables.table import Split, Table

IRIS = """
trial: {estimator: %s}
data: {sklearn: iris}
evaluate: {cv: {folds: 3}, metrics: [%s]}
metric: {name: %s, mode: max}
space: {%s}
"""


def iris(estimator: str, space: str, metrics: str = "accuracy") -> str:
    return IRIS % (estimator, metrics, metrics.split(",")[0], space)


def write(folder: Path, body: str) -> Path:
    """A module `mine` with a classifier `Mine` whose fit is `body`."""
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    (folder / "mine.py").write_text(
        "import numpy as np\n"
        "from sklearn.base import BaseEstimator, ClassifierMixin\n"
        "class Mine(ClassifierMixin, BaseEstimator):\n"
        "    def __init__(self, a=1): self.a = a\n"
        f"    def fit(self, X, y):\n{lines}\n        self.classes_ = np.unique(y)\n        return self\n"
        "    def predict(self, X): return np.full(len(X), self.a)\n"
        "def broken(estimator, X, y): raise KeyError('no such thing')\n"
        "def nan(estimator, X, y): return float('nan') if len(X) == 50 and y[0] == 0 else 0.5\n"
        "def text(estimator, X, y): return 'good'\n"
        "def sure(estimator, X, y): return estimator.a\n"
    )
    return folder


class TestConfigure:
    def test_a_seed_reaches_every_unset_random_state_and_no_other(self) -> None:
        base = Pipeline([("bag", BaggingClassifier(DecisionTreeClassifier())), ("clf", RandomForestClassifier(random_state=3))])
        settings = configure(base, {}, seed=11, cpus=1).get_params()
        assert settings["bag__random_state"] == settings["bag__estimator__random_state"] == 11
        assert settings["clf__random_state"] == 3

    def test_a_seed_given_by_the_spec_stays(self) -> None:
        assert configure(RandomForestClassifier(), {"random_state": 5}, 11, 1).random_state == 5
        assert configure(RandomForestClassifier(), {"random_state": None}, 11, 1).random_state is None, "null is an answer too"
        boosted = configure(XGBClassifier(), {"seed": 5}, 11, 1)
        assert (boosted.get_params()["seed"], boosted.random_state) == (5, None)

    def test_a_seed_that_scikit_learn_is_about_to_drop_is_given_while_it_draws(self) -> None:
        """Unset, TargetEncoder cuts its folds anew in each fit: neither a trial nor what it shares would be the same again."""
        cells, y = np.arange(60).reshape(-1, 1) % 7, np.arange(60) % 3 // 2
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            one, same, other = (configure(TargetEncoder(), {}, seed, 1).fit_transform(cells, y) for seed in (11, 11, 12))
        assert one.tolist() == same.tolist() != other.tolist()
        folds = StratifiedKFold(5, shuffle=True, random_state=11)
        assert one.tolist() == TargetEncoder(cv=folds).fit_transform(cells, y).tolist()
        with pytest.warns(FutureWarning, match="TargetEncoder"):  # and no error: without shuffling it takes no seed
            configure(TargetEncoder(), {"shuffle": False}, 11, 1).fit_transform(cells, y)

    def test_threads_for_those_who_would_take_all(self) -> None:
        assert configure(XGBClassifier(), {}, 0, cpus=2.5).n_jobs == 2
        assert configure(XGBClassifier(), {}, 0, cpus=0.25).n_jobs == 1
        assert configure(XGBClassifier(), {"n_jobs": 4}, 0, cpus=1).n_jobs == 4
        assert configure(XGBClassifier(), {"nthread": 4}, 0, cpus=1).get_params()["n_jobs"] is None

    def test_scikit_learn_is_not_made_to_warn(self) -> None:
        """Setting LogisticRegression's n_jobs, to whatever, warns in every fit."""
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            configured = configure(LogisticRegression(), {}, 0, cpus=2)
            configured.fit([[0.0], [1.0]], [0, 1])
        assert configured.n_jobs is None

    def test_lists_are_tuples_and_nothing_is_shared(self) -> None:
        weights = {"0": 1, "1": 2}
        configured = configure(XGBClassifier(), {"quantile_alpha": [0.1, 0.2], "monotone_constraints": weights}, 0, 1)
        assert configured.get_params()["quantile_alpha"] == (0.1, 0.2)
        assert configured.monotone_constraints == weights
        assert configured.monotone_constraints is not weights

    def test_the_base_stays_as_it_is(self) -> None:
        base = Pipeline([("scale", StandardScaler()), ("clf", RandomForestClassifier())])
        configure(base, {"clf__max_depth": 3}, 1, 1)
        assert base.get_params()["clf__max_depth"] is None
        assert base.get_params()["clf__random_state"] is None


class TestScores:
    def test_seconds_are_the_clock_s_and_only_where_asked(self, tmp_path: Path) -> None:
        class Ticking(ManualClock):
            def monotonic(self) -> float:
                self.advance(1.0)
                return super().monotonic()

        prepared = prepare(spec_of(iris("sklearn.naive_bayes.GaussianNB", "", "accuracy, fit_s, score_s, seconds"), tmp_path))
        result = build(prepared.program, prepared.table, clock=Ticking()).evaluate(trial_of(prepared, {}), RememberingRun())
        assert (result.metrics["fit_s"], result.metrics["score_s"], result.metrics["seconds"]) == (1.0, 1.0, 2.0)
        assert [(split.fit_s, split.score_s, split.n_train, split.n_test) for split in result.splits] == [(1.0, 1.0, 100, 50)] * 3
        plain = evaluate(iris("sklearn.naive_bayes.GaussianNB", ""), tmp_path, {})
        assert list(plain.metrics) == ["accuracy"] == list(plain.splits[0].scores)

    def test_a_scorer_of_one_s_own(self, tmp_path: Path) -> None:
        text = iris("mine.Mine", "a: [1, 2]", "accuracy, 'mine:sure'")
        assert evaluate(text, write(tmp_path, "pass"), {"a": 2}).metrics["mine:sure"] == 2.0

    def test_nan_of_one_fold_is_nan_of_the_trial_and_the_rest_is_kept(self, tmp_path: Path) -> None:
        text = iris("mine.Mine", "a: [1, 2]", "accuracy, 'mine:nan'")
        result = evaluate(text, write(tmp_path, "pass"), {"a": 2})
        assert math.isnan(result.metrics["mine:nan"])
        assert result.metrics["accuracy"] == pytest.approx(1 / 3)

    def test_a_scorer_that_raises_raises(self, tmp_path: Path) -> None:
        with pytest.raises(KeyError, match="no such thing"):
            evaluate(iris("mine.Mine", "a: [1, 2]", "accuracy, 'mine:broken'"), write(tmp_path, "pass"), {"a": 1})

    def test_a_scorer_that_gives_no_number(self, tmp_path: Path) -> None:
        with pytest.raises(Exception, match=r"a scorer gave mine:text = 'good' \(str\): a metric is a number"):
            evaluate(iris("mine.Mine", "a: [1, 2]", "accuracy, 'mine:text'"), write(tmp_path, "pass"), {"a": 1})

    def test_a_fit_that_raises_raises(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="bad luck with 2"):
            evaluate(iris("mine.Mine", "a: [1, 2]"), write(tmp_path, "raise ValueError(f'bad luck with {self.a}')"), {"a": 2})

    def test_more_cpus_are_threads_of_joblib(self, tmp_path: Path) -> None:
        body = "import joblib\nself.a = joblib.effective_n_jobs(None)"
        text = iris("mine.Mine", "", "accuracy, 'mine:sure'")
        folder = write(tmp_path, body)
        assert evaluate(text, folder, {}).metrics["mine:sure"] == 1.0
        assert evaluate(text + "resources: {cpu: 2}\n", folder, {}).metrics["mine:sure"] == 2.0
        assert joblib.effective_n_jobs(None) == 1


class InPlace(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Shifts its input where it stands, as careless third-party code does."""

    def fit(self, X: Any, y: Any) -> InPlace:
        X += 1
        self.classes_ = np.unique(y)
        self.mean_ = X.mean()
        return self

    def predict(self, X: Any) -> Any:
        return np.where(X.mean(axis=1) > self.mean_ - 1, 2, 0)


class TestSharing:
    def test_an_estimator_that_works_in_place_gets_its_own_arrays(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        """Its scores are those of a lone evaluation, for it and for whoever comes after."""
        prepared = prepare(spec_of(iris(f"{__name__}.InPlace", ""), tmp_path))
        objective = build(prepared.program, prepared.table)
        trial = trial_of(prepared, {})
        with caplog.at_level(logging.WARNING):
            results = [objective.evaluate(trial, RememberingRun()) for _ in range(2)]
        assert prepared.table is not None
        splitter = StratifiedKFold(3, shuffle=True, random_state=0)
        alone = cross_val_score(InPlace(), prepared.table.X.copy(), prepared.table.y, cv=splitter)
        for result in results:
            assert [split.scores["accuracy"] for split in result.splits] == alone.tolist()
        assert [record.message for record in caplog.records] == [
            "InPlace fails on read-only arrays; its folds are copied for each fit"
        ]

    def test_a_scaler_in_place_leaves_the_kept_folds_alone(self, tmp_path: Path) -> None:
        text = """
trial: {pipeline: {scale: sklearn.preprocessing.StandardScaler, clf: sklearn.neighbors.KNeighborsClassifier}}
data: {sklearn: wine}
evaluate: {cv: {folds: 3}}
metric: {name: accuracy, mode: max}
space: {scale__copy: [false, true]}
"""
        prepared = prepare(spec_of(text, tmp_path))
        objective = build(prepared.program, prepared.table)
        in_place, copying = trial_of(prepared, {"scale__copy": False}), trial_of(prepared, {"scale__copy": True})
        first = objective.evaluate(copying, RememberingRun())
        objective.evaluate(in_place, RememberingRun())
        again = objective.evaluate(copying, RememberingRun())
        assert [split.scores for split in first.splits] == [split.scores for split in again.splits]

    def test_folds_are_kept_while_they_fit_and_cut_anew_beyond(self, tmp_path: Path) -> None:
        from hpsearch.spec.model import DataSpec

        raw = read(DataSpec("sklearn", "iris"), tmp_path)
        splits = (Split(0, 0, np.arange(100), np.arange(100, 150)),)
        table = Table(raw.X, raw.target, (0, 1, 2), raw.feature_names, "iris", "", splits)
        kept, cut = Folds(table), Folds(table, cache_bytes=10)
        estimator = DecisionTreeClassifier()
        assert kept.fold(0, estimator) is kept.fold(0, estimator)
        assert not kept.fold(0, estimator).X_train.flags.writeable
        assert cut.fold(0, estimator) is not cut.fold(0, estimator)
        assert kept.fold(0, estimator, writable=True).X_train.flags.writeable

    def test_a_precomputed_kernel_is_cut_on_both_axes(self, tmp_path: Path) -> None:
        (tmp_path / "gram.py").write_text(
            "from sklearn.datasets import load_iris\ndef load():\n    X, y = load_iris(return_X_y=True)\n    return X @ X.T, y\n"
        )
        text = """
trial: {estimator: sklearn.svm.SVC, fixed: {kernel: precomputed}}
data: {function: "gram:load"}
evaluate: {cv: {folds: 3}}
metric: {name: accuracy, mode: max}
space: {C: [1.0, 10.0]}
"""
        linear = iris("sklearn.svm.SVC", "C: [1.0, 10.0], kernel: linear")
        ours = evaluate(text, tmp_path, {"C": 1.0}).metrics["accuracy"]
        assert ours == pytest.approx(evaluate(linear, tmp_path, {"C": 1.0, "kernel": "linear"}).metrics["accuracy"], abs=0.02)

    def test_without_a_target(self, tmp_path: Path) -> None:
        """A clusterer is fitted and scored on X alone."""
        (tmp_path / "points.py").write_text(
            "import numpy as np\ndef load(): return np.arange(40.0).reshape(20, 2)\n"
            "def inertia(estimator, X, y=None): return -estimator.score(X)\n"
        )
        text = """
trial: {estimator: sklearn.cluster.KMeans, fixed: {n_init: 1}}
data: {function: "points:load"}
evaluate: {cv: {folds: 2}, metrics: ["points:inertia"]}
metric: {name: "points:inertia", mode: max}
space: {n_clusters: [2, 3]}
"""
        assert evaluate(text, tmp_path, {"n_clusters": 2}).metrics["points:inertia"] > 0


class TestColumns:
    WINE = """
trial:
  pipeline:
    prep: {columns: {%s}, remainder: passthrough}
    clf: sklearn.neighbors.KNeighborsClassifier
data: {sklearn: wine}
evaluate: {cv: {folds: 3}}
metric: {name: accuracy, mode: max}
space: {clf__n_neighbors: [3, 5]}
"""

    @pytest.mark.parametrize(
        ("columns", "expected"),
        [
            ("numeric: sklearn.preprocessing.StandardScaler", list(range(13))),
            ("proline: sklearn.preprocessing.StandardScaler", [12]),
            ("some: {select: [proline, alcohol], transform: sklearn.preprocessing.StandardScaler}", [12, 0]),
        ],
    )
    def test_of_arrays_by_number(self, tmp_path: Path, columns: str, expected: list[int]) -> None:
        """scikit-learn takes names for frames alone; a bundled set is an array with names that we know."""
        prepared = prepare(spec_of(self.WINE % columns, tmp_path))
        assert prepared.table is not None
        base = make_base(prepared.program.trial, prepared.program.first, prepared.table)
        assert [list(chosen) for _, _, chosen in base.steps[0][1].transformers] == [expected]
        result = build(prepared.program, prepared.table).evaluate(trial_of(prepared, {"clf__n_neighbors": 3}), RememberingRun())
        assert result.metrics["accuracy"] > 0.6

    def test_after_another_step_they_are_found_in_the_fit(self, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_text("a,b,y\n" + "1,u,n\n2,v,p\n" * 8)
        text = """
trial:
  pipeline:
    first: passthrough
    prep: {columns: {numeric: sklearn.preprocessing.StandardScaler, categorical: sklearn.preprocessing.OneHotEncoder}}
    clf: sklearn.svm.SVC
data: {csv: t.csv, target: y}
evaluate: {cv: {folds: 2}}
metric: {name: accuracy, mode: max}
space: {clf__C: [1.0, 2.0]}
"""
        assert evaluate(text, tmp_path, {"clf__C": 1.0}).metrics["accuracy"] == 1.0


def test_a_parameter_that_is_inactive_is_left_at_the_class_default(tmp_path: Path) -> None:
    """Whatever a trial before it, or the making of the estimator, gave the parameter."""
    spec = spec_of(iris("sklearn.svm.SVC", "kernel: {choice: {poly: {degree: [9, 1]}, rbf: {}}}, C: [1]"), tmp_path)
    prepared = prepare(spec)
    objective = build(prepared.program, prepared.table)
    base = make_base(spec.trial, prepared.program.first, prepared.table)
    for index in range(spec.space.grid_size()):
        params = spec.space.grid_at(index)
        objective.evaluate(trial_of(prepared, params), RememberingRun())
        assert configure(base, params, 0, 1).degree == params.get("degree", 3)


def test_an_argument_that_a_class_requires_must_be_there_in_every_configuration(tmp_path: Path) -> None:
    (tmp_path / "must.py").write_text(
        "from sklearn.svm import SVC\n"
        "class Must(SVC):\n"
        "    def __init__(self, depth, kernel='rbf', C=1):\n"
        "        super().__init__(kernel=kernel, C=C)\n"
        "        self.depth = depth\n"
    )
    sometimes = iris("must.Must", "kernel: {choice: {poly: {depth: [1, 2]}, rbf: {}}}")
    assert problems_of(sometimes, tmp_path) == [
        "trial.estimator = must.Must: cannot be made without depth; set it in trial.fixed or space"
    ]
    always = iris("must.Must", "kernel: {choice: {poly: {depth: [1, 2]}, rbf: {depth: [3]}}}")
    assert not problems_of(always, tmp_path)
