"""How a target goes with one parameter or two: against functions whose means are known."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from hpsearch.core.errors import SpecError
from hpsearch.core.metric import Metric, Mode
from hpsearch.results.columns import PARTIAL_DEPENDENCE
from tests.unit.results.results_builders import Study

LOSS = Metric("loss", Mode.MIN)


def typed(expected: dict[str, str], value: str) -> dict[str, str]:
    return {name: dtype or value for name, dtype in expected.items()}


def test_on_a_grid_it_is_the_mean_of_those_that_have_the_value() -> None:
    study = Study(varying=("C", "kernel"))
    for C, kernel in itertools.product([1.0, 10.0], ["rbf", "linear"]):
        study.add({"C": C, "kernel": kernel}, folds=[C / 100 + 0.1 * (kernel == "rbf")] * 3)
    found = study.results().partial_dependence("kernel")
    assert found.table.dtypes.astype(str).to_dict() == typed(PARTIAL_DEPENDENCE, "string")
    assert found.table["value"].tolist() == ["linear", "rbf"]
    assert found.table["mean"].tolist() == pytest.approx([0.055, 0.155])
    assert found.table["n"].tolist() == [2, 2]
    assert found.table["low"].tolist() == pytest.approx(found.table["mean"].tolist())


def test_a_grids_band_holds_the_truth_in_95_of_100() -> None:
    rng = np.random.default_rng(0)
    held = []
    for _ in range(100):
        study = Study(varying=("a", "b"))
        folds = rng.normal(size=4)
        for a, b in itertools.product([0.0, 1.0, 2.0], [0.0, 1.0, 2.0]):
            study.add({"a": a, "b": b}, folds=(a + folds - folds.mean() + rng.normal(size=4)).tolist())
        table = study.results().partial_dependence("a").table
        held.append(((table["low"] <= table["value"]) & (table["value"] <= table["high"])).mean())
    assert np.mean(held) == pytest.approx(0.95, abs=0.03)


def test_scored_once_each_a_grid_has_no_band() -> None:
    study = Study(varying=("a", "b"))
    for a, b in itertools.product((1.0, 2.0, 3.0), (0.0, 1.0)):
        study.add({"a": a, "b": b}, a)
    table = study.results().partial_dependence("a").table
    assert table["mean"].tolist() == [1.0, 2.0, 3.0]
    assert table["low"].isna().all()


def test_of_draws_it_is_the_curve_within_its_band() -> None:
    """A parabola in the logarithm: its minimum is found, and at the middle of the axis half the configurations are not."""
    rng, study = np.random.default_rng(1), Study(LOSS, varying=("lr", "depth"))
    for _ in range(300):
        lr, depth = float(10 ** rng.uniform(-4, 0)), int(rng.integers(1, 60))
        study.add({"lr": lr, "depth": depth}, (math.log10(lr) + 2) ** 2 + 0.02 * depth)
    table = study.results().partial_dependence("lr").table
    truth = (np.log10(table["value"]) + 2) ** 2 + 0.6
    assert np.abs(table["mean"] - truth).mean() < 0.12
    assert table["value"][table["mean"].idxmin()] == pytest.approx(0.01, rel=0.6)
    assert ((table["low"] - 0.05 <= truth) & (truth <= table["high"] + 0.05)).mean() > 0.85
    assert table["n"].between(15, 50).all()
    assert study.results().partial_dependence("lr").notes == study.results().importance().notes


def test_what_only_some_have_is_looked_at_among_those() -> None:
    rng, study = np.random.default_rng(2), Study(LOSS, varying=("kind", "lr", "rate"))
    for index in range(200):
        lr, rate = float(rng.random()), float(rng.random())
        if index % 2:
            study.add({"kind": "dart", "lr": lr, "rate": rate}, lr + 3 * rate)
        else:
            study.add({"kind": "plain", "lr": lr}, 100 + lr)
    results = study.results()
    found = results.partial_dependence("rate")
    assert found.notes[0] == "Among the 100 of 200 configurations that have rate."
    assert found.table["mean"].iloc[0] == pytest.approx(0.6, abs=0.4)
    assert found.table["mean"].iloc[-1] == pytest.approx(3.4, abs=0.4)
    assert results.partial_dependence("lr").table["mean"].min() > 40
    kinds = results.partial_dependence("kind").table
    assert kinds.set_index("value")["n"].to_dict() == {"dart": 100, "plain": 100}


def test_failing_is_a_chance_and_seconds_are_seconds() -> None:
    rng, study = np.random.default_rng(3), Study(LOSS, varying=("depth", "lr"))
    for _ in range(150):
        params = {"depth": float(rng.uniform(0, 60)), "lr": float(rng.random())}
        if params["depth"] > 40:
            study.fail(params)
        else:
            study.add(params, params["lr"], seconds=1.0 + params["depth"])
    results = study.results()
    failing = results.partial_dependence("depth", "failed").table
    assert failing["mean"].iloc[0] == pytest.approx(0.0, abs=0.02)
    assert failing["mean"].iloc[-1] == pytest.approx(1.0, abs=0.02)
    assert failing["high"].max() <= 1.0
    taken = results.partial_dependence("depth", "seconds").table
    assert taken["mean"].iloc[-1] == pytest.approx(40, rel=0.1)


def test_too_few_or_none_is_said() -> None:
    study = Study(varying=("lr", "rate"))
    for index in range(12):
        study.add({"lr": index / 10} | ({"rate": index / 10} if index < 3 else {}), float(index))
    results = study.results()
    assert results.partial_dependence("rate").table.empty
    assert results.partial_dependence("rate").notes == ("Too few configurations have rate to tell how score goes with it.",)
    with pytest.raises(SpecError, match=r"'rat' is no parameter that varies among .* there are lr, rate; did you mean rate\?"):
        results.partial_dependence("rat")
    with pytest.raises(SpecError, match="none does"):
        Study().results().partial_dependence("C")


def test_the_leading_pair_with_its_means() -> None:
    """A product of two that explains nothing alone; a third that has no part in it."""
    study = Study(varying=("a", "b", "c"))
    for a, b, c in itertools.product([-1.0, 0.0, 1.0], [-2.0, -1.0, 0.0, 1.0, 2.0], [0.0, 1.0]):
        study.add({"a": a, "b": b, "c": c}, folds=[a * b + 0.1 * c + 0.01, a * b + 0.1 * c - 0.01])
    found = study.results().interactions()
    assert found.table["term"].iloc[0] == "a x b"
    assert found.table["share"].iloc[0] > 0.95
    assert (found.table["order"] == 2).all()
    surface = found.surfaces[0]
    assert (surface.first, surface.second, len(surface.table)) == ("a", "b", 15)
    table = surface.table
    assert (table["mean"] - table["first"] * table["second"]).tolist() == pytest.approx([0.05] * 15)
    assert (table["n"] == 2).all()
    assert study.results().interactions(surfaces=0).surfaces == ()


def test_a_pair_of_draws_has_its_surface() -> None:
    rng, study = np.random.default_rng(4), Study(LOSS, varying=("x", "kind"))
    for _ in range(300):
        x, kind = float(rng.random()), str(rng.choice(["up", "down"]))
        study.add({"x": x, "kind": kind}, x if kind == "up" else -x)
    surface = study.results().interactions(surfaces=1).surfaces[0]
    at_end = surface.table[surface.table["first"] > 0.95].groupby("second")["mean"].mean()
    assert at_end["up"] == pytest.approx(1.0, abs=0.1)
    assert at_end["down"] == pytest.approx(-1.0, abs=0.1)
    assert surface.table["n"].sum() > 0
