"""A study whose space chooses the estimator, from the spec to its results: those of a study of each, ranked together."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from study_runs import run

from hpsearch.core.errors import SpecError
from hpsearch.core.values import Params, canonical
from hpsearch.ledger import StudyState
from hpsearch.ledger.folder import find_study
from hpsearch.spec import load_spec
from hpsearch.study import Options, load, open_ledger, plan, try_trial

AROUND = """
name: %s
data: {sklearn: iris}
evaluate: {cv: {folds: 3}, metrics: [accuracy, f1_macro]}
metric: {name: accuracy}
repeat: {seeds: [0, 1]}
tracking: {uri: "sqlite:///store.db"}
"""
SVC = "{C: [1, 10], kernel: {choice: {rbf: {}, poly: {degree: [2]}}}}"
XGB = "{eta: [0.1, 0.3], n_estimators: 5, subsample: 0.5}"
BOTH = AROUND + f"space: {{estimator: {{choice: {{sklearn.svm.SVC: {SVC}, xgboost.XGBClassifier: {XGB}}}}}}}\n"


def scores(folder: Path, name: str) -> dict[str, list[object]]:
    """Of each trial, its scores on every split, by its parameters and seed."""
    with closing(open_ledger(find_study(name, folder / "studies"))) as ledger:
        splits: dict[str, list[object]] = {}
        for split in ledger.split_scores():
            splits.setdefault(split.key, []).append((split.split.repeat, split.split.fold, dict(split.split.scores)))
        return {_who(record.params, record.seed): splits[record.key] for record in ledger.trials()}


def _who(params: Params, seed: int) -> str:
    return canonical({"seed": seed, **{name: value for name, value in params.items() if name != "estimator"}})


def test_it_is_the_two_studies_in_one(tmp_path: Path) -> None:
    summary = run(tmp_path, BOTH % "both")
    assert (summary.state, summary.error) == (StudyState.COMPLETED, None)
    together = scores(tmp_path, "both")
    alone: dict[str, list[object]] = {}
    for name, path, space in (("svc", "sklearn.svm.SVC", SVC), ("xgb", "xgboost.XGBClassifier", XGB)):
        assert run(tmp_path, AROUND % name + f"trial: {{estimator: {path}}}\nspace: {space}\n").error is None
        alone |= scores(tmp_path, name)
    assert len(together) == 12
    assert together == alone


def test_it_is_ranked_and_reported(tmp_path: Path) -> None:
    summary = run(tmp_path, BOTH % "both")
    results = load("both", tmp_path / "studies")
    ranked = results.to_json_rows()
    assert [row["n"] for row in ranked] == [6] * 6
    assert sum("eta" in row["params"] for row in ranked) == 2, "a parameter of the other estimator is absent"
    assert set(results.varying) == {"estimator", "C", "kernel", "eta", "degree", "n_estimators", "subsample"}
    page = summary.folder.report.read_text()
    assert "xgboost.XGBClassifier" in page
    assert run(tmp_path, BOTH % "both").reused == 12


def test_an_estimator_that_is_added_runs_alone(tmp_path: Path) -> None:
    run(tmp_path, BOTH % "both")
    wider = (BOTH % "both").replace("{sklearn.svm.SVC:", "{sklearn.naive_bayes.GaussianNB: {}, sklearn.svm.SVC:")
    assert run(tmp_path, wider).reused == 12
    assert len(load("both", tmp_path / "studies").trials) == 14


def test_plan_and_try_know_it(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(BOTH % "both")
    spec = load_spec(tmp_path / "spec.yaml")
    options = Options(tmp_path / "studies")
    preview = plan(spec, options)
    assert (preview.counts.configurations, preview.counts.trials, preview.counts.fits) == (6, 12, 36)
    assert preview.first[0]["estimator"] == "sklearn.svm.SVC"
    assert try_trial(spec, options, index=5).trial.params["estimator"] == "xgboost.XGBClassifier"


def test_a_study_of_one_estimator_is_another(tmp_path: Path) -> None:
    run(tmp_path, BOTH % "both")
    with pytest.raises(SpecError, match=r"run the estimator that the space chooses; here it is the estimator sklearn\.svm\.SVC"):
        run(tmp_path, AROUND % "both" + f"trial: {{estimator: sklearn.svm.SVC}}\nspace: {SVC}\n")
