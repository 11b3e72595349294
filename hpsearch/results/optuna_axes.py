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
from hpsearch.space import Choice, Constant, Domain, FloatRange, IntRange

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
    """An axis for each parameter of `names` that any of `rows` has: by its domains where the spec has any, else by its values.

    Optuna has one distribution for a name: where branches share one, all that any of them may take.
    """
    found = []
    for name in names:
        values = [row[name] for row in rows if name in row]
        if values:
            domains = () if design.space is None or name not in design.space.names() else design.space.domains(name)
            found.append(_axis(name, values, domains))
    return tuple(found)


def _axis(name: str, values: Sequence[Value], domains: Sequence[Domain]) -> Axis:
    listed = [value for domain in domains for value in _listed(domain)]
    others = [domain for domain in domains if not _listed(domain)]
    given = [*listed, *values]
    numbers = [value for value in given if type(value) in (int, float)]
    is_list = bool(domains) and not others and any(isinstance(domain, Choice) for domain in domains)
    if is_list or len(numbers) < len(given) or not all(_is_storable(number) for number in numbers):  # type: ignore[arg-type]
        return _choice(name, given)
    ranges = [domain for domain in others if isinstance(domain, IntRange | FloatRange)]
    # Configurations of an earlier form of the spec, and those of `first`, may lie outside of the range and off its steps.
    ends = [*numbers, *(end for known in ranges for end in (known.low, known.high))]
    low, high = float(min(ends)), float(max(ends))  # type: ignore[type-var, arg-type]
    log = all(domain.is_log for domain in others) if others else is_geometric(numbers)  # type: ignore[arg-type]
    known = ranges[0] if len(domains) == len(ranges) == 1 else None
    step = known.step if known is not None and all(map(known.contains, values)) else None
    if step is not None:
        assert known is not None
        high = float(known.grid_at(known.grid_size() - 1))  # type: ignore[arg-type]  # the last that lies on the step
    if all(type(number) is int for number in numbers) and not any(isinstance(known, FloatRange) for known in ranges):
        return Axis(name, "int", low, high, log and low >= 1, step or 1)
    return Axis(name, "float", low, high, log and low > 0, step)


def _listed(domain: Domain) -> tuple[Value, ...]:
    """The values of a domain that names each."""
    if isinstance(domain, Constant):
        return (domain.value,)
    return domain.values if isinstance(domain, Choice) else ()


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
