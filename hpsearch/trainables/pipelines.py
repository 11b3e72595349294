"""Pipelines: named steps, the last one the estimator; a step with columns is a ColumnTransformer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, cast

from hpsearch.core.names import did_you_mean
from hpsearch.core.values import Params
from hpsearch.spec.model import ColumnGroup, StepSpec, TrialSpec
from hpsearch.trainables.estimators import Estimator, make_estimator
from hpsearch.trainables.findings import Finding
from hpsearch.trainables.table import Table

Selector: TypeAlias = Callable[..., Any]

_WORDS = ("passthrough", "drop")

_MOST_STEPS = 100


def make_pipeline(trial: TrialSpec, params: Params, table: Table | None) -> Estimator:
    """An unfitted scikit-learn Pipeline of the spec's steps.

    Raises:
        Finding: everything that is wrong with any step.
    """
    from sklearn.pipeline import Pipeline

    if len(trial.steps) > _MOST_STEPS:
        raise Finding("trial.pipeline", f": has {len(trial.steps):,} steps; a pipeline has at most {_MOST_STEPS}")
    wrong: list[tuple[str, str]] = []
    steps: list[tuple[str, Any]] = []
    for index, step in enumerate(trial.steps):
        try:
            steps.append((step.name, _make_step(step, _own(params, step.name), table if index == 0 else None, index == 0)))
        except Finding as finding:
            wrong.extend(finding.items)
    if not wrong:
        wrong = _wrong_roles(steps)
    if wrong:
        raise Finding.of(wrong)
    return Pipeline(steps)


def _wrong_roles(steps: list[tuple[str, Any]]) -> list[tuple[str, str]]:
    wrong = []
    for name, step in steps[:-1]:
        if step != "passthrough" and not callable(getattr(step, "transform", None)):
            wrong.append(
                (f"trial.pipeline.{name}", f": {type(step).__name__} has no transform; only the last step may be without")
            )
    name, last = steps[-1]
    if last == "passthrough" or not callable(getattr(last, "fit", None)):
        wrong.append((f"trial.pipeline.{name}", ": the last step must be an estimator"))
    return wrong


def _make_step(step: StepSpec, params: Params, table: Table | None, first: bool) -> Any:
    at = f"trial.pipeline.{step.name}"
    if not step.columns:
        return step.path if step.path == "passthrough" else make_estimator(step.path, at, params)
    from sklearn.compose import ColumnTransformer

    if first and table is not None and table.is_text:
        raise Finding(
            f"{at}.columns",
            f": data.text hands over running text alone, and no columns of {table.name};"
            " put a sklearn.feature_extraction.text.TfidfVectorizer here",
        )
    wrong: list[tuple[str, str]] = []
    groups: list[tuple[str, Any, Any]] = []
    for group in step.columns:
        place = f"{at}.columns.{group.name}"
        try:
            columns = _select(group, place, table) if first and table is not None else _select_later(group)
            groups.append((group.name, _chain(group, place, _own(params, group.name)), columns))
        except Finding as finding:
            wrong.extend(finding.items)
    if wrong:
        raise Finding.of(wrong)
    return ColumnTransformer(groups, remainder=step.remainder)


def _chain(group: ColumnGroup, at: str, params: Params) -> Any:
    """One transformer as it is; several as a Pipeline whose steps are named like the classes, in lower case."""
    from sklearn.pipeline import make_pipeline as chain

    if len(group.transformers) == 1:
        (path,) = group.transformers
        return path if path in _WORDS else _transformer(path, at, params)
    made = []
    for path in group.transformers:
        if path == "drop":
            raise Finding(at, ": drop stands alone, not in a chain")
        own = _own(params, path.replace(":", ".").rpartition(".")[2].lower())
        made.append(path if path == "passthrough" else _transformer(path, at, own))
    return chain(*made)


def _transformer(path: str, at: str, params: Params) -> Any:
    made = make_estimator(path, at, params)
    if not callable(getattr(made, "transform", None)):
        raise Finding(at, f" = {path}: has no transform; a column group takes transformers")
    return made


def _select(group: ColumnGroup, at: str, table: Table) -> Any:
    """The group's columns of `table`: names for a frame, numbers for an array.

    Raises:
        Finding: for names that the table does not have, and for a group that no column is in.
    """
    if not isinstance(group.select, str):
        # A group of one column is called by it, where it might have been one of all columns of a kind.
        known = [*table.feature_names, *(("numeric", "categorical") if at.endswith(f".{group.select[0]}") else ())]
        missing = [name for name in group.select if name not in table.feature_names]
        if missing:
            raise Finding.of(
                [(at, f" = {name}: {table.name} has no such feature{did_you_mean(name, known)}") for name in missing]
            )
        chosen = list(group.select)
    else:
        categorical = categorical_columns(table)
        chosen = [name for name in table.feature_names if (name in categorical) == (group.select == "categorical")]
        if not chosen:
            raise Finding(at, f": {table.name} has no {group.select} column; leave the group out")
    return chosen if table.is_frame else [table.feature_names.index(name) for name in chosen]


def categorical_columns(table: Table) -> frozenset[str]:
    """Names of the features that are text or categories; numbers and booleans are numeric."""
    if not table.is_frame:
        return frozenset()
    from pandas.api.types import is_numeric_dtype

    return frozenset(name for name in table.feature_names if not is_numeric_dtype(table.X[name].dtype))


def _select_later(group: ColumnGroup) -> list[str] | Selector:
    """For a step after the first, whose columns are known only when the steps before it have run."""
    from sklearn.compose import make_column_selector

    if not isinstance(group.select, str):
        return list(group.select)
    if group.select == "numeric":
        return cast(Selector, make_column_selector(dtype_include=["number", "bool"]))
    return cast(Selector, make_column_selector(dtype_exclude=["number", "bool"]))


def _own(params: Params, prefix: str) -> Params:
    """The parameters of the step `prefix`, under its own names."""
    start = f"{prefix}__"
    return {name.removeprefix(start): value for name, value in params.items() if name.startswith(start)}
