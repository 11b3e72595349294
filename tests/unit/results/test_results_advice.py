"""Where to search next: what is said, and that its snippet is a line of a spec that a user can paste."""

from __future__ import annotations

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
        ("p: [100, 200, 400]", [100, 200, 400], 400, "p: [200, 400, 800, 1600]"),
        ("p: [100, 200, 400]", [100, 200, 400], 100, "p: [25, 50, 100, 200]"),
        ("p: [0.1, 0.5, 0.9]", [0.1, 0.5, 0.9], 0.9, ""),
        ("", [2.0, 4.0, 6.0], 6, "p: {float: [2.0, 8.0], points: 4}"),
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
    study = Study(Metric("loss", Mode.MIN), varying=("kind", "rate"))
    study.add({"kind": "plain"}, 9.0)
    for rate in (1.0, 2.0, 3.0):
        study.add({"kind": "dart", "rate": rate}, -rate)
    tables = study.tables()
    space = "kind: {choice: {plain: {}, dart: {rate: {float: [1, 3], points: 3}}}}"
    results = results_of(study.record, tables, rank_configs(tables, study.record.metric), design=design_of(spec(space)))
    (found,) = results.advice()
    assert found.sentence.endswith("Write it where it stands, in its branch.")
    assert found.snippet == "rate: {float: [1.0, 4.0], points: 4}"
