"""Studies of pipelines whose first steps are shared: numbers, texts, tables and frames, and steps of one's own."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from trainables_builders import RememberingRun, spec_of, trial_of

from hpsearch.core.trial import Evaluation
from hpsearch.search import make_searcher
from hpsearch.trainables import Prepared, build

NUMBERS = """
data: {sklearn: breast_cancer}
evaluate: {cv: {folds: 3}, metrics: [accuracy, roc_auc]}
metric: {name: accuracy, mode: max}
repeat: {seeds: [0, 1]}
"""
TABLE = """
data: {csv: table.csv, target: kept, dtypes: {place: category}}
evaluate: {cv: {folds: 3}, metrics: [accuracy, roc_auc]}
metric: {name: roc_auc, mode: max}
"""
TEXT = """
data: {csv: words.csv, target: kept, text: words}
evaluate: {holdout: {fraction: 0.3, repeats: 2}, metrics: [accuracy, f1_macro]}
metric: {name: accuracy, mode: max}
"""
TREE = "clf: sklearn.tree.DecisionTreeClassifier"
DEPTHS = "clf__max_depth: [2, 4], clf__splitter: [best, random]"
STUDIES = {
    "a forest selects": (NUMBERS, f"""
        trial:
          pipeline: {{scale: sklearn.preprocessing.StandardScaler, select: own_steps.ForestSelects, {TREE}}}
        space: {{select__keep: [2, 5], {DEPTHS}}}"""),
    "sampled bins": (NUMBERS, f"""
        trial:
          pipeline: {{bins: sklearn.preprocessing.KBinsDiscretizer, {TREE}}}
          fixed: {{bins__subsample: 200, bins__quantile_method: averaged_inverted_cdf}}
        space: {{bins__n_bins: [5, 20], bins__encode: [ordinal, onehot], {DEPTHS}}}"""),
    "sampled kernels": (NUMBERS, """
        trial:
          pipeline: {scale: sklearn.preprocessing.StandardScaler, map: sklearn.kernel_approximation.Nystroem,
                     clf: sklearn.linear_model.LogisticRegression}
          fixed: {map__n_components: 40}
        space: {map__gamma: [0.01, 0.1], clf__C: [0.1, 1.0, 10.0]}"""),
    "randomised components": (NUMBERS, """
        trial:
          pipeline: {scale: sklearn.preprocessing.RobustScaler, pca: sklearn.decomposition.PCA, clf: sklearn.svm.SVC}
          fixed: {pca__svd_solver: randomized}
        space: {pca__n_components: [2, 4, 8], clf__C: [0.1, 1.0, 10.0]}"""),
    "left out": (NUMBERS, f"""
        trial: {{pipeline: {{scale: , pca: sklearn.decomposition.PCA, {TREE}}}}}
        space:
          scale: [passthrough, sklearn.preprocessing.StandardScaler, sklearn.preprocessing.MinMaxScaler]
          pca__n_components: [3, 5]
          clf__max_depth: [2, 4]"""),
    "documents": (TEXT, """
        trial:
          pipeline: {words: sklearn.feature_extraction.text.TfidfVectorizer, pick: sklearn.feature_selection.SelectKBest,
                     clf: sklearn.linear_model.SGDClassifier}
          fixed: {pick__k: 20}
        space: {words__ngram_range: [[1, 1], [1, 2]], words__min_df: [1, 2], clf__alpha: [0.0001, 0.001, 0.01]}"""),
    "columns": (TABLE, """
        trial:
          pipeline:
            prep:
              columns:
                numeric: [sklearn.impute.SimpleImputer, sklearn.preprocessing.QuantileTransformer]
                categorical: sklearn.preprocessing.OneHotEncoder
            clf: sklearn.ensemble.RandomForestClassifier
          fixed: {prep__categorical__handle_unknown: ignore, prep__numeric__quantiletransformer__n_quantiles: 20,
                  prep__numeric__quantiletransformer__subsample: 50, prep__numeric__memory: CACHE, clf__n_estimators: 5}
        space: {prep__numeric__simpleimputer__strategy: [mean, median], clf__max_depth: [2, 4], clf__max_features: [0.5, 1]}"""),
    "targets in codes": (TABLE, f"""
        trial:
          pipeline:
            prep: {{columns: {{numeric: sklearn.impute.SimpleImputer, categorical: sklearn.preprocessing.TargetEncoder}}}}
            {TREE}
          fixed: {{prep__categorical__cv: 3}}
        space: {{prep__categorical__smooth: [auto, 5.0], {DEPTHS}}}"""),
    "frames through": (TABLE, """
        trial:
          pipeline: {own: own_steps.Ratio, clf: sklearn.ensemble.HistGradientBoostingClassifier}
          fixed: {clf__categorical_features: from_dtype, clf__max_iter: 5}
        space: {own__power: [1, 2], clf__max_features: [0.5, 1.0], clf__learning_rate: [0.1, 0.5]}"""),
}  # fmt: skip
OWN = """
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import SelectFromModel


class Ratio(TransformerMixin, BaseEstimator):
    def __init__(self, power=1):
        self.power = power

    def fit(self, X, y=None):
        self.mean_ = X["size"].mean() ** self.power
        return self

    def transform(self, X):
        X["ratio"] = X["size"] / self.mean_  # in place: whose frame it is
        return X


class ForestSelects(TransformerMixin, BaseEstimator):
    def __init__(self, keep=5, random_state=None):
        self.keep, self.random_state = keep, random_state

    def fit(self, X, y):
        forest = RandomForestClassifier(5, random_state=self.random_state)
        self.picked_ = SelectFromModel(forest, threshold=-np.inf, max_features=self.keep).fit(X, y)
        return self

    def transform(self, X):
        return self.picked_.transform(X)


class Shaking(TransformerMixin, BaseEstimator):
    def __init__(self, random_state=None, far=1.0):
        self.random_state, self.far = random_state, far

    def fit(self, X, y=None):
        self.rng_ = np.random.default_rng(self.random_state)
        return self

    def transform(self, X):
        return X + self.far * self.rng_.normal(size=X.shape) * X.std(axis=0)


class Reusing(TransformerMixin, BaseEstimator):
    def __init__(self, factor=1.0):
        self.factor = factor

    def fit(self, X, y=None):
        self.rows_ = np.empty((len(X), X.shape[1]))
        return self

    def transform(self, X):
        if len(X) <= len(self.rows_):
            self.rows_[: len(X)] = X * self.factor
            return self.rows_ if len(X) == len(self.rows_) else self.rows_[: len(X)]
        return X * self.factor
"""


def written(folder: Path) -> None:
    rng = np.random.default_rng(3)
    size, age, place = rng.gamma(2.0, 3.0, 240), rng.normal(40, 9, 240), rng.choice(["north", "south", "west"], 240)
    kept = np.where(size + (place == "west") * 3 + rng.normal(0, 2, 240) > 6, "yes", "no")
    frame = pd.DataFrame({"size": size, "age": age, "place": place, "kept": kept})
    for column in ("size", "age", "place"):
        frame.loc[rng.random(240) < 0.1, column] = None
    frame.to_csv(folder / "table.csv", index=False)
    known = np.array([f"{first}{second}" for first in "abcdefgh" for second in "xyz"])
    texts = [" ".join(rng.choice(known[6:] if yes else known[:-6], 9)) for yes in kept == "yes"]
    pd.DataFrame({"words": texts, "kept": kept}).to_csv(folder / "words.csv", index=False)
    (folder / "own_steps.py").write_text(OWN)


def evaluated(prepared: Prepared, text: str, folder: Path, *, together: bool) -> Mapping[str, Evaluation]:
    spec = spec_of(text, folder)
    objective = build(prepared.program, prepared.table)
    configurations = make_searcher(prepared.program.sharing.ordered(spec.space), spec.search).ask(1000)
    trials = [trial_of(prepared, params, seed) for params in configurations for seed in spec.repeat.seeds]
    if together:
        objective.expect(trials)
    return {trial.key: objective.evaluate(trial, RememberingRun(folder)) for trial in trials}


def text_of(name: str, folder: Path) -> str:
    """The study's spec, with what it reads written into `folder`."""
    written(folder)
    return "".join(map(textwrap.dedent, STUDIES[name])).replace("CACHE", str(folder / "cache"))


def assert_alike(shared: Mapping[str, Evaluation], alone: Mapping[str, Evaluation]) -> None:
    assert shared.keys() == alone.keys()
    for key, evaluation in alone.items():
        assert [split.scores for split in shared[key].splits] == [split.scores for split in evaluation.splits]
        assert shared[key].metrics == evaluation.metrics
