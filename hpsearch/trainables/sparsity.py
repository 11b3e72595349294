"""Whether a ColumnTransformer's one-hot columns make its whole output sparse, as far as that is sure before it is fitted.

scikit-learn stacks the groups sparse where the share of cells that are stored (all of a dense group's, one a column and row of a
one-hot group's) lies below `sparse_threshold`. That share depends on the categories of a fold's training rows, of which it is
known only that they are among the table's: hence a lower bound of their number, and no word where that is not enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from hpsearch.trainables.table import Table

# Parameters that change what a one-hot encoder or the stack makes of its columns; where a spec sets one, nothing is known.
_ENCODER_SETTINGS = ("sparse_output", "categories", "drop", "min_frequency", "max_categories")
_STACK_SETTINGS = ("sparse_threshold", "remainder")
# Transformers that give as many dense columns as they take.
_SAME_WIDTH = frozenset(
    {
        "StandardScaler",
        "MinMaxScaler",
        "MaxAbsScaler",
        "RobustScaler",
        "QuantileTransformer",
        "PowerTransformer",
        "SimpleImputer",
        "OrdinalEncoder",
    }
)
_SAME_WIDTH_SETTINGS = ("add_indicator", "keep_empty_features")
# A category with so many rows is in some training rows of any split that somebody would make.
_ROWS_ENOUGH = 20


def is_one_hot(step: Any) -> bool:
    """Whether a step is scikit-learn's one-hot encoder, which gives a sparse matrix unless it is told not to."""
    return type(step).__name__ == "OneHotEncoder" and type(step).__module__.startswith("sklearn.")


def sparse_setting(step: Any, prefix: str, names: frozenset[str]) -> str | None:
    """The parameter that would keep a step's output dense, where it is surely sparse; else None.

    Args:
        step: an unfitted transformer, "passthrough" or "drop"; a chain counts by its last step.
        prefix: of its parameters, "prep__categorical__".
        names: of the parameters that the spec sets.
    """
    if hasattr(step, "steps"):
        name, last = step.steps[-1]
        return sparse_setting(last, f"{prefix}{name}__", names)
    known = is_one_hot(step) and step.sparse_output and not _sets(names, prefix, _ENCODER_SETTINGS)
    return f"{prefix}sparse_output" if known else None


def stacked_sparse(
    groups: Sequence[tuple[str, Any, frozenset[str]]],
    passed: int,
    threshold: float,
    prefix: str,
    table: Table,
    names: frozenset[str],
) -> str | None:
    """The parameter that would keep a ColumnTransformer's output dense, where it is sparse in some fold; else None.

    Args:
        groups: (name, transformer, columns of the table) of each group. passed: how many columns the remainder hands on.
        threshold: the share of stored cells below which the output is sparse.
        prefix: of the ColumnTransformer's parameters, "prep__".
        names: of the parameters that the spec sets.
    """
    if not table.is_frame or _sets(names, prefix, _STACK_SETTINGS):
        return None
    dense, one_hot, categories = passed, 0, 0
    found: str | None = None
    for name, transformer, columns in groups:
        own = f"{prefix}{name}__"
        if f"{prefix}{name}" in names:
            return None
        setting = sparse_setting(transformer, own, names)
        if setting is not None and _keeps_width(_before_last(transformer), own, names):
            found = found or setting
            one_hot += len(columns)
            categories += _sure_categories(table, columns)
        elif transformer == "drop" or not columns:
            continue
        elif _keeps_width(_steps(transformer), own, names):
            dense += len(columns)
        else:
            return None
    stored, cells = dense + one_hot, dense + categories
    return found if found and stored < threshold * cells else None


def _sure_categories(table: Table, columns: Iterable[str]) -> int:
    """At most as many categories as the training rows of the best of a study's folds hold.

    Of k folds each category is out of one's training rows at most, so some fold lacks no more than the k-th part of them, which
    is half or less. Those with many rows are in all of them: short of k-fold without shuffling on rows sorted by that column.
    """
    frequent = every = 0
    for column in columns:
        counts = table.X[column].value_counts(dropna=False)
        every += int((counts > 0).sum())
        frequent += int((counts >= _ROWS_ENOUGH).sum())
    return max(frequent, every // 2)


def _steps(transformer: Any) -> list[tuple[str, Any]]:
    return list(transformer.steps) if hasattr(transformer, "steps") else [("", transformer)]


def _before_last(transformer: Any) -> list[tuple[str, Any]]:
    return list(transformer.steps[:-1]) if hasattr(transformer, "steps") else []


def _keeps_width(steps: Iterable[tuple[str, Any]], prefix: str, names: frozenset[str]) -> bool:
    return all(
        step == "passthrough"
        or (
            type(step).__name__ in _SAME_WIDTH
            and not _sets(names, f"{prefix}{name}__" if name else prefix, _SAME_WIDTH_SETTINGS)
            and f"{prefix}{name}" not in names
        )
        for name, step in steps
    )


def _sets(names: frozenset[str], prefix: str, settings: Iterable[str]) -> bool:
    return any(f"{prefix}{setting}" in names for setting in settings)
