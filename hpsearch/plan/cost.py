"""What a trial is expected to take, learned from trials that were measured: seconds, and how parameters change them.

The logarithm of a trial's seconds is a mean and an effect of each of its parameters' values, added up: twice the depth makes
every trial so many times longer, whatever else it has. Values come in cells; a cell's effect is the mean of what the others
leave over, drawn towards 0 as if `_PRIOR` trials more had shown none: one slow trial says little of its values. Cells are gone
through in turn until they settle (backfitting: Buja, Hastie & Tibshirani 1989, "Linear smoothers and additive models"; the
shrunken mean is a random effect as in Henderson 1975, with a fixed ratio of variances in place of an estimated one). Back from
logarithms, what is expected is scaled so that the measured trials add up to what they took (Duan 1983, "Smearing estimate",
with the ratio of sums in place of the mean of ratios).

Where a fit answers for several trials, each one's seconds are its fair part of it, so those of a whole unit add up to its own.
"""

from __future__ import annotations

import math
import sys
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from hpsearch.core.values import Params, Value, canonical

Timed: TypeAlias = "tuple[Params, float]"
"""A trial's parameters, and the seconds that it took."""

Cell: TypeAlias = "float | str"
"""The values of a parameter that count as one: a number near them, or a canonical text."""

_PRIOR = 0.5  # trials without effect, in each cell
_CELLS = 12  # of a parameter that is a number: the values, or where there are more of them, as many of their quantiles
_ROUNDS = 5
_SHORTEST_S = 1e-6
_LARGEST = sys.float_info.max
_ABSENT = ""  # in place of a value's text: a parameter that a configuration has not


@dataclass(frozen=True)
class Influence:
    """What a parameter's values do to a trial's seconds.

    Attributes:
        numbers: (n_cells,) of a parameter that is a number, rising: any other counts as the nearest. Empty: texts are told apart.
        effects: by number or canonical text, in logarithms. What is not there has none.
    """

    numbers: tuple[float, ...]
    effects: Mapping[Cell, float]

    def of(self, params: Params, name: str) -> float:
        return self.effects.get(_cell(params, name, self.numbers), 0.0)


@dataclass(frozen=True)
class CostModel:
    """Seconds of any trial of a study.

    Attributes:
        measured: how many trials it was learned from; at least 1.
        mean_s: what these took, on average.
        base_s: what a trial takes whose values have no effect.
    """

    measured: int
    mean_s: float
    base_s: float
    influences: Mapping[str, Influence]

    @classmethod
    def of(cls, measured: Sequence[Timed]) -> CostModel | None:
        """None where nothing was measured."""
        if not measured:
            return None
        seconds = [max(taken, _SHORTEST_S) for _, taken in measured]
        left = [math.log(taken) for taken in seconds]
        middle = sum(left) / len(left)
        left = [each - middle for each in left]
        cells = _all_cells([params for params, _ in measured])
        effects: dict[str, dict[Cell, float]] = {name: {} for name in cells}
        for _ in range(_ROUNDS if cells else 0):
            for name, (_, places) in cells.items():
                before, found = effects[name], _shrunken(left, places, effects[name])
                left = [each + before.get(place, 0.0) - found[place] for each, place in zip(left, places, strict=True)]
                effects[name] = found
        total = sum(seconds)
        scale = total / sum(taken / math.exp(rest) for taken, rest in zip(seconds, left, strict=True))
        influences = {name: Influence(numbers, effects[name]) for name, (numbers, _) in cells.items()}
        return cls(len(measured), total / len(seconds), scale * math.exp(middle), influences)

    @classmethod
    def alike(cls, measured: Sequence[Timed]) -> CostModel:
        """That expects of any trial what those measured took on average: at least one."""
        mean_s = sum(max(taken, _SHORTEST_S) for _, taken in measured) / len(measured)
        return cls(len(measured), mean_s, mean_s, {})

    def seconds(self, params: Params) -> float:
        """What a trial with these parameters is expected to take; above 0."""
        return self.base_s * math.exp(sum(each.of(params, name) for name, each in self.influences.items()))


def _all_cells(trials: Sequence[Params]) -> dict[str, tuple[tuple[float, ...], list[Cell]]]:
    """Of each parameter that is not the same in all trials: its numbers, as `Influence` has them, and each trial's cell."""
    found = {}
    for name in dict.fromkeys(name for params in trials for name in params):
        numbers = _numbers([params[name] for params in trials if name in params])
        places = [_cell(params, name, numbers) for params in trials]
        if len(set(places)) > 1:
            found[name] = numbers, places
    return found


def _numbers(values: Sequence[Value]) -> tuple[float, ...]:
    """Of values that are all numbers, those that others are counted with; else none."""
    numbers = [number for value in values if (number := _number(value)) is not None]
    if len(numbers) < len(values):
        return ()
    several = sorted(set(numbers))
    if len(several) <= _CELLS:
        return tuple(several)
    numbers.sort()
    return tuple(sorted({numbers[(2 * cell + 1) * len(numbers) // (2 * _CELLS)] for cell in range(_CELLS)}))


def _number(value: Value) -> float | None:
    """None for what is none, and for what no float can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _LARGEST:
        return None
    return float(value)


def _cell(params: Params, name: str, numbers: Sequence[float]) -> Cell:
    if name not in params:
        return _ABSENT
    number = _number(params[name]) if numbers else None
    if number is None:
        return canonical(params[name])
    after = bisect_left(numbers, number)
    return min(numbers[max(0, after - 1) : after + 1], key=lambda each: abs(each - number))


def _shrunken(left: Sequence[float], places: Sequence[Cell], before: Mapping[Cell, float]) -> dict[Cell, float]:
    """Each cell's mean of what is left without the parameter's own effect so far, drawn towards 0."""
    sums: dict[Cell, float] = {}
    counts: dict[Cell, int] = {}
    for rest, place in zip(left, places, strict=True):
        sums[place] = sums.get(place, 0.0) + rest + before.get(place, 0.0)
        counts[place] = counts.get(place, 0) + 1
    return {place: total / (counts[place] + _PRIOR) for place, total in sums.items()}
