"""The trial block: what runs, and the parameters that every trial gets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from hpsearch.core.names import did_you_mean, nearest
from hpsearch.spec.command import COMMAND, called
from hpsearch.spec.domain_forms import NAME_PATTERN
from hpsearch.spec.forms import Form, Key
from hpsearch.spec.kinds import Own
from hpsearch.spec.model import TrialSpec
from hpsearch.spec.paths import CLASS, FUNCTION
from hpsearch.spec.pipeline import PIPELINE
from hpsearch.spec.places import Place

KINDS: tuple[Literal["estimator", "pipeline", "function", "command"], ...] = ("estimator", "pipeline", "function", "command")

# What scikit-learn's Pipeline takes beside its steps, and why it is not given here.
_OWN_OF_PIPELINES = {
    "memory": "drop it: steps with the same settings are fitted once for many trials without it, as plan says",
    "verbose": "drop it: a trial's time is recorded, and of its steps nothing is printed",
    "transform_input": "drop it: nothing but rows and their labels is handed to steps",
}


def read_trial(place: Place, *, is_chosen: bool = False) -> TrialSpec | None:
    """The block without its fixed parameters; None after noting why it cannot be told what a trial runs.

    Args:
        is_chosen: whether the space says which estimator.
    """
    block = TRIAL.block(place)
    if is_chosen:
        return TrialSpec("estimator", "")
    kind = block.only(KINDS, TRIAL.what)
    if kind == "pipeline":
        steps = PIPELINE.read(block.at("pipeline"))
        return TrialSpec("pipeline", "", steps) if steps else None
    if kind == "command":
        words = COMMAND.read(block.at("command"))
        return TrialSpec("command", called(words), command=words) if words else None
    if kind is None:
        return None
    path = (CLASS if kind == "estimator" else FUNCTION).read(block.at(kind))
    return None if path is None else TrialSpec("estimator" if kind == "estimator" else "function", path)


def check_names(trial: TrialSpec, names: Iterable[tuple[str, Place]]) -> None:
    """Note every parameter of a pipeline that is no step, and whose prefix names none. `names`: from `fixed` and from `space`."""
    if trial.kind != "pipeline":
        return
    steps = [step.name for step in trial.steps]
    for name, place in names:
        seeks = place.log.seeks_near
        step, joint, parameter = name.partition("__")
        if name in steps or (step in steps and parameter):
            continue
        if name in _OWN_OF_PIPELINES:
            place.add(f"is the pipeline's own; {_OWN_OF_PIPELINES[name]}")
        elif step in steps:
            place.add(f"names no parameter of the step; write it as {step}__param")
        elif joint or (seeks and nearest(step, steps)):
            known = did_you_mean(step, steps if seeks else ()) or f"; the steps are {', '.join(steps)}"
            place.add(f"the pipeline has no step {step}{known}")
        else:
            place.add(f"names no step; write it as step__param: {steps[-1]}__{name}")


TRIAL = Form(
    "trial",
    "What one trial runs: one of the four, and the parameters that all trials get.",
    (
        Key("estimator", CLASS, "A scikit-learn-compatible class.", "xgboost.XGBClassifier"),
        Key(
            "pipeline",
            PIPELINE,
            "Named steps, as in sklearn.pipeline.Pipeline.",
            "{scale: sklearn.preprocessing.StandardScaler, clf: sklearn.svm.SVC}",
        ),
        Key(
            "function", FUNCTION, "A function, called as `run(params, trial)` or with its parameters by name.", "mylib.train:run"
        ),
        Key(
            "command",
            COMMAND,
            "Any program; `{name}` is a parameter's value, `{args}` is `--name value` of each. See [trials](trials.md).",
            "'python train.py {args}'",
        ),
        Key(
            "fixed",
            Own("a mapping of parameters to values", Place.value, {"type": "object", "propertyNames": {"pattern": NAME_PATTERN}}),
            "Parameters passed to every trial.",
            "{tree_method: hist}",
        ),
    ),
    at_most=KINDS,
    what="what a trial runs",
    example="trial:\n  estimator: xgboost.XGBClassifier\n  fixed: {tree_method: hist}",
)
