"""Missing values, text and sparse matrices that a step does not take are said before any trial; a good spec is never refused."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from trainables_builders import evaluate, problems_of

FOREST = "sklearn.ensemble.RandomForestClassifier"
ONE_HOT = "sklearn.preprocessing.OneHotEncoder"
TAKES_NO_SPARSE = (
    "trial.pipeline.model: {kind} takes no sparse matrix, and the one-hot columns before it make one;"
    " set prep__categorical__sparse_output: false in trial.fixed"
)
NO_MISSING_IN_SPARSE = (
    "trial.pipeline.model: {kind} takes missing values, but not in the sparse matrix that the one-hot columns before it make,"
    " and t.csv has some in pay; set prep__categorical__sparse_output: false in trial.fixed, or put a"
    " sklearn.impute.SimpleImputer before it"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """t.csv: a number with missing values, another without, a town of 20 (so that one-hot columns are sparse), a plan of 2."""
    rows = 400
    frame = pd.DataFrame(
        {
            "pay": np.where(np.arange(rows) % 9 == 0, np.nan, np.arange(rows) * 1.5),
            "age": np.arange(rows) % 7,
            "town": [f"town {row % 20}" for row in range(rows)],
            "plan": [f"plan {row % 2}" for row in range(rows)],
            "churn": np.where(np.arange(rows) * 7 % 11 > 5, "yes", "no"),
        }
    )
    frame.to_csv(tmp_path / "t.csv", index=False)
    return tmp_path


def spec(
    model: str = FOREST,
    *,
    numeric: str = "passthrough",
    categorical: str = ONE_HOT,
    fixed: str = "",
    space: str = "",
    drop: str = "",
    remainder: str = "",
) -> str:
    """A pipeline of columns and a model on t.csv."""
    groups = ", ".join(f"{name}: {path}" for name, path in (("numeric", numeric), ("categorical", categorical)) if path)
    return f"""
trial:
  pipeline:
    prep: {{columns: {{{groups}}}{f", remainder: {remainder}" if remainder else ""}}}
    model: {model}
  fixed: {{prep__categorical__handle_unknown: ignore{"".join(f", {item}" for item in fixed.split(";") if item)}}}
data: {{csv: t.csv, target: churn, drop: [{drop}]}}
evaluate: {{cv: {{folds: 4}}}}
metric: {{name: accuracy, mode: max}}
space: {{{space}}}
"""


def scores(text: str, folder: Path) -> bool:
    """Whether a trial of it succeeds, whatever the checks say."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return "accuracy" in evaluate(text, folder, {}).metrics


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (FOREST, NO_MISSING_IN_SPARSE),
        ("sklearn.ensemble.ExtraTreesClassifier", NO_MISSING_IN_SPARSE),
        ("sklearn.tree.DecisionTreeClassifier", NO_MISSING_IN_SPARSE),
        ("sklearn.ensemble.BaggingClassifier", NO_MISSING_IN_SPARSE),
        ("sklearn.ensemble.HistGradientBoostingClassifier", TAKES_NO_SPARSE),
    ],
)
def test_a_sparse_matrix_that_the_model_cannot_take(folder: Path, model: str, said: str) -> None:
    """Else every trial fails: the forest takes missing values, and a one-hot encoder takes that from it."""
    assert problems_of(spec(model), folder) == [said.format(kind=model.rpartition(".")[2])]


@pytest.mark.parametrize(
    "text",
    [
        spec(fixed="prep__categorical__sparse_output: false"),
        spec(fixed="prep__sparse_threshold: 0"),
        spec(numeric="sklearn.impute.SimpleImputer"),
        spec(categorical="sklearn.preprocessing.OrdinalEncoder", fixed="prep__categorical__handle_unknown: error"),
        spec(drop="town"),  # few enough one-hot columns for the table to stay dense
        spec(drop="pay"),
        spec("sklearn.ensemble.HistGradientBoostingClassifier", fixed="prep__categorical__sparse_output: false"),
        spec("sklearn.ensemble.HistGradientBoostingClassifier", drop="town"),
        spec("sklearn.dummy.DummyClassifier"),
        spec("xgboost.XGBClassifier", fixed="model__n_estimators: 3"),
        spec(
            "sklearn.neighbors.KNeighborsClassifier",
            fixed="model__metric: nan_euclidean;prep__categorical__sparse_output: false",
        ),
    ],
)
def test_what_works_is_not_refused(folder: Path, text: str) -> None:
    """Each of these scores: a check that refuses one costs more than the failure it would find."""
    if "handle_unknown: error" in text:
        text = text.replace("handle_unknown: ignore, prep__categorical__", "")
    assert problems_of(text, folder) == []
    assert scores(text, folder)


@pytest.mark.parametrize(
    "text",
    [
        spec(space="prep__categorical__sparse_output: [true, false]"),
        spec(space="prep__sparse_threshold: [0.0, 0.3]"),
        spec(space="prep__categorical__max_categories: [2, 30]"),
        spec("sklearn.neighbors.KNeighborsClassifier", numeric="passthrough", categorical="drop", fixed="").replace(
            "fixed: {prep__categorical__handle_unknown: ignore}", "fixed: {model__metric: nan_euclidean}"
        ),
    ],
)
def test_what_trials_set_themselves_is_left_to_them(folder: Path, text: str) -> None:
    assert problems_of(text, folder) == []


def test_a_chain_before_the_one_hot_columns_is_followed(folder: Path) -> None:
    text = spec(categorical=f"[sklearn.impute.SimpleImputer, {ONE_HOT}]").replace(
        "prep__categorical__handle_unknown: ignore",
        "prep__categorical__simpleimputer__strategy: most_frequent, prep__categorical__onehotencoder__handle_unknown: ignore",
    )
    assert problems_of(text, folder) == [
        NO_MISSING_IN_SPARSE.format(kind="RandomForestClassifier").replace(
            "prep__categorical__sparse_output", "prep__categorical__onehotencoder__sparse_output"
        )
    ]


def test_columns_that_pass_as_the_remainder_count(folder: Path) -> None:
    text = spec(numeric="", remainder="passthrough")
    assert problems_of(text, folder) == [NO_MISSING_IN_SPARSE.format(kind="RandomForestClassifier")]


def test_a_one_hot_encoder_alone(folder: Path) -> None:
    text = """
trial: {pipeline: {hot: sklearn.preprocessing.OneHotEncoder, model: sklearn.ensemble.HistGradientBoostingClassifier}}
data: {csv: t.csv, target: churn, columns: [town, plan]}
metric: {name: accuracy, mode: max}
space: {}
"""
    assert problems_of(text, folder) == [
        "trial.pipeline.model: HistGradientBoostingClassifier takes no sparse matrix, and the one-hot columns before it make one;"
        " set hot__sparse_output: false in trial.fixed"
    ]


def test_a_transformer_that_looks_at_nothing_takes_everything(folder: Path) -> None:
    text = """
trial: {pipeline: {same: sklearn.preprocessing.FunctionTransformer, model: sklearn.ensemble.HistGradientBoostingClassifier}}
data: {csv: t.csv, target: churn, columns: [pay, age]}
metric: {name: accuracy, mode: max}
space: {}
"""
    assert problems_of(text, folder) == []
    assert scores(text, folder)


@pytest.mark.parametrize(
    ("columns", "fixed", "said"),
    [
        (
            {"pay [EUR]": [1.0, 2.0] * 20, "a<b": [1, 0] * 20},
            "",
            ["XGBClassifier takes no column names with [, ] or <, which t.csv has: a<b, pay [EUR]; rename them, or put the"
             " columns through a pipeline step, which hands on numbers without names"],
        ),
        (
            {"plan": ["a", "b"] * 20},
            "",
            ["plan of t.csv are categories, which XGBClassifier takes only with enable_categorical: true in trial.fixed;"
             " or encode them in a pipeline"],
        ),
        (
            {"ever": [True, None, False, True] * 10, "plan": ["a", "b"] * 20},
            "enable_categorical: true",
            ["ever of t.csv are neither numbers nor categories of text or whole numbers, and XGBClassifier takes no others;"
             " encode them in a pipeline (sklearn.preprocessing.OneHotEncoder), or drop them"],
        ),
        ({"plan": ["a", None] * 20, "is": [True, False] * 20, "50%, é": [1, None] * 20}, "enable_categorical: true", []),
    ],
)  # fmt: skip
def test_columns_that_xgboost_refuses(tmp_path: Path, columns: dict[str, list[object]], fixed: str, said: list[str]) -> None:
    pd.DataFrame({**columns, "y": [0, 1, 1, 0] * 10}).to_csv(tmp_path / "t.csv", index=False)
    text = f"""
trial: {{estimator: xgboost.XGBClassifier, fixed: {{{fixed}}}}}
data: {{csv: t.csv, target: y}}
metric: {{name: accuracy, mode: max}}
space: {{n_estimators: [3]}}
"""
    assert problems_of(text, tmp_path) == [f"trial.estimator: {sentence}" for sentence in said]
    assert said or "accuracy" in evaluate(text, tmp_path, {"n_estimators": 3}).metrics


@pytest.mark.parametrize("fixed", ["", "fixed: {scale__with_mean: false}"])
def test_a_scaler_after_one_hot_columns(folder: Path, fixed: str) -> None:
    """It cannot centre a sparse matrix, and need not where it is told not to."""
    text = f"""
trial:
  pipeline:
    hot: sklearn.preprocessing.OneHotEncoder
    scale: sklearn.preprocessing.StandardScaler
    model: sklearn.linear_model.LogisticRegression
  {fixed}
data: {{csv: t.csv, target: churn, columns: [town, plan]}}
metric: {{name: accuracy, mode: max}}
space: {{}}
"""
    said = "trial.pipeline.scale: StandardScaler takes no sparse matrix, and the one-hot columns before it make one;"
    assert problems_of(text, folder) == ([] if fixed else [f"{said} set hot__sparse_output: false in trial.fixed"])
    assert not fixed or scores(text, folder)
