"""Parameters that choose what runs: how configurations name what they choose, and its parameters."""

from __future__ import annotations

import pytest
from spec_text import CHOSEN, ESTIMATOR, PIPELINE, problems, read

from hpsearch.core.values import Params
from hpsearch.spec import StudySpec
from hpsearch.spec.model import StepSpec, TrialSpec

STEPS = """{scale: [a.Scaler, passthrough],
  clf: {choice: {b.SVC: {C: [1, 2], kernel: {choice: {poly: {degree: [3]}, rbf: {}}}}, b.Log: {C: [5]}}}}"""


def grid(spec: StudySpec) -> list[Params]:
    return [dict(spec.space.grid_at(index)) for index in range(spec.space.grid_size())]


@pytest.mark.parametrize("trial", [None, "{}", "{fixed: {}}", "null"])
def test_the_estimator_is_chosen_where_the_trial_leaves_it_out(trial: str | None) -> None:
    space = "{estimator: {choice: {b.SVC: {C: [1, 2]}, b.Log: {C: [5], param.estimator: 1}}}}"
    spec = read({**CHOSEN, "trial": trial}, space=space, constraints="[SVC.C > 1]")
    assert spec.trial == TrialSpec("estimator", "")
    assert grid(spec) == [
        {"estimator": "b.SVC", "C": 1},
        {"estimator": "b.SVC", "C": 2},
        {"estimator": "b.Log", "C": 5, "param.estimator": 1},
    ]
    assert [spec.space.admits(params) for params in grid(spec)] == [False, True, True]


@pytest.mark.parametrize("space", ["{estimator: [a.B, c.D]}", "{estimator: {choice: [a.B, c.D]}}", "{estimator: a.B}"])
def test_every_way_to_write_the_classes(space: str) -> None:
    assert [params["estimator"] for params in grid(read(CHOSEN, space=space))] == ["a.B", "c.D"][: 1 + space.count(",")]


def test_names_in_a_step_s_branch_are_the_step_s() -> None:
    spec = read(PIPELINE, trial="{pipeline: {scale: a.Other, clf: }}", space=STEPS, constraints="[Log.C < 6 or scale == 'x']")
    assert spec.trial.steps == (StepSpec("scale", ""), StepSpec("clf", "")), "what is always replaced is nothing"
    assert len(grid(spec)) == 10
    assert grid(spec)[0] == {"scale": "a.Scaler", "clf": "b.SVC", "clf__C": 1, "clf__kernel": "poly", "clf__degree": 3}
    assert grid(spec)[-1] == {"scale": "passthrough", "clf": "b.Log", "clf__C": 5}


def test_a_step_that_is_replaced_sometimes_stays_what_it_is_otherwise() -> None:
    space = "{clf: [a.B, c.D], scale: {choice: [passthrough], when: {clf: c.D}}}"
    spec = read(PIPELINE, trial="{pipeline: {scale: a.Scaler, clf: }}", space=space)
    assert spec.trial.steps == (StepSpec("scale", "a.Scaler"), StepSpec("clf", ""))


def test_param_is_the_estimator_s_own_whatever_its_name() -> None:
    spec = read(ESTIMATOR, trial="{estimator: a.B, fixed: {param.x: 1}}", space="{param.estimator: [1, 2]}")
    assert grid(spec) == [{"param.estimator": 1}, {"param.estimator": 2}]
    assert spec.trial.fixed == {"param.x": 1}
    assert problems(ESTIMATOR, space="{param.x: [1, 2]}", constraints="[param.x < 2]") == []


def test_set_reaches_into_a_branch_of_a_class() -> None:
    space = "{estimator: {choice: {b.SVC: {C: [1, 2]}, b.Log: {C: [5]}}}}"
    spec = read(CHOSEN, space=space, overrides=["space.estimator.choice.b.SVC.C=[7]", "space.param.tol=0.1"])
    assert grid(spec) == [
        {"estimator": "b.SVC", "C": 7, "param.tol": 0.1},
        {"estimator": "b.Log", "C": 5, "param.tol": 0.1},
    ]


def test_what_is_written_out_names_what_it_chooses() -> None:
    first = read(PIPELINE, trial="{pipeline: {scale: , clf: }}", space=STEPS, search="{first: [{clf: b.Log}]}").search.first
    assert [dict(each) for each in first] == [{"scale": "a.Scaler", "clf": "b.Log", "clf__C": 5}]


def test_without_estimator_in_the_space_a_trial_is_still_asked_for() -> None:
    assert problems(CHOSEN, space="{C: [1, 2]}") == [
        "1  trial: is missing; write what a trial runs: an estimator, a pipeline, a function or a command"
    ]
