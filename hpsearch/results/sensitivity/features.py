"""Parameters as the columns of a matrix: every one on its own prior scale, from 0 to 1.

A number lies where it lies on its axis, in logarithms where that is geometric. What has few values (a choice, a grid's axis, a
flag, a text) has a cell of equal width for each: cell i of k is [i/k, (i+1)/k), and a value lies in its middle. So the share of
an axis that a set of values covers is the chance to draw one of them, whatever the parameter is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpsearch.core.values import Value
from hpsearch.results.columns import PARAM
from hpsearch.results.design import Design
from hpsearch.results.parameters import cell_text, text_of
from hpsearch.results.scales import MANY_LEVELS, is_geometric, scaled_values
from hpsearch.results.statistics import Floats

_ROUNDING = 1e-9  # of a place, to and fro between an axis and its logarithm


@dataclass(frozen=True)
class Feature:
    """One parameter.

    Attributes:
        levels: its values in the order of their cells, numbers as they are, others as they are read; none for an axis of draws.
        low, high: of an axis of draws, on its own scale.
        is_number: whether an order of the values means something.
    """

    name: str
    levels: tuple[float | str, ...]
    low: float
    high: float
    log: bool
    is_number: bool

    def value(self, place: float) -> float | str:
        """What lies at `place` of the axis, from 0 to 1."""
        if self.levels:
            return self.levels[min(int(place * len(self.levels)), len(self.levels) - 1)]
        at = self.low + place * (self.high - self.low)
        return float(np.exp(at)) if self.log else at

    def place(self, value: Value) -> float | None:
        """Where `value` lies, the inverse of `value`; None where it is none of the levels, or off the axis."""
        if self.levels:
            wanted = text_of(value) if isinstance(self.levels[0], str) else value
            return (self.levels.index(wanted) + 0.5) / len(self.levels) if wanted in self.levels else None
        if not isinstance(value, int | float) or (self.log and value <= 0):
            return None
        at = float(scaled_values(np.array(float(value)), log=self.log))
        place = (at - self.low) / (self.high - self.low)
        return min(max(place, 0.0), 1.0) if -_ROUNDING <= place <= 1 + _ROUNDING else None

    def cells(self, most: int) -> int:
        """The number of equal parts over which the axis is looked at: its levels, or `most`."""
        return len(self.levels) or most


@dataclass(frozen=True)
class Features:
    """Trials in the unit cube.

    Attributes:
        places: (n, n_features), NaN where a parameter is inactive.
    """

    features: tuple[Feature, ...]
    places: Floats

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)

    def varying_in(self, rows: NDArray[np.bool_]) -> list[int]:
        """The columns of the parameters that all of some trials have, and not all with one value."""
        places = self.places[rows]
        spans = places.max(axis=0) - places.min(axis=0)  # NaN where one lacks it
        return [column for column, span in enumerate(spans.tolist()) if span > 0]

    def within(self, rows: NDArray[np.bool_], columns: Sequence[int]) -> Features:
        """Some trials and some parameters of them."""
        return Features(tuple(self.features[column] for column in columns), self.places[rows][:, list(columns)])


def features_of(table: pd.DataFrame, names: Sequence[str], design: Design) -> Features:
    """The parameters `names` of a table with `param.*` columns; those of which it has one value are left out."""
    found = [_feature(name, table[PARAM + name], design) for name in names if PARAM + name in table]
    kept = [one for one in found if one is not None]
    places = np.stack([places for _, places in kept], axis=1) if kept else np.empty((len(table), 0))
    return Features(tuple(feature for feature, _ in kept), places)


def _feature(name: str, column: pd.Series, design: Design) -> tuple[Feature, Floats] | None:
    present = column.notna().to_numpy(dtype=bool)
    if column.dtype == "string" or column.dtype == "boolean":
        texts = np.array([cell_text(value) for value in column[present]], dtype=object)
        labels, codes = np.unique(texts.astype(str), return_inverse=True)
        return _levelled(name, tuple(labels.tolist()), codes, present, is_number=column.dtype == "boolean")
    values = column[present].to_numpy(dtype=np.float64)
    levels, codes = np.unique(values, return_inverse=True)
    if len(levels) < 2:
        return None
    # Each value once is a grid of one axis, or draws.
    if len(levels) <= MANY_LEVELS and (len(levels) < len(values) or design.method == "grid"):
        return _levelled(name, tuple(levels.tolist()), codes, present, is_number=True)
    log = bool(levels[0] > 0) and (is_geometric(levels.tolist()) if design.logs is None else name in design.logs)
    scaled = scaled_values(values, log=log)
    low, high = float(scaled.min()), float(scaled.max())
    places = np.full(len(column), np.nan)
    places[present] = (scaled - low) / (high - low)
    return Feature(name, (), low, high, log, is_number=True), places


def _levelled(
    name: str, levels: tuple[float | str, ...], codes: NDArray[np.int64], present: NDArray[np.bool_], *, is_number: bool
) -> tuple[Feature, Floats] | None:
    # Of one value, and absent elsewhere: that it is there is told by the parameter that it depends on.
    if len(levels) < 2:
        return None
    places = np.full(len(present), np.nan)
    places[present] = (codes + 0.5) / len(levels)
    return Feature(name, levels, 0.0, 1.0, log=False, is_number=is_number), places
