"""hpsearch's study and what its peers are given are one and the same work, or a ratio would compare nothing."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from benchmarks.cases import CASES, work_of
from benchmarks.cases.work import SCALE, Fits, Work, key_of
from benchmarks.catalogue import CONTESTS
from benchmarks.contests import Contest, overrides
from hpsearch.core.trial import Evaluation
from hpsearch.spec import StudySpec, load_spec
from hpsearch.study import Options, try_trial

FITTED = [one for one in CONTESTS if one.case in ("a", "b", "c", "d")]


def grid_of(spec: StudySpec) -> list[dict[str, Any]]:
    return [dict(spec.space.grid_at(index)) for index in range(spec.space.grid_size())]


def no_task(params: object) -> list[float]:
    raise AssertionError


def no_fits() -> Fits:
    raise AssertionError


@pytest.mark.parametrize("contest", [*FITTED, CONTESTS[-1]], ids=lambda contest: contest.name)
def test_the_study_has_the_very_grid_of_the_peers(contest: Contest) -> None:
    module = importlib.import_module(f"benchmarks.cases.{CASES[contest.case][0]}")
    grid = module.DEMO_GRID if contest.case == "demo" else module.GRID
    theirs = Work(grid, no_task, no_fits).configurations
    assert sorted(grid_of(load_spec(contest.study)), key=repr) == sorted(theirs, key=repr)


def test_the_frozen_grids_are_those_that_were_agreed_on() -> None:
    # A smaller axis of rounds, for one, would make the sharing of boosting paths look worse or better than it is.
    sizes = {one.name: load_spec(one.study).space.grid_size() for one in FITTED}
    assert sizes == {"a": 90, "b": 24, "c": 40, "d": 224}


@pytest.mark.parametrize("contest", FITTED, ids=lambda contest: contest.name)
def test_data_splits_and_estimator_are_the_same_on_both_sides(
    contest: Contest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SCALE, "0.005")
    work = work_of(contest.case)
    spec = load_spec(contest.study, overrides=list(overrides(work)))
    assert len(grid_of(spec)) == len(work.configurations)
    ours = try_trial(spec, Options(tmp_path), index=1)
    assert isinstance(ours.outcome, Evaluation)
    params = next(one for one in work.configurations if key_of(one, work.varying) == key_of(ours.trial.params, work.varying))
    assert [split.scores[spec.metric.name] for split in ours.outcome.splits] == list(work.task(params))


@pytest.mark.parametrize("name", ["e", "f"])
def test_functions_and_the_estimators_made_of_them_score_alike(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SCALE, "0.001")
    work = work_of(name)
    fits = work.fits()
    model = fits.estimator.set_params(x=7).fit(fits.X, fits.y)
    spec = load_spec(next(one.study for one in CONTESTS if one.name == name), overrides=list(overrides(work)))
    assert [model.score(fits.X, fits.y)] == list(work.task({"x": 7})) == [-(293.0**2)]
    assert grid_of(spec)[7]["x"] == 7
    assert spec.trial.fixed.get("seconds", 0.0) == work.seconds


def test_sleepers_shrink_in_number_slots_and_length_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SCALE, raising=False)
    full = work_of("f")
    assert (len(full.configurations), full.jobs, full.seconds) == (2000, 16, 1.0)
    monkeypatch.setenv(SCALE, "0.1")
    small = work_of("f")
    assert (len(small.configurations), small.jobs, small.seconds) == (200, 2, 0.1)


def test_a_long_axis_of_integers_is_told_as_a_range(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SCALE, raising=False)
    assert overrides(work_of("e")) == ('space.x={"int": [0, 19999]}',)
    assert overrides(work_of("one")) == ("space.x=0",)


def test_documents_are_made_of_words_whose_frequencies_fall(monkeypatch: pytest.MonkeyPatch) -> None:
    # Of even frequencies, no value of min_df would leave anything out.
    monkeypatch.setenv(SCALE, "0.02")
    X, y = importlib.import_module("benchmarks.cases.text").load()
    again, _ = importlib.import_module("benchmarks.cases.text").load()
    assert list(X.text) == list(again.text)
    assert set(y) == {0, 1}
    counts: dict[str, int] = {}
    for word in " ".join(X.text).split():
        counts[word] = counts.get(word, 0) + 1
    assert max(counts.values()) > 1000
    assert sum(count == 1 for count in counts.values()) > 1000
