"""What Optuna's distribution of each parameter is: a range of floats or of whole numbers, or a choice. Pure, without Optuna."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from hpsearch.core.values import Params, Value, canonical
from hpsearch.results.design import Design
from hpsearch.results.parameters import text_of
from hpsearch.results.scales import is_geometric
from hpsearch.space import Choice, Domain, FloatRange, IntRange

Scalar: TypeAlias = "bool | int | float | str | None"


@dataclass(frozen=True)
class Axis:
    """One parameter, over all configurations that have it.

    Attributes:
        low, high, log, step: of a range; `step` is None where any number between is meant (1 for any whole one).
        choices: of a choice, as Optuna takes them: scalars that all differ, what is none as text.
        as_choice: a value as one of `choices`.
    """

    name: str
    kind: Literal["float", "int", "choice"]
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    step: float | None = None
    choices: tuple[Scalar, ...] = ()
    as_choice: Callable[[Value], Scalar] = canonical

    def value(self, value: Value) -> Scalar:
        """A configuration's value as Optuna takes it."""
        if self.kind == "choice":
            return self.as_choice(value)
        assert isinstance(value, int | float)
        return int(value) if self.kind == "int" else float(value)


def axes_of(names: Sequence[str], rows: Sequence[Params], design: Design) -> tuple[Axis, ...]:
    """An axis for each parameter of `names` that any of `rows` has: by its domain where the spec has one, else by its values."""
    found = []
    for name in names:
        values = [row[name] for row in rows if name in row]
        if values:
            domains = () if design.space is None or name not in design.space.names() else design.space.domains(name)
            found.append(_axis(name, values, domains[0] if len(domains) == 1 else None))
    return tuple(found)


def _axis(name: str, values: Sequence[Value], domain: Domain | None) -> Axis:
    if isinstance(domain, Choice):
        return _choice(name, [*domain.values, *values])
    whole = [value for value in values if type(value) is int]
    numbers = [value for value in values if type(value) in (int, float)]
    if len(numbers) < len(values) or not all(isinstance(number, int | float) and _is_storable(number) for number in numbers):
        return _choice(name, values)
    known = domain if isinstance(domain, IntRange | FloatRange) else None
    # Configurations of an earlier form of the spec, and those of `first`, may lie outside of the range and off its steps.
    ends = [*numbers, *((known.low, known.high) if known is not None else ())]
    low, high = float(min(ends)), float(max(ends))
    log = is_geometric(numbers) if domain is None else domain.is_log  # type: ignore[arg-type]
    step = known.step if known is not None and all(map(known.contains, values)) else None
    if step is not None:
        assert known is not None
        high = float(known.grid_at(known.grid_size() - 1))  # type: ignore[arg-type]  # the last that lies on the step
    if len(whole) == len(values):
        return Axis(name, "int", low, high, log and low >= 1, step or 1)
    return Axis(name, "float", low, high, log and low > 0, step)


def _is_storable(number: float) -> bool:
    return math.isfinite(number) and abs(number) < 2**53


def _choice(name: str, values: Sequence[Value]) -> Axis:
    once = list({canonical(value): value for value in values}.values())
    # Optuna finds a value by equality, to which 1, 1.0 and true are one.
    for form in (_plain, canonical):
        choices = tuple(form(value) for value in once)
        if len(set(choices)) == len(once):
            break
    return Axis(name, "choice", choices=choices, as_choice=form)


def _plain(value: Value) -> Scalar:
    if value is None or isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return text_of(value)
