"""A space is counted, indexed and drawn from; nobody may have to wait for, or hold, its list."""

from __future__ import annotations

import itertools
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.core.seeds import uniform
from hpsearch.core.values import canonical
from hpsearch.space import Choice, Constant, Domain, FloatRange, IntRange, Parameter, Space, SpaceError


def space(**domains: Domain) -> Space:
    return Space(tuple(Parameter(name, domain) for name, domain in domains.items()))


DIGITS = space(
    kernel=Constant("rbf"), C=FloatRange(0.1, 10, points=3, log=True), degree=IntRange(2, 4), shrinking=Choice((True, False))
)


def test_the_last_parameter_varies_fastest() -> None:
    """Rows come in the order in which nested loops over the file's parameters would give them."""
    rows = [DIGITS.grid_at(index) for index in range(DIGITS.grid_size())]
    loops = itertools.product(["rbf"], [0.1, 1.0, 10.0], [2, 3, 4], [True, False])
    assert rows == [dict(zip(("kernel", "C", "degree", "shrinking"), row, strict=True)) for row in loops]
    assert list(rows[0]) == ["kernel", "C", "degree", "shrinking"]


def test_a_grid_of_a_million_million_is_counted_at_once() -> None:
    wide = Space(tuple(Parameter(f"p{index}", IntRange(1, 1000)) for index in range(4)))
    assert wide.grid_size() == 10**12
    assert wide.grid_at(123_456_789_012) == {"p0": 124, "p1": 457, "p2": 790, "p3": 13}
    assert wide.size() == 10**12


@settings(deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=5))
def test_every_index_gives_another_configuration(sizes: list[int]) -> None:
    some = Space(tuple(Parameter(f"p{n}", Choice(tuple(range(size)))) for n, size in enumerate(sizes)))
    assert len({canonical(some.grid_at(index)) for index in range(some.grid_size())}) == some.grid_size()


@pytest.mark.parametrize("index", [-1, 18])
def test_an_index_outside_the_grid(index: int) -> None:
    with pytest.raises(IndexError, match=f"index {index} of 18 configurations"):
        DIGITS.grid_at(index)


def test_an_empty_space_is_one_configuration() -> None:
    assert space().grid_size() == 1
    assert space().grid_at(0) == {}


def test_all_parameters_that_cannot_be_in_a_grid_are_named() -> None:
    with pytest.raises(SpaceError) as caught:
        space(a=FloatRange(0, 1), b=Constant(1), c=FloatRange(0, 2, log=False)).grid_size()
    assert [problem.path for problem in caught.value.problems] == ["a", "c"]
    assert str(caught.value).startswith("a: a float without points or step cannot be in a grid; ")


def test_the_same_numbers_draw_the_same_configuration() -> None:
    draws = [DIGITS.sample(lambda name: uniform(7, 3, name)) for _ in range(2)]
    assert draws[0] == draws[1]
    assert {name: type(value) for name, value in draws[0].items()} == {
        "kernel": str,
        "C": float,
        "degree": int,
        "shrinking": bool,
    }


def test_more_values_of_one_parameter_change_no_draw_of_another() -> None:
    """An added value in a random search must leave the other columns as they were."""
    wider = space(
        kernel=Choice(("rbf", "poly")), C=FloatRange(0.1, 10, log=True), degree=IntRange(2, 4), shrinking=Choice((True, False))
    )
    for seed in range(20):
        before, after = (some.sample(lambda name, seed=seed: uniform(seed, name)) for some in (DIGITS, wider))
        assert {**before, "kernel": None} == {**after, "kernel": None}


def test_what_varies_and_what_does_not() -> None:
    mixed = space(a=Constant(1), b=Choice(("only",)), c=Choice((1, 2)), d=FloatRange(0, 1))
    assert mixed.varying == ("c", "d")
    assert mixed.constants == {"a": 1, "b": "only"}
    assert mixed.names() == ("a", "b", "c", "d")
    assert mixed.size() is None
    assert mixed.domains("c") == (Choice((1, 2)),)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(SpaceError, match=r"degre is no parameter of the space; did you mean degree\?"):
        DIGITS.domains("degre")


def test_a_name_stands_once() -> None:
    with pytest.raises(SpaceError, match="a stands twice; a configuration has one of each name"):
        Space((Parameter("a", Constant(1)), Parameter("a", Constant(2))))


def test_a_space_travels_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(DIGITS)).grid_at(5) == DIGITS.grid_at(5)
