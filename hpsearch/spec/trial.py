"""The trial block: what runs, and the parameters that every trial gets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from hpsearch.core.names import did_you_mean
from hpsearch.core.values import Params
from hpsearch.spec.command import called, read_command
from hpsearch.spec.domains import PARAMETER_NAME
from hpsearch.spec.model import ColumnGroup, StepSpec, TrialSpec
from hpsearch.spec.nodes import ListNode, MapNode
from hpsearch.spec.places import Place

KINDS: tuple[Literal["estimator", "pipeline", "function", "command"], ...] = ("estimator", "pipeline", "function", "command")

_CLASS = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
_FUNCTION = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_STEP_NAME = re.compile(r"(?!.*__)[A-Za-z_][A-Za-z0-9_-]*")

_SELECTORS: tuple[Literal["numeric", "categorical"], ...] = ("numeric", "categorical")
_REMAINDERS: tuple[Literal["drop", "passthrough"], ...] = ("drop", "passthrough")


def read_trial(place: Place) -> TrialSpec | None:
    """The block; None after noting why it cannot be told what a trial runs."""
    block = place.block((*KINDS, "fixed"))
    fixed = _fixed(block.at("fixed"))
    kind = block.only(KINDS, "what a trial runs")
    if kind == "pipeline":
        steps = _steps(block.at("pipeline"))
        return TrialSpec("pipeline", "", steps, fixed) if steps else None
    if kind == "command":
        words = read_command(block.at("command"))
        return TrialSpec("command", called(words), (), fixed, words) if words else None
    if kind is None:
        return None
    path = class_path(block.at(kind)) if kind == "estimator" else function_path(block.at(kind))
    return None if path is None else TrialSpec("estimator" if kind == "estimator" else "function", path, (), fixed)


def class_path(place: Place) -> str | None:
    """A dotted path of a class, "pkg.mod.Class"."""
    path = place.text(None)
    if path is None or _CLASS.fullmatch(path):
        return path
    fix = f"write {path.replace(':', '.')}" if _CLASS.fullmatch(path.replace(":", ".")) else "write pkg.module.Class"
    place.refuse(f"must be the dotted path of a class; {fix}")
    return None


def function_path(place: Place) -> str | None:
    """A function's path, "pkg.mod:name"."""
    path = place.text(None)
    if path is None or _FUNCTION.fullmatch(path):
        return path
    module, _, name = path.rpartition(".")
    fix = f"write {module}:{name}" if _FUNCTION.fullmatch(f"{module}:{name}") else "write pkg.module:name"
    place.refuse(f"must be a module and a function in it; {fix}")
    return None


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


def _steps(place: Place) -> tuple[StepSpec, ...]:
    found = list(place.entries("a mapping of step names to estimators"))
    if isinstance(place.node, MapNode) and not found:
        place.refuse("needs at least one step")
    steps = [_step(name, at, is_last=index == len(found) - 1) for index, (name, at) in enumerate(found)]
    # A pipeline with a step left out would give wrong problems further on; the missing step's own problem is noted.
    good = [step for step in steps if step is not None]
    return tuple(good) if len(good) == len(steps) else ()


def _step(name: str, place: Place, *, is_last: bool) -> StepSpec | None:
    if not _STEP_NAME.fullmatch(name):
        place.add("is no step name; use letters, digits, _ and -, a letter first, and no __")
        return None
    if isinstance(place.node, MapNode):
        if is_last:
            place.refuse("the last step must be an estimator's dotted path, not a mapping")
            return None
        block = place.block(("columns", "remainder"))
        if not block.at("columns").require("write columns: {numeric: ..., categorical: ...}"):
            return None
        groups = _groups(block.at("columns"))
        remainder = block.at("remainder").one_of(_REMAINDERS, "drop")
        return StepSpec(name, "", groups, "passthrough" if remainder == "passthrough" else "drop") if groups else None
    if place.says("passthrough") and not is_last:
        return StepSpec(name, "passthrough")
    path = class_path(place)
    return None if path is None else StepSpec(name, path)


def _groups(place: Place) -> tuple[ColumnGroup, ...]:
    if isinstance(place.node, MapNode) and not place.node.entries:
        place.refuse("needs at least one group of columns")
    return tuple(group for name, at in place.entries("a mapping of column groups to transformers") if (group := _group(name, at)))


def _group(name: str, place: Place) -> ColumnGroup | None:
    """`numeric: T`, `categorical: T`, a column's name as in `state: T`, or `name: {select: ..., transform: T}`."""
    if "__" in name or not name:
        place.add("a group's name has no __; write another, with {select: [columns], transform: ...}")
        return None
    if not isinstance(place.node, MapNode):
        select: str | tuple[str, ...] = name if name in _SELECTORS else (name,)
        transformers = _transformers(place)
    else:
        block = place.block(("select", "transform"))
        at = block.at("select")
        selected = at.require("write numeric, categorical, or a list of columns")
        transformed = block.at("transform").require("write a dotted path, or a list of them")
        if not selected or not transformed:
            return None
        select = next((selector for selector in _SELECTORS if at.says(selector)), None) or at.labels()
        transformers = _transformers(block.at("transform"))
    if not transformers or not select:
        return None
    for selector in _SELECTORS:
        if select == selector:
            return ColumnGroup(name, selector, transformers)
    assert isinstance(select, tuple)
    return ColumnGroup(name, select, transformers)


def _transformers(place: Place) -> tuple[str, ...]:
    if whole := next((word for word in _REMAINDERS if place.says(word)), None):
        return (whole,)
    if isinstance(place.node, ListNode):
        if not place.node.items:
            place.refuse("needs at least one transformer; write passthrough to leave the columns as they are")
        paths = [class_path(item) for item in place.items()]
    else:
        paths = [class_path(place)]
    good = tuple(path for path in paths if path is not None)
    return good if len(good) == len(paths) else ()
