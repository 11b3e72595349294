"""The logical plan: trials counted without being listed, and who each of them is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hpsearch.core.identity import Context, config_id, trial_key
from hpsearch.core.trial import Trial
from hpsearch.plan import Missing, StudyPlan
from hpsearch.spec import StudySpec, parse_spec

CONTEXT = Context(what="test")
ESTIMATOR = """
name: s
trial: {estimator: sklearn.svm.SVC}
data: {sklearn: digits}
evaluate: {cv: {folds: 5, repeats: 2}}
metric: {name: accuracy, mode: max}
space: {C: [1, 10, 100], gamma: [scale, auto]}
"""


def spec(space: str, extra: str = "", fixed: str = "") -> StudySpec:
    text = f"name: s\ntrial: {{function: m:f{fixed}}}\nmetric: {{name: loss, mode: min}}\nspace: {space}\n{extra}"
    return parse_spec(text, file="s.yaml", folder=Path("/nowhere"))


def plan(space: str, extra: str = "", fixed: str = "") -> StudyPlan:
    return StudyPlan.of(spec(space, extra, fixed), CONTEXT)


def test_a_grid_of_a_billion_is_a_number() -> None:
    huge = plan("{a: {int: [1, 1000]}, b: {int: [1, 1000]}, c: {int: [1, 1000]}}", "repeat: {seeds: [0, 1]}")
    assert (huge.configurations, huge.trials, huge.exact) == (10**9, 2 * 10**9, True)


def test_random_search_draws_no_more_than_there_is() -> None:
    assert plan("{a: {float: [0, 1]}}", "search: {method: random, trials: 40}").configurations == 40
    assert plan("{a: [1, 2, 3], b: [1, 2]}", "search: {method: random, trials: 40}").configurations == 6


def test_a_trial_has_the_active_and_the_fixed_parameters_and_its_repeats_seed() -> None:
    trials = plan("{a: [1, 2]}", "repeat: {seeds: [3, 5]}", ", fixed: {b: x}").trials_of({"a": 2})
    assert [trial.seed for trial in trials] == [3, 5]
    assert {tuple(trial.params.items()) for trial in trials} == {(("b", "x"), ("a", 2))}
    assert {trial.config_id for trial in trials} == {config_id({"a": 2, "b": "x"})}
    assert [trial.key for trial in trials] == [trial_key(CONTEXT, {"a": 2, "b": "x"}, seed) for seed in (3, 5)]


def test_widening_a_grid_changes_no_other_trial() -> None:
    """So that an edited spec runs only what is new."""
    narrow, wide = plan("{a: [1, 2], b: [5]}"), plan("{b: [5, 6], a: [0, 1, 2, 3]}")
    assert {trial.key for trial in trials_in(narrow)} < {trial.key for trial in trials_in(wide)}


def trials_in(of: StudyPlan) -> list[Trial]:
    return [trial for index in range(of.configurations) for trial in of.trials_of(of.spec.space.grid_at(index))]


def test_another_context_is_another_trial_of_the_same_configuration() -> None:
    here = plan("{a: [1]}")
    there = replace(here, context=Context(what="other"))
    (mine,), (yours,) = here.trials_of({"a": 1}), there.trials_of({"a": 1})
    assert mine.key != yours.key
    assert mine.config_id == yours.config_id


@pytest.mark.parametrize(
    ("evaluate", "fits"),
    [
        ("{cv: {folds: 5, repeats: 2}}", 10),
        ("{cv: {folds: 3}}", 3),
        ("{holdout: {fraction: 0.5, repeats: 7}}", 7),
    ],
)
def test_fits_of_a_trial(evaluate: str, fits: int) -> None:
    text = ESTIMATOR.replace("{cv: {folds: 5, repeats: 2}}", evaluate)
    assert StudyPlan.of(parse_spec(text, file="s.yaml", folder=Path("/nowhere")), CONTEXT).splits == fits


def test_a_function_fits_once() -> None:
    assert plan("{a: [1]}").splits == 1


def test_counts_with_and_without_a_look_at_the_ledger() -> None:
    whole = StudyPlan.of(parse_spec(ESTIMATOR, file="s.yaml", folder=Path("/nowhere")), CONTEXT)
    counts = whole.counts(Missing(trials=4, fits=3), reused=2)
    assert (counts.configurations, counts.trials, counts.to_run, counts.reused) == (6, 6, 4, 2)
    assert (counts.fits, counts.fits_naive, counts.work_units) == (30, 40, 3)
    assert (counts.prefix_fits, counts.prefix_fits_naive) == (0, 0)
    steps = "{pipeline: {prep: a.Prep, none: passthrough, pca: a.Pca, clf: sklearn.svm.SVC}}"
    text = ESTIMATOR.replace("{estimator: sklearn.svm.SVC}", steps).replace("{C:", "{clf__C:").replace("gamma:", "pca__n:")
    pipeline = StudyPlan.of(parse_spec(text, file="s.yaml", folder=Path("/nowhere")), CONTEXT)
    shared = pipeline.counts(Missing(trials=6, fits=6, steps=(1, 1, 2)))
    assert (shared.prefix_fits, shared.prefix_fits_naive) == (10 + 20, 60 + 60), "what passes everything on is not fitted"
    unknown = whole.counts()
    assert (unknown.trials, unknown.to_run, unknown.reused, unknown.fits, unknown.work_units) == (6, None, None, None, None)
