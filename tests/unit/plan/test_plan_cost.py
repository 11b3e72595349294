"""What trials will take, from what others took: the plan's expected time, what is left, and who goes first rest on it."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.core.values import Params, Value
from hpsearch.dispatch.costs import KEPT, Costs
from hpsearch.plan import CostModel, Timed

GRID = [
    {"rounds": rounds, "depth": depth, "booster": booster, "fixed": "same"}
    for rounds, depth, booster in product((25, 50, 100, 200, 300), (3, 5, 7), ("gbtree", "dart"))
]


def takes(params: Params) -> float:
    rounds, depth = params["rounds"], params["depth"]
    assert isinstance(rounds, int)
    assert isinstance(depth, int)
    return 0.01 * rounds * depth**1.5 * (3 if params["booster"] == "dart" else 1)


def learned(timed: list[Timed]) -> CostModel:
    model = CostModel.of(timed)
    assert model is not None
    return model


def test_nothing_is_expected_before_anything_was_measured() -> None:
    assert CostModel.of([]) is None
    assert Costs().model is None


def test_one_trial_says_what_all_take() -> None:
    model = learned([({"a": 1}, 3.0)])
    assert model.seconds({"a": 1}) == pytest.approx(3.0)
    assert model.seconds({"a": 2, "b": "x"}) == pytest.approx(3.0)


def test_each_parameters_influence_is_found() -> None:
    """The slowest takes 130 times as long as the quickest; half of the grid tells of the other half within a factor of two."""
    rng = random.Random(1)
    seen = rng.sample(GRID, 15)
    model = learned([(params, takes(params) * math.exp(rng.gauss(0, 0.1))) for params in seen])
    unseen = [params for params in GRID if params not in seen]
    errors = [abs(math.log(model.seconds(params) / takes(params))) for params in unseen]
    alike = sum(abs(math.log(model.mean_s / takes(params))) for params in unseen)
    assert sum(errors) < 0.5 * alike, "no better than taking all for alike"
    assert sum(errors) / len(errors) < math.log(2)
    slow, quick = {**GRID[0], "rounds": 300, "booster": "dart"}, {**GRID[0], "rounds": 25, "booster": "gbtree"}
    assert model.seconds(slow) > 10 * model.seconds(quick)


def test_what_was_measured_adds_up_to_what_it_took() -> None:
    timed = [(params, takes(params)) for params in GRID[:11]]
    model = learned(timed)
    assert sum(model.seconds(params) for params, _ in timed) == pytest.approx(sum(taken for _, taken in timed))


def test_a_number_that_was_never_met_counts_as_the_nearest() -> None:
    model = learned([({"rounds": rounds}, rounds / 100) for rounds in (10, 20, 500, 600) for _ in range(5)])
    assert model.seconds({"rounds": 15}) == pytest.approx(model.seconds({"rounds": 10}))
    assert model.seconds({"rounds": 10**6}) == pytest.approx(model.seconds({"rounds": 600}))
    drawn = learned([({"rate": each / 1000}, 1.0 if each < 500 else 8.0) for each in range(1000)])
    assert drawn.seconds({"rate": 0.8013}) > 5 * drawn.seconds({"rate": 0.1007})


def test_one_slow_trial_says_little_of_its_values() -> None:
    timed = [({"a": a, "b": b}, 1.0) for a in range(5) for b in range(5)]
    slow = learned([*timed, ({"a": 9, "b": 0}, 100.0)])
    assert 1.0 < slow.seconds({"a": 9, "b": 1}) < 50.0


values: st.SearchStrategy[Value] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(["", "a", "1"]), st.just((0, 1)), st.just(10**400)
)
configurations = st.dictionaries(st.sampled_from("abcd"), values, max_size=4)


@given(st.lists(st.tuples(configurations, st.floats(0.0, 1e6)), min_size=1, max_size=30), configurations)
def test_any_parameters_have_an_expectation(timed: list[Timed], other: Params) -> None:
    """Absent ones, texts among numbers, NaN, an int that no float can hold: whoever leases must not fail on them."""
    model = learned(timed)
    assert all(0 < model.seconds(params) < math.inf for params in (other, *(params for params, _ in timed)))


def test_costs_follow_what_comes_in_and_keep_the_newest() -> None:
    costs = Costs([({"a": 1}, 10.0)])
    for _ in range(2 * KEPT):
        costs.after({"a": 1}, 1.0)
    assert costs.model is not None
    assert costs.model.measured == KEPT
    assert costs.model.seconds({"a": 1}) == pytest.approx(1.0)


def test_thousands_of_parameters_are_learned_from_fewer_trials() -> None:
    """Whoever hands in waits while it is learned."""
    costs = Costs()
    for trial in range(30):
        costs.after({f"p{index}": trial for index in range(2000)}, 1.0)
    assert costs.model is not None
    assert costs.model.measured <= 10


@pytest.fixture
def learnings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """From how many trials the influence of parameters was learned, each time."""
    times: list[int] = []
    whole = CostModel.of

    def counted(measured: Sequence[Timed]) -> CostModel | None:
        times.append(len(measured))
        return whole(measured)

    monkeypatch.setattr(CostModel, "of", counted)
    return times


def test_many_trials_are_learned_from_few_times(learnings: list[int]) -> None:
    """The driver does nothing else meanwhile: 3 ms each time."""
    costs = Costs()
    for trial in range(100_000):
        costs.after({"a": trial % 7}, 0.002)
    assert 20 < len(learnings) < 60


def test_of_long_trials_the_newest_count_soon(learnings: list[int]) -> None:
    """However many there were before: an axis of the grid that moves seldom may have come to its slow value."""
    costs = Costs()
    for trial in range(10_000):
        costs.after({"a": trial % 2}, 1.0)
    known = len(learnings)
    for _ in range(KEPT):
        costs.after({"a": 3}, 60.0)
    assert len(learnings) == known + 2
    assert costs.model is not None
    assert costs.model.seconds({"a": 3}) == pytest.approx(60.0, rel=0.01)


def test_nothing_is_learned_of_trials_that_take_under_a_millisecond(learnings: list[int]) -> None:
    costs = Costs()
    costs.after({"a": 0}, 0.5)  # the first took long, as first ones do
    for trial in range(2000):
        costs.after({"a": trial % 7}, 0.0002 if trial % 2 else 0.0004)
    known, model = len(learnings), costs.model
    assert model is not None
    assert model.influences == {}
    assert model.seconds({"a": 1}) == pytest.approx(0.0003, rel=0.01)
    for trial in range(10_000):
        costs.after({"a": trial % 7}, 0.0001)
    assert len(learnings) == known
    assert costs.model is model, "a new one would have all that waits expected anew"


def test_when_quick_trials_become_slow_it_is_noticed(learnings: list[int]) -> None:
    costs = Costs()
    for trial in range(50_000):
        costs.after({"a": trial % 7}, 0.0001)
    assert learnings == [0]
    for _ in range(KEPT // 2):
        costs.after({"a": 9}, 1.0)
    assert costs.model is not None
    assert costs.model.seconds({"a": 9}) > 100 * costs.model.seconds({"a": 1})
