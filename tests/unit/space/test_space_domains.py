"""What a domain draws, and what it refuses: a wrong bound found here is not found by ten thousand failed trials."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.core.errors import SpecError
from hpsearch.space import UNSET, Choice, Constant, Domain, FloatRange, IntRange, Normal, Ordinal, SpaceError

DOMAINS: list[Domain] = [
    Constant("rbf"),
    Choice(("a", None, 3, 3.0, True, (1, 2))),
    IntRange(-3, 12),
    IntRange(3, 9, step=2),
    IntRange(1, 1000, log=True),
    FloatRange(-1.5, 2.5),
    FloatRange(0.5, 0.9, step=0.1),
    FloatRange(1e-6, 10.0, log=True),
    FloatRange(0, 1, points=3),
    Ordinal(("small", "medium", "large")),
    Normal(0.5, 2),
    Normal(0.5, 2, step=0.1),
    Normal(-3, 1, log=True),
]


@pytest.mark.parametrize("domain", DOMAINS, ids=repr)
@settings(deadline=None)
@given(u=st.floats(0, 1, exclude_max=True))
def test_every_draw_is_a_value_of_the_domain(domain: Domain, u: float) -> None:
    assert domain.contains(domain.sample(u))


@pytest.mark.parametrize("domain", DOMAINS, ids=repr)
def test_draws_do_not_fall_when_u_rises(domain: Domain) -> None:
    """A space-filling sequence fills the space only if equal steps of u are equal steps of the domain."""
    draws = [domain.sample(index / 200) for index in range(200)]
    if domain.is_numeric:
        assert draws == sorted(draws, key=lambda value: float(str(value)))
    assert domain.size() is None or len({repr(draw) for draw in draws}) <= domain.size()


def test_normals_have_their_mean_and_deviation() -> None:
    """Quantiles of the normal distribution: 0.5, and one standard deviation either way."""
    below, above = 0.15865525393145707, 0.8413447460685429
    assert [Normal(10, 2).sample(u) for u in (below, 0.5, above)] == [8.0, 10.0, 12.0]
    assert Normal(0, 1, log=True).sample(0.5) == 1.0
    assert Normal(2, 1, log=True).sample(above) == pytest.approx(2.718281828459045**3, rel=1e-11)
    assert Normal(0, 1, step=0.5).sample(above) == 1.0
    assert Normal(0.1, 0.2).sample(0.123) == float(f"{Normal(0.1, 0.2).sample(0.123):.12g}"), "twelve digits on every machine"


def test_each_value_of_a_choice_is_drawn_equally_often() -> None:
    draws = Counter(Choice(("a", "b", "c")).sample(index / 300) for index in range(300))
    assert draws == {"a": 100, "b": 100, "c": 100}


def test_the_ends_of_an_int_range_are_drawn_as_often_as_the_middle() -> None:
    assert Counter(IntRange(1, 4).sample(index / 400) for index in range(400)) == {1: 100, 2: 100, 3: 100, 4: 100}


def test_a_log_range_draws_each_decade_equally_often() -> None:
    domain = FloatRange(1e-4, 1e-1, log=True)
    below = sum(1 for index in range(900) if float(str(domain.sample((index + 0.5) / 900))) < 1e-3)
    assert below == 300


def test_the_low_end_of_a_log_int_range_gets_its_share() -> None:
    """Each integer owns the log distance around it, half a unit either way: 1 owns ln 3 of the ln 7 from 0.5 to 3.5."""
    draws = Counter(IntRange(1, 3, log=True).sample((index + 0.5) / 1000) for index in range(1000))
    assert draws == {1: 565, 2: 262, 3: 173}


def test_points_have_no_part_in_drawing() -> None:
    assert FloatRange(0, 1, points=3).sample(0.3) == 0.3
    assert FloatRange(0, 1, points=3).size() is None


@pytest.mark.parametrize(
    ("domain", "size"),
    [
        (Constant(1), 1),
        (Choice((1, 2)), 2),
        (IntRange(3, 9), 7),
        (IntRange(3, 9, step=4), 2),
        (FloatRange(0.5, 0.9, step=0.1), 5),
    ],
    ids=repr,
)
def test_how_many_values_a_draw_can_give(domain: Domain, size: int) -> None:
    assert domain.size() == size


@pytest.mark.parametrize("index", [-1, 4])
@pytest.mark.parametrize("domain", [Choice((1, 2, 3, 4)), IntRange(1, 4), FloatRange(0, 1, points=4), Constant(1)], ids=repr)
def test_an_index_outside_the_grid_is_no_value(domain: Domain, index: int) -> None:
    with pytest.raises(IndexError, match=f"index {index} of"):
        domain.grid_at(index)


def test_values_of_different_types_are_different_values() -> None:
    choice = Choice((3, 3.0, "3", True, 1))
    assert choice.grid_size() == 5
    assert not Choice((3,)).contains(3.0)
    assert not IntRange(1, 5).contains(3.0)
    assert not FloatRange(1, 5).contains(3)


def test_integers_given_to_a_float_range_become_floats() -> None:
    """`{float: [0, 1]}` must give 0.0, or its trials are not those of `{float: [0.0, 1.0]}`."""
    assert FloatRange(0, 1, points=2) == FloatRange(0.0, 1.0, points=2)
    assert repr(FloatRange(0, 1, points=2, default=1).default) == "1.0"


def test_a_default_of_none_is_a_default() -> None:
    assert Choice((None, 1), default=None).default is None
    assert Choice((None, 1)).default is UNSET


@pytest.mark.parametrize(
    ("make", "messages"),
    [
        (lambda: FloatRange(0, 0.3, log=True, points=3), ["low = 0: a log range starts above 0; write 1e-6, or drop log"]),
        (lambda: IntRange(-1, 3, log=True), ["low = -1: a log range starts above 0; write 1, or drop log"]),
        (lambda: IntRange(9, 3), ["high = 3: a range ends above its low end, 9; write [3, 9]"]),
        (lambda: IntRange(3, 3), ["high = 3: a range ends above its low end, 3; write 3 alone for one value"]),
        (lambda: IntRange(3.0, 9.5), ["low = 3.0: must be a whole number; write 3",
                                      "high = 9.5: must be a whole number; for fractions write float: in place of int:"]),
        (lambda: IntRange(True, "9"), ["low = true: must be a whole number", "high = '9': must be a whole number"]),
        (lambda: FloatRange(float("nan"), float("inf")),
         ["low = .nan: must be a finite number", "high = .inf: must be a finite number"]),
        (lambda: FloatRange(0, 10**400), ["high = " + "1" + "0" * 56 + "...: must be a finite number"]),
        (lambda: FloatRange(0, 1, step=0), ["step = 0: must be above 0"]),
        (lambda: FloatRange(0, 1, step=-0.1), ["step = -0.1: must be above 0"]),
        (lambda: IntRange(3, 9, step=7), ["step = 7: is longer than the range, 3 to 9; write a smaller step"]),
        (lambda: FloatRange(0.1, 1, step=0.1, log=True),
         ["step = 0.1: a log range has no step; write points instead, or drop log"]),
        (lambda: IntRange(3, 9, step=2, points=3), ["points = 3: points and step exclude each other; drop one of them"]),
        (lambda: IntRange(3, 9, points=1), ["points = 1: must be a whole number of at least 2; write one value alone"]),
        (lambda: FloatRange(0, 1, points=2.0), ["points = 2.0: must be a whole number of at least 2; write 2"]),
        (lambda: IntRange(1, 2, log="yes"), ["log = 'yes': must be true or false"]),
        (lambda: FloatRange(1, 1.0000000000000002, points=3),
         ["points = 3: 1.0 and 1.0000000000000002 have not that many floats between them; write fewer"]),
        (
            lambda: IntRange(3, 9, default=2),
            ["default = 2: is not one of the parameter's own values; write a whole number from 3 to 9"],
        ),
        (
            lambda: FloatRange(0.5, 0.9, step=0.1, default=0.55),
            [
                "default = 0.55: is not one of the parameter's own values;"
                " write a number from 0.5 to 0.9, on the step of 0.1"
            ],
        ),
        (lambda: Choice(("a", "b"), default="c"), ["default = 'c': is not one of the parameter's own values; write 'a' or 'b'"]),
        (lambda: Constant(1, default=2), ["default = 2: is not one of the parameter's own values; write 1"]),
        (lambda: Choice(()), ["a choice needs at least one value"]),
        (lambda: Choice((1, 2, 1)), ["[2] = 1: stands at [0] already; a choice names each value once"]),
    ],
)  # fmt: skip
def test_what_a_domain_refuses_to_be(make: Callable[[], Domain], messages: list[str]) -> None:
    with pytest.raises(SpaceError) as caught:
        make()
    assert [str(problem) for problem in caught.value.problems] == messages
    assert isinstance(caught.value, SpecError)


@pytest.mark.parametrize(
    ("domain", "fixes"),
    [
        (FloatRange(0, 1), "add points: 5, or step: 0.1"),
        (FloatRange(-1e-7, 1e-7), "add points: 5, or step: 1E-8"),
        (FloatRange(-1e308, 1e308), "add points: 5, or step: 1E+307"),
        (FloatRange(0.1, 1, log=True), "add points: 5"),
    ],
)
def test_a_float_range_in_a_grid_says_what_to_add(domain: FloatRange, fixes: str) -> None:
    for ask in (domain.grid_size, lambda: domain.grid_at(0)):
        with pytest.raises(SpaceError) as caught:
            ask()
        assert str(caught.value) == f"a float without points or step cannot be in a grid; {fixes}"
