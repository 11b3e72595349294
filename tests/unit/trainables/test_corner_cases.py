"""The spec's corner cases, one rule each: a test for each row of the table in docs/spec.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from trainables_builders import RememberingRun, evaluate, problems_of, spec_of, trial_of

from hpsearch.core.errors import SpecError
from hpsearch.core.values import Params
from hpsearch.search import make_searcher
from hpsearch.trainables import build, prepare

FUNCTION = "trial: {function: 'job:run'}\nmetric: {name: loss, mode: min}\n"
TREE = """
trial: {estimator: sklearn.tree.DecisionTreeClassifier}
data: {sklearn: iris}
evaluate: {cv: {folds: 3}}
metric: {name: accuracy, mode: max}
"""


def asked(text: str, folder: Path) -> list[Params]:
    spec = spec_of(text, folder)
    return list(make_searcher(spec.space, spec.search).ask(1000))


def told(text: str, folder: Path) -> list[str]:
    """All that is said of a spec, whether by its reader or by the checks before the start."""
    try:
        return problems_of(text, folder)
    except SpecError as error:
        return [str(problem).partition("  ")[2] for problem in error.problems]


def test_first_adds_configurations_on_the_grid_or_off_it(tmp_path: Path) -> None:
    space = "space: {a: {int: [1, 9], step: 4}, b: {float: [0, 1], points: 2, default: 0.5}, c: [x, y]}\n"
    found = asked(FUNCTION + space + "search: {first: [{a: 2}, {a: 5, b: 1, c: y}]}\n", tmp_path)
    assert found[:2] == [{"a": 2, "b": 0.5, "c": "x"}, {"a": 5, "b": 1.0, "c": "y"}]
    assert len(found) == 1 + 3 * 2 * 2, "the one on the grid is not run twice"


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (
            "{a: 12}",
            "search.first[0].a = 12: is not a value of the parameter, or out of its bounds; write a whole number from 1 to 9",
        ),
        ("{a: 9, c: y}", "search.first[0] does not meet the constraint a < 9 or c == 'x'"),
        ("{d: 1}", "search.first[0].d: there is no such parameter"),
    ],
)
def test_bounds_and_constraints_hold_for_first(tmp_path: Path, entry: str, sentence: str) -> None:
    text = f"{FUNCTION}space: {{a: {{int: [1, 9]}}, c: [x, y]}}\nconstraints: [a < 9 or c == 'x']\nsearch: {{first: [{entry}]}}\n"
    assert told(text, tmp_path) == [sentence]


def test_what_is_left_out_is_drawn_where_there_is_no_grid(tmp_path: Path) -> None:
    search = "search: {method: random, trials: 2, seed: 3, first: [{a: 2}]}\n"
    first = asked(f"{FUNCTION}space: {{a: {{int: [1, 9]}}, b: {{float: [0, 1]}}}}\n{search}", tmp_path)[0]
    assert first["a"] == 2
    assert isinstance(first["b"], float)


def test_points_are_for_grids_and_steps_hold_everywhere(tmp_path: Path) -> None:
    space = "space: {p: {float: [0, 1], points: 3}, s: {float: [0.5, 0.9], step: 0.1}, i: {int: [1, 9], step: 4}}\n"
    drawn = asked(f"{FUNCTION}{space}search: {{method: random, trials: 200}}\n", tmp_path)
    assert len({each["p"] for each in drawn}) > 100
    assert {each["s"] for each in drawn} == {0.5, 0.6, 0.7, 0.8, 0.9}, "decimal: no 0.7999999999999999"
    assert {each["i"] for each in drawn} == {1, 5, 9}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f"{FUNCTION}space: {{a: {{int: [1, 9], step: 2, points: 3}}}}",
         "space.a.points = 3: points and step exclude each other; drop one of them"),
        (f"{FUNCTION}space: {{a: {{float: [1, 9], step: 2, log: true}}}}",
         "space.a.step = 2: a log range has no step; write points instead, or drop log"),
        (f"{TREE}space: {{max_depth: [1, 2]}}".replace("Classifier}", "Classifier, fixed: {max_depth: 3}}"),
         "space.max_depth: stands in trial.fixed too, on line 4; drop one of the two"),
        (f"{TREE}space: {{eta: [0.1, 0.2], learning_rate: [0.3]}}".replace(
            "sklearn.tree.DecisionTreeClassifier", "xgboost.XGBClassifier"),
         "space.eta: is the same parameter as learning_rate, which is given too; keep one"),
        (f"{TREE}space: {{random_state: [1, 2]}}\nrepeat: {{seeds: [0, 1]}}",
         "space.random_state: each of repeat.seeds sets it; drop it here, or repeat with one seed"),
        (f"{FUNCTION}space: {{a: {{choice: {{x: {{b: [1, 2]}}, y: {{b: [3, 4]}}}}}}}}\nconstraints: [b < 3]",
         "constraints[0] = b < 3: b is the name of 2 parameters; write a.x.b or a.y.b"),
        (f"{FUNCTION}space: {{a: [1, 2], b: {{choice: [1], when: {{c: 1}}}}, c: {{choice: [1], when: {{b: 1}}}}}}",
         "space.b.when: b waits for c waits for b: a parameter cannot wait for itself"),
        (f"{FUNCTION}space: {{f: {{float: [0, 1], points: 3}}, b: {{choice: [1], when: {{f: 0.5}}}}}}",
         "space.b.when: f has no countable values; a condition names some of a choice or an int range"),
        (f"{TREE}space: {{max_depth: [1, 2]}}\n".replace("name: accuracy", "name: f1_macro").replace(
            "cv: {folds: 3}", "cv: {folds: 3}, metrics: [accuracy]"),
         "metric.name = f1_macro: is not one of evaluate.metrics; add it there"),
        (f"{TREE}space: {{max_depth: [1, 2]}}\n".replace("mode: max", "mode: min"),
         "metric.mode = min: a scorer is always maximised: more of it is better; write mode: max"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    assert told(text, tmp_path) == [sentence]


def test_a_branchs_last_name_says_which_and_an_inactive_parameters_constraint_holds(tmp_path: Path) -> None:
    space = "space: {a: {choice: {x.SVC: {C: [1, 2]}, x.Ridge: {C: [1, 2]}}}}\nconstraints: [SVC.C < 2]\n"
    assert asked(FUNCTION + space, tmp_path) == [
        {"a": "x.SVC", "C": 1},
        {"a": "x.Ridge", "C": 1},
        {"a": "x.Ridge", "C": 2},
    ]


def test_seeds_are_those_of_repeats_and_never_of_the_grids_place(tmp_path: Path) -> None:
    """A value put into the grid changes no other trial, and a repeat's seed reaches every random_state that is unset."""
    one, two = (spec_of(f"{TREE}space: {{max_depth: {grid}}}\n", tmp_path) for grid in ("[2, 5]", "[1, 2, 5]"))
    keys = [{trial_of(prepare(spec), {"max_depth": depth}).key for depth in (2, 5)} for spec in (one, two)]
    assert keys[0] == keys[1]
    scores = [
        evaluate(f"{TREE}space: {{splitter: [random]}}\n", tmp_path, {"splitter": "random"}, seed=seed) for seed in (0, 0, 1)
    ]
    assert scores[0].splits[0].scores == scores[1].splits[0].scores
    assert [each.scores for each in scores[0].splits] != [each.scores for each in scores[2].splits]


def test_a_list_in_a_choice_is_a_tuple_for_the_estimator(tmp_path: Path) -> None:
    text = """
trial: {estimator: sklearn.neural_network.MLPClassifier, fixed: {max_iter: 1, solver: lbfgs}}
data: {sklearn: iris}
evaluate: {holdout: {fraction: 0.5}}
metric: {name: accuracy, mode: max}
space: {hidden_layer_sizes: [[4, 2], [3]]}
"""
    assert [each["hidden_layer_sizes"] for each in asked(text, tmp_path)] == [(4, 2), (3,)]


@pytest.mark.parametrize(
    ("body", "loss"),
    [
        ("trial.report({'loss': 3}); return {'loss': 1}", 1),
        ("trial.report({'loss': 3}); trial.report({'loss': 2})", 2),
    ],
    ids=["the returned value counts", "else the last report"],
)
def test_a_function_that_reports_and_returns(tmp_path: Path, body: str, loss: float, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "corner_job.py").write_text(f"def run(params, trial):\n    {body}\n")
    monkeypatch.syspath_prepend(tmp_path)
    text = FUNCTION.replace("job:run", "corner_job:run") + "space: {a: [1, 2]}\n"
    assert evaluate(text, tmp_path, {"a": 1}).metrics == {"loss": loss}


def test_a_function_with_evaluate_is_given_splits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "corner_split.py").write_text(
        "def run(params, trial):\n    return {'loss': len(trial.splits)}\ndef blind(a): pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    blocks = "data: {sklearn: iris}\nevaluate: {cv: {folds: 4}}\nspace: {a: [1, 2]}\n"
    text = FUNCTION.replace("job:run", "corner_split:run") + blocks
    assert evaluate(text, tmp_path, {"a": 1}).metrics == {"loss": 4}
    assert told(text.replace("corner_split:run", "corner_split:blind"), tmp_path) == [
        "evaluate: corner_split:blind does not take trial, so it cannot use trial.splits; drop evaluate"
    ]


def test_missing_values_are_passed_on_to_those_that_take_them(tmp_path: Path) -> None:
    (tmp_path / "holes.csv").write_text("a,y\n" + "1,p\n,q\n" * 10)
    text = """
trial: {estimator: %s}
data: {csv: holes.csv, target: y}
evaluate: {cv: {folds: 2}}
metric: {name: accuracy, mode: max}
space: {%s: [1, 2]}
"""
    assert told(text % ("sklearn.tree.DecisionTreeClassifier", "max_depth"), tmp_path) == []
    said = told(text % ("sklearn.svm.SVC", "C"), tmp_path)
    assert len(said) == 1
    assert "missing" in said[0]


def test_a_literal_mapping_reaches_the_estimator_with_its_own_keys(tmp_path: Path) -> None:
    text = f"{TREE}space: {{class_weight: {{const: {{0: 1, 1: 5, 2: 1}}}}, max_depth: [1, 2]}}\n"
    prepared = prepare(spec_of(text, tmp_path))
    weights: Any = asked(text, tmp_path)[0]["class_weight"]
    assert weights == {0: 1, 1: 5, 2: 1}
    found = build(prepared.program, prepared.table).evaluate(
        trial_of(prepared, {"class_weight": weights, "max_depth": 2}), RememberingRun()
    )
    assert found.splits
