"""What failed, by type of error: for the end of a ranking and for the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpsearch.core.trial import Status
from hpsearch.core.values import Params

NAMELESS = "no error recorded"


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """The trials that failed with one type of error; everything but `n` is the first one's (by first commit).

    `name` is the exception's type, or the kind of failure ("crash", "timeout") where there was no exception.
    """

    name: str
    n: int
    kind: str
    message: str
    traceback: str
    trial_key: str
    config_id: str
    params: Params


def group_failures(failures: pd.DataFrame, params: Mapping[str, Params]) -> tuple[FailureGroup, ...]:
    """`StudyResults.failures` by type, the most frequent first, then by name."""
    groups = [_group(str(name), rows, params) for name, rows in failures.groupby(error_names(failures), sort=True)]
    return tuple(sorted(groups, key=lambda group: (-group.n, group.name)))


def failed_configs(configs: pd.DataFrame) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which configurations failed, and which have ended: those, and all that completed, with a score or without.

    One that has its rank did not fail, though a trial of it may have that the study no longer asks for.
    """
    ranked = configs["rank"].notna()
    failed = configs["status"].isin([Status.FAILED.value, Status.TIMEOUT.value]) & ~ranked
    ended = failed | ranked | (configs["status"] == Status.COMPLETED.value)
    return failed.to_numpy(dtype=bool), ended.to_numpy(dtype=bool)


def error_names(failures: pd.DataFrame) -> pd.Series:
    """One name a row: error type, else kind, else that there is none. Never null."""
    return failures["error_type"].fillna(failures["error_kind"]).fillna(NAMELESS)


def _group(name: str, rows: pd.DataFrame, params: Mapping[str, Params]) -> FailureGroup:
    first = {column: "" if value is pd.NA else str(value) for column, value in rows.iloc[0].items()}
    return FailureGroup(
        name=name,
        n=len(rows),
        kind=first["error_kind"],
        message=first["error"],
        traceback=first["traceback"],
        trial_key=first["trial_key"],
        config_id=first["config_id"],
        params=params[first["config_id"]],
    )
