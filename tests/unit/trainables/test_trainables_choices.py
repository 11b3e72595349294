"""Estimators and steps that the space chooses: a trial is the chosen one's own, and so is its key."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from trainables_builders import RememberingRun, iris_choosing, problems_of, spec_of, trial_of
from xgboost import XGBClassifier

from hpsearch.core.errors import ObjectiveError, SpecError
from hpsearch.core.identity import trial_key
from hpsearch.trainables import build, prepare
from hpsearch.trainables.choices import choices_of


def scores_of(text: str, folder: Path, seed: int = 0) -> list[tuple[dict[str, object], list[float]]]:
    """(configuration, score on each fold) of the whole grid, evaluated by one objective."""
    spec = spec_of(text, folder)
    prepared = prepare(spec)
    objective = build(prepared.program, prepared.table)
    grid = [dict(spec.space.grid_at(index)) for index in range(spec.space.grid_size())]
    found = [objective.evaluate(trial_of(prepared, params, seed), RememberingRun()) for params in grid]
    return [(params, [split.scores["accuracy"] for split in each.splits]) for params, each in zip(grid, found, strict=True)]


def expected(estimator: object) -> list[float]:
    X, y = load_iris(return_X_y=True)
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    return [float(score) for score in cross_val_score(estimator, X, y, cv=folds, scoring="accuracy")]


def test_a_trial_is_that_of_the_chosen_estimator(tmp_path: Path) -> None:
    """Each with its own parameters, seed and threads, to the last bit what scikit-learn's own cross-validation gives."""
    text = iris_choosing(
        "{estimator: {choice: {sklearn.svm.SVC: {C: [1, 10]},"
        " xgboost.XGBClassifier: {eta: [0.1], subsample: 0.2, n_estimators: 2}}}}",
        "{fixed: {gamma: 0.5}}",
    )
    found = scores_of(text, tmp_path, seed=3)
    xgboost = XGBClassifier(eta=0.1, subsample=0.2, n_estimators=2, gamma=0.5, random_state=3, n_jobs=1)
    assert found == [
        ({"estimator": "sklearn.svm.SVC", "C": 1}, expected(SVC(C=1, gamma=0.5, random_state=3))),
        ({"estimator": "sklearn.svm.SVC", "C": 10}, expected(SVC(C=10, gamma=0.5, random_state=3))),
        ({"estimator": "xgboost.XGBClassifier", "eta": 0.1, "subsample": 0.2, "n_estimators": 2}, expected(xgboost)),
    ]


def test_steps_are_chosen_by_their_names(tmp_path: Path) -> None:
    text = iris_choosing(
        "{scale: [sklearn.preprocessing.StandardScaler, passthrough], clf: {choice: {sklearn.svm.SVC: {C: [2]},"
        " sklearn.linear_model.LogisticRegression: {C: [0.5], max_iter: 500}}}}",
        "{pipeline: {scale: sklearn.preprocessing.MinMaxScaler, clf: }}",
    )
    svc, logistic = SVC(C=2, random_state=0), LogisticRegression(C=0.5, max_iter=500, random_state=0)
    own = {"clf": "sklearn.svm.SVC", "clf__C": 2}
    other = {"clf": "sklearn.linear_model.LogisticRegression", "clf__C": 0.5, "clf__max_iter": 500}
    scaled = {"scale": "sklearn.preprocessing.StandardScaler"}
    assert scores_of(text, tmp_path) == [
        ({**scaled, **own}, expected(make_pipeline(StandardScaler(), svc))),
        ({**scaled, **other}, expected(make_pipeline(StandardScaler(), logistic))),
        ({"scale": "passthrough", **own}, expected(svc)),
        ({"scale": "passthrough", **other}, expected(logistic)),
    ]


def test_a_step_that_is_replaced_sometimes_runs_as_written_otherwise(tmp_path: Path) -> None:
    text = iris_choosing(
        "{clf__C: [1, 2], scale: {choice: [passthrough], when: {clf__C: 2}}}",
        "{pipeline: {scale: sklearn.preprocessing.StandardScaler, clf: sklearn.svm.SVC}}",
    )
    assert [scores for _, scores in scores_of(text, tmp_path)] == [
        expected(make_pipeline(StandardScaler(), SVC(C=1))),
        expected(SVC(C=2)),
    ]


def test_a_base_is_made_once_for_each_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import hpsearch.trainables.bases as bases

    made: list[str] = []
    real = bases.make_base
    text = iris_choosing("{estimator: {choice: {sklearn.svm.SVC: {C: [1, 2, 3]}, sklearn.naive_bayes.GaussianNB: {}}}}")
    monkeypatch.setattr(bases, "make_base", lambda trial, *rest: (made.append(trial.path), real(trial, *rest))[1])
    scores_of(text, tmp_path)
    # By the planner, which asks what they share, and by the worker: not by each of the four trials.
    assert made == ["sklearn.svm.SVC", "sklearn.naive_bayes.GaussianNB"] * 2


def test_an_argument_that_one_class_requires(tmp_path: Path) -> None:
    (tmp_path / "must.py").write_text(
        "from sklearn.svm import SVC\nclass Must(SVC):\n"
        "    def __init__(self, depth, C=1.0):\n        super().__init__(C=C)\n        self.depth = depth\n"
    )
    text = iris_choosing("{estimator: {choice: {must.Must: {%s}, sklearn.naive_bayes.GaussianNB: {}}}}")
    assert len(scores_of(text % "depth: [1, 2]", tmp_path)) == 3
    assert problems_of(text % "C: [1.0]", tmp_path) == [
        "space.estimator.choice.must.Must: cannot be made without depth; set it in trial.fixed or space"
    ]


def test_the_own_parameter_of_a_name_that_chooses(tmp_path: Path) -> None:
    """BaggingClassifier has a parameter called estimator."""
    text = iris_choosing(
        "{estimator: {choice: {sklearn.ensemble.BaggingClassifier: {param.estimator: [null], param.n_estimators: [2]},"
        " sklearn.naive_bayes.GaussianNB: {}}}}"
    )
    bagging, _ = scores_of(text, tmp_path)
    assert bagging[0] == {
        "estimator": "sklearn.ensemble.BaggingClassifier",
        "param.estimator": None,
        "param.n_estimators": 2,
    }
    spec = spec_of(text, tmp_path)
    prepared = prepare(spec)
    assert [each.settings[0].name for each in choices_of(spec) if each.settings] == ["estimator"]
    twice = iris_choosing("{param.C: [1, 2], C: 3}", "{estimator: sklearn.svm.SVC}")
    assert problems_of(twice, tmp_path) == ["space.param.C: is the same parameter as C, which is given too; keep one"]
    assert prepared.program.trial.path == ""


class TestIdentity:
    OWN = "from sklearn.naive_bayes import GaussianNB\nclass Mine(GaussianNB):\n    pass  # {}\n"
    SPACE = "{estimator: [own.Mine, sklearn.naive_bayes.GaussianNB]}"

    def context(self, folder: Path, space: str, edit: str = "", trial: str = "{}") -> str:
        (folder / "own.py").write_text(self.OWN.format(edit))
        return prepare(spec_of(iris_choosing(space, trial), folder)).context.digest

    def test_the_code_of_each_estimator_that_may_be_chosen_is_part_of_it(self, tmp_path: Path) -> None:
        before = self.context(tmp_path, self.SPACE)
        assert self.context(tmp_path, self.SPACE, edit="edited") != before
        assert self.context(tmp_path, self.SPACE) == before

    def test_another_installed_estimator_makes_no_other_trials(self, tmp_path: Path) -> None:
        assert self.context(tmp_path, "{estimator: [own.Mine]}") == self.context(tmp_path, self.SPACE)

    def test_what_stands_in_for_a_step_that_is_always_replaced_is_no_part_of_it(self, tmp_path: Path) -> None:
        written, empty = (f"{{pipeline: {{clf: {path}}}}}" for path in ("own.Mine", ""))
        space = "{clf: [sklearn.svm.SVC]}"
        assert self.context(tmp_path, space, trial=written) == self.context(tmp_path, space, trial=empty)

    def test_keys_tell_the_estimators_apart(self, tmp_path: Path) -> None:
        """Golden: if one of these changes, every recorded result of every user with chosen estimators runs again."""
        context = prepare(
            spec_of(iris_choosing("{estimator: [sklearn.svm.SVC, sklearn.naive_bayes.GaussianNB]}"), tmp_path)
        ).context
        keys = [trial_key(context, {"estimator": path}, 0) for path in ("sklearn.svm.SVC", "sklearn.naive_bayes.GaussianNB")]
        assert keys == KEYS
        steps = prepare(spec_of(iris_choosing("{clf: [sklearn.svm.SVC]}", "{pipeline: {clf: }}"), tmp_path)).context
        assert trial_key(steps, {"clf": "sklearn.svm.SVC"}, 0) == STEP_KEY


KEYS = ["v1:cead4a7560be1b01781a53e3179cc66d", "v1:8953bd1378d9e06435cb4710bc25b8cc"]
STEP_KEY = "v1:7987149574e096dfdf62512a5653b394"


def test_an_estimator_that_this_machine_lacks_is_said_when_the_worker_starts(tmp_path: Path) -> None:
    (tmp_path / "lonely.py").write_text(TestIdentity.OWN)
    prepared = prepare(spec_of(iris_choosing("{estimator: [sklearn.svm.SVC, lonely.Mine]}"), tmp_path))
    del sys.modules["lonely"]
    sys.path.remove(str(tmp_path))
    with pytest.raises(SpecError, match="there is no module lonely"):
        build(replace(prepared.program, code=None), prepared.table)


def test_a_recorded_trial_of_what_can_no_longer_be_made_fails_as_a_trial(tmp_path: Path) -> None:
    prepared = prepare(spec_of(iris_choosing("{estimator: [sklearn.svm.SVC]}"), tmp_path))
    with pytest.raises(ObjectiveError, match="there is no module gone"):
        build(prepared.program, prepared.table).evaluate(trial_of(prepared, {"estimator": "gone.Away"}), RememberingRun())


def test_scores_are_the_same_whatever_ran_before(tmp_path: Path) -> None:
    """One estimator that wants arrays of its own, or changes a setting, leaves nothing to the next."""
    svc = "{kernel: {choice: {poly: {degree: [2, 3]}, rbf: {}}}}"
    text = iris_choosing(f"{{estimator: {{choice: {{sklearn.svm.SVC: {svc}, sklearn.naive_bayes.GaussianNB: {{}}}}}}}}")
    together = {str(params): scores for params, scores in scores_of(text, tmp_path)}
    alone = expected(SVC(random_state=0))
    assert together["{'estimator': 'sklearn.svm.SVC', 'kernel': 'rbf'}"] == alone
    assert np.isfinite([score for scores in together.values() for score in scores]).all()
