"""A function gets the parameters with dots in their names as nested mappings."""

from __future__ import annotations

from pathlib import Path

import pytest
from trainables_builders import evaluate, problems_of

SPEC = """
trial: {function: "mine:run", fixed: {model: {depth: 3}}}
metric: {name: loss, mode: min}
space: {model: {lr: [0.1, 0.2], opt.beta: [0.5]}, x: 1}
"""
PARAMS = {"model.lr": 0.1, "model.opt.beta": 0.5, "x": 1}
CHECK = (
    "    assert (model, x) == ({'depth': 3, 'lr': 0.1, 'opt': {'beta': 0.5}}, 1), (model, x)\n    model.clear()\n    return 1.0\n"
)


@pytest.mark.parametrize(
    "head",
    [
        "def run(params):\n    model, x = params['model'], params['x']\n",
        "def run(params, trial):\n    assert trial.params == params\n    model, x = params['model'], params['x']\n",
        "def run(model, x):\n",
        "def run(**all):\n    model, x = all['model'], all['x']\n",
    ],
)
def test_every_way_to_take_a_group(tmp_path: Path, head: str) -> None:
    (tmp_path / "mine.py").write_text(head + CHECK)
    assert evaluate(SPEC, tmp_path, PARAMS).metrics == {"loss": 1.0}
    assert evaluate(SPEC, tmp_path, PARAMS).metrics == {"loss": 1.0}, "what a function changes, the next trial does not see"


def test_the_group_must_be_an_argument(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def run(modle, x): return 1.0\n")
    assert problems_of(SPEC, tmp_path) == [
        "trial.function = mine:run: its argument modle is neither in space nor in trial.fixed; did you mean model?",
        "space.model.lr: mine:run takes no such argument; did you mean modle?",
    ]


SOMETIMES = """
trial: {function: "mine:run"}
metric: {name: loss, mode: min}
space: {kind: {choice: {adam: {opt.beta: [0.5]}, sgd: {%s}}}}
"""


def test_a_group_that_not_every_configuration_has_needs_a_default(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def run(kind, opt): return 1.0\n")
    (said,) = problems_of(SOMETIMES % "", tmp_path)
    assert said.startswith("space.kind.choice.adam.opt.beta: exists in some configurations alone")
    always = SOMETIMES % "opt.momentum: [0.1]"
    assert problems_of(always, tmp_path) == [], "some parameter of the group is in each"
    assert evaluate(always, tmp_path, {"kind": "sgd", "opt.momentum": 0.1}).metrics == {"loss": 1.0}
