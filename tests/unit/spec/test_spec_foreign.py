"""What holds for every foreign file: its comments are kept, its content tells whose it is, and it gives a spec or a sentence."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from foreign_files import imported, line, lost, problems, refused, study
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.core.errors import SpecError
from hpsearch.spec.foreign import SYSTEMS
from hpsearch.spec.foreign.wandb_parameters import DISTRIBUTIONS

COMMENTED = """\
# The team's sweep.
# Ask Ann before you change it.

program: train.py  # the trainer
method: grid # all of it
metric:
  name: loss     # on the hold-out
  target: 0.5    # good enough
parameters:
  # rates that
  # do not diverge
  lr:
    values: # three
      - 0.1
      - 0.2   # the usual
  text: {value: "a # b"} # no comment inside

  # alone
entity: team # ours
"""


def test_comments_stay_with_their_keys() -> None:
    spec = imported(COMMENTED).text
    assert spec.startswith(
        "# Imported from file.yaml, a W&B sweep. What has no counterpart here is listed at the end.\n"
        "# The team's sweep.\n# Ask Ann before you change it.\n\n"
    )
    assert "  # rates that\n  # do not diverge\n  lr: [0.1, 0.2]  # three; the usual\n" in spec
    assert line(COMMENTED, "text") == 'text: "a # b"  # no comment inside'
    assert line(COMMENTED, "method") == "method: grid  # all of it"
    assert (
        line(COMMENTED, "metric")
        == "metric: {name: loss, mode: min}  # target: 0.5 is not supported yet; on the hold-out; good enough"
    )
    assert line(COMMENTED, "command") == 'command: "python train.py {args}"  # the trainer'
    assert spec.endswith("# Other comments of the file:\n#   line 18  alone\n#   line 19  ours\n")


def test_no_comment_is_lost() -> None:
    words = (
        "team's sweep",
        "Ask Ann",
        "trainer",
        "all of it",
        "hold-out",
        "enough",
        "rates that",
        "three",
        "usual",
        "alone",
        "ours",
    )
    assert [word for word in words if word not in imported(COMMENTED).text] == []


def test_what_stands_in_values_is_neither_a_comment_nor_the_environment() -> None:
    text = 'program: a.py\nmethod: grid\nmetric: {name: loss}\nparameters: {x: {values: ["${HOME}", "a\\n# b", "$${X}"]}}\n'
    space = study(text).space
    assert [space.grid_at(index)["x"] for index in range(3)] == ["${HOME}", "a\n# b", "$${X}"]


def test_a_comment_cannot_end_its_line() -> None:
    """Names and values of the file stand in comments; what follows a line end there would be a key of the spec."""
    text = 'name: "a\\nspace: {b: 1}"\nprogram: a.py\nmethod: grid\nmetric: {name: loss}\nparameters: {x: {value: 1}}\n'
    assert study(text).space.names() == ("x",)
    assert study(text).name == "a-space-b-1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1", "1  is no file that can be imported: looked for a W&B sweep (a mapping with method and parameters); "),
        ("[1]", "1  is no file that can be imported: looked for a W&B sweep"),
        ("trial: {}\nspace: {}", "1  is no file that can be imported: it looks like a spec of hpsearch, which needs no import; "),
        ("a: 1\na: 2", "2  the key a stands on line 1 already; keep one of the two"),
        ("method: grid\nparameters: [", "2  is not YAML: "),
    ],
)
def test_a_file_that_is_none_of_them(text: str, said: str) -> None:
    found = refused(text)
    assert len(found) == 1
    assert found[0].startswith(said)


def test_every_system_is_named_where_none_is_recognised() -> None:
    [said] = refused("a: 1")
    assert all(system.title in said and system.looks in said for system in SYSTEMS.values())
    assert said.endswith("say which it is with --from wandb|katib|determined")


def test_from_forces_the_reading() -> None:
    assert refused("method: grid\n", "wandb") == ["1  parameters: is missing; a sweep needs parameters"]
    assert refused("method: grid\n", "determined") == ["1  searcher: is missing; it says how to search"]
    assert refused("method: grid\n", "katib") == [
        "1  apiVersion: must be kubeflow.org/v1beta1, the one version that is read",
        "1  spec: is missing; an Experiment has its search there",
    ]


def test_what_our_loader_would_refuse_is_said_of_the_file() -> None:
    text = (
        "program: a.py\nmethod: random\nrun_cap: 3\nmetric: {name: loss}\nparameters:\n  x: {min: 3, max: 1}\n  y: {values: []}\n"
    )
    assert refused(text) == [
        "6  this would become space.x.high = 1: a range ends above its low end, 3; write [1, 3]",
        "7  this would become space.y: a choice needs at least one value",
    ]


def test_a_number_too_large_is_said_where_it_stands() -> None:
    text = "program: a.py\nmethod: random\nrun_cap: 1e300\nmetric: {name: loss}\nparameters: {x: {value: 1}}\n"
    assert refused(text) == ["3  run_cap = 1e300: is larger than any 64-bit integer"]


KEYS = [
    "apiVersion", "kind", "metadata", "spec", "name", "description", "method", "metric", "goal", "target", "parameters",
    "program", "command", "run_cap", "early_terminate", "project", "labels", "objective", "type", "objectiveMetricName",
    "algorithm", "algorithmName", "algorithmSettings", "maxTrialCount", "maxFailedTrialCount", "parallelTrialCount",
    "parameterType", "feasibleSpace", "trialTemplate", "trialParameters", "trialSpec", "containers", "resources", "limits",
    "memory", "reference", "hyperparameters", "searcher", "entrypoint", "max_trials", "max_length", "max_restarts",
    "smaller_is_better", "val", "vals", "minval", "maxval", "base", "count", "value", "values", "distribution", "min", "max",
    "q", "mu", "sigma", "step", "list", "x.y", "lr", "1",
]  # fmt: skip
SCALARS = [
    "", "0", "1", "-3", "0.5", "1e-4", "'0.1'", ".nan", ".inf", "1e308", "9223372036854775807", "1e-300", "true", "yes",
    "010", "grid", "random", "bayes", "tpe", "int", "double", "log", "categorical", "discrete", "const", "normal",
    "log_normal", "q_uniform", "q_log_uniform", "inv_log_uniform", "beta", "uniform", "minimize", "Experiment",
    "kubeflow.org/v1beta1", "a b", "'${args}'", "'${trialParameters.lr}'", "'${X'", "'{'", "4Gi", "\"'\"", "&x 1", "!t 1",
    "'é\\t'", '"\\n: #"',
]  # fmt: skip
FLOW = st.recursive(
    st.sampled_from(SCALARS),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.lists(st.tuples(st.sampled_from(KEYS), inner), max_size=5).map(
            lambda items: f"{{{', '.join(f'{key}: {value}' for key, value in dict(items).items())}}}"
        )
    ),
    max_leaves=15,
)
WANDB = {"program": "a.py", "method": "random", "metric": "{name: loss}", "parameters": "{x: {min: 0, max: 1}}"}
KATIB = {
    "apiVersion": "kubeflow.org/v1beta1",
    "kind": "Experiment",
    "spec": "{objective: {type: minimize, objectiveMetricName: loss}, parameters: [{name: x, parameterType: PART}]}",
}
DETERMINED = {"entrypoint": "a.sh", "searcher": "{name: grid, metric: loss}", "hyperparameters": "{x: 1}"}
KINDS = {
    "wandb": [*DISTRIBUTIONS],
    "katib": ["int", "double", "discrete", "categorical"],
    "determined": ["const", "int", "double", "log", "categorical"],
}
NUMBERS = ["0", "1", "2", "-3", "7", "0.1", "0.5", "1e-4", "'0.1'", "1e308", "1e-300", "9223372036854775807", ".inf", "a", "~"]
LISTS = ["[]", "[1]", "[1, 1.0, '1', 1]", "['0.1', 1e-4]", "[a, {b: 1}]", "[{float: 1}]", "[[1, 2], ~]", "3"]


def attempt(text: str, system: str | None = None) -> None:
    """A spec that our own loader takes, or problems, each with a place."""
    found = problems(text, system)
    assert all(problem.file == "file.yaml" and problem.line for problem in found)
    if not found and system is None:
        study(text)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), FLOW, max_size=7), st.sampled_from([None, *SYSTEMS]))
def test_any_mapping(blocks: dict[str, str], system: str | None) -> None:
    attempt("\n".join(f"{key}: {value}" for key, value in blocks.items()) or "{}", system)


@pytest.mark.parametrize("base", [WANDB, KATIB, DETERMINED], ids=["wandb", "katib", "determined"])
@settings(max_examples=100, deadline=None)
@given(key=st.sampled_from(KEYS), value=FLOW)
def test_a_good_file_with_any_block_changed(base: dict[str, str], key: str, value: str) -> None:
    attempt("\n".join(f"{name}: {block}" for name, block in {**base, key: value}.items()))


@pytest.mark.parametrize("system", SYSTEMS)
@settings(max_examples=150, deadline=None)
@given(data=st.data(), method=st.sampled_from(["grid", "random"]))
def test_any_parameter(system: str, data: st.DataObject, method: str) -> None:
    kind, listed = data.draw(st.sampled_from(KINDS[system])), data.draw(st.sampled_from(LISTS))
    low, high, step, more = (data.draw(st.sampled_from(NUMBERS)) for _ in range(4))
    if system == "wandb":
        parameter = f"{{distribution: {kind}, min: {low}, max: {high}, q: {step}, mu: {more}, values: {listed}, value: {listed}}}"
        attempt(f"program: a.py\nmethod: {method}\nmetric: {{name: loss}}\nrun_cap: 5\nparameters:\n  x: {parameter}\n")
    elif system == "katib":
        head = (
            "apiVersion: kubeflow.org/v1beta1\nkind: Experiment\nspec:\n  objective: {type: minimize, objectiveMetricName: loss}"
        )
        rest = f"  algorithm: {{algorithmName: {method}}}\n  maxTrialCount: 5\n  trialTemplate: {{}}\n  parameters:"
        feasible = f"{{min: {low}, max: {high}, step: {step}, list: {listed}}}"
        attempt(f"{head}\n{rest}\n    - {{name: x, parameterType: {kind}, feasibleSpace: {feasible}}}\n")
    else:
        parameter = f"{{type: {kind}, minval: {low}, maxval: {high}, count: {step}, base: {more}, vals: {listed}, val: {listed}}}"
        attempt(f"entrypoint: a.sh\nsearcher: {{name: {method}, metric: l, max_trials: 5}}\nhyperparameters:\n  x: {parameter}\n")


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(["# c", "  # d ", "a: 1 # e", "lr: {value: '#'}", '  - "x # y"', "\t# f", "b: |", "  # in", "#"]))
)
def test_any_comments(lines: list[str]) -> None:
    with contextlib.suppress(SpecError):
        imported("\n".join([*lines, "method: grid", "parameters: {x: {value: 1}}"]))


def test_a_file_named_oddly_is_named_in_one_line() -> None:
    text = "program: a.py\nmethod: grid\nmetric: {name: loss}\nparameters: {x: {value: 1}}\n"
    assert imported(text, file=str(Path("a") / "b\nc.yaml")).text.startswith("# Imported from b c.yaml, a W&B sweep.\n\n")
    assert lost(text) == []
