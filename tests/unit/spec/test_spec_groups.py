"""A function's parameters with dots in their names, written with dots or as mappings: one and the same study."""

from __future__ import annotations

import pytest
from spec_text import FUNCTION, problems, read

from hpsearch.core.values import Params
from hpsearch.spec import StudySpec

DOTS = "{model.lr: [0.1, 0.2], model.opt: {choice: {adam: {beta: [0.9]}, sgd: {}}}, x: 1}"
MAPPINGS = "{model: {lr: [0.1, 0.2], opt: {choice: {adam: {beta: [0.9]}, sgd: {}}}}, x: 1}"


def grid(spec: StudySpec) -> list[Params]:
    return [dict(spec.space.grid_at(index)) for index in range(spec.space.grid_size())]


def test_both_ways_to_write_a_group_mean_the_same() -> None:
    dots, mappings = read(FUNCTION, space=DOTS), read(FUNCTION, space=MAPPINGS)
    assert dots.space == mappings.space
    assert grid(dots) == [
        {"model.lr": 0.1, "model.opt": "adam", "model.beta": 0.9, "x": 1},
        {"model.lr": 0.1, "model.opt": "sgd", "x": 1},
        {"model.lr": 0.2, "model.opt": "adam", "model.beta": 0.9, "x": 1},
        {"model.lr": 0.2, "model.opt": "sgd", "x": 1},
    ]


def test_constraints_and_conditions_name_them() -> None:
    space = "{model: {lr: [0.1, 0.2], depth: {choice: [3, 5], when: {model.lr: 0.1}}}, y: {choice: [1], when: {depth: 5}}}"
    spec = read(FUNCTION, space=space, constraints="[model.lr > 0.1 or model.depth > 3]")
    assert [params for params in grid(spec) if spec.space.admits(params)] == [
        {"model.lr": 0.1, "model.depth": 5, "y": 1},
        {"model.lr": 0.2},
    ]


@pytest.mark.parametrize(
    "fixed", ["{model: {depth: 3, opt: {b: 1}}}", "{model.depth: 3, model.opt: {b: 1}}", "{model.depth: 3, model: {opt: {b: 1}}}"]
)
def test_fixed_groups(fixed: str) -> None:
    """A mapping that is fixed stays the one value that it always was, unless the space has more of it."""
    trial = f"{{function: 'a:b', fixed: {fixed}}}"
    assert read(FUNCTION, trial=trial, space="{x: [1, 2]}").trial.fixed == {"model": {"depth": 3, "opt": {"b": 1}}}
    assert read(FUNCTION, trial=trial, space="{model: {lr: [1, 2]}}").trial.fixed == {"model.depth": 3, "model.opt": {"b": 1}}
    both = read(FUNCTION, trial=trial, space="{model: {opt: {c: [1]}}}")
    assert both.trial.fixed == {"model.depth": 3, "model.opt.b": 1}


def test_configurations_are_written_out_in_either_way() -> None:
    search = "{first: [{model: {lr: 0.2}}, {model.lr: 0.1, x: 1}]}"
    assert [dict(each) for each in read(FUNCTION, space="{model: {lr: [0.1, 0.2]}, x: 1}", search=search).search.first] == [
        {"model.lr": 0.2, "x": 1},
        {"model.lr": 0.1, "x": 1},
    ]


@pytest.mark.parametrize("space", [DOTS, MAPPINGS])
def test_set_reaches_one_parameter_of_a_group(space: str) -> None:
    spec = read(FUNCTION, space=space, overrides=["space.model.lr=[5]", "space.model.opt.choice.adam.beta=[0.5]"])
    assert grid(spec) == [
        {"model.lr": 5, "model.opt": "adam", "model.beta": 0.5, "x": 1},
        {"model.lr": 5, "model.opt": "sgd", "x": 1},
    ]


def test_set_replaces_the_domain_of_a_parameter_in_a_group() -> None:
    space = "{model: {lr: {float: [0, 1], points: 3}, depth: [1]}}"
    spec = read(FUNCTION, space=space, overrides=["space.model.lr={int: [3, 4]}"])
    assert grid(spec) == [{"model.lr": 3, "model.depth": 1}, {"model.lr": 4, "model.depth": 1}]


def test_set_adds_to_a_group_and_replaces_it_by_a_domain() -> None:
    assert read(FUNCTION, space=MAPPINGS, overrides=["space.model.more=1"]).space.names()[2:] == ("model.beta", "model.more", "x")
    assert read(FUNCTION, space=MAPPINGS, overrides=["space.model={int: [1, 2]}"]).space.names() == ("model", "x")


@pytest.mark.parametrize("key", ["init", "norm", "cost"])
def test_names_that_resemble_a_domain_s_beside_others_are_a_group_s(key: str) -> None:
    assert problems(FUNCTION, space=f"{{model: {{rate: [1], {key}: [1]}}}}") == []
