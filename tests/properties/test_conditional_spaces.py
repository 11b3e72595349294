"""Conditional spaces against a list of them made the slow way: count, order of nothing, draws, and what is active."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.core.seeds import uniform
from hpsearch.core.values import Params, Value, canonical
from hpsearch.space import Choice, Condition, Constant, IntRange, Parameter, Space, SpaceError
from hpsearch.space.conditions import demands, name_clashes, parents_first


@st.composite
def spaces(draw: st.DrawFn) -> Space:
    """Up to seven parameters, each waiting for up to two others, wherever those stand; some of one name."""
    count = draw(st.integers(1, 7))
    domains = [
        draw(
            st.one_of(
                st.integers(1, 3).map(lambda n: Choice(tuple("abc"[:n]))),
                st.integers(2, 6).map(lambda n: IntRange(1, n)),
                st.just(IntRange(1, 6, step=2)),
                st.just(Constant("a")),
            )
        )
        for _ in range(count)
    ]
    order = draw(st.permutations(range(count)))  # a parent comes before its children here, not among the parameters
    parameters: list[Parameter] = []
    for place in range(count):
        earlier = order[: order.index(place)]
        parents = draw(st.lists(st.sampled_from(earlier), max_size=2, unique=True)) if earlier else []
        when = [
            Condition(
                f"p{parent}",
                tuple(draw(st.lists(st.sampled_from(_values(domains[parent])), min_size=1, max_size=3, unique=True))),
            )
            for parent in parents
        ]
        parameters.append(
            Parameter(draw(st.sampled_from([f"p{place}", "shared"])), domains[place], tuple(when), ident=f"p{place}")
        )
    try:
        return Space(tuple(parameters))
    except SpaceError:  # two of one name that may be active together
        return Space(tuple(Parameter(each.ident, each.domain, each.when) for each in parameters))


def _values(domain: Choice | IntRange | Constant) -> list[Value]:
    return [domain.grid_at(index) for index in range(domain.grid_size())]


def listed(space: Space) -> Iterator[Params]:
    """Every configuration, some many times: all values of all parameters, the inactive ones then taken away."""
    for row in itertools.product(*(_values(each.domain) for each in space.parameters)):  # type: ignore[arg-type]
        chosen = {each.ident: value for each, value in zip(space.parameters, row, strict=True)}
        for _ in space.parameters:  # a parent that goes takes its children with it
            chosen = {
                each.ident: chosen[each.ident]
                for each in space.parameters
                if each.ident in chosen and all(chosen.get(c.parent) in c.values for c in each.when)
            }
        yield {each.name: chosen[each.ident] for each in space.parameters if each.ident in chosen}


@settings(deadline=None, max_examples=300)
@given(spaces())
def test_the_grid_has_every_configuration_once(space: Space) -> None:
    rows = [space.grid_at(index) for index in range(space.grid_size())]
    expected = {canonical(params) for params in listed(space)}
    assert sorted(map(canonical, rows)) == sorted(expected)
    assert space.size() == len(expected)
    for row in rows:
        active = space.active(row)
        assert active is not None
        assert [each.name for each in space.parameters if each in active] == list(row), (
            "in the spec's order, whoever waits for whom"
        )


@settings(deadline=None, max_examples=200)
@given(spaces(), st.integers(0, 2**32))
def test_draws_are_configurations_of_the_space(space: Space, seed: int) -> None:
    everything = {canonical(params) for params in listed(space)}
    for index in range(5):
        drawn = space.sample(lambda ident, index=index: uniform(seed, "draw", index, ident))
        assert canonical(drawn) in everything
        assert space.active(drawn) is not None


@settings(deadline=None, max_examples=200)
@given(spaces(), st.data())
def test_one_name_twice_is_refused_where_some_configuration_would_have_both(space: Space, data: st.DataObject) -> None:
    names = [data.draw(st.sampled_from("xyz")) for _ in space.parameters]
    renamed = tuple(
        Parameter(name, each.domain, each.when, ident=each.ident) for name, each in zip(names, space.parameters, strict=True)
    )
    demanded = demands(parents_first(renamed))
    meeting = {
        other.place
        for one, other in itertools.combinations(renamed, 2)
        if one.name == other.name
        and not any(
            demanded[one.ident][p].isdisjoint(demanded[other.ident][p]) for p in demanded[one.ident] if p in demanded[other.ident]
        )
    }
    assert {problem.path for problem in name_clashes(renamed, demanded)} == meeting


def test_thousands_of_branches_may_use_one_name() -> None:
    branches = tuple(Parameter("x", Choice((1, 2)), (Condition("a", (n,)),), ident=f"a.{n}.x") for n in range(2500))
    space = Space((Parameter("a", IntRange(0, 2499)), *branches))
    assert space.grid_size() == 5000
    assert space.grid_at(4999) == {"a": 2499, "x": 2}


def test_conditions_that_cannot_be_told_apart_are_refused_and_not_waited_for() -> None:
    parents = [Parameter(f"p{n}", Choice((0, 1))) for n in range(26)]
    pairs = itertools.combinations(range(26), 2)
    waiting = [Parameter(f"c{i}_{j}", Choice((1, 2)), (Condition(f"p{i}", (1,)), Condition(f"p{j}", (1,)))) for i, j in pairs]
    space = Space((*parents, *waiting))
    with pytest.raises(SpaceError, match=r": conditions join it with others in more cases than can be told apart"):
        space.grid_size()
    assert space.size() is None, "what is drawn needs no count"
    assert space.active(space.sample(lambda ident: 0.0)) is not None


@settings(deadline=None, max_examples=200)
@given(spaces(), st.data())
def test_only_configurations_are_active(space: Space, data: st.DataObject) -> None:
    everything = {canonical(params) for params in listed(space)}
    some: Params = data.draw(st.dictionaries(st.sampled_from(space.names()), st.sampled_from(["a", "b", 1, 2, 3])))
    assert (space.active(some) is not None) == (canonical(some) in everything)


def test_a_million_million_under_conditions_are_counted_at_once() -> None:
    wide = [Parameter(f"p{index}", IntRange(1, 1000)) for index in range(4)]
    fine = Parameter("fine", IntRange(1, 500), (Condition("p3", (1000,)), Condition("p0", (7, 8))))
    space = Space((*wide, fine))
    assert space.grid_size() == 10**12 + 2 * 10**6 * 499
    assert space.grid_at(space.grid_size() - 1) == {"p0": 1000, "p1": 1000, "p2": 1000, "p3": 1000}


def test_branches_of_branches_to_any_depth() -> None:
    parameters = [Parameter("p0", Choice(("leaf", "more")))]
    for depth in range(1, 60):
        parameters.append(Parameter(f"p{depth}", Choice(("leaf", "more")), (Condition(f"p{depth - 1}", ("more",)),)))
    space = Space(tuple(parameters))
    assert space.grid_size() == 61
    assert space.grid_at(60) == {f"p{depth}": "more" for depth in range(60)}


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ([Parameter("a", Choice((1,)), (Condition("b", (1,)),))], "a.when: there is no parameter b"),
        (
            [Parameter("a", Choice((1, 2)), (Condition("b", (1,)),)), Parameter("b", Choice((1, 2)), (Condition("a", (1,)),))],
            "a.when: a waits for b waits for a: a parameter cannot wait for itself",
        ),
        (
            [Parameter("a", Choice(("x", "y"))), Parameter("b", Constant(1), (Condition("a", ("xx",)),))],
            "b.when.a = 'xx': is not one of that parameter's values; did you mean x?",
        ),
        (
            [
                Parameter("a", Choice((1, 2))),
                Parameter("r", Constant(1), (Condition("a", (1,)),), ident="a.1.r"),
                Parameter("r", Constant(2)),
            ],
            "r can be active together with a.1.r, also called r; a configuration has one of each name",
        ),
    ],
    ids=["unknown", "circle", "value", "name"],
)
def test_what_cannot_be_is_refused(parameters: list[Parameter], said: str) -> None:
    with pytest.raises(SpaceError) as caught:
        Space(tuple(parameters)).grid_size()
    assert str(caught.value).startswith(said)
