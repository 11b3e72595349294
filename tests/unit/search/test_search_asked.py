"""What a spec asks for: exactly what its search suggests, told for one configuration at a time."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from hpsearch.core.metric import Metric, Mode
from hpsearch.core.values import Params
from hpsearch.ledger import StudyRecord
from hpsearch.search import asked_as_run, asked_for, make_searcher
from hpsearch.spec import StudySpec, parse_spec

GRIDS = [
    "{x: {int: [1, 6]}}",
    "{x: {int: [1, 6], step: 2}, y: [a, b]}",
    "{x: {float: [0.001, 10], log: true, points: 7}, y: {int: [1, 1000], log: true, points: 9}}",
    "{x: [1, 2.0, null, true, [1, 2]], y: 3}",
    "{kind: {choice: {plain: {}, deep: {layers: [1, 2]}}}, x: [1, 2]}",
]
DRAWS = ["random, trials: 40, seed: 3", "sobol, trials: 40, seed: 3"]


def spec_of(space: str, search: str = "grid", fixed: str = "{a: 1, b: [2, 3]}") -> StudySpec:
    text = (
        f"name: s\ntrial: {{function: m:f, fixed: {fixed}}}\nmetric: {{name: loss, mode: min}}\n"
        f"space: {space}\nsearch: {{method: {search}}}\n"
    )
    return parse_spec(text, file="s.yaml", folder=Path("/nowhere"))


def suggested(spec: StudySpec) -> list[Params]:
    return [{**spec.trial.fixed, **params} for params in make_searcher(spec.space, spec.search).ask(10_000)]


@pytest.mark.parametrize("search", ["grid", *DRAWS])
@pytest.mark.parametrize("space", GRIDS)
def test_all_that_is_suggested_is_asked_for_and_nothing_beside_it(space: str, search: str) -> None:
    """A value more, less, or of another type, a fixed parameter changed, absent or new: not what the spec asks for."""
    spec = spec_of(space, search)
    asked = asked_for(spec)
    assert asked is not None
    for params in (found := suggested(spec)):
        assert asked(dict(reversed(params.items()))), params
    one = found[0]
    for name in one:
        assert not asked({key: value for key, value in one.items() if key != name})
        assert not asked({**one, name: "no such value"})
    assert not asked({**one, "new": 1})
    assert not asked({**one, "a": 1.0}), "1 and 1.0 are two values"


@pytest.mark.parametrize(
    "search",
    ["grid, first: [{x: 4}]", "list, configurations: [{x: 4}, {x: 1}]", "random, trials: 3, first: [{x: 4}]"],
)
def test_what_a_spec_writes_out_is_asked_for(search: str) -> None:
    asked = asked_for(spec_of("{x: {int: [1, 6], step: 2}}", search))
    assert asked is not None
    assert asked({"x": 4, "a": 1, "b": (2, 3)})
    assert not asked({"x": 2, "a": 1, "b": (2, 3)})


def test_what_another_spec_asks_for_is_told_from_it() -> None:
    """A narrowed range, other points on it, another seed of the draws."""
    wide, narrow = spec_of("{x: {int: [1, 6]}}"), asked_for(spec_of("{x: {int: [2, 3]}}"))
    assert narrow is not None
    assert [params["x"] for params in suggested(wide) if narrow(params)] == [2, 3]
    finer = asked_for(spec_of("{x: {float: [0.0, 1.0], points: 5}}"))
    assert finer is not None
    coarse = suggested(spec_of("{x: {float: [0.0, 1.0], points: 4}}"))
    assert [params["x"] for params in coarse if finer(params)] == [0.0, 1.0]
    draws = asked_for(spec_of("{x: {float: [0.0, 1.0]}}", "random, trials: 30, seed: 1"))
    assert draws is not None
    other = suggested(spec_of("{x: {float: [0.0, 1.0]}}", "random, trials: 30, seed: 2"))
    assert not any(map(draws, other))


@pytest.mark.parametrize("search", ["grid", *DRAWS])
def test_constraints_are_part_of_what_is_asked_for(search: str) -> None:
    free = spec_of("{x: {int: [0, 6]}, y: {int: [0, 6]}}", search)
    held = parse_spec(free.text + "constraints: ['x <= y', 'x + y < 9']\n", file="s.yaml", folder=Path("/nowhere"))
    asked = asked_for(held)
    assert asked is not None
    assert all(map(asked, suggested(held)))
    assert not any(asked(params) for params in suggested(free) if params["x"] > params["y"])  # type: ignore[operator]


def test_a_constraint_without_an_answer_asks_for_nothing() -> None:
    """`status` must not fail over a configuration that only a search would have had to refuse."""
    text = spec_of("{x: {int: [1, 6]}}", fixed="{}").text + "constraints: ['6 / x > 1']\n"
    checked = parse_spec(text, file="s.yaml", folder=Path("/nowhere"))
    wider = spec_of("{x: {int: [0, 6]}}", fixed="{}").space
    asked = asked_for(replace(checked, space=replace(wider, constraints=checked.space.constraints)))
    assert asked is not None
    assert [x for x in range(7) if asked({"x": x})] == [1, 2, 3, 4, 5]


def test_a_grid_is_not_listed() -> None:
    """10^12 configurations: a look at the values of one."""
    many = "{a: {int: [1, 10000]}, b: {int: [1, 10000]}, c: {float: [0, 1], points: 10000}}"
    began = time.process_time()
    asked = asked_for(spec_of(many, fixed="{}"))
    assert asked is not None
    assert asked({"a": 9999, "b": 3, "c": 1.0})
    assert not asked({"a": 9999, "b": 3, "c": 0.00005})
    assert time.process_time() - began < 1


def test_draws_beyond_counting_are_not_listed() -> None:
    """Better nothing is said than a minute waited, or a gigabyte held."""
    assert asked_for(spec_of("{x: {float: [0, 1]}}", "random, trials: 200001")) is None


def test_before_a_second_run_everything_was_asked_for() -> None:
    spec = spec_of("{x: [1, 2]}")
    study = StudyRecord("s", "c", Metric("loss", Mode.MIN), epoch=1)
    first, later = asked_as_run(study, spec), asked_as_run(replace(study, epoch=2), spec)
    assert first is not None
    assert later is not None
    assert first({"x": 7})
    assert not later({"x": 7})
    assert asked_as_run(study, None) is None
