"""Where to search next: what is said, and that its snippet is a line of a spec that a user can paste."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hpsearch.core.metric import Metric, Mode
from hpsearch.core.values import Value
from hpsearch.results.advice import Advice
from hpsearch.results.design import design_of
from hpsearch.results.ranking import rank_configs
from hpsearch.results.study_results import StudyResults, results_of
from hpsearch.space import Domain
from hpsearch.spec import StudySpec, parse_spec
from tests.unit.results.results_builders import Study

AROUND = "name: example\ntrial: {function: 'job:run'}\nmetric: {name: loss, mode: min}\n"


def of_two(score: Callable[[float, float, int], float], *, folds: int = 5, space: str = "") -> StudyResults:
    """A grid of p and q, three values each; `score` of p, q and the fold."""
    study = Study(Metric("loss", Mode.MIN), varying=("p", "q"))
    for p in (1.0, 2.0, 3.0):
        for q in (10.0, 20.0, 30.0):
            study.add({"p": p, "q": q}, folds=[score(p, q, fold) for fold in range(folds)])
    tables = study.tables()
    design = design_of(spec(space)) if space else None
    return results_of(study.record, tables, rank_configs(tables, study.record.metric), design=design)


def spec(space: str, search: str = "{method: grid}") -> StudySpec:
    return parse_spec(f"{AROUND}search: {search}\nspace:\n  {space}\n", file="s.yaml", folder=Path())


def tried(values: list[Value], best: float, *, space: str = "", search: str = "{method: grid}", folds: int = 1) -> StudyResults:
    """A study of one parameter p, the loss growing with the distance from `best`."""
    study = Study(Metric("loss", Mode.MIN), varying=("p",))
    for value in values:
        loss = abs(np.log(value) - np.log(best)) if best > 0 else abs(value - best)  # type: ignore[arg-type, operator]
        study.add({"p": value}, folds=[loss + 1e-3 * fold for fold in range(folds)])
    tables = study.tables()
    design = design_of(spec(space, search)) if space else None
    return results_of(study.record, tables, rank_configs(tables, study.record.metric), design=design)


def pasted(advice: Advice, search: str = "{method: grid}") -> Domain:
    """The domain that the loader makes of the snippet."""
    (domain,) = spec(advice.snippet, search).space.domains(advice.parameter)
    return domain


@pytest.mark.parametrize(
    ("space", "values", "best", "snippet"),
    [
        (
            "p: {float: [0.001, 0.1], log: true, points: 3}",
            [0.001, 0.01, 0.1],
            0.1,
            "p: {float: [0.001, 1.0], log: true, points: 4}",
        ),
        (
            "p: {float: [0.0001, 0.01], log: true, points: 3}",
            [0.0001, 0.001, 0.01],
            0.0001,
            "p: {float: [1.0e-05, 0.01], log: true, points: 4}",
        ),
        ("p: {float: [2, 4], points: 3}", [2.0, 3.0, 4.0], 4, "p: {float: [2.0, 5.0], points: 4}"),
        ("p: {float: [0.5, 0.7], step: 0.1}", [0.5, 0.6, 0.7], 0.5, "p: {float: [0.4, 0.7], step: 0.1}"),
        ("p: {int: [3, 9], step: 2}", [3, 5, 7, 9], 9, "p: {int: [3, 13], step: 2}"),
        ("p: {int: [3, 9], step: 2}", [3, 5, 7, 9], 3, "p: {int: [1, 9], step: 2}"),
        ("p: [100, 200, 400]", [100, 200, 400], 400, "p: [100, 200, 400, 800]"),
        ("p: [100, 200, 400]", [100, 200, 400], 100, "p: [50, 100, 200, 400]"),
        ("p: [0.1, 0.5, 0.9]", [0.1, 0.5, 0.9], 0.9, ""),
        ("p: {int: [2, 8], points: 4}", [2, 4, 6, 8], 2, "p: [1, 2, 4, 6, 8]"),
        ("p: {int: [4, 10], step: 2}", [4, 6, 8, 10], 4, "p: {int: [2, 10], step: 2}"),
        ("p: {int: [3, 10], step: 2}", [3, 5, 7, 9], 9, "p: {int: [3, 13], step: 2}"),
        ("p: {int: [1, 100], log: true, points: 4}", [1, 5, 22, 100], 100, "p: [1, 5, 22, 100, 455, 2066]"),
        ("p: {int: [1, 3]}", [1, 2, 3], 3, "p: {int: [1, 4], points: 4}"),
        (
            "p: {float: [0.1, 0.5], points: 4}",
            [0.1, 0.23333333333333334, 0.36666666666666664, 0.5],
            0.5,
            "p: [0.1, 0.23333333333333334, 0.36666666666666664, 0.5, 0.6333, 0.7667]",
        ),
    ],
)
def test_at_an_end_a_wider_range_is_offered(space: str, values: list[Value], best: float, snippet: str) -> None:
    found = tried(values, best, space=space).advice()
    assert [one.snippet for one in found] == ([snippet] if snippet else [])
    for one in found:
        assert one.kind == "wider"
        domain = pasted(one)
        assert domain.is_in_bounds(domain.taken(type(values[0])(best)))  # type: ignore[operator, arg-type, misc, call-arg]
        assert domain.grid_size() > len(values)
        assert all(domain.grid_find(value) is not None for value in values), "what was run is used again"
        end = "upper" if best == max(values) else "lower"  # type: ignore[type-var]
        beyond = "above" if end == "upper" else "below"
        assert (
            one.sentence == f"p: best at {best:.4g}: the {end} edge of the values tried. Values {beyond} it may be better still."
        )


@pytest.mark.parametrize(
    ("values", "best"),
    [([0.0, 0.5, 1.0], 0), ([0.2, 0.6, 1.0], 1), ([1, 2, 3], 1), ([1, 10], 10), ([1.0, 2.0, 3.0], 2), (["a", "b", "c"], 1)],
)
def test_where_there_is_nothing_beyond_nothing_is_said(values: list[Value], best: float) -> None:
    """No fraction above one, no depth below one; of two values one is always the last; and the middle is no end."""
    study = Study(Metric("loss", Mode.MIN), varying=("p",))
    for value in values:
        study.add({"p": value}, abs(value - best) if not isinstance(value, str) else 1.0)  # type: ignore[operator]
    assert study.results().advice() == ()


def test_of_a_grid_that_no_spec_tells_of_the_values_are_the_ends() -> None:
    (found,) = of_two(lambda p, q, fold: -p + 0.001 * fold, folds=2).advice()
    assert found.snippet == "p: {float: [1.0, 4.0], points: 4}"


@pytest.mark.parametrize("folds", [1, 5])
def test_of_a_parameter_that_does_nothing_nothing_is_said(folds: int) -> None:
    """The best of its three values lies at an end two times in three."""
    said = {"p": 0, "q": 0}
    for seed in range(40):
        rng = np.random.default_rng(seed)
        for one in of_two(lambda p, q, fold, rng=rng: q + rng.normal(), folds=folds).advice():  # type: ignore[misc]
            said[one.parameter] += 1
    assert said["q"] == 40
    assert said["p"] <= 4


@pytest.mark.parametrize(("far", "told"), [(2.0, []), (3.0, ["p"])])
def test_where_the_best_set_reaches_from_end_to_end_the_far_end_must_be_worse(far: float, told: list[str]) -> None:
    """With q at 10 any p may be the best; else p matters, and its far end is as good as the near one, or is not."""
    rng = np.random.default_rng(0)

    def loss(p: float, q: float, fold: int) -> float:
        return (0.02 * p if q == 10 else 3 + (p == far)) + 0.1 * float(rng.normal())

    results = of_two(loss)
    best = results.rank()[results.rank()["in_best_set"]]
    assert {1.0, 3.0} <= set(best["param.p"])
    assert best["param.p"].iloc[0] == 1.0
    assert results.importance().explains("p")
    assert [one.parameter for one in results.advice() if one.parameter == "p"] == told


def test_the_largest_of_some_draws_is_no_edge() -> None:
    """Of the spec's range it is one where it lies next to its end; of draws that no spec tells of there is none."""
    search = "{method: random, trials: 60}"
    for spread, space, told in (
        (0.9, "p: {float: [0, 1]}", []),
        (0.999, "p: {float: [0, 10]}", []),
        (4.99, "p: {float: [0, 5]}", ["p: {float: [0.0, 7.5]}"]),
        (4.99, "", []),
    ):
        values = (np.linspace(0.6, 1, 60) * spread).tolist()
        found = tried(values, max(values), space=space, search=search).advice()
        assert [one.snippet for one in found if one.kind == "wider"] == told, space


def test_what_failed_was_tried_too() -> None:
    """Beyond the best there are only failures: to go further in that direction would be poor advice."""
    study = Study(Metric("loss", Mode.MIN), varying=("p",))
    for value in (1.0, 2.0, 3.0):
        study.add({"p": value}, -value)
    study.fail({"p": 4.0})
    assert study.results().advice() == ()


def test_a_small_part_of_draws_gets_a_finer_range() -> None:
    rng = np.random.default_rng(0)
    values = (10 ** rng.uniform(-4, 0, 200)).tolist()
    search = "{method: random, trials: 200}"
    (found,) = tried(values, 0.01, space="p: {float: [0.0001, 1], log: true}", search=search).advice()
    assert found.kind == "finer"
    assert found.sentence.startswith("p: the best tenth lie between 0.0")
    assert found.sentence.endswith("a small part of the values tried.")
    domain = pasted(found, search)
    assert domain.is_log
    low, high = domain.sample(0.0), domain.sample(1.0)
    assert 0.003 < low < 0.01 < high < 0.03  # type: ignore[operator]


def test_a_best_set_that_lies_together_gets_a_finer_grid() -> None:
    """Six of the best have one value of p; the other parameter, over which they are spread, gets no advice."""
    study = Study(Metric("loss", Mode.MIN), varying=("p", "q"))
    rng = np.random.default_rng(1)
    for p in (1.0, 2.0, 3.0, 4.0, 5.0, 6.0):
        for q in (1, 2, 3, 4, 5, 6):
            noise = 0.01 * rng.normal(size=5)
            study.add({"p": p, "q": q}, folds=(10 * (p - 3) ** 2 + noise).tolist())
    (found,) = study.results().advice()
    assert (found.parameter, found.kind) == ("p", "finer")
    assert found.sentence.startswith("p: all 6 of the best set have 3")
    assert found.snippet == "p: {float: [2.0, 4.0], points: 5}"
    assert pasted(found).grid_size() == 5


def test_few_that_lie_together_may_do_so_by_chance() -> None:
    rng = np.random.default_rng(2)
    said = 0
    for _ in range(100):
        study = Study(Metric("loss", Mode.MIN), varying=("p",))
        for value in rng.uniform(size=60).tolist():
            study.add({"p": 5 + value}, float(rng.normal()))
        said += any(one.kind == "finer" for one in study.results().advice())
    assert said <= 5


def test_two_of_the_best_at_one_value_are_no_reason() -> None:
    study = Study(Metric("loss", Mode.MIN), varying=("p", "q"))
    rng = np.random.default_rng(1)
    for p in (1.0, 2.0, 3.0, 4.0, 5.0, 6.0):
        for q in (1, 2):
            study.add({"p": p, "q": q}, folds=(10 * (p - 3) ** 2 + 0.01 * rng.normal(size=5)).tolist())
    assert study.results().configs["in_best_set"].sum() == 2
    assert study.results().advice() == ()


def test_what_stands_in_a_branch_is_to_be_written_there() -> None:
    study = Study(Metric("loss", Mode.MIN), varying=("kind", "rate", "seed"))
    for seed in range(8):
        study.add({"kind": "plain", "seed": seed}, 9.0)
        for rate in (1.0, 2.0, 3.0):
            study.add({"kind": "dart", "rate": rate, "seed": seed}, -rate)
    tables = study.tables()
    space = "kind: {choice: {plain: {}, dart: {rate: {float: [1, 3], points: 3}}}}\n  seed: {int: [0, 7]}"
    results = results_of(study.record, tables, rank_configs(tables, study.record.metric), design=design_of(spec(space)))
    (found,) = results.advice()
    assert found.sentence.endswith("Write it where it stands, in its branch.")
    assert found.snippet == "rate: {float: [1.0, 4.0], points: 4}"
