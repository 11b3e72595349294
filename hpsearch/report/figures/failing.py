"""What makes trials fail? How many of the configurations with each value of a parameter failed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import fisher_exact

from hpsearch.report.figures.points import Rows
from hpsearch.report.wording import short
from hpsearch.results import StudyResults, scales
from hpsearch.results.columns import PARAM
from hpsearch.results.failures import failed_configs
from hpsearch.results.notes import count, number
from hpsearch.results.parameters import cell_text

QUESTION = "What makes trials fail?"
_MOST_ROWS = 8
_PARTS = 4  # of an axis of draws
_Z = 1.96
_CHANCE = 0.05  # that a value is named which fails no more than the others


@dataclass(frozen=True, slots=True)
class Rate:
    """Of the `tried` configurations with a value, or a stretch of values, `failed` did. `low`, `high`: a 95 % interval."""

    parameter: str
    value: str
    failed: int
    tried: int
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.failed / self.tried


@dataclass(frozen=True, slots=True)
class Failing:
    """The values with the largest shares of failures; `overall`: of all configurations."""

    question: str
    reading: str
    rates: tuple[Rate, ...]
    overall: float

    @property
    def name(self) -> str:
        """Of its files."""
        return "failures"

    def rows(self) -> Rows:
        """The data, for other programs."""
        named: Rows = [("parameter", "value", "failed", "tried", "low", "high")]
        return named + [(rate.parameter, rate.value, rate.failed, rate.tried, rate.low, rate.high) for rate in self.rates]


def failing(results: StudyResults, names: tuple[str, ...]) -> Failing | None:
    """The figure; None where nothing failed, or nothing but failures tells values apart.

    Args:
        names: the parameters to look at.
    """
    configs = results.configs
    is_failed, tried = failed_configs(configs)
    failed, n = int(is_failed.sum()), int(tried.sum())
    if not failed or failed == n:
        return None
    rates = [rate for name in names for rate in _rates(name, configs.loc[tried, PARAM + name], is_failed[tried])]
    # By what is sure: two of two is less than nine of ten.
    above = (rate for rate in rates if rate.share > failed / n)
    leading = sorted(above, key=lambda rate: (-rate.low, rate.parameter, rate.value))
    if not leading:
        return None
    first = leading[0]
    rest = (failed - first.failed, n - first.tried)
    said = [f"{failed:,} of {count(n, 'configuration')} failed."]
    # The highest of many shares is high by luck too: each has its part of the 5 %.
    counts = [[first.failed, first.tried - first.failed], [rest[0], rest[1] - rest[0]]]
    if fisher_exact(counts, alternative="greater").pvalue <= _CHANCE / len(rates):
        said.append(
            f"With {first.parameter} {first.value}, {first.failed:,} of {first.tried:,} did; "
            f"of the others {rest[0]:,} of {rest[1]:,}."
        )
    else:
        said.append("No value stands out beyond chance.")
    return Failing(QUESTION, " ".join(said), tuple(leading[:_MOST_ROWS]), failed / n)


def wilson(failed: int, tried: int) -> tuple[float, float]:
    """The interval of a share, of 95 % (E. B. Wilson, J. Amer. Statist. Assoc. 22 (1927), 209–212)."""
    share, square = failed / tried, _Z**2
    middle = (share + square / (2 * tried)) / (1 + square / tried)
    half = _Z / (1 + square / tried) * math.sqrt(share * (1 - share) / tried + square / (4 * tried**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def _rates(name: str, column: pd.Series, failed: NDArray[np.bool_]) -> list[Rate]:
    present = column.notna().to_numpy(dtype=bool)
    column, failed = column[present], failed[present]
    if column.nunique() < 2:
        return []
    if column.dtype == "string" or column.dtype == "boolean" or column.nunique() <= scales.MANY_LEVELS:
        texts = column.map(cell_text).astype(str).to_numpy()
        return [_rate(name, f"= {short(text, 24)}", failed[texts == text]) for text in np.unique(texts).tolist()]
    values = column.to_numpy(dtype=np.float64)
    edges = np.quantile(values, np.linspace(0, 1, _PARTS + 1))
    part = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, _PARTS - 1)
    ends = [number(float(f"{edge:.3g}")) for edge in edges]
    found = [(index, failed[part == index]) for index in range(_PARTS)]
    return [_rate(name, f"from {ends[index]} to {ends[index + 1]}", some) for index, some in found if len(some)]


def _rate(name: str, value: str, failed: NDArray[np.bool_]) -> Rate:
    n_failed, tried = int(failed.sum()), len(failed)
    return Rate(name, value, n_failed, tried, *wilson(n_failed, tried))
