"""A pipeline's steps."""

from __future__ import annotations

import re
from typing import Literal

from hpsearch.spec.forms import Form, Key
from hpsearch.spec.kinds import Labels, Own, Words
from hpsearch.spec.model import ColumnGroup, StepSpec
from hpsearch.spec.nodes import ListNode, MapNode
from hpsearch.spec.paths import CLASS, CLASS_SHAPE
from hpsearch.spec.places import Place

_STEP_NAME = re.compile(r"(?!.*__)[A-Za-z_][A-Za-z0-9_-]*")
_SELECTORS: tuple[Literal["numeric", "categorical"], ...] = ("numeric", "categorical")
_REMAINDERS: tuple[Literal["drop", "passthrough"], ...] = ("drop", "passthrough")


def read_steps(place: Place) -> tuple[StepSpec, ...]:
    found = list(place.entries("a mapping of step names to estimators"))
    if isinstance(place.node, MapNode) and not found:
        place.refuse("needs at least one step")
    steps = [_step(name, at, is_last=index == len(found) - 1) for index, (name, at) in enumerate(found)]
    # A pipeline with a step left out would give wrong problems further on; the missing step's own problem is noted.
    good = [step for step in steps if step is not None]
    return tuple(good) if len(good) == len(steps) else ()


def _step(name: str, place: Place, *, is_last: bool) -> StepSpec | None:
    if not _STEP_NAME.fullmatch(name):
        place.add("is no step name; use A-Z, a-z, digits, _ and -, a letter first, and no __")
        return None
    if isinstance(place.node, MapNode):
        if is_last:
            place.refuse("the last step must be an estimator's dotted path, not a mapping")
            return None
        block = COLUMNS.block(place)
        if not block.at("columns").require("write columns: {numeric: ..., categorical: ...}"):
            return None
        groups = _groups(block.at("columns"))
        remainder = block.at("remainder").one_of(_REMAINDERS, "drop")
        return StepSpec(name, "", groups, "passthrough" if remainder == "passthrough" else "drop") if groups else None
    if place.is_null:
        return StepSpec(name, "")
    if place.says("passthrough") and not is_last:
        return StepSpec(name, "passthrough")
    path = CLASS.read(place)
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
        block = GROUP.block(place)
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
        paths = [CLASS.read(item) for item in place.items()]
    else:
        paths = [CLASS.read(place)]
    good = tuple(path for path in paths if path is not None)
    return good if len(good) == len(paths) else ()


_TRANSFORMERS = Own(
    "a class by its dotted path, a list of them, `passthrough` or `drop`",
    _transformers,
    {"anyOf": [{"enum": list(_REMAINDERS)}, CLASS_SHAPE, {"type": "array", "items": CLASS_SHAPE, "minItems": 1}]},
)
GROUP = Form(
    "trial.pipeline.columns",
    "A group of columns and what they go through, where its name is neither `numeric` nor `categorical` nor a column's.",
    (
        Key(
            "select",
            Labels("`numeric`, `categorical`, or a list of columns"),
            "The columns.",
            "[age, income]",
            needs="write numeric, categorical, or a list of columns",
        ),
        Key(
            "transform",
            _TRANSFORMERS,
            "The transformers, one after the other.",
            "[sklearn.impute.SimpleImputer, sklearn.preprocessing.StandardScaler]",
            needs="write a dotted path, or a list of them",
        ),
    ),
)
_GROUPS = Own(
    "a mapping of `numeric`, `categorical` or a column's name to transformers, or of other names to "
    f"{{select: ..., transform: ...}}, see [{GROUP.name}](#{GROUP.name.replace('.', '')})",
    _groups,
    {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"not": {"pattern": "__|^$"}},
        "additionalProperties": {"anyOf": [_TRANSFORMERS.schema(), GROUP.schema()]},
    },
)
COLUMNS = Form(
    "trial.pipeline.step",
    "A step that is a ColumnTransformer.",
    (
        Key(
            "columns",
            _GROUPS,
            "What each group of columns goes through.",
            "{numeric: sklearn.preprocessing.StandardScaler, categorical: sklearn.preprocessing.OneHotEncoder}",
            needs="write columns: {numeric: ..., categorical: ...}",
        ),
        Key("remainder", Words(_REMAINDERS), "What becomes of the other columns.", "passthrough", "drop"),
    ),
)
_STEP_SHAPE = {"anyOf": [{"enum": ["passthrough", None]}, CLASS_SHAPE, COLUMNS.schema()]}
PIPELINE = Own(
    "a mapping of steps' names to classes, to `passthrough`, to groups of columns, or to nothing where the space chooses; the "
    "last is the estimator",
    read_steps,
    {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": f"^{_STEP_NAME.pattern}$"},
        "additionalProperties": _STEP_SHAPE,
    },
    (COLUMNS, GROUP),
)
