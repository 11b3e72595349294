"""Rows of a table that meet a condition, in the language of constraints; and what its names mean.

A name is a column of the table, or a parameter or metric without its `param.` or `metric.`. A column comes before a parameter of
the same name, which is told from it by `param.`. What a row has no value of (a parameter that is inactive, a score that is not
known) makes a comparison false, whatever it is: `not C > 1` holds where there is no C.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpsearch.core.errors import SpecError
from hpsearch.core.names import did_you_mean
from hpsearch.core.trial import Status
from hpsearch.core.values import Params, Value, canonical, freeze, json_value
from hpsearch.results.columns import METRIC, PARAM
from hpsearch.results.scales import MANY_LEVELS
from hpsearch.space import Choice
from hpsearch.space.constraints import never
from hpsearch.space.expressions import ABSENT, Expression, ExpressionError, is_number


def column_of(study: str, columns: Sequence[str], name: str, *, hint: str = "") -> str:
    """The column that `name` means.

    Args:
        hint: said where no name is near.

    Raises:
        SpecError: a column that is not there, with the nearest that is.
    """
    for candidate in (name, PARAM + name, METRIC + name):
        if candidate in columns:
            return candidate
    bare = [column.removeprefix(PARAM).removeprefix(METRIC) for column in columns]
    near = did_you_mean(name, bare) or hint
    raise SpecError(f"no column {name!r} in the results of {study}; there are {', '.join(dict.fromkeys(bare))}{near}")


def with_parameters(table: pd.DataFrame, configs: pd.DataFrame) -> pd.DataFrame:
    """The table, with the columns of its configurations' parameters where it has none."""
    names = [name for name in configs.columns if name.startswith(PARAM) and name not in table.columns]
    if not names:
        return table
    places = pd.Index(configs["config_id"]).get_indexer(pd.Index(table["config_id"]))
    return table.assign(**{name: configs[name].take(places).to_numpy() for name in names}).astype(
        {name: configs[name].dtype for name in names}
    )


def rows_where(study: str, table: pd.DataFrame, params: Mapping[str, Params], condition: str) -> NDArray[np.bool_]:
    """(n_rows,): whether a row meets the condition.

    Raises:
        SpecError: a condition that cannot be read, an unknown name, or an operation that a row's values do not have.
    """
    place = f"where = {condition}: "
    try:
        expression = Expression.parse(condition)
    except ExpressionError as error:
        raise SpecError(f"{place}{error}") from None
    if not expression.names:
        raise SpecError(f"{place}names neither a parameter nor a column")
    columns = list(table.columns)
    meant = {
        name: column_of(study, columns, name, hint=f"; write it in quotes if it is a text: '{name}'") for name in expression.names
    }
    values = [_values(table, params, column, exact=False) for column in meant.values()]
    held = np.empty(len(table), dtype=bool)
    for index, row in enumerate(zip(*values, strict=True)):
        given = dict(zip(meant, row, strict=True))
        try:
            held[index] = expression.holds(given)
        except ExpressionError as error:
            where = ", ".join(f"{name} = {value}" for name, value in given.items() if value is not ABSENT)
            raise SpecError(f"{place}{error} (where {where})") from None
    return held


def never_met(study: str, table: pd.DataFrame, params: Mapping[str, Params], condition: str) -> list[str]:
    """What a condition, which `rows_where` takes, asks for and no row has: a misspelt text leaves rows out in silence."""
    found = []
    for name, value in Expression.parse(condition).compared:
        cells = _values(table, params, column_of(study, list(table.columns), name), exact=False)
        # A status that nothing has is none that is misspelt.
        known = [each.value for each in Status] if name == "status" else [cell for cell in cells if cell is not ABSENT]
        values = sorted({canonical(each): freeze(each) for each in known}.values(), key=_by_size)
        if values and (isinstance(value, str) or (is_number(value) and len(values) <= MANY_LEVELS)):
            found.append(never(name, value, Choice(tuple(values))))
    return [f"where = {condition}: {rule}" for rule in dict.fromkeys(found) if rule]


def _by_size(value: Value) -> tuple[bool, float, str]:
    return (False, float(value), "") if is_number(value) else (True, 0.0, canonical(value))


def json_rows_of(table: pd.DataFrame, params: Mapping[str, Params], shown: Mapping[str, str]) -> list[dict[str, object]]:
    """The rows for strict JSON: null for what is not known, and for scores that are not finite.

    Args:
        shown: by its key, the column.
    """
    columns = []
    for column in shown.values():
        cells = _values(table, params, column, exact=True)
        columns.append([_plain(value, is_parameter=column.startswith(PARAM)) for value in cells])
    return [dict(zip(shown, row, strict=True)) for row in zip(*columns, strict=True)]


def _values(table: pd.DataFrame, params: Mapping[str, Params], column: str, *, exact: bool) -> list[object]:
    """A column as plain values, a time as its ISO text; ABSENT for what is not known.

    Args:
        exact: parameters as they were, where the column would do for comparing: it has an int among floats as a float.
    """
    cells = table[column]
    if column.startswith(PARAM) and (exact or cells.dtype == "string"):
        name = column.removeprefix(PARAM)
        return [params[config_id].get(name, ABSENT) for config_id in table["config_id"].tolist()]
    if isinstance(cells.dtype, pd.DatetimeTZDtype):
        cells = cells.map(pd.Timestamp.isoformat, na_action="ignore")
    missing = cells.isna().tolist()
    return [ABSENT if absent else value for value, absent in zip(cells.tolist(), missing, strict=True)]


def _plain(value: object, *, is_parameter: bool) -> object:
    if value is ABSENT or (isinstance(value, float) and not is_parameter and not math.isfinite(value)):
        return None
    given: Value = value  # type: ignore[assignment]  # a parameter or a cell
    return json_value(given)
