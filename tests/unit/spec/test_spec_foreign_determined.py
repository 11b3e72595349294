"""A Determined experiment becomes a spec that plans to the same configurations. Expectations are written out by hand."""

from __future__ import annotations

from itertools import product

import pytest
from foreign_files import grid, imported, line, lost, refused, same, study

from hpsearch.core.metric import Mode
from hpsearch.space import FloatRange, IntRange

GRID = """
name: mnist
description: On MNIST
labels: [vision, small]
project: digits
entrypoint: python3 train.py --quick
hyperparameters:
  global_batch_size: 64
  activation: {type: const, val: relu}
  layers: {type: int, minval: 0, maxval: 5, count: 3}
  depth: {type: int, minval: 1, maxval: 3, count: 100}
  dropout: {type: double, minval: 0.1, maxval: 0.5, count: 3}
  optimizer:
    name: {type: categorical, vals: [SGD, Adam]}
    rate: {type: log, base: 10.0, minval: -5.0, maxval: -3, count: 3}
searcher:
  name: grid
  metric: accuracy
  smaller_is_better: false
  max_concurrent_trials: 4
resources: {slots_per_trial: 2}
max_restarts: 1
reproducibility: {experiment_seed: 17}
"""


def parameter(written: str, searcher: str = "name: random, max_trials: 5") -> str:
    return f"entrypoint: ./run.sh\nhyperparameters:\n  x: {written}\nsearcher: {{{searcher}, metric: loss}}\n"


def values(written: str) -> list[object]:
    return [params["x"] for params in grid(parameter(written, "name: grid"))]


def test_a_grid_has_the_same_configurations() -> None:
    listed = [
        {
            "global_batch_size": 64,
            "activation": "relu",
            "layers": layers,
            "depth": depth,
            "dropout": dropout,
            "optimizer.name": name,
            "optimizer.rate": rate,
        }
        for layers, depth, dropout, name, rate in product(
            [0, 3, 5], [1, 2, 3], [0.1, 0.3, 0.5], ["SGD", "Adam"], [0.00001, 0.0001, 0.001]
        )
    ]
    assert same(grid(GRID), listed)
    assert lost(GRID) == []


def test_the_blocks_around_the_space() -> None:
    found = study(GRID)
    assert (found.name, found.description, found.tags) == ("mnist", "On MNIST", {"labels": "vision, small"})
    assert (found.metric.name, found.metric.mode, found.search.seed) == ("accuracy", Mode.MAX, 17)
    assert (found.limits.concurrent, found.resources.gpu, found.tracking.experiment) == (4, 2.0, "digits")
    assert (found.retry.error, found.retry.crash, found.retry.out_of_memory) == (1, 1, 1)
    assert line(GRID, "command") == 'command: "python3 train.py --quick"'
    assert study(parameter("{type: const, val: 1}")).metric.mode == Mode.MIN


@pytest.mark.parametrize(
    ("written", "listed"),
    [
        ("{type: int, minval: 0, maxval: 2, count: 3}", [0, 1, 2]),
        ("{type: int, minval: -5, maxval: 0, count: 3}", [-5, -3, 0]),
        ("{type: int, minval: 1, maxval: 4, count: 1}", [3]),
        ("{type: int, minval: 0, maxval: 100, count: 5}", [0, 25, 50, 75, 100]),
        ("{type: double, minval: 0, maxval: 1, count: 1}", [0.5]),
        ("{type: double, minval: 2, maxval: 2, count: 4}", [2.0]),
        ("{type: log, minval: -4, maxval: -2, count: 1}", [0.001]),
        ("{type: log, base: 2, minval: 3, maxval: 5, count: 3}", [8.0, 16.0, 32.0]),
        ("{type: categorical, vals: [1, 1.5, no, '2']}", [1, 1.5, "no", "2"]),
        ("[1, 2]", [(1, 2)]),
    ],
)
def test_grid_points(written: str, listed: list[object]) -> None:
    assert same([{"x": value} for value in values(written)], [{"x": value} for value in listed])  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("{type: int, minval: 1, maxval: 8}", IntRange(1, 8)),
        ("{type: double, minval: 0, maxval: 1}", FloatRange(0.0, 1.0)),
        ("{type: log, minval: -5, maxval: 1, base: 10}", FloatRange(0.00001, 10.0, log=True)),
        ("{type: log, minval: 0, maxval: 10, base: 2}", FloatRange(1.0, 1024.0, log=True)),
    ],
)
def test_ranges(written: str, read: object) -> None:
    found = study(parameter(written))
    assert (found.space.domains("x")[0], found.search.method, found.search.trials) == (read, "random", 5)


def test_halving_is_a_comment_beside_random() -> None:
    text = parameter(
        "{type: int, minval: 1, maxval: 8}",
        "name: adaptive_asha, max_trials: 16, divisor: 4, max_rungs: 3, max_length: {epochs: 64}",
    )
    assert (study(text).search.method, study(text).search.trials) == ("random", 16)
    assert line(text, "early_stop") == (
        "# early_stop: {method: asha, resource: epochs, min: 4, max: 64, eta: 4}  # not supported yet"
    )
    assert [each.partition(": ")[0] for each in lost(text)] == [
        "4  searcher.name",
        "4  searcher.divisor",
        "4  searcher.max_rungs",
        "4  searcher.max_length",
    ]


def test_a_grid_without_a_count_is_a_comment() -> None:
    text = parameter("{type: double, minval: 0, maxval: 1}", "name: grid")
    assert line(text, "x").startswith("# x: {float: [0, 1]}  # a grid needs a count")
    assert grid(text) == [{}]


def test_a_single_experiment_is_a_grid_of_one() -> None:
    assert grid(parameter("3", "name: single")) == [{"x": 3}]


@pytest.mark.parametrize(
    ("entrypoint", "command"),
    [
        ("python3 train.py", 'command: "python3 train.py"'),
        ("[python3, train.py, a b]", "command: \"python3 train.py 'a b'\""),
        ("cd x && python3 train.py", "command: \"sh -c 'cd x && python3 train.py'\""),
        ("model_def:Trial", 'command: "python train.py"'),
    ],
)
def test_entrypoints(entrypoint: str, command: str) -> None:
    text = parameter("3", "name: single").replace("./run.sh", entrypoint)
    assert line(text, "command") == command
    assert ("a trial class of Determined's has no counterpart" in str(lost(text))) == (entrypoint == "model_def:Trial")


def test_what_has_no_counterpart_is_listed_each_with_its_line() -> None:
    more = "data: {url: here}\nenvironment: {image: x}\nlog_policies: []\nrecords_per_epoch: 500\nworkspace: w\n"
    assert [each.partition(": ")[0] for each in lost(more + parameter("3", "name: single, max_length: {batches: 9}"))] == [
        "1  data",
        "2  environment",
        "3  log_policies",
        "4  records_per_epoch",
        "5  workspace",
        "9  searcher.max_length",
    ]
    assert "#     data: {url: here}" in imported(more + parameter("3", "name: single")).text


def test_what_is_wrong_is_said_with_its_line() -> None:
    assert refused(parameter("{type: log, minval: 1, maxval: 9999}")) == [
        "3  hyperparameters.x: minval and maxval are exponents of base here, and no float holds that power"
    ]
    assert refused(parameter("{type: int, minval: 5, maxval: 1}")) == [
        "3  this would become space.x.high = 1: a range ends above its low end, 5; write [1, 5]"
    ]
    assert refused(parameter("{type: integer, minval: 1}")) == [
        "3  hyperparameters.x.type = integer: must be const or int or double or log or categorical; did you mean int?"
    ]
