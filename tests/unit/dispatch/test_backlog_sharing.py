"""Trials that share work are leased together, and a worker goes on with what it has at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from hpsearch.core.identity import Context
from hpsearch.dispatch.backlog import Backlog
from hpsearch.ledger import Standing
from hpsearch.plan import StudyPlan
from hpsearch.search import make_searcher
from hpsearch.spec import parse_spec
from hpsearch.trainables import Sharing

SPEC = """
trial: {pipeline: {prep: a.Prep, clf: a.Boost}}
data: {sklearn: iris}
metric: {name: accuracy, mode: max}
space: {clf__rounds: [10, 20, 30], clf__depth: [1, 2], prep__k: [5, 6]}
"""
SHARING = Sharing(steps=("prep",), paths={"": "clf__rounds"}, chooser="clf")


class Nothing:
    """A ledger without results."""

    def standings(self, keys: Sequence[str]) -> Mapping[str, Standing]:
        return {}


def backlog(text: str = SPEC, sharing: Sharing = SHARING) -> Backlog:
    spec = parse_spec(text, file="s.yaml", folder=Path())
    plan = StudyPlan.of(spec, Context(what="any"))
    return Backlog(plan, make_searcher(spec.space, spec.search), Nothing(), sharing)


def test_a_path_is_never_taken_apart() -> None:
    """Whatever the grid's order: here the path is the slowest axis of the twelve."""
    units = backlog()
    taken = [units.take(1) for _ in range(4)]
    assert [[pending.trial.params["clf__rounds"] for pending in unit] for unit in taken] == [[10, 20, 30]] * 4
    assert len({unit[0].kin.fit for unit in taken}) == 4
    assert units.is_empty


def test_a_worker_goes_on_with_the_steps_that_it_has_fitted() -> None:
    units = backlog()
    first = units.take(1)
    second = units.take(1)
    assert first[0].trial.params["prep__k"] != second[0].trial.params["prep__k"], "two workers begin with different steps"
    for mine in (first, second):
        more = units.take(1, mine[-1].kin)
        assert more[0].trial.params["prep__k"] == mine[0].trial.params["prep__k"]


def test_all_trials_are_taken_once() -> None:
    for size in (1, 2, 5, 100):
        units = backlog()
        keys = []
        while not units.is_empty:
            keys += [pending.trial.key for pending in units.take(size)]
        assert len(keys) == len(set(keys)) == 12


def test_what_one_fit_answers_for_is_counted_once() -> None:
    assert backlog().count_missing() == (12, 4)
    assert backlog(sharing=Sharing()).count_missing() == (12, 12)


def test_the_grid_is_walked_in_the_order_in_which_work_is_shared() -> None:
    space = SHARING.ordered(parse_spec(SPEC, file="s.yaml", folder=Path()).space)
    assert space.names() == ("prep__k", "clf__depth", "clf__rounds")
    assert space.grid_size() == 12
