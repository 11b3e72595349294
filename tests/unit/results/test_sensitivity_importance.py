"""The importance table: which method, what it says, and what it warns of."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from importlib import import_module

import numpy as np
import pytest

from hpsearch.core.errors import SpecError
from hpsearch.core.metric import Metric, Mode
from hpsearch.core.trial import Status
from hpsearch.core.values import Params
from hpsearch.results.columns import IMPORTANCE
from hpsearch.results.failures import failed_configs
from hpsearch.results.sensitivity import Importance
from hpsearch.results.sensitivity.forest import ForestFit
from tests.unit.results.results_builders import Study

LOSS = Metric("loss", Mode.MIN)


def share(found: Importance, term: str) -> float:
    rows = found.table[found.table["term"] == term]
    assert len(rows) == 1, found.table
    return float(rows["share"].iloc[0])


def warning(found: Importance, term: str) -> str:
    return str(found.table.set_index("term").loc[term, "warnings"])


def grid(score: Callable[[float, float], float], *, folds: int = 5, noise: float = 0.01) -> Study:
    rng = np.random.default_rng(0)
    study = Study(varying=("C", "gamma"))
    for C, gamma in itertools.product([1.0, 10.0, 100.0, 1000.0, 10000.0], [0.01, 0.1, 1.0, 10.0, 100.0]):
        value = score(math.log10(C), math.log10(gamma))
        study.add({"C": C, "gamma": gamma}, folds=[value + noise * rng.normal() for _ in range(folds)])
    return study


def drawn(n: int, score: Callable[[Params], float], *, seed: int = 0, **more: Callable[[np.random.Generator], float]) -> Study:
    rng = np.random.default_rng(seed)
    study = Study(LOSS, varying=("lr", "depth", *more))
    for _ in range(n):
        params: dict[str, float] = {"lr": float(10 ** rng.uniform(-4, 0)), "depth": int(rng.integers(1, 60))}
        params |= {name: draw(rng) for name, draw in more.items()}
        study.add(params, score(params))
    return study


def test_a_complete_grid_is_taken_apart_exactly() -> None:
    found = grid(lambda C, gamma: 0.5 + 0.1 * C + 0.02 * C * gamma).results().importance()
    assert found.table.dtypes.astype(str).to_dict() == IMPORTANCE
    assert set(found.table["method"]) == {"ANOVA"}
    assert set(found.table["design"]) == {"grid"}
    assert sorted(found.table["order"]) == [0, 1, 1, 2]
    assert found.table["share"].sum() == pytest.approx(1.0)
    assert share(found, "C") == pytest.approx(0.83, abs=0.12)
    assert 0.03 < share(found, "C x gamma") < 0.3
    row = found.table.set_index("term").loc["C"]
    assert row["ci_low"] < row["share"] < row["ci_high"]
    assert row["total"] > row["share"]
    assert found.is_readable


def test_of_single_parameters_alone_what_two_do_together_is_named_as_that() -> None:
    results = grid(lambda C, gamma: 0.5 + 0.1 * C + 0.02 * C * gamma).results()
    pair = share(results.importance(), "C x gamma")
    assert share(results.importance(order=1), "(of two and more)") == pytest.approx(pair)


def test_noise_on_a_grid_is_told_to_be_noise() -> None:
    found = grid(lambda C, gamma: 0.5, noise=0.1).results().importance()
    assert share(found, "(unexplained)") > 0.7
    assert "Chance makes" in found.notes[0]
    lows = found.table.set_index("term").loc[["C", "gamma"], "ci_low"]
    assert (lows < 0.05).all()


def test_few_values_leave_what_lies_between_unseen() -> None:
    study = Study(varying=("C", "kind"))
    for C, kind in itertools.product([1.0, 2.0, 3.0], ["a", "b"]):
        study.add({"C": C, "kind": kind}, folds=[C + (kind == "a"), C + 0.1])
    found = study.results().importance()
    assert warning(found, "C") == "3 values: what lies between them is unseen"
    assert warning(found, "kind") == ""


def test_one_score_each_says_that_chance_is_unknown() -> None:
    found = grid(lambda C, gamma: C, folds=1).results().importance()
    assert "what is chance counts as effects here" in found.notes[0]
    assert math.isnan(found.table["ci_low"].iloc[0])


def test_draws_are_taken_apart_by_a_forest_on_their_own_scales() -> None:
    found = drawn(300, lambda p: (math.log10(p["lr"]) + 2) ** 2 + 0.01 * p["depth"]).results().importance()
    assert set(found.table["method"]) == {"fANOVA"}
    assert share(found, "lr") > 0.8
    assert share(found, "depth") < 0.1
    assert found.table["r2_oob"].dropna().iloc[0] > 0.8
    assert found.table["share"].sum() == pytest.approx(1.0, abs=0.1)
    (feature,) = (feature for feature in found.features.features if feature.name == "lr")
    assert feature.log


def test_the_table_has_the_intervals_of_95_percent() -> None:
    """Two standard errors to either side, ended at nothing and at all."""
    found = drawn(100, lambda params: math.log10(params["lr"]) + params["depth"] / 30).results().importance(order=1)
    assert isinstance(found.fit, ForestFit)
    rows = found.table.set_index("term")
    for name, expected in zip(found.features.names, found.fit.main_effects(), strict=True):
        low, high = rows.loc[name, ["ci_low", "ci_high"]]
        assert low == pytest.approx(max(0.0, expected.share - 1.96 * expected.se))
        assert high == pytest.approx(min(1.0, expected.share + 1.96 * expected.se))


def test_noise_among_draws_is_not_interpretable() -> None:
    rng = np.random.default_rng(1)
    found = drawn(100, lambda p: float(rng.normal())).results().importance()
    assert not found.is_readable
    assert found.notes[0].startswith("Not interpretable")
    assert "not interpretable" in warning(found, "lr")
    assert share(found, "(unexplained)") > 0.7


def test_a_conditional_parameter_is_looked_at_where_it_is() -> None:
    rng = np.random.default_rng(2)
    study = Study(LOSS, varying=("kind", "lr", "rate"))
    for index in range(200):
        lr, rate = float(10 ** rng.uniform(-4, 0)), float(rng.random())
        if index % 2:
            study.add({"kind": "dart", "lr": lr, "rate": rate}, (math.log10(lr) + 2) ** 2 + 6 * rate)
        else:
            study.add({"kind": "plain", "lr": lr}, (math.log10(lr) + 2) ** 2)
    found = study.results().importance()
    assert "among the 100 of 200 configurations that have it" in warning(found, "rate")
    assert share(found, "rate") > 0.4
    assert warning(found, "lr") == ""
    assert (found.table["term"] == "lr").sum() == 1


def test_what_makes_configurations_fail() -> None:
    study = Study(LOSS, varying=("lr", "depth"))
    rng = np.random.default_rng(3)
    for _ in range(200):
        params = {"lr": float(10 ** rng.uniform(-4, 0)), "depth": int(rng.integers(1, 60))}
        if params["depth"] > 40:
            study.fail(params)
        else:
            study.add(params, 1.0)
    found = study.results().importance("failed")
    assert share(found, "depth") > 0.8
    assert share(found, "lr") < 0.05


def test_a_configuration_failed_or_ended_or_neither() -> None:
    """The same for the importance of failing and for the report's figure."""
    study = Study(LOSS)
    study.add({"C": 1}, 1.0)
    study.add({"C": 2}, math.nan)  # it completed, and has no score
    study.fail({"C": 3})
    study.add({"C": 4}, status=Status.TIMEOUT)
    study.add({"C": 5}, status=Status.RUNNING)
    study.add({"C": 6}, 1.0)
    study.fail({"C": 6}, seed=7)  # of which the study is not asked any more
    configs = study.results(seeds=(0,)).configs
    failed, ended = failed_configs(configs)
    assert sorted(configs["param.C"][failed]) == [3, 4]
    assert sorted(configs["param.C"][ended]) == [1, 2, 3, 4, 6]


def test_what_chance_does_is_known_beside_a_configuration_that_diverged() -> None:
    """It counts as bad as the worst of the others, on each split."""

    def score(C: float, gamma: float) -> float:
        return -1e6 if (C, gamma) == (4.0, 2.0) else 0.5 + 0.1 * C

    found = grid(score, noise=0.05).results().importance()
    assert [note.partition(" counts as ")[0] for note in found.notes] == ["1 configuration far worse than the rest"]
    assert 0.0 < share(found, "(unexplained)") < 0.2
    row = found.table.set_index("term").loc["C"]
    assert row["ci_low"] < row["share"] < row["ci_high"]


def test_what_takes_the_time() -> None:
    study = Study(LOSS, varying=("lr", "depth"))
    rng = np.random.default_rng(4)
    for _ in range(200):
        params = {"lr": float(10 ** rng.uniform(-4, 0)), "depth": int(rng.integers(1, 60))}
        study.add(params, 1.0, seconds=1.0 + params["depth"])
    found = study.results().importance("seconds")
    assert share(found, "depth") > 0.8
    assert "logarithm of the seconds" in found.notes[-1]


def test_one_diverged_configuration_is_not_all_there_is_to_explain() -> None:
    study = drawn(100, lambda p: (math.log10(p["lr"]) + 2) ** 2)
    study.add({"lr": 0.5, "depth": 7}, 1e9)
    found = study.results().importance()
    assert share(found, "lr") > 0.7
    assert any(note.startswith("1 configuration far worse than the rest counts as loss") for note in found.notes)


def test_of_other_targets_nothing_is_said_of_scores() -> None:
    study = Study(varying=("a", "b"))
    for a in (1, 2, 3):
        for b in (1, 2, 3):
            study.fail({"a": a, "b": b}) if a > b else study.add({"a": a, "b": b}, folds=[0.1 * a, 0.2 * b])
    found = study.results().importance("failed")
    assert found.notes[0].startswith("Of each configuration one value is known: what is chance")
    broken = Study()
    for a in (1, 2):
        broken.fail({"a": a})
    assert broken.results().importance("failed").notes == ("2 configurations that all failed: there is nothing to explain.",)


def test_parameters_that_go_together_cannot_be_told_apart() -> None:
    rng = np.random.default_rng(5)
    study = Study(LOSS, varying=("a", "b"))
    for _ in range(100):
        a = float(rng.random())
        study.add({"a": a, "b": a + 0.01 * float(rng.random())}, a)
    assert any("a and b go together" in note for note in study.results().importance().notes)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Study(), "No configuration has a score: there is nothing to explain."),
        (lambda: _of(scores=[0.5]), "There is one configuration alone with a score: nothing to compare it with."),
        (lambda: _of(scores=[0.5] * 20), "20 configurations with the same score: there is nothing to explain."),
        (
            lambda: _of([0.1, 0.2, 0.3], hole=True),
            "3 configurations: too few to tell what matters; from 8 on it is tried.",
        ),
        (lambda: _of([0.1, 0.2], varying=False), "No parameter varies among these configurations."),
    ],
)
def test_where_there_is_nothing_to_say_that_is_said(make: Callable[[], Study], said: str) -> None:
    found = make().results().importance()
    assert found.notes[0] == said
    assert found.table.empty
    assert found.table.dtypes.astype(str).to_dict() == IMPORTANCE
    assert not found.is_readable


def _of(scores: list[float], *, hole: bool = False, varying: bool = True) -> Study:
    study = Study(varying=("C", "D"))
    for index, value in enumerate(scores):
        params = {"C": float(index), "D": float(index % 2)} if varying else {"C": 1.0} if index else {}
        if hole:
            params["D"] = float(index)
        study.add(params, value)
    return study


def test_without_failures_there_is_nothing_to_explain() -> None:
    found = _of([0.1, 0.2, 0.3, 0.4]).results().importance("failed")
    assert found.notes == ("No configuration failed: there is nothing to explain.",)


def test_an_unknown_target_is_refused_with_the_nearest() -> None:
    with pytest.raises(SpecError, match=r"no target 'second'.*did you mean seconds"):
        _of([0.1, 0.2]).results().importance("second")


def test_of_very_many_it_is_said_how_many_a_tree_learns_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("hpsearch.results.sensitivity.importance"), "MOST_LEARNT", 60)
    said = "Each of the 64 trees learnt from 60 of the 61 configurations, drawn at random."
    for n in (61, 60):
        notes = drawn(n, lambda params: math.log10(float(str(params["lr"])))).results().importance().notes
        assert (said in notes) == (n == 61)


def test_what_failed_of_a_grid_is_told_beside_its_shares() -> None:
    study = grid(lambda C, gamma: C)
    study.fail({"C": 1e5, "gamma": 0.01})
    assert not any("failed" in note for note in study.results().importance().notes)  # which made no grid of it
    for gamma in (0.1, 1.0, 10.0, 100.0):
        study.fail({"C": 1e5, "gamma": gamma})
    found = study.results().importance()
    assert set(found.table["method"]) == {"ANOVA"}
    said = "5 of 30 configurations failed; the 25 others are a complete grid by themselves, and the shares are of these."
    assert said in found.notes
    holed = Study(varying=("C", "gamma"))
    for C, gamma in itertools.product(range(5), range(5)):
        holed.fail({"C": C, "gamma": gamma}) if C * gamma > 12 else holed.add({"C": C, "gamma": gamma}, folds=[C, C + 0.1])
    found = holed.results().importance()
    assert set(found.table["method"]) == {"fANOVA"}
    said = "1 of 25 configurations failed, so the grid is not complete: the shares are a forest's, not an analysis of variance."
    assert said in found.notes
    assert not any("grid" in note for note in holed.results().importance("failed").notes)
