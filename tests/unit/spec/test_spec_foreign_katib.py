"""A Katib Experiment becomes a spec that plans to the same configurations. Expectations are written out by hand."""

from __future__ import annotations

from itertools import product

import pytest
from foreign_files import grid, imported, line, lost, refused, same, study

from hpsearch.core.metric import Mode
from hpsearch.space import FloatRange, IntRange

EXPERIMENT = """---
apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata:
  name: boosting
  labels: {team: growth}
spec:
  objective:
    type: maximize
    objectiveMetricName: accuracy
  algorithm: {algorithmName: ALGORITHM}
  parallelTrialCount: 3
  maxTrialCount: 60
  maxFailedTrialCount: 7
  parameters:
PARAMETERS
  trialTemplate:
    primaryContainerName: training
    trialParameters:
      - {name: learningRate, description: its rate, reference: lr}
    trialSpec:
      apiVersion: batch/v1
      kind: Job
      spec:
        template:
          spec:
            containers:
              - {name: sidecar, image: logs, command: [tail]}
              - name: training
                image: registry/trainer:1
                command: [python3, train.py]
                args: ["--lr=${trialParameters.learningRate}", --epochs, "3"]
                resources: {limits: {cpu: 500m, memory: 1.5Gi, nvidia.com/gpu: 1}}
            restartPolicy: Never
"""
LR = '    - {name: lr, parameterType: double, feasibleSpace: {min: "0.01", max: "0.03", step: "0.01"}}\n'
MORE = """    - name: momentum
      parameterType: double
      feasibleSpace: {min: "0.5", max: "0.9", step: "0.1"}
    - {name: layers, parameterType: int, feasibleSpace: {min: "2", max: "6", step: "3"}}
    - {name: batch, parameterType: discrete, feasibleSpace: {list: ["32", "0.5"]}}
    - {name: optimizer, parameterType: categorical, feasibleSpace: {list: [sgd, "1"]}}
"""


def text(parameters: str = LR, algorithm: str = "grid") -> str:
    return EXPERIMENT.replace("PARAMETERS\n", parameters).replace("ALGORITHM", algorithm)


def domain(feasible: str, kind: str = "double") -> object:
    more = f"    - {{name: x, parameterType: {kind}, feasibleSpace: {feasible}}}\n"
    return study(text(LR + more, "random")).space.domains("x")[0]


def test_a_grid_has_the_same_configurations() -> None:
    listed = [
        {"lr": lr, "momentum": momentum, "layers": layers, "batch": batch, "optimizer": optimizer}
        for lr, momentum, layers, batch, optimizer in product(
            [0.01, 0.02, 0.03], [0.5, 0.6, 0.7, 0.8, 0.9], [2, 5], [32, 0.5], ["sgd", "1"]
        )
    ]
    assert same(grid(text(LR + MORE)), listed)


def test_the_blocks_around_the_space() -> None:
    found = study(text(algorithm="random"))
    assert (found.name, found.tags, found.metric.name, found.metric.mode) == (
        "boosting",
        {"team": "growth"},
        "accuracy",
        Mode.MAX,
    )
    assert (found.search.method, found.search.trials, found.limits.concurrent) == ("random", 60, 3)
    assert (found.resources.cpu, found.resources.gpu, found.resources.memory_bytes) == (0.5, 1.0, 3 * 2**29)
    assert line(text(), "command") == 'command: "python3 train.py --lr={lr} --epochs 3"'


@pytest.mark.parametrize(("count", "total"), [(0, 60), (7, 60), (1, 49), (3, 7), (60, 60)])
def test_as_many_trials_may_fail(count: int, total: int) -> None:
    """A study ends where more than the share of its trials has failed; a share that falls short by a bit ends it one earlier."""
    changed = text(algorithm="random").replace("maxTrialCount: 60", f"maxTrialCount: {total}")
    share = study(changed.replace("maxFailedTrialCount: 7", f"maxFailedTrialCount: {count}")).limits.failures
    assert share is not None
    assert not count > share * total
    assert count + 1 > share * total


@pytest.mark.parametrize(
    ("kind", "feasible", "read"),
    [
        ("double", '{min: "0.01", max: "1e-1"}', FloatRange(0.01, 0.1)),
        ("double", '{min: "1e-4", max: "0.1", distribution: logUniform}', FloatRange(0.0001, 0.1, log=True)),
        ("double", '{min: "0", max: "1", step: "0.25"}', FloatRange(0.0, 1.0, step=0.25)),
        ("int", '{min: "1", max: "64", distribution: logUniform}', IntRange(1, 64, log=True)),
        ("int", "{min: 1, max: 9, step: 2}", IntRange(1, 9, step=2)),
    ],
)
def test_ranges(kind: str, feasible: str, read: object) -> None:
    assert domain(feasible, kind) == read


@pytest.mark.parametrize(
    ("algorithm", "method", "said"),
    [
        ("sobol", "sobol", None),
        ("tpe", "random", "would be tpe, which is not supported yet"),
        ("bayesianoptimization", "random", "would be gp, which is not supported yet"),
        ("cmaes", "random", "would be cmaes, which is not supported yet"),
        ("hyperband", "random", "is no method of hpsearch"),
    ],
)
def test_methods(algorithm: str, method: str, said: str | None) -> None:
    found = study(text(algorithm=algorithm))
    assert (found.search.method, found.search.trials) == (method, 60)
    assert [each for each in lost(text(algorithm=algorithm)) if "algorithm" in each] == (
        [] if said is None else [f"11  spec.algorithm.algorithmName: {said}; method: random stands in the spec"]
    )


def test_settings_and_early_stopping() -> None:
    settings = """hyperband
    algorithmSettings:
      - {name: resource_name, value: epochs}
      - {name: r_l, value: "9"}
      - {name: random_state, value: "7"}
  earlyStopping: {algorithmName: medianstop}"""
    changed = text(algorithm="X").replace("{algorithmName: X}", f"\n    algorithmName: {settings}")
    assert study(changed).search.seed == 7
    said = imported(changed).text
    assert "# early_stop: {method: hyperband, resource: epochs, max: 9}  # not supported yet" in said
    assert "# early_stop: {method: median}  # not supported yet" in said
    assert [each.partition(": ")[0].split()[1] for each in lost(changed)[1:4]] == [
        "spec.algorithm.algorithmSettings[0]",
        "spec.algorithm.algorithmSettings[1]",
        "spec.earlyStopping",
    ]


def test_a_grid_without_a_step_is_a_comment() -> None:
    parameter = '    - {name: x, parameterType: double, feasibleSpace: {min: "0", max: "1"}}\n'
    assert line(text(LR + parameter), "x").startswith("# x: {float: [0, 1]}  # a grid needs a step")
    assert grid(text(LR + parameter)) == [{"lr": 0.01}, {"lr": 0.02}, {"lr": 0.03}]
    assert any("parameters[1].feasibleSpace: a grid needs a step, in Katib too" in each for each in lost(text(LR + parameter)))


def test_a_command_names_a_parameter_that_became_a_comment() -> None:
    """So that the spec is refused until its values are written, and no trial runs with a placeholder."""
    stepless = '    - {name: lr, parameterType: double, feasibleSpace: {min: "0", max: "1"}}\n'
    other = '    - {name: x, parameterType: int, feasibleSpace: {min: "0", max: "1"}}\n'
    assert "--lr={lr}" in study(text(stepless + other)).trial.command


def test_a_grid_larger_than_its_trials_is_listed_with_its_size() -> None:
    assert any(
        "a grid runs all 3 configurations" in each for each in lost(text().replace("maxTrialCount: 60", "maxTrialCount: 2"))
    )
    assert not any("a grid runs" in each for each in lost(text()))


def test_the_resource_around_the_command_is_listed_whole() -> None:
    assert lost(text()) == [
        "22  spec.trialTemplate.trialSpec: of the resource only the container's command and limits remain",
        "30  spec.trialTemplate.trialSpec.spec.template.spec.containers[1].image: registry/trainer:1 is not run: the program "
        "and the files that the command names must be on each machine that runs trials; where they lie under other paths "
        "there, change the command",
    ]
    assert "restartPolicy: Never" in imported(text()).text


def test_a_container_without_an_image_or_without_a_command_needs_no_program_of_one() -> None:
    assert not any("image" in each for each in lost(text().replace("                image: registry/trainer:1\n", "")))
    bare = text().replace("                command: [python3, train.py]\n", "").replace("args: [", "env: [")
    assert [each.partition(": ")[2].partition(":")[0] for each in lost(bare)] == [
        "of the resource only the container's command and limits remain",
        "says no command",
    ]


def test_what_is_wrong_is_said_with_its_line() -> None:
    assert refused(text().replace("reference: lr", "reference: rate")) == [
        "20  spec.trialTemplate.trialParameters[0].reference = rate: is no parameter of the experiment",
    ]
    assert refused(text().replace("trialParameters.learningRate", "trialParameters.rate")) == [
        "29  spec.trialTemplate.trialSpec.spec.template.spec.containers[1]: ${trialParameters.rate} is not among trialParameters"
    ]
    assert refused(text().replace("v1beta1", "v1alpha3")) == [
        "2  apiVersion = kubeflow.org/v1alpha3: must be kubeflow.org/v1beta1, the one version that is read"
    ]
    assert refused(text('    - {name: lr, parameterType: double, feasibleSpace: {min: "a", max: "0.1"}}\n', "random")) == [
        "16  spec.parameters[0].feasibleSpace.min = a: must be a number"
    ]
    wrong = text('    - {name: lr, parameterType: doubel, feasibleSpace: {min: "0.1", max: "1"}}\n', "random")
    assert refused(wrong) == [
        "16  spec.parameters[0].parameterType = doubel: must be int or double or discrete or categorical; did you mean double?"
    ]
