"""Estimators and steps that the space chooses: what is said of each of them before the start, and where."""

from __future__ import annotations

from pathlib import Path

import pytest
from trainables_builders import iris_choosing, problems_of

from hpsearch.spec import draft_spec
from hpsearch.trainables import further_problems

CHURN = """
data: {csv: churn.csv, target: churn}
evaluate: {cv: {folds: 3}}
metric: {name: accuracy, mode: max}
"""


@pytest.fixture
def churn(tmp_path: Path) -> Path:
    lines = [f"{i % 7},{'' if i % 9 == 0 else i * 1.5},{'abc'[i % 3]},{'yn'[i % 2]}\n" for i in range(30)]
    (tmp_path / "churn.csv").write_text("age,pay,plan,churn\n" + "".join(lines))
    return tmp_path


@pytest.mark.parametrize(
    ("space", "trial", "said"),
    [
        (
            "{estimator: {choice: {sklearn.svm.SVC: {gama: [1, 2], C: [1, -1]}, xgboost.XGBClassifier: {etaa: [0.1]}}}}",
            "{}",
            [
                "space.estimator.choice.sklearn.svm.SVC.gama: SVC takes no such parameter; did you mean gamma?",
                "space.estimator.choice.sklearn.svm.SVC.C = -1: The 'C' parameter of SVC must be a float in the range (0.0, inf]."
                " Got -1 instead.",
                "space.estimator.choice.xgboost.XGBClassifier.etaa: XGBClassifier takes no such parameter; did you mean eta?",
            ],
        ),
        (
            "{estimator: [sklearn.svm.SVC, sklearn.naive_bayes.GaussianNB], C: [1]}",
            "{fixed: {kernel: rbf}}",
            [
                "trial.fixed.kernel: GaussianNB takes no such parameter; write it in the branches of those that do",
                "space.C: GaussianNB takes no such parameter; write it in the branches of those that do",
            ],
        ),
        (
            "{estimator: {choice: {sklearn.svm.SVCC: {}, sklern.x.Y: {C: [1]}, sklearn.svm.SVC: {}}}}",
            "{}",
            [
                "space.estimator.choice.sklearn.svm.SVCC: sklearn.svm has no SVCC; did you mean SVC?",
                "space.estimator.choice.sklern.x.Y: there is no module sklern; did you mean sklearn?",
            ],
        ),
        (
            "{estimator: [sklearn.svm.l1_min_c, sklearn.svm.SVC]}",
            "{}",
            ["space.estimator[0] = sklearn.svm.l1_min_c: a function, not a class; name the estimator's class"],
        ),
        (
            "{estimator: [sklearn.linear_model.Ridge, sklearn.svm.SVC, sklearn.svm.LinearSVC, sklearn.cluster.KMeans]}",
            "{}",
            [
                "space.estimator[0]: Ridge is a regressor, and SVC is a classifier;"
                " a study compares what learns the same from one target",
                "space.estimator[3]: KMeans is neither a classifier nor a regressor, and SVC is a classifier;"
                " a study compares what learns the same from one target",
            ],
        ),
        (
            "{scale: {choice: {sklearn.svm.SVC: {}, passthrough: {x: 1}}}, clf__C: [1], clf: [sklearn.svm.SVC,"
            " sklearn.naive_bayes.GaussianNB]}",
            "{pipeline: {scale: , clf: no.such.Class}}",
            [
                "space.scale.choice.sklearn.svm.SVC: SVC has no transform; only the last step may be without",
                "space.scale.choice.passthrough.x: scale is 'passthrough', which takes no parameters",
                "space.clf__C: GaussianNB takes no such parameter; write it in the branches of those that do",
            ],
        ),
        (
            "{scale: {choice: {passthrough: {}}}, clf: {choice: {sklearn.svm.SVC: {}}}, clf__gama: [1]}",
            "{pipeline: {scale: , clf: }}",
            ["space.clf__gama: SVC takes no such parameter; did you mean gamma?"],
        ),
    ],
)
def test_every_mistake_is_said_at_its_place(tmp_path: Path, space: str, trial: str, said: list[str]) -> None:
    assert problems_of(iris_choosing(space, trial), tmp_path) == said


def test_scorers_are_held_against_each_estimator(tmp_path: Path) -> None:
    others = "sklearn.svm.LinearSVC: {}, sklearn.naive_bayes.GaussianNB: {}"
    space = f"{{estimator: {{choice: {{{others}, sklearn.svm.SVC: {{probability: [%s]}}}}}}}}"
    linear = "evaluate.metrics[1] = neg_log_loss: needs predict_proba, which LinearSVC does not have"
    both = [linear.replace("LinearSVC", "SVC"), linear]
    assert sorted(problems_of(iris_choosing(space % "false", metrics="accuracy, neg_log_loss"), tmp_path)) == sorted(both)
    assert problems_of(iris_choosing(space % "true", metrics="accuracy, neg_log_loss"), tmp_path) == [linear]


def test_data_that_one_of_them_does_not_take(churn: Path) -> None:
    space = "{estimator: [sklearn.svm.SVC, xgboost.XGBClassifier, sklearn.ensemble.HistGradientBoostingClassifier]}"
    assert problems_of(f"{CHURN}space: {space}\n", churn) == [
        "space.estimator[0]: SVC takes no missing values, and churn.csv has some in pay;"
        " put a sklearn.impute.SimpleImputer before it, or drop the columns",
        "space.estimator[1]: plan of churn.csv are categories, which XGBClassifier takes only with"
        " enable_categorical: true in its branch; or encode them in a pipeline",
    ]


def test_data_is_followed_through_each_choice_of_steps(churn: Path) -> None:
    data = CHURN.replace("target: churn}", "target: churn, drop: [plan]}")
    space = "{fill: [sklearn.impute.SimpleImputer, passthrough], clf: [sklearn.svm.SVC, xgboost.XGBClassifier]}"
    text = f"{data}trial: {{pipeline: {{fill: , clf: }}}}\nspace: {space}\n"
    (said,) = problems_of(text, churn)
    assert said.startswith("space.clf[0]: SVC takes no missing values, and churn.csv has some in pay")
    excluded = text + "constraints: [clf != 'sklearn.svm.SVC' or fill != 'passthrough']\n"
    assert problems_of(excluded, churn) == [], "the combination that fails is none of the study's"


def test_mistakes_of_the_spec_and_of_its_estimators_are_said_together(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(
        iris_choosing(
            "{estimator: {choice: {sklearn.svm.SVC: {C: [1, 1]}, sklearn.svm.SVR: {gama: [1]}, sklearn.svm.NuSVC: {nu: [0.1]}}}}"
        )
    )
    draft = draft_spec(tmp_path / "s.yaml")
    assert [problem.path for problem in draft.problems] == ["space.estimator.choice.sklearn.svm.SVC.C[1]"]
    assert sorted(problem.path for problem in further_problems(draft)) == [
        "space.estimator.choice.sklearn.svm.SVR",
        "space.estimator.choice.sklearn.svm.SVR.gama",
    ]


def test_of_a_space_whose_conditions_cannot_be_read_nothing_further_is_said(tmp_path: Path) -> None:
    """Its branches are then nobody's."""
    svc, xgboost = "sklearn.svm.SVC: {C: [1, 2]}", "xgboost.XGBClassifier: {eta: [0.1]}"
    (tmp_path / "s.yaml").write_text(iris_choosing(f"{{estimator: {{choice: {{{svc}, {xgboost}}}}}, eta: 2}}"))
    draft = draft_spec(tmp_path / "s.yaml")
    assert ["can be active together" in str(problem) for problem in draft.problems] == [True]
    assert further_problems(draft) == ()
