"""What XGBoost's scikit-learn classes refuse of a DataFrame's columns, in every trial alike."""

from __future__ import annotations

from typing import Any

from hpsearch.core.names import listed
from hpsearch.trainables.findings import Finding
from hpsearch.trainables.pipelines import categorical_columns
from hpsearch.trainables.table import Table

# XGBoost's own rule for feature names: its text dumps of trees are made with these.
_RESERVED = "[]<"


def check_frame(estimator: Any, table: Table, names: frozenset[str], at: str) -> None:
    """Raises: Finding at `at`, where XGBoost refuses a column for its name, its type, or what its categories are.

    Args:
        names: of the parameters that the spec sets.
    """
    if not table.is_frame:
        return
    kind = type(estimator).__name__
    wrong: list[tuple[str, str]] = []
    reserved = [name for name in table.feature_names if any(mark in name for mark in _RESERVED)]
    if reserved:
        wrong.append(
            (
                at,
                f": {kind} takes no column names with [, ] or <, which {table.name} has: {listed(reserved)}; rename them,"
                " or put the columns through a pipeline step, which hands on numbers without names",
            )
        )
    categorical = categorical_columns(table)
    if categorical and not estimator.enable_categorical and "enable_categorical" not in names:
        wrong.append(
            (
                at,
                f": {listed(categorical)} of {table.name} are categories, which {kind} takes only with"
                " enable_categorical: true in trial.fixed; or encode them in a pipeline",
            )
        )
    elif odd := [name for name in categorical if not _is_plain(table.X[name])]:
        wrong.append(
            (
                at,
                f": {listed(odd)} of {table.name} are neither numbers nor categories of text or whole numbers, and {kind}"
                " takes no others; encode them in a pipeline (sklearn.preprocessing.OneHotEncoder), or drop them",
            )
        )
    if wrong:
        raise Finding.of(wrong)


def _is_plain(column: Any) -> bool:
    """Categories of text alone or of integers alone. Booleans, which a column becomes with missing values, are no integers."""
    kinds = {type(value) for value in getattr(column.dtype, "categories", [None])}
    return kinds <= {str} or (kinds <= {int} and column.dtype.categories.dtype.kind in "iu")
