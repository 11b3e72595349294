"""The path from a reference to the best: by hand on grids, and by what is known of draws."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from hpsearch.core.errors import SpecError
from hpsearch.core.metric import Metric, Mode
from hpsearch.core.values import Params
from hpsearch.results.columns import ABLATION
from hpsearch.results.design import design_of
from hpsearch.results.ranking import rank_configs
from hpsearch.results.study_results import StudyResults, results_of
from hpsearch.spec import parse_spec
from tests.unit.results.results_builders import Study

LOSS = Metric("loss", Mode.MIN)


def searched(study: Study, space: str) -> StudyResults:
    """The results of a study whose spec is known."""
    text = f"name: example\ntrial: {{function: 'job:run'}}\nmetric: {{name: loss, mode: min}}\nspace: {space}\n"
    tables = study.tables()
    design = design_of(parse_spec(text, file="s.yaml", folder=Path()))
    return results_of(study.record, tables, rank_configs(tables, study.record.metric), design=design)


def grid(**worth: dict[object, float]) -> Study:
    """Of each parameter, what each value adds to the loss."""
    study = Study(LOSS, varying=tuple(worth))
    for values in itertools.product(*worth.values()):
        params: Params = dict(zip(worth, values, strict=True))  # type: ignore[arg-type]
        study.add(params, sum(worth[name][value] for name, value in params.items()))
    return study


WORTH: dict[str, dict[object, float]] = {"a": {1: 0.0, 2: 1.0}, "b": {"x": 5.0, "y": 0.0, "z": 7.0}, "c": {0.5: 2.0, 0.1: 0.0}}


def test_what_gains_most_comes_first() -> None:
    study = grid(**WORTH)
    start = next(trial for trial in study.trials if trial.params == {"a": 2, "b": "x", "c": 0.5})
    found = study.results().ablation(start.config_id[:10])
    assert found.table.dtypes.astype(str).to_dict() == ABLATION
    assert found.table["parameter"].tolist() == ["", "b", "c", "a"]
    assert found.table["from"].tolist() == ["", "x", "0.5", "2"]
    assert found.table["to"].tolist() == ["", "y", "0.1", "1"]
    assert found.table["score"].tolist() == pytest.approx([8, 3, 1, 0])
    assert found.table["gain"].tolist()[1:] == pytest.approx([5, 2, 1])
    assert found.notes[0] == "From the configuration that was given to the best."


def test_of_a_metric_to_be_maximised_gains_are_gains() -> None:
    study = Study(varying=("a", "b"))
    for a, b in itertools.product((0, 1), (0, 1)):
        study.add({"a": a, "b": b}, 0.5 + 0.3 * a + 0.1 * b)
    start = next(trial for trial in study.trials if trial.params == {"a": 0, "b": 0})
    table = study.results().ablation(start.config_id).table
    assert table["parameter"].tolist() == ["", "a", "b"]
    assert table["gain"].tolist()[1:] == pytest.approx([0.3, 0.1])


def test_it_starts_from_the_specs_defaults() -> None:
    space = "{a: {int: [1, 2], default: 2}, b: {choice: [x, y, z], default: z}, c: {choice: [0.5, 0.1], default: 0.5}}"
    found = searched(grid(**WORTH), space).ablation()
    assert found.table["score"].iloc[0] == pytest.approx(10)
    assert found.notes[0] == "From the spec's defaults to the best."


def test_else_from_the_median_and_says_why() -> None:
    found = searched(grid(**WORTH), "{a: [1, 2], b: [x, y, z], c: [0.5, 0.1]}").ablation()
    assert found.notes[0].startswith(
        "From the configuration of median rank to the best: not every parameter that varies has a def"
    )
    scores = sorted(trial.score for trial in grid(**WORTH).trials if trial.score is not None)
    assert found.table["score"].iloc[0] == pytest.approx(scores[6])
    space = "{a: {int: [1, 9], default: 9}, b: {choice: [x, y, z], default: z}, c: {choice: [0.5, 0.1], default: 0.5}}"
    assert "of the spec's defaults a = 9 is not among what was tried" in searched(grid(**WORTH), space).ablation().notes[0]


def test_of_draws_the_forest_foretells_the_path() -> None:
    rng, study = np.random.default_rng(0), Study(LOSS, varying=("big", "small", "kind"))
    for _ in range(300):
        big, small, kind = float(10 ** rng.uniform(-4, 0)), float(rng.random()), str(rng.choice(["p", "q"]))
        study.add({"big": big, "small": small, "kind": kind}, (np.log10(big) + 2) ** 2 + 0.3 * small + 2 * (kind == "p"))
    worst = max(study.trials, key=lambda trial: trial.score or 0)
    found = study.results().ablation(worst.config_id)
    table = found.table
    assert table["parameter"].tolist()[1:3] == ["big", "kind"]
    assert table["gain"].sum() == pytest.approx(table["score"].iloc[0] - table["score"].iloc[-1])
    assert table["score"].iloc[-1] == pytest.approx(0.05, abs=0.15)
    assert "The forest foretells" in found.notes[0]
    assert table["to"].iloc[1] == str(study.results().best().params["big"])  # type: ignore[union-attr]


def test_what_exists_with_one_value_only_comes_with_it() -> None:
    rng, study = np.random.default_rng(1), Study(LOSS, varying=("kind", "rate", "lr"))
    for index in range(200):
        lr, rate = float(rng.random()), float(rng.random())
        if index % 2:
            study.add({"kind": "dart", "rate": rate, "lr": lr}, 3 * rate + lr)
        else:
            study.add({"kind": "plain", "lr": lr}, 5 + lr)
    worst = max(study.trials, key=lambda trial: trial.score or 0)
    table = study.results().ablation(worst.config_id).table.set_index("parameter")
    assert list(table.index) == ["", "kind", "lr"]
    assert (table.loc["kind", "from"], table.loc["kind", "to"], table.loc["kind", "with"]) == ("plain", "dart", "rate")
    assert table["score"].iloc[-1] == pytest.approx(0.1, abs=0.3)
    back = study.results().ablation(study.results().rank()["config_id"].iloc[40])
    assert "rate" in back.table["parameter"].tolist()


def test_what_was_drawn_once_decides_on_nothing() -> None:
    """No value of `lr` comes twice, so none of those that lack `rate` comes with one; all the same it is `kind` that decides."""
    rng, study = np.random.default_rng(2), Study(LOSS, varying=("lr", "rate", "kind"))
    for index in range(100):
        lr, rate = float(rng.random()), float(rng.random())
        study.add({"lr": lr, "kind": "dart", "rate": rate} if index % 2 else {"lr": lr, "kind": "plain"}, 5 * lr - (index % 2))
    worst = next(trial for trial in study.trials if trial.params["kind"] == "plain" and (trial.score or 0) > 2)
    table = study.results().ablation(worst.config_id).table.set_index("parameter")
    assert table["with"].to_dict() == {"": "", "lr": "", "kind": "rate"}


def test_nothing_to_say_and_nothing_meant() -> None:
    study = Study()
    assert study.results().ablation().notes == ("No configuration has a score: there is nothing to explain.",)
    assert study.results().ablation().table.dtypes.astype(str).to_dict() == ABLATION
    study.add({"C": 1}, 0.5)
    failed = study.fail({"C": 2})
    with pytest.raises(SpecError, match=rf"{failed.config_id} of example has no rank \(FAILED\); name one that"):
        study.results().ablation(failed.config_id)
    with pytest.raises(SpecError, match="no configuration or trial of example begins with 'zzz'"):
        study.results().ablation("zzz")
