"""Trials that share work are leased together, and a worker goes on with what it has at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from hpsearch.core.identity import Context
from hpsearch.dispatch.backlog import Backlog
from hpsearch.ledger import Standing
from hpsearch.plan import CostModel, Missing, StudyPlan
from hpsearch.search import make_searcher
from hpsearch.spec import parse_spec
from hpsearch.trainables import Kinship, Sharing

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
    taken = [units.take(0) for _ in range(4)]
    assert [[pending.trial.params["clf__rounds"] for pending in unit] for unit in taken] == [[10, 20, 30]] * 4
    assert len({unit[0].kin.fit for unit in taken}) == 4
    assert units.is_empty


def test_a_worker_goes_on_with_the_steps_that_it_has_fitted() -> None:
    units = backlog()
    first = units.take(0)
    second = units.take(0, beside=[first[-1].kin])
    assert first[0].trial.params["prep__k"] != second[0].trial.params["prep__k"], "two workers begin with different steps"
    for mine, other in ((first, second), (second, first)):
        more = units.take(0, None, mine[-1].kin, [other[-1].kin])
        assert more[0].trial.params["prep__k"] == mine[0].trial.params["prep__k"]


def test_steps_that_others_are_at_come_last_and_only_if_that_is_worth_it() -> None:
    units = backlog(sharing=replace(SHARING, paths={}))
    mine = units.take(0)[0].kin
    assert units.take(0, beside=[mine])[0].kin.prefixes != mine.prefixes
    left = [units.take(0, beside=[mine])[0] for _ in range(5)]
    assert {each.kin.prefixes != mine.prefixes for each in left} == {True}
    asked: list[tuple[tuple[str, ...], int]] = []

    def joins(kin: Kinship, waiting: int) -> bool:
        asked.append((kin.prefixes, waiting))
        return len(asked) > 1

    assert units.take(0, beside=[mine], joins=joins) == []
    assert units.take(0, beside=[mine], joins=joins)[0].kin.prefixes == mine.prefixes
    assert asked == [(mine.prefixes, 5)] * 2


def test_where_the_first_step_is_everybodys_the_second_is_looked_at() -> None:
    """Two of three settings of `prep` after one of `load`: who begins takes the third, who has one of them goes on."""
    spec = SPEC.replace("{prep: a.Prep,", "{load: a.Load, prep: a.Prep,").replace("[5, 6]", "[5, 6, 7]")
    units = backlog(spec, replace(SHARING, steps=("load", "prep"), paths={}))
    five = units.take(0)[0].kin
    six = units.take(0, beside=[five])[0]
    assert six.trial.params["prep__k"] == 6
    assert units.take(0, beside=[five, six.kin])[0].trial.params["prep__k"] == 7
    assert units.take(0, None, six.kin, [five])[0].trial.params["prep__k"] == 6


def test_what_one_fit_answers_for_is_counted_once() -> None:
    assert backlog().count_missing() == Missing(trials=12, fits=4, steps=(2,))
    assert backlog(sharing=Sharing()).count_missing() == Missing(trials=12, fits=12)
    refused = replace(SHARING, refused=frozenset([("", "clf__depth", "2")]))
    assert backlog(sharing=refused).count_missing() == Missing(trials=12, fits=2 + 6, steps=(2,))


def test_rows_that_are_binned_alike_are_counted_once() -> None:
    bins = Sharing(bins={"": frozenset({"clf__rounds", "clf__depth"})})
    assert backlog(sharing=bins).count_missing() == Missing(trials=12, fits=12, binned=12, bins=2)
    alone = replace(bins, unbinned=frozenset([("", "clf__depth", "2")]))
    assert backlog(sharing=alone).count_missing() == Missing(trials=12, fits=12, binned=6, bins=2)
    seeds = backlog(SPEC + "repeat: {seeds: [0, 1]}\n", bins)
    assert seeds.count_missing() == Missing(trials=24, fits=24, binned=24, bins=4), "a seed may be of the binning"


def test_what_is_missing_has_its_expected_seconds() -> None:
    """A path lasts as long as its trials together."""
    model = CostModel.of([({"clf__depth": depth}, float(depth)) for depth in (1, 2) for _ in range(200)])
    found = backlog().count_missing(model)
    assert found.seconds == pytest.approx(12 * 1.5, rel=0.02)
    assert found.longest_s == pytest.approx(3 * 2.0, rel=0.02)


def test_the_grid_is_walked_in_the_order_in_which_work_is_shared() -> None:
    space = SHARING.ordered(parse_spec(SPEC, file="s.yaml", folder=Path()).space)
    assert space.names() == ("prep__k", "clf__depth", "clf__rounds")
    assert space.grid_size() == 12
