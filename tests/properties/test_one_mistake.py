"""One mistake in a spec that is right otherwise: whatever it is, no message but those about it, and never a crash."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from hpsearch.spec import Draft, draft_spec
from hpsearch.trainables import further_problems, prepare

ESTIMATOR = """
name: churn
trial: {estimator: sklearn.svm.SVC, fixed: {kernel: rbf}}
data: {csv: customers.csv, target: churn, drop: [town]}
evaluate: {cv: {folds: 2}, metrics: [accuracy, f1]}
metric: {name: accuracy, mode: max}
space:
  C: {float: [0.1, 10], log: true, points: 3}
  gamma: [0.1, scale]
search: {method: random, trials: 3}
repeat: {seeds: [1, 2]}
"""
PIPELINE = """
trial:
  pipeline:
    prep:
      columns:
        numeric: [sklearn.impute.SimpleImputer, sklearn.preprocessing.StandardScaler]
        town: {select: [town], transform: sklearn.preprocessing.OneHotEncoder}
      remainder: drop
    model: sklearn.linear_model.LogisticRegression
  fixed: {model__max_iter: 200}
data: {csv: customers.csv, target: churn}
evaluate: {holdout: {fraction: 0.5}}
metric: {name: roc_auc}
space: {model__C: [1, 2]}
"""
CHOSEN = """
trial: {fixed: {random_state: 3}}
data: {csv: customers.csv, target: churn, drop: [town]}
metric: {name: roc_auc}
space:
  estimator:
    choice:
      sklearn.svm.LinearSVC: {C: [1, 2]}
      sklearn.linear_model.SGDClassifier: {alpha: {float: [0.1, 0.2], points: 2}, param.loss: [hinge]}
  tol: 0.1
"""
STEPS = """
trial: {pipeline: {scale: , model: sklearn.svm.SVC}}
data: {csv: customers.csv, target: churn, drop: [town]}
metric: {name: roc_auc}
space:
  scale: [sklearn.preprocessing.StandardScaler, passthrough]
  model: {choice: {sklearn.svm.LinearSVC: {C: [1, 2]}, sklearn.linear_model.LogisticRegression: {C: [1], max_iter: 50}}}
  model__tol: 0.1
"""
FUNCTION = """
trial: {function: "job:run", fixed: {depth: 2, model: {width: 3}}}
data: {csv: customers.csv, target: churn, columns: [age], positive: "yes"}
evaluate: {cv: {folds: 2}}
metric: {name: loss, mode: min}
space: {rate: {float: [0, 1], step: 0.5}, size: {choice: [1, 2]}, model: {lr: [1, 2], drop: {int: [1, 2]}}}
"""
COMMAND = """
trial: {command: ["python", "train.py", "--rate={rate}", "{args}"], fixed: {depth: 2}}
metric: {name: loss, mode: min}
space: {rate: {float: [0, 1], step: 0.5}, size: {choice: [1, 2]}}
resources: {cpu: 0.5}
limits: {concurrent: 2, failures: 10%}
"""
JOB = "def run(rate, size, depth, model, trial):\n    return {'loss': rate}\n"
CUSTOMERS = "age,calls,town,churn\n" + "".join(f"{20 + i},{i % 7},{'AB'[i % 2]},{'yes' if i % 3 else 'no'}\n" for i in range(30))

WRONG: tuple[Any, ...] = (None, [], {}, "", "no such thing", -7, 2.5, True, [[]], [None], {"a": {"b": []}})
# Each of these is more than one: the metric is not among the scorers, and there is no such scorer; a parameter is no domain,
# and those that the function takes are gone.
SEVERAL = ("('evaluate', 'metrics') = 'no such thing'", "('evaluate', 'metrics', 0) = 'no such thing'", "('space',) = {'a':")


SPECS = {"estimator": ESTIMATOR, "pipeline": PIPELINE, "chosen": CHOSEN, "steps": STEPS, "function": FUNCTION, "command": COMMAND}


@pytest.mark.parametrize("text", SPECS.values(), ids=SPECS)
def test_no_message_but_of_the_mistake_itself(tmp_path: Path, text: str) -> None:
    (tmp_path / "job.py").write_text(JOB)
    (tmp_path / "train.py").touch()
    (tmp_path / "customers.csv").write_text(CUSTOMERS)
    prepare(_draft(tmp_path, text).checked())  # what is mutated has no mistakes
    mistakes = 0
    for what, tree in _mutants(yaml.safe_load(text)):
        draft = _draft(tmp_path, yaml.safe_dump(tree, sort_keys=False))
        if draft.problems and not what.startswith(SEVERAL):
            mistakes += 1
            said, further = [[str(problem) for problem in each] for each in (draft.problems, further_problems(draft))]
            assert not further, f"{what}: {said} brought {further}"
    assert mistakes > 100


def _draft(folder: Path, text: str) -> Draft:
    (folder / "spec.yaml").write_text(text)
    return draft_spec(folder / "spec.yaml")


def _mutants(tree: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The tree with one node replaced, left out, or under a misspelt key."""
    for path in list(_paths(tree)):
        for value in WRONG:
            yield f"{path} = {value!r}", _changed(tree, path, lambda parent, key, value=value: parent.__setitem__(key, value))
        yield f"{path} left out", _changed(tree, path, lambda parent, key: parent.__delitem__(key))
        if isinstance(path[-1], str):
            yield f"{path} misspelt", _changed(tree, path, _misspell)


def _misspell(parent: dict[str, Any], key: str) -> None:
    parent[key[:-1] + "_" + key[-1:]] = parent.pop(key)


def _changed(tree: dict[str, Any], path: tuple[Any, ...], change: Callable[[Any, Any], None]) -> dict[str, Any]:
    changed = copy.deepcopy(tree)
    parent: Any = changed
    for key in path[:-1]:
        parent = parent[key]
    change(parent, path[-1])
    return changed


def _paths(node: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield (*at, key)
        yield from _paths(child, (*at, key))
