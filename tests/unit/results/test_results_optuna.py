"""A study as Optuna's: with the real Optuna, read back by its own means."""

from __future__ import annotations

import builtins
import math
import sqlite3
import warnings
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from results_builders import ACCURACY, Study

from hpsearch.core.errors import InfrastructureError, SpecError
from hpsearch.core.metric import Metric, Mode
from hpsearch.core.trial import Report, Status
from hpsearch.core.values import Params, Value
from hpsearch.ledger import ReportRecord
from hpsearch.results.design import Design
from hpsearch.results.optuna_axes import Axis, axes_of
from hpsearch.spec import parse_spec

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import optuna
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'optuna.db'}"


def read(url: str, name: str = "example") -> Any:
    return optuna.load_study(study_name=name, storage=url)


def axis(values: Sequence[Value], domain: str = "", name: str = "p") -> Axis:
    """Of values alone, or of a domain as a spec writes it."""
    design = Design()
    if domain:
        spec = f"version: 1\nname: x\ntrial: {{function: m:f}}\nmetric: {{name: a, mode: max}}\nspace: {{p: {domain}}}\n"
        spec += "search: {method: random, trials: 3}\n"
        design = Design(space=parse_spec(spec, file="s.yaml", folder=Path()).space)
    (found,) = axes_of([name], [{name: value} for value in values], design)
    return found


@pytest.mark.parametrize(
    ("domain", "values", "wanted"),
    [
        ("{float: [0.001, 1.0], log: true}", [0.01, 0.1], ("float", 0.001, 1.0, True, None)),
        ("{float: [0.0, 1.0], step: 0.3}", [0.3], ("float", 0.0, 0.9, False, 0.3)),
        ("{float: [0.0, 1.0], step: 0.3}", [0.25], ("float", 0.0, 1.0, False, None)),  # off the steps, by `first`
        ("{float: [0.0, 1.0]}", [0.5, 2.5], ("float", 0.0, 2.5, False, None)),  # of an earlier form of the spec
        ("{int: [1, 10]}", [3], ("int", 1, 10, False, 1)),
        ("{int: [1, 10], step: 4}", [5], ("int", 1, 9, False, 4)),
        ("{int: [1, 1000], log: true}", [10], ("int", 1, 1000, True, 1)),
        ("{normal: [0.0, 1.0]}", [-0.5, 0.5], ("float", -0.5, 0.5, False, None)),
        ("", [0.01, 0.1, 1.0, 10.0], ("float", 0.01, 10.0, True, None)),
        ("", [1, 2, 3], ("int", 1, 3, False, 1)),
        ("", [1, 0.5], ("float", 0.5, 1, False, None)),
    ],
)
def test_a_range_is_the_domains_and_holds_all_values(domain: str, values: list[Value], wanted: tuple[object, ...]) -> None:
    found = axis(values, domain)
    assert (found.kind, found.low, found.high, found.log, found.step) == wanted


@pytest.mark.parametrize(
    ("domain", "values", "choices"),
    [
        ("[linear, rbf, poly]", ["rbf"], ("linear", "rbf", "poly")),
        ("[100, 200]", [200, 300], (100, 200, 300)),
        ("{ordinal: [small, large]}", ["large"], ("small", "large")),
        ("", [None, 3], (None, 3)),
        ("", [True, False], (True, False)),
        ("", [(1, 1), (1, 2)], ("[1,1]", "[1,2]")),
        ("", ["a", 1, 1.0, True], ('"a"', "1", "1.0", "true")),
        ("", [math.nan, "x"], (".nan", "x")),
        ("", [2**60, 1], (2**60, 1)),
    ],
)
def test_a_choice_has_all_values_and_each_once(domain: str, values: list[Value], choices: tuple[object, ...]) -> None:
    found = axis(values, domain)
    assert found.kind == "choice"
    assert [(type(choice), choice) for choice in found.choices] == [(type(choice), choice) for choice in choices]
    assert [found.value(value) for value in values] == list(choices)[-len(values) :] or domain


@pytest.mark.parametrize(
    ("one", "other", "values", "wanted"),
    [
        ("{float: [0.01, 100], log: true}", "{float: [0.001, 10], log: true}", [1.0], ("float", 0.001, 100, True, None)),
        ("{float: [0.01, 100], log: true}", "{float: [0.001, 10]}", [1.0], ("float", 0.001, 100, False, None)),
        ("{int: [1, 5], step: 2}", "{int: [2, 9]}", [3], ("int", 1, 9, False, 1)),
        ("{int: [1, 5]}", "{float: [0.5, 2]}", [3], ("float", 0.5, 5, False, None)),
        ("{float: [1, 100], log: true}", "[0.5, 2.0]", [3.0], ("float", 0.5, 100, True, None)),
        ("{float: [1, 100], log: true}", "0.25", [3.0], ("float", 0.25, 100, True, None)),
    ],
)
def test_a_name_that_branches_share_has_all_that_any_of_them_may_take(
    one: str, other: str, values: list[Value], wanted: tuple[object, ...]
) -> None:
    found = axis(values, f"{{choice: {{a: {{C: {one}}}, b: {{C: {other}}}}}}}", "C")
    assert (found.kind, found.low, found.high, found.log, found.step) == wanted


def test_lists_that_branches_share_are_one() -> None:
    found = axis(["x"], "{choice: {a: {C: [x, y]}, b: {C: [y, z]}}}", "C")
    assert found.choices == ("x", "y", "z")


def test_what_a_broken_run_did_not_come_to_log_is_no_parameter(url: str) -> None:
    """A constant of all others would be an axis with one value in each of Optuna's plots."""
    study = Study(varying=())
    for x in (1, 2):
        study.add({"x": x, "tag": "007"}, x)
        study.add({"x": x, "tag": "007", "branch": 1}, x)
    study.fail({"x": 3})
    study.results().to_optuna(url)
    found = read(url)
    assert found.user_attrs["hpsearch.fixed"] == {"tag": "007"}
    assert {name for trial in found.trials for name in trial.params} == {"x", "branch"}


def configs(study: Study, params: Sequence[Params], scores: Sequence[float]) -> None:
    for row, score in zip(params, scores, strict=True):
        study.add(row, folds=(score - 0.1, score + 0.1))


def test_what_optuna_reads_is_what_was_found(url: str) -> None:
    study = Study(varying=("C", "kernel", "degree"))
    params: list[Params] = [
        {"C": 0.1, "kernel": "rbf", "fixed": 3},
        {"C": 1.0, "kernel": "poly", "degree": 2, "fixed": 3},
        {"C": 10.0, "kernel": "poly", "degree": 3, "fixed": 3},
    ]
    configs(study, params, (0.5, 0.75, 0.7))
    study.fail({"C": 1e3, "kernel": "rbf", "fixed": 3})
    study.add({"C": 1e4, "kernel": "rbf", "fixed": 3}, status=Status.RUNNING)
    study.add({"C": 1e5, "kernel": "rbf", "fixed": 3}, status=Status.STOPPED)
    study.add({"C": 1e6, "kernel": "rbf", "fixed": 3}, status=Status.CANCELLED)
    results = study.results()
    told: list[tuple[int, int]] = []
    copy = results.to_optuna(url, told=lambda *counts: told.append(counts))
    assert told == [(done, copy.trials) for done in range(1, copy.trials + 1)]
    assert (copy.name, copy.trials, copy.left_out) == ("example", 5, 2)
    found = read(url)
    assert found.direction == optuna.study.StudyDirection.MAXIMIZE
    assert found.metric_names == ["accuracy"]
    assert found.user_attrs["hpsearch.fixed"] == {"fixed": 3}
    assert [trial.state.name for trial in found.trials] == ["COMPLETE", "COMPLETE", "COMPLETE", "FAIL", "PRUNED"]
    assert [trial.params for trial in found.trials[:3]] == [
        {name: value for name, value in row.items() if name != "fixed"} for row in params
    ]
    assert found.best_params == {"C": 1.0, "kernel": "poly", "degree": 2}
    assert found.best_value == pytest.approx(0.75)
    best = found.best_trial
    first = results.best()
    assert first is not None
    assert best.user_attrs["config_id"] == first.config_id
    assert best.user_attrs["rank"] == 1
    assert best.user_attrs["se"] == pytest.approx(first.se)
    assert best.user_attrs["trial_keys"] == [study.trials[1].key]
    assert best.datetime_start.timestamp() == study.trials[1].started_at
    assert (best.datetime_complete - best.datetime_start).total_seconds() == 1.0
    assert best.distributions["C"] == FloatDistribution(0.1, 1e6, log=True)
    assert best.distributions["kernel"] == CategoricalDistribution(["rbf", "poly"])
    assert best.distributions["degree"] == IntDistribution(2, 3)
    assert "degree" not in found.trials[0].distributions


def test_optunas_own_importance_and_samplers_take_the_study(url: str) -> None:
    study = Study(Metric("loss", Mode.MIN), varying=("x", "y"))
    configs(
        study, [{"x": x / 10, "y": y} for x in range(10) for y in range(4)], [x + y / 10 for x in range(10) for y in range(4)]
    )
    study.results().to_optuna(url)
    found = read(url)
    importance = optuna.importance.get_param_importances(found, evaluator=optuna.importance.FanovaImportanceEvaluator(seed=0))
    assert next(iter(importance)) == "x"
    assert found.best_value == pytest.approx(0.0)
    assert 0 <= found.ask(found.trials[0].distributions).params["x"] <= 0.9


def test_what_was_reported_on_the_way_are_intermediate_values(url: str) -> None:
    study = Study(ACCURACY)
    first, second = study.add({"C": 1.0}, 0.5, seed=0), study.add({"C": 1.0}, 0.7, seed=1)
    study.add({"C": 2.0}, 0.5, seed=0)
    study.add({"C": 2.0}, 0.5, seed=1)

    def said(key: str, *values: float) -> list[ReportRecord]:
        metrics: list[Mapping[str, float]] = [{"accuracy": value, "other": 1.0} for value in values]
        return [ReportRecord(1, key, 1, Report(at, 10.0 * at, each, 0.0)) for at, each in enumerate(metrics)]

    reports = [*said(first.key, 0.1, 0.2), *said(second.key, 0.3), *said("v1:unknown", 9.0)]
    replace(study.results(), reports=lambda: iter(reports)).to_optuna(url)
    assert [trial.intermediate_values for trial in read(url).trials] == [{0: 0.2, 10: 0.2}, {}]


def test_a_second_time_nothing_is_written_and_it_is_said(url: str) -> None:
    study = Study()
    configs(study, [{"C": 1.0}, {"C": 2.0}], (0.5, 0.6))
    study.results().to_optuna(url)
    with pytest.raises(SpecError) as caught:
        study.results().to_optuna(url)
    assert str(caught.value) == (
        "the Optuna storage holds a study 'example' already, with 2 trials; nothing was written: give another name, "
        "or delete that one: optuna delete-study --study-name example --storage URL"
    )
    assert len(read(url).trials) == 2
    assert study.results().to_optuna(url, name="again").trials == 2


def test_a_copy_that_was_cut_off_is_told_from_a_whole_one(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    study = Study()
    configs(study, [{"C": 1.0}, {"C": 2.0}], (0.5, 0.6))
    with monkeypatch.context() as patch:
        patch.setattr(optuna.Study, "add_trial", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(
            InfrastructureError, match=r"^the Optuna study cannot be written to sqlite:///.*: OSError: disk full$"
        ):
            study.results().to_optuna(url)
    with pytest.raises(SpecError, match="'example' already, which was cut off while it was written; nothing was written"):
        study.results().to_optuna(url)


def test_an_address_that_is_none_is_told_without_its_password() -> None:
    study = Study()
    configs(study, [{"C": 1.0}], (0.5,))
    with pytest.raises(InfrastructureError) as caught:
        study.results().to_optuna("nosuch://me:secret@host/db")
    assert str(caught.value).startswith("the Optuna study cannot be written to nosuch://***@host/db: ")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [("nonsense", "nonsense"), ("", "''"), ("me:secret@host", "***@host"), ("sqlite//me:secret@x.db", "***@x.db")],
)
def test_what_is_no_address_is_told_with_one_that_is(url: str, shown: str) -> None:
    with pytest.raises(SpecError) as caught:
        Study().results().to_optuna(url)
    assert str(caught.value) == (
        f"{shown} is no address of an Optuna storage; write sqlite:///FILE, or a server's, such as postgresql://USER@HOST/NAME"
    )


def test_a_full_disk_is_told_without_what_was_being_written(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    study = Study()
    configs(study, [{"C": 1.0}], (0.5,))

    def full(*_: object, **__: object) -> None:
        try:
            raise sqlalchemy.exc.OperationalError("INSERT INTO trials", {"value": 0.5}, sqlite3.OperationalError("disk is full"))
        except sqlalchemy.exc.OperationalError as error:
            raise optuna.exceptions.StorageInternalError("An exception is raised during the commit.") from error

    monkeypatch.setattr(optuna.Study, "add_trial", full)
    with pytest.raises(InfrastructureError) as caught:
        study.results().to_optuna(url)
    assert str(caught.value) == f"the Optuna study cannot be written to {url}: OperationalError: disk is full"


def test_without_optuna_the_command_that_installs_it_is_named(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    imported = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "optuna":
            raise ImportError(name)
        return imported(name, *rest)

    study = Study()
    configs(study, [{"C": 1.0}], (0.5,))
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(
        InfrastructureError, match=r"^Optuna is not installed here, which writes its own storage: pip install optuna$"
    ):
        study.results().to_optuna(url)


def test_a_study_without_a_result_is_an_empty_one(url: str) -> None:
    study = Study()
    assert study.results().to_optuna(url).trials == 0
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        assert connection.execute("SELECT study_name FROM studies").fetchall() == [("example",)]
