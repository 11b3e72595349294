"""The trial block: what runs, and the parameters that every trial gets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from hpsearch.core.names import did_you_mean
from hpsearch.core.values import Params
from hpsearch.spec.domain_forms import PARAMETER_NAME
from hpsearch.spec.forms import Form, Key
from hpsearch.spec.kinds import Own, Text
from hpsearch.spec.model import TrialSpec
from hpsearch.spec.nodes import MapNode
from hpsearch.spec.paths import CLASS, FUNCTION
from hpsearch.spec.pipeline import PIPELINE
from hpsearch.spec.places import Place

KINDS: tuple[Literal["estimator", "pipeline", "function"], ...] = ("estimator", "pipeline", "function")


def read_trial(place: Place) -> TrialSpec | None:
    """The block; None after noting why it cannot be told what a trial runs."""
    block = TRIAL.block(place)
    fixed = _fixed(block.at("fixed"))
    if isinstance(place.node, MapNode) and "command" in place.node.entries:
        return None  # said already; that no other kind is there would be noise
    kind = block.only(KINDS, TRIAL.what)
    if kind == "pipeline":
        steps = PIPELINE.read(block.at("pipeline"))
        return TrialSpec("pipeline", "", steps, fixed) if steps else None
    if kind is None:
        return None
    path = (CLASS if kind == "estimator" else FUNCTION).read(block.at(kind))
    return None if path is None else TrialSpec("estimator" if kind == "estimator" else "function", path, (), fixed)


def check_names(trial: TrialSpec, names: Iterable[tuple[str, Place]]) -> None:
    """Note every parameter of a pipeline whose prefix names no step. `names`: from `fixed` and from `space`."""
    if trial.kind != "pipeline":
        return
    steps = [step.name for step in trial.steps]
    for name, place in names:
        step, joint, parameter = name.partition("__")
        if step in steps and joint and parameter:
            continue
        if step in steps:
            place.add(f"replacing a whole step is not supported yet; name a parameter of it: {step}__param")
        elif joint:
            known = did_you_mean(step, steps) or f"; the steps are {', '.join(steps)}"
            place.add(f"the pipeline has no step {step}{known}")
        else:
            place.add(f"names no step; write it as step__param: {steps[-1]}__{name}")


def _fixed(place: Place) -> Params:
    values = {}
    for name, at in place.entries("a mapping of parameters to values"):
        if not PARAMETER_NAME.fullmatch(name):
            at.add("is no parameter name; use letters, digits, _ and -, a letter first")
        values[name] = at.value()
    return values


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
        Key("command", Text(), "A program.", "python train.py {args}", later="use function, which may start the program"),
        Key(
            "fixed",
            Own(
                "a mapping of parameters to values",
                _fixed,
                {"type": "object", "propertyNames": {"pattern": f"^{PARAMETER_NAME.pattern}$"}},
            ),
            "Parameters passed to every trial.",
            "{tree_method: hist}",
        ),
    ),
    one_of=KINDS,
    what="what a trial runs",
    example="trial:\n  estimator: xgboost.XGBClassifier\n  fixed: {tree_method: hist}",
)
