"""Runs of any origin as a study: typed, of one metric, counted once each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from hpsearch.core.errors import SpecError
from hpsearch.core.metric import Mode
from hpsearch.core.values import Value
from hpsearch.results import StudyResults
from hpsearch.results.foreign import Asked, ForeignRun, results_of_runs
from hpsearch.results.foreign.metrics import mode_of
from hpsearch.results.foreign.values import typed
from hpsearch.results.sensitivity import partial_dependence


def a_run(
    number: int,
    params: Mapping[str, str] | None = None,
    metrics: Mapping[str, float] | None = None,
    *,
    status: str = "FINISHED",
    parent: int | None = None,
    **tags: str,
) -> ForeignRun:
    tags = {name.replace("__", "."): value for name, value in tags.items()}
    if parent is not None:
        tags["mlflow.parentRunId"] = f"run{parent}"
    ended = None if status == "RUNNING" else 1000.0 + number + 2
    return ForeignRun(f"run{number}", status, 1000.0 + number, ended, params or {}, metrics or {}, tags)


def read(*runs: ForeignRun, metric: str | None = None, mode: str | None = None) -> StudyResults:
    return results_of_runs("churn", runs, Asked("mlflow:churn", metric, mode))


def column(*texts: str) -> list[Value]:
    return [row["x"] for row in typed([{"x": text} for text in texts])]


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (("1", "-20", "+3"), [1, -20, 3]),
        (("1", "0.5", "1e-3", "2."), [1.0, 0.5, 0.001, 2.0]),
        (("True", "false"), [True, False]),
        (("1", "None", "3"), [1, None, 3]),
        (("0.1", "null", ""), [0.1, None, None]),
        (("l1", "None", "l2"), ["l1", None, "l2"]),
        (("sqrt", "0.5"), ["sqrt", "0.5"]),
        (("True", "1"), ["True", "1"]),
        (("a", "null", ""), ["a", "null", ""]),
        (("007", "010"), ["007", "010"]),
        (("12345_00000", "1"), ["12345_00000", "1"]),
        (("[1, 2]", "3"), ["[1, 2]", "3"]),
        (("9" * 5000, "1"), ["9" * 5000, "1"]),
        (("٣", "1"), ["٣", "1"]),
        (("None",), [None]),
        (("",), [""]),
    ],
)
def test_a_parameter_is_of_the_type_that_all_its_texts_have(texts: tuple[str, ...], values: list[Value]) -> None:
    found = column(*texts)
    assert found == values
    assert [type(value) for value in found] == [type(value) for value in values]


def test_not_a_number_and_infinities_are_floats() -> None:
    nan, infinite, number = column("nan", "-inf", "1")
    assert isinstance(nan, float)
    assert math.isnan(nan)
    assert (infinite, number) == (-math.inf, 1.0)


@pytest.mark.parametrize(
    "name", ["rmse", "val_loss", "training_mean_squared_error", "valLoss", "eval-logloss", "log_loss", "fit_time"]
)
def test_less_of_an_error_is_better(name: str) -> None:
    assert mode_of(name) is Mode.MIN


@pytest.mark.parametrize(
    "name", ["accuracy", "val_acc", "f1", "r2", "roc_auc", "neg_log_loss", "best_cv_score", "ROC_AUC", "explained_variance"]
)
def test_more_of_a_score_is_better(name: str) -> None:
    assert mode_of(name) is Mode.MAX


@pytest.mark.parametrize("name", ["q", "neg_q", "lossless"])
def test_a_name_that_says_nothing_tells_no_direction(name: str) -> None:
    assert mode_of(name) is None


def test_runs_are_ranked_by_the_only_metric_that_all_have() -> None:
    results = read(
        a_run(1, {"lr": "0.1", "depth": "3"}, {"rmse": 2.0, "extra": 1.0}),
        a_run(2, {"lr": "0.01", "depth": "5"}, {"rmse": 1.0}),
        a_run(3, {"lr": "0.3", "depth": "4"}, status="FAILED"),
        a_run(4, {"lr": "0.4", "depth": "4"}, status="RUNNING"),
        a_run(5, {"lr": "0.5", "depth": "4"}, {"rmse": 0.1}, status="KILLED"),
    )
    best = results.best()
    assert best is not None
    assert (best.params, best.score) == ({"lr": 0.01, "depth": 5}, 1.0)
    assert results.rank()["rank"].tolist() == [1, 2]
    assert results.trials["status"].tolist() == ["COMPLETED", "COMPLETED", "FAILED", "RUNNING", "CANCELLED"]
    assert results.trials["seconds"].tolist()[:3] == [2.0, 2.0, 2.0]
    assert math.isnan(results.trials["seconds"][3])
    assert results.trials["trial_key"].tolist() == ["run1", "run2", "run3", "run4", "run5"]
    assert results.trials["mlflow_run_id"].tolist() == results.trials["trial_key"].tolist()
    assert results.varying == ("lr", "depth")
    assert "That less rmse is better is read from its name; mode=min or mode=max says it." in results.notes


def test_what_is_asked_for_counts_and_needs_no_note() -> None:
    results = read(a_run(1, {"x": "1"}, {"q": 2.0, "p": 1.0}), a_run(2, {"x": "2"}, {"q": 1.0, "p": 2.0}), metric="q", mode="max")
    assert results.rank()["score"].tolist() == [2.0, 1.0]
    assert not any("read from its name" in note for note in results.notes)


def test_one_score_each_is_ranked_and_what_cannot_be_known_is_said() -> None:
    results = read(*(a_run(number, {"x": str(number)}, {"loss": float(number)}) for number in range(1, 5)))
    assert results.rank()["rank"].tolist() == [1, 2, 3, 4]
    assert results.rank()["se"].isna().all()
    assert results.rank()["in_best_set"].isna().all()
    assert results.notes[0].startswith(
        "Each configuration was scored once (one repeat): no standard error and no best set can be given."
    )
    with pytest.raises(SpecError, match="needs standard errors, and each configuration was scored once"):
        results.select("1se")


def test_equal_parameters_are_repeats_where_all_have_as_many() -> None:
    runs = [a_run(number, {"x": str(number // 3)}, {"loss": number // 3 + number % 3 / 10}) for number in range(12)]
    results = read(*runs, a_run(20, {"x": "0"}, status="FAILED"))
    assert len(results.rank()) == 4
    assert results.rank()["n"].tolist() == [3, 3, 3, 3]
    assert results.rank()["se"].notna().all()
    assert "Runs of equal parameters are 3 repeats of one configuration." in results.notes
    assert results.basis.over == "repeats"
    assert "Standard errors are over repeats alone: they do not see how much of a score is luck with the data." in results.notes
    assert "1 trial of 13 failed: no error recorded." in results.notes
    first, second = results.rank()["config_id"].tolist()[:2]
    compared = results.compare(first, second)
    assert compared.unit == "repeats"
    assert "Over repeats alone: the interval does not see how much is luck with the data." in compared.notes


def test_of_uneven_repeats_the_mean_counts() -> None:
    results = read(a_run(1, {"x": "1"}, {"loss": 1.0}), a_run(2, {"x": "1"}, {"loss": 3.0}), a_run(3, {"x": "2"}, {"loss": 2.5}))
    assert results.rank()["score"].tolist() == [2.0, 2.5]
    assert results.rank()["se"].isna().all()
    assert (
        "1 configuration was run more than once, others once or less often: the mean of its runs counts as one score."
        in results.notes
    )


def test_of_nested_runs_the_children_count() -> None:
    results = read(
        a_run(1, {}, {"loss": 0.1}),
        a_run(2, {"x": "1"}, {"loss": 1.0}, parent=1),
        a_run(3, {"x": "2"}, {"loss": 2.0}, parent=1),
        a_run(4, {"x": "3"}, status="FAILED", parent=1),
    )
    assert results.trials["trial_key"].tolist() == ["run2", "run3", "run4"]
    assert "1 run that only groups others or is part of one not counted." in results.notes


def test_a_parent_with_the_metric_counts_where_its_children_lack_it() -> None:
    results = read(
        a_run(1, {"x": "1"}, {"loss": 1.0}),
        a_run(2, {"fold": "0"}, {"fold_loss": 0.5}, parent=1),
        a_run(3, {"x": "2"}, {"loss": 2.0}),
        metric="loss",
    )
    assert results.trials["trial_key"].tolist() == ["run1", "run3"]


def test_a_circle_of_parents_ends() -> None:
    results = read(
        a_run(1, {"x": "1"}, {"loss": 1.0}, parent=2),
        a_run(2, {"x": "2"}, {"loss": 1.0}, parent=1),
        a_run(3, {"x": "3"}, {"loss": 0.5}),
    )
    assert results.trials["trial_key"].tolist() == ["run3"]


def test_a_trial_of_ours_keeps_its_id_its_constants_and_its_true_end() -> None:
    study = a_run(
        0, status="FINISHED", hpsearch__role="study", hpsearch__metric="auc", hpsearch__mode="max", hpsearch__varying="C",
        hpsearch__context="now", hpsearch__study="svm",
    )  # fmt: skip
    common = {"hpsearch__role": "trial", "hpsearch__const.kernel": "rbf", "hpsearch__context": "now"}
    metrics = {"auc": 0.5, "seconds": 7.0, "fit_s": 3.0, "fold/auc": 0.4}
    results = read(
        study,
        a_run(1, {"C": "10.0", "seed": "4"}, metrics, parent=0, **common, hpsearch__config_id="abc", hpsearch__seed="4"),
        a_run(2, {"C": "1.0", "seed": "4"}, status="KILLED", parent=0, **common, hpsearch__status="STOPPED", hpsearch__seed="4"),
        a_run(3, {"C": "3.0", "seed": "4"}, metrics, parent=0, **{**common, "hpsearch__context": "earlier"}, hpsearch__seed="4"),
    )
    best = results.best()
    assert best is not None
    assert (best.config_id, best.params, best.metrics) == ("abc", {"C": 10.0, "kernel": "rbf"}, {"auc": 0.5})
    assert results.trials["seed"].tolist() == [4, 4]
    assert results.trials["seconds"][0] == 7.0
    assert results.trials["fit_s"][0] == 3.0
    assert results.trials["status"].tolist() == ["COMPLETED", "STOPPED"]
    assert "1 trial of other data, splits or code, from an earlier form of the spec, is not shown." in results.notes
    assert any("are in the study's own folder (svm)" in note for note in results.notes)


@pytest.mark.parametrize(
    ("runs", "metric", "mode", "said"),
    [
        ((), None, None, "mlflow:churn: the experiment holds no run: there is nothing to rank"),
        ((a_run(1),), None, None, "mlflow:churn: no run has logged a metric: there is nothing to rank by"),
        ((a_run(1),), "rmse", None, "mlflow:churn: no run has the metric 'rmse'; they have logged none"),
        (
            (a_run(1, {}, {"rmse": 1.0, "mae": 1.0}),),
            "rsme",
            None,
            "mlflow:churn: no run has the metric 'rsme'; there are mae, rmse; did you mean rmse?",
        ),
        (
            (a_run(1, {}, {"rmse": 1.0, "mae": 1.0, "system/cpu": 1.0}), a_run(2, {}, {"rmse": 1.0, "mae": 1.0, "once": 0.0})),
            None,
            None,
            "mlflow:churn: its runs have several metrics, mae, once, rmse; all finished runs have mae, rmse; "
            'say which counts: "mlflow:churn?metric=mae"',
        ),
        (
            (a_run(1, {}, {"q": 1.0}),),
            None,
            None,
            "mlflow:churn: the name 'q' does not say whether more or less of it is better; "
            'write "mlflow:churn?metric=q&mode=min", or mode=max',
        ),
        (
            (a_run(1, {}, {"q": 1.0}),),
            "q",
            "minimum",
            "mlflow:churn: mode = 'minimum': a metric is to be small or large; write mode=min or mode=max",
        ),
    ],
)
def test_what_is_said_where_nothing_can_be_ranked(
    runs: tuple[ForeignRun, ...], metric: str | None, mode: str | None, said: str
) -> None:
    with pytest.raises(SpecError) as caught:
        read(*runs, metric=metric, mode=mode)
    assert str(caught.value) == said


def test_what_a_run_of_ours_failed_with_is_shown() -> None:
    """Where the ledger is gone, MLflow has it still."""
    failed = a_run(1, {"x": "1"}, status="FAILED", hpsearch__traceback="Traceback ...", hpsearch__error_type="KeyError")
    results = read(failed, a_run(2, {"x": "2"}, {"loss": 1.0}))
    assert results.failures["traceback"].tolist() == ["Traceback ..."]


def test_runs_of_failures_alone_are_a_study_that_says_so() -> None:
    results = read(a_run(1, {"x": "1"}, status="FAILED"), a_run(2, {"x": "2"}, {"loss": 1.0}, status="FAILED"))
    assert results.best() is None
    assert results.notes[0].startswith("No trial has completed: 2 FAILED.")


def test_a_run_that_lacks_the_metric_is_not_said_to_have_a_bad_one() -> None:
    runs = [a_run(number, {"x": str(number)}, {"r2": float(number)}) for number in range(3)]
    results = read(*runs, a_run(7, {"x": "7"}, {"other": 1.0}), a_run(8, {"x": "8"}, {"r2": math.nan}), metric="r2", mode="max")
    assert "1 configuration without a rank: completed, but r2 was not logged." in results.notes
    assert "1 configuration without a rank: completed, but r2 is not a finite number." in results.notes


def test_shares_of_runs_that_a_search_may_have_chosen_by_their_scores_are_told_with_a_warning() -> None:
    """A TPE's runs crowd where it is good: of these marginal views are biased."""
    rng = np.random.default_rng(0)
    runs = []
    for number in range(60):
        params = {"x": f"{rng.random():.6f}", "y": f"{rng.random():.6f}"}
        if number % 2:
            params["z"] = f"{rng.random():.6f}"
        runs.append(a_run(number, params, {"loss": float(params["x"]) + 2 * float(params.get("z", "0"))}))
    found = read(*runs).importance()
    said = "How these runs were chosen is not known:"
    assert set(found.table["design"]) == {"observed"}
    for notes in (found.notes, partial_dependence(found, "x").notes, partial_dependence(found, "z").notes):
        assert sum(note.startswith(said) for note in notes) == 1
    grid = read(*(a_run(4 * x + y, {"x": str(x), "y": str(y)}, {"loss": x + 0.1 * y}) for x in range(4) for y in range(4)))
    assert not any(note.startswith(said) for note in grid.importance().notes)
    parent = a_run(99, hpsearch__role="study", hpsearch__metric="loss", hpsearch__mode="min", hpsearch__varying="x y z")
    ours = {"mlflow.parentRunId": "run99", "hpsearch.role": "trial"}
    assert not any(note.startswith(said) for note in read(parent, *(replace(run, tags=ours) for run in runs)).importance().notes)
