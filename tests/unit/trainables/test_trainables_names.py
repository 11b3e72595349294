"""Names of boosting libraries, which ignore in silence what they do not know, and two names of one parameter."""

from __future__ import annotations

from pathlib import Path

import pytest
from trainables_builders import problems_of

from hpsearch.trainables.lightgbm_names import bundled_names, lightgbm_names, loses_in_lightgbm

CLASS = "lightgbm.LGBMClassifier"


def classifier(*, space: str, fixed: str = "", trial: str = f"estimator: {CLASS}") -> str:
    return f"""
trial: {{{trial}, fixed: {{{fixed}}}}}
data: {{sklearn: iris}}
metric: {{name: accuracy, mode: max}}
space: {{{space}}}
"""


@pytest.fixture(autouse=True)
def _library() -> None:
    pytest.importorskip("lightgbm", reason="its names are checked where it is installed: pip install hpsearch[lightgbm]")


@pytest.mark.parametrize(
    ("fixed", "space", "said"),
    [
        ("", "num_leafs: [7, 15]", "space.num_leafs: LGBMClassifier takes no such parameter; did you mean num_leaves?"),
        ("min_dat: 3", "num_leaves: [7, 15]",
         "trial.fixed.min_dat: LGBMClassifier takes no such parameter; did you mean min_data?"),
        ("bagging_fraction: 0.5", "subsample: [0.5, 0.7]",
         "trial.fixed.bagging_fraction: is the same parameter as subsample, which is given too; keep one"),
        ("lambda_l1: 0.5", "lambda_l2: [0.5, 0.7], lambda: [1.0, 2.0]",
         "space.lambda: is the same parameter as lambda_l2, which is given too; keep one"),
        ("", "eta: [0.1, 0.2]", "space.eta: LGBMClassifier ignores it beside its own learning_rate; write learning_rate"),
        ("l1_regularization: 1.0", "num_leaves: [7, 15]",
         "trial.fixed.l1_regularization: LGBMClassifier ignores it beside its own reg_alpha; write reg_alpha"),
        ("max_leaves: 31", "num_leaves: [7, 15]",
         "trial.fixed.max_leaves: is the same parameter as num_leaves, which is given too; keep one"),
        ("", "early_stopping_rounds: [5, 10]",
         "space.early_stopping_rounds: is not supported yet: it needs rows held back from each fit; leave it out"),
    ],
)  # fmt: skip
def test_what_lightgbm_would_not_heed(tmp_path: Path, fixed: str, space: str, said: str) -> None:
    assert problems_of(classifier(fixed=fixed, space=space), tmp_path) == [said]


def test_lightgbm_s_own_names_are_taken(tmp_path: Path) -> None:
    space = (
        "num_iterations: [5, 9], min_data_in_leaf: [3, 5], lambda_l1: [0.0, 1.0], path_smooth: [0.0, 1.0], is_unbalance: [true]"
    )
    assert problems_of(classifier(fixed="verbose: -1, num_threads: 1, bagging_freq: 1", space=space), tmp_path) == []


def test_in_a_pipeline_with_its_prefix(tmp_path: Path) -> None:
    steps = f"pipeline: {{scale: sklearn.preprocessing.StandardScaler, clf: {CLASS}}}"
    text = classifier(space="clf__eta: [0.1, 0.2], clf__num_leafs: [3, 4]", trial=steps)
    assert problems_of(text, tmp_path) == [
        "space.clf__eta: LGBMClassifier ignores it beside its own learning_rate; write learning_rate",
        "space.clf__num_leafs: LGBMClassifier takes no such parameter; did you mean num_leaves?",
    ]


def test_the_names_are_the_library_s_own() -> None:
    """What is bundled stands in where LightGBM no longer says them; it must not be far behind."""
    told, bundled = ({name for group in names for name in group} for names in (lightgbm_names(), bundled_names()))
    assert len(told ^ bundled) < 20
    assert {"num_leaves", "eta", "lambda_l1", "min_child_samples", "path_smooth"} <= told & bundled


def test_the_bundled_names_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("lightgbm.basic._ConfigAliases")
    assert lightgbm_names() == bundled_names()


@pytest.mark.parametrize(
    ("own", "name", "value"),
    [("learning_rate", "eta", 0.5), ("min_child_samples", "min_data", 60), ("min_child_samples", "min_data_per_leaf", 60),
     ("reg_alpha", "lambda_l1", 9.0), ("reg_alpha", "l1_regularization", 9.0), ("n_estimators", "nrounds", 7)],
)  # fmt: skip
def test_which_name_wins_is_what_lightgbm_does(own: str, name: str, value: float) -> None:
    import numpy as np
    from lightgbm import LGBMClassifier

    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4))
    y = (X[:, 0] + X[:, 1] ** 2 > 0.5).astype(int)
    main = next(group[0] for group in lightgbm_names() if name in group)

    def scores(**params: object) -> list[float]:
        fitted = LGBMClassifier(verbose=-1, n_jobs=1).set_params(**params).fit(X, y)
        return [float(p) for p in fitted.predict_proba(X)[:, 1]]

    heeded = scores(**{name: value}) != scores()
    assert heeded == (not loses_in_lightgbm(name, own, main))
