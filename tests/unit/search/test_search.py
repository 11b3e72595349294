"""Searchers: the order of a grid, and draws that depend on the seed and their number alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.core.errors import SpecError
from hpsearch.core.values import Params, canonical
from hpsearch.search import Searcher, configuration_at, make_searcher, refuse_empty
from hpsearch.space.permutation import Permutation
from hpsearch.spec import StudySpec, parse_spec

RANDOM = "{method: random, trials: 20, seed: 7}"
WIDE = "{a: {float: [0, 1]}, b: {int: [1, 1000000], log: true}, c: [x, y]}"


def spec(space: str, search: str = "{method: grid}") -> StudySpec:
    text = f"name: s\ntrial: {{function: m:f}}\nmetric: {{name: loss, mode: min}}\nspace: {space}\nsearch: {search}\n"
    return parse_spec(text, file="s.yaml", folder=Path("/nowhere"))


def searcher(space: str, search: str = "{method: grid}") -> Searcher:
    of = spec(space, search)
    return make_searcher(of.space, of.search)


def drain(of: Searcher, chunk: int = 7) -> list[Params]:
    found: list[Params] = []
    while not of.ended:
        asked = of.ask(chunk)
        assert len(asked) <= chunk
        found += asked
    assert not of.ask(1), "asking again after the end gives nothing"
    return found


def texts(configurations: Sequence[Params]) -> list[str]:
    return [canonical(params) for params in configurations]


@pytest.mark.parametrize("chunk", [1, 4, 100])
def test_a_grid_in_order_however_it_is_asked(chunk: int) -> None:
    found = drain(searcher("{a: [1, 2], b: {int: [0, 4], step: 2}}"), chunk)
    assert [(params["a"], params["b"]) for params in found] == [(1, 0), (1, 2), (1, 4), (2, 0), (2, 2), (2, 4)]


def test_a_grid_of_a_trillion_is_read_from_its_beginning() -> None:
    of = searcher("{a: {int: [1, 1000000]}, b: {int: [1, 1000000]}}")
    assert [dict(params) for params in of.ask(2)] == [{"a": 1, "b": 1}, {"a": 1, "b": 2}]


@settings(deadline=None)
@given(st.integers(1, 3000), st.integers(0, 2**31))
def test_a_shuffled_order_has_every_number_once(size: int, seed: int) -> None:
    order = Permutation(size, seed)
    assert sorted(map(order, range(size))) == list(range(size))


def test_shuffled_orders_are_of_all_kinds() -> None:
    """Each of the 24 orders of four comes about equally often; 5 sigma of the binomial either way."""
    orders = Counter(tuple(map(Permutation(4, seed), range(4))) for seed in range(4800))
    assert len(orders) == 24
    assert all(abs(count - 200) < 70 for count in orders.values()), orders


@pytest.mark.parametrize("size", [10**12, 2**64 + 1, 10**60])
def test_a_shuffled_order_of_any_size(size: int) -> None:
    order = Permutation(size, 5)
    first = [order(index) for index in range(200)]
    assert len(set(first)) == 200
    assert all(0 <= number < size for number in first)
    assert max(first) > size * 0.9
    with pytest.raises(IndexError):
        order(size)


def test_a_shuffled_grid_is_the_grid() -> None:
    space = "{a: {int: [1, 20]}, b: {choice: {x: {}, y: {c: [1, 2, 3]}}}}"
    plain, shuffled, other = (
        texts(drain(searcher(space, search)))
        for search in ("{method: grid}", "{order: shuffled, seed: 4}", "{order: shuffled, seed: 5}")
    )
    assert shuffled != plain != other != shuffled
    assert sorted(shuffled) == sorted(plain) == sorted(other)
    of = spec(space, "{order: shuffled, seed: 4}")
    assert [canonical(configuration_at(of.space, of.search, index)) for index in (0, 17, 79)] == [
        shuffled[i] for i in (0, 17, 79)
    ]
    assert configuration_at(of.space, of.search, 80) is None


@pytest.mark.parametrize(
    "search",
    [
        "{method: grid}",
        "{order: shuffled}",
        "{method: random, trials: 60}",
        "{method: sobol, trials: 60}",
        "{method: random, trials: 500}",
    ],
)
def test_constraints_hold_for_all_that_is_suggested(search: str) -> None:
    space = "{a: {int: [1, 12]}, b: {int: [1, 12]}, c: {choice: {x: {}, y: {d: {int: [1, 3]}}}}}"
    text = "constraints: ['a * b <= 30', 'd < 3 or a == b']\n"
    of = spec(space, f"{search}\n{text}")
    found = drain(make_searcher(of.space, of.search))
    allowed = [params for index in range(of.space.grid_size()) if of.space.admits(params := of.space.grid_at(index))]
    assert len(set(texts(found))) == len(found) == min(of.search.trials or len(allowed), len(allowed))
    assert set(texts(found)) <= set(texts(allowed))
    assert all(params["a"] * params["b"] <= 30 for params in found)  # type: ignore[operator]
    assert all(params.get("d") != 3 or params["a"] == params["b"] for params in found)
    assert configuration_at(of.space, of.search, 7) == found[7]


def test_blocks_that_a_constraint_excludes_are_passed_in_one_step() -> None:
    """The first ten thousand million of these have a <= 10."""
    wide = "{a: {int: [1, 1000]}, b: {int: [1, 1000]}, c: {int: [1, 1000]}, d: {int: [1, 1000]}}"
    of = spec(wide, "{method: grid}\nconstraints: ['a > 10 and a != 12']")
    (first,) = make_searcher(of.space, of.search).ask(1)
    assert first == {"a": 11, "b": 1, "c": 1, "d": 1}
    assert of.space.next_after(5, of.space.constraints[0]) == 10**9
    pairs = spec(wide, "{method: grid}\nconstraints: ['b == 2']")
    assert pairs.space.next_after(10**6 + 7, pairs.space.constraints[0]) == 2 * 10**6


@pytest.mark.parametrize(
    "search",
    [
        "{method: grid}",
        "{method: grid, first: [{a: 3}, {a: 12, b: 12}]}",
        "{order: shuffled, seed: 3}",
        "{method: random, trials: 60}",
        "{method: sobol, trials: 60, first: [{a: 1}]}",
        "{method: list, configurations: [{a: 1}, {a: 2}, {a: 3}]}",
    ],
)
@pytest.mark.parametrize("constraint", ["a * b <= 30", "a + b > 2"])
@pytest.mark.parametrize("n", [1, 5, 1000])
def test_the_last_are_those_that_come_last(search: str, constraint: str, n: int) -> None:
    of = spec(
        "{a: {int: [1, 12]}, b: {int: [1, 12], default: 3}}", f"{search}\nconstraints: ['{constraint}']".replace("b: 12", "b: 2")
    )
    assert make_searcher(of.space, of.search).last(n) == drain(make_searcher(of.space, of.search))[-n:]


def test_the_last_of_very_many_are_found_at_once_or_not_at_all() -> None:
    wide = "{a: {int: [1, 1000]}, b: {int: [1, 1000]}, c: {int: [1, 1000]}, d: {int: [1, 1000]}}"
    of = spec(wide, "{method: grid}\nconstraints: ['a < 5 and a != 3']")
    assert make_searcher(of.space, of.search).last(1) == [{"a": 4, "b": 1000, "c": 1000, "d": 1000}]
    assert of.space.last_before(10**12 - 1, of.space.constraints[0]) == 999 * 10**9 - 1
    none = spec(wide, "{method: grid}\nconstraints: ['a + b + c + d == 4']")
    assert make_searcher(none.space, none.search).last(1) is None
    drawn = spec("{a: {float: [0, 1]}}", "{method: random, trials: 1000000}")
    (last,) = make_searcher(drawn.space, drawn.search).last(1) or ()
    assert 0 < last["a"] < 1  # type: ignore[operator]
    assert searcher("{a: {int: [1, 1000000]}}", "{method: random, trials: 500000}").last(1) is None


def test_a_searcher_answers_soon_however_rare_what_it_looks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hpsearch.search.grid._LOOKS", 50)
    of = spec("{a: {int: [1, 40]}, b: {int: [1, 40]}}", "{method: grid}\nconstraints: ['a * b == 1600 or a * b == 1']")
    searcher = make_searcher(of.space, of.search)
    asked = 0
    found: list[Params] = []
    while not searcher.ended:
        found += searcher.ask(5)
        asked += 1
    assert [dict(params) for params in found] == [{"a": 1, "b": 1}, {"a": 40, "b": 40}]
    assert asked > 20


def test_draws_end_where_constraints_admit_nothing_that_can_be_met() -> None:
    of = spec("{a: {float: [0, 1]}}", "{method: random, trials: 5}\nconstraints: ['a > 1']")
    assert drain(make_searcher(of.space, of.search)) == []


FIRST_SPACE = "{a: {int: [0, 6], step: 2}, x: {float: [0, 1], points: 3, default: 0.5}, c: {choice: {s: {d: [1, 2]}, t: {}}}}"


def test_what_is_written_out_comes_first_and_once() -> None:
    """On the grid or off it; a parameter left out has its default, else the first of its grid."""
    of = spec(FIRST_SPACE, "{first: [{a: 3}, {c: t, x: 1}, {}]}")
    found = drain(make_searcher(of.space, of.search), 2)
    assert [dict(params) for params in found[:3]] == [
        {"a": 3, "x": 0.5, "c": "s", "d": 1},
        {"a": 0, "x": 1.0, "c": "t"},
        {"a": 0, "x": 0.5, "c": "s", "d": 1},
    ]
    assert len(set(texts(found))) == len(found) == of.space.grid_size() + 1
    assert not of.space.in_grid(found[0])
    assert all(of.space.in_grid(params) for params in found[1:])


@pytest.mark.parametrize("method", ["random", "sobol"])
def test_what_is_written_out_counts_among_the_draws(method: str) -> None:
    space = "{a: {int: [0, 9]}, c: [s, t], f: {choice: [1, 2, 3], default: 2}}"
    of = spec(space, f"{{method: {method}, trials: 60, seed: 2, first: [{{a: 3}}, {{a: 4, c: t}}]}}")
    found = drain(make_searcher(of.space, of.search))
    assert len(set(texts(found))) == len(found) == 60
    assert [(params["a"], params["f"]) for params in found[:2]] == [(3, 2), (4, 2)]
    assert found[1]["c"] == "t"
    again = drain(make_searcher(of.space, of.search), 1)
    assert again == found


def test_a_list_is_what_it_says() -> None:
    of = spec(
        "{a: {int: [0, 6]}, x: {float: [0, 1]}}", "{method: list, seed: 1, configurations: [{a: 5, x: 1}, {x: 0.25}, {a: 1}]}"
    )
    found = drain(make_searcher(of.space, of.search), 2)
    assert [params["a"] for params in found] == [5, 0, 1]
    assert [params["x"] for params in found[:2]] == [1.0, 0.25]
    drawn = found[2]["x"]
    assert isinstance(drawn, float)
    assert 0 < drawn < 1, "a float without points has no grid: drawn, and the same every time"
    assert drain(make_searcher(of.space, of.search)) == found


def test_sobol_fills_the_space_evenly() -> None:
    """Of 256 points each of 16 x 16 cells holds exactly one: the property of the sequence, in any two of its first dimensions."""
    found = drain(searcher("{a: {float: [0, 1]}, b: {float: [0, 1]}}", "{method: sobol, trials: 256, seed: 3}"))
    cells = Counter((int(float(str(p["a"])) * 16), int(float(str(p["b"])) * 16)) for p in found)
    assert set(cells.values()) == {1}
    assert len(cells) == 256


def test_sobol_by_seed_and_number_alone() -> None:
    search = "{method: sobol, trials: 600, seed: 3}"
    whole = drain(searcher(WIDE, search), 600)
    of = searcher(WIDE, search)
    assert [*of.ask(3), *of.ask(300), *drain(of, 1)] == whole
    assert drain(searcher(WIDE, search.replace("seed: 3", "seed: 4"))) != whole
    assert len(set(texts(whole))) == 600


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**31), st.lists(st.integers(1, 9), min_size=1, max_size=12))
def test_draws_do_not_depend_on_how_they_are_asked_for(seed: int, chunks: list[int]) -> None:
    """However many workers ask, and however fast: the same spec gives the same trials."""
    search = f"{{method: random, trials: 500, seed: {seed}}}"
    of = searcher(WIDE, search)
    piecewise = [params for chunk in chunks for params in of.ask(chunk)]
    assert texts(piecewise) == texts(searcher(WIDE, search).ask(sum(chunks)))


def test_draws_are_the_same_everywhere_and_for_ever() -> None:
    """Golden values: whoever ran this search once must find the same trials again, on any machine, with any NumPy."""
    found = searcher("{C: {float: [0.001, 1000], log: true}, n: {int: [1, 100]}}", RANDOM).ask(2)
    assert [dict(params) for params in found] == [{"C": 182.6976460045774, "n": 13}, {"C": 1.8560894215317467, "n": 5}]


def test_the_order_of_parameters_and_further_ones_change_no_draw() -> None:
    """Key order is nothing: a spec that was sorted, or got one more constant, must not run everything again."""
    (plain,) = searcher("{C: {float: [0.001, 1000], log: true}, n: {int: [1, 100]}}", RANDOM).ask(1)
    (other,) = searcher("{z: 3, n: {int: [1, 100]}, C: {float: [0.001, 1000], log: true}}", RANDOM).ask(1)
    assert other == {**plain, "z": 3}


def test_more_trials_extend_the_draws() -> None:
    few = drain(searcher(WIDE, "{method: random, trials: 10, seed: 1}"))
    many = drain(searcher(WIDE, "{method: random, trials: 30, seed: 1}"))
    assert texts(many)[:10] == texts(few)
    assert texts(drain(searcher(WIDE, "{method: random, trials: 10, seed: 2}"))) != texts(few)


def test_no_configuration_is_drawn_twice() -> None:
    found = drain(searcher("{a: {int: [1, 30]}, b: {int: [1, 30]}}", "{method: random, trials: 600}"))
    assert len(set(texts(found))) == len(found) == 600


@pytest.mark.parametrize("search", ["{method: random, trials: 20, seed: 0}", "{method: sobol, trials: 20}"])
def test_what_has_no_number_from_a_range_is_drawn_once_too(search: str) -> None:
    found = drain(searcher("{a: {choice: {p: {}, q: {u: {float: [1, 50]}}, r: {n: [1, 2]}}}}", search))
    assert len(set(texts(found))) == len(found) == 20


def test_a_normal_in_steps_is_drawn_once_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hpsearch.search.draws.FRUITLESS_DRAWS", 500)
    found = drain(searcher("{a: {normal: [0, 1], step: 1}}", "{method: random, trials: 100}"))
    assert 5 <= len(set(texts(found))) == len(found) < 20


def test_a_finite_space_is_used_up_and_no_more() -> None:
    found = drain(searcher("{a: [1, 2, 3], b: [x, y], c: 5}", "{method: random, trials: 1000}"))
    assert {(params["a"], params["b"]) for params in found} == {(a, b) for a in (1, 2, 3) for b in ("x", "y")}
    assert len(found) == 6


def test_a_space_whose_last_values_are_hardly_ever_drawn_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every value that is left is rare, waiting for it would take for ever."""
    monkeypatch.setattr("hpsearch.search.draws.FRUITLESS_DRAWS", 100)
    found = drain(searcher("{a: {int: [1, 400], log: true}}", "{method: random, trials: 400}"), chunk=64)
    assert 100 < len({params["a"] for params in found}) == len(found) < 400


@pytest.mark.parametrize("method", ["random", "sobol"])
def test_draws_of_which_constraints_admit_none_are_no_study(monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """It would run nothing, and end well."""
    monkeypatch.setattr("hpsearch.search.draws.FRUITLESS_DRAWS", 500)
    space = "{a: {float: [0, 1]}, b: {int: [1, 9]}}\nconstraints: [a > 2]"
    with pytest.raises(SpecError, match=r"s\.yaml:5:14  constraints: of 500 configurations drawn they admit none; check what"):
        refuse_empty(spec(space, f"{{method: {method}, trials: 5}}"))


@pytest.mark.parametrize(
    ("constraint", "search"),
    [
        ("a > 0.5", "{method: random, trials: 5}"),
        ("a > 0.9999 or b == 3", "{method: sobol, trials: 5}"),
        ("a == 0.25", "{method: random, trials: 5, first: [{a: 0.25}]}"),
    ],
)
def test_a_search_that_finds_something_is_left_in_peace(constraint: str, search: str) -> None:
    refuse_empty(spec(f"{{a: {{float: [0, 1]}}, b: {{int: [1, 9]}}}}\nconstraints: [{constraint}]", search))


HUGE = "{a: {int: [1, 1000000]}, b: {int: [1, 1000000]}}\nconstraints: [%s]"


def test_a_shuffled_grid_of_which_constraints_admit_next_to_nothing_is_refused() -> None:
    """A run would look through a million million configurations."""
    with pytest.raises(SpecError) as caught:
        refuse_empty(spec(HUGE % "a + b < 2", "{order: shuffled}"))
    said = "constraints: of the first 50,000 configurations of the shuffled grid they admit none; "
    assert str(caught.value).startswith(f"s.yaml:5:14  {said}check what they say, narrow the space to where they hold, or drop")


@pytest.mark.parametrize(
    ("constraint", "search"),
    [
        ("a % 20000 == b % 3", "{order: shuffled}"),  # rarer than a small sample shows
        ("a + b < 2", "{method: grid}"),  # in its own order
        ("a == 77 and b == 5", "{method: grid}"),
        ("a + b < 3", "{order: shuffled, first: [{a: 1, b: 1}]}"),  # there is something to run
    ],
)
def test_a_grid_that_may_find_something_is_left_in_peace(constraint: str, search: str) -> None:
    refuse_empty(spec(HUGE % constraint, search))


def test_a_grid_is_given_up_after_long_stretches_without_a_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hpsearch.search.grid._FRUITLESS_CALLS", 3)
    of = searcher(HUGE % "a + b < 4", "{first: [{a: 1, b: 2}]}")
    found = []
    while not of.ended:
        assert not of.given_up
        found += of.ask(2)
    assert [(params["a"], params["b"]) for params in found] == [(1, 2), (1, 1), (2, 1)][: len(found)]
    assert of.given_up == (
        "constraints admit none of the last 60,000 configurations looked at, of 1,000,000,000,000 in the grid; "
        "narrow the space to where they hold"
    )


def test_a_grid_is_given_up_at_the_same_place_however_many_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a study that goes on would end with others than it began with, and `try` would find others than `run`."""
    monkeypatch.setattr("hpsearch.search.grid._FRUITLESS_CALLS", 3)
    of = "{a: {int: [1, 1000000]}}\nconstraints: [a % 61000 == 1]"
    assert [[params["a"] for params in drain(searcher(of), chunk)] for chunk in (1, 256, 1000)] == [[1], [1], [1]]


def test_a_grid_that_comes_to_its_end_is_not_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hpsearch.search.grid._FRUITLESS_CALLS", 1)
    of = searcher("{a: {int: [1, 500]}}\nconstraints: [a < 3]")
    assert len(drain(of)) == 2
    assert of.given_up == ""


def test_a_grid_that_finds_one_now_and_then_is_not_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hpsearch.search.grid._FRUITLESS_CALLS", 2)
    of = searcher("{a: {int: [1, 100000]}}\nconstraints: [a % 30000 == 1]")
    assert [params["a"] for params in drain(of, 1)] == [1, 30001, 60001, 90001]
