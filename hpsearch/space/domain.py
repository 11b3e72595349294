"""What a domain is: the protocol, its error, and the rules that all domains share."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from itertools import islice
from typing import Final, Literal, Protocol, TypeAlias

from hpsearch.core.errors import Problem, SpecError
from hpsearch.core.names import did_you_mean
from hpsearch.core.values import Value

_SHOWN = 20  # items of a list: more than a message has room for
_SAID = 6  # values of a choice
_SEEN = 100  # among which the nearest is looked for
_LARGEST_FLOAT = int(sys.float_info.max)


class SpaceError(SpecError):
    """A domain or a space that cannot be. Paths are relative to what refused to be built."""


class Unset(Enum):
    """The type of `UNSET`, which says that no default was given: None is a value like any other."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET
Default: TypeAlias = "Value | Literal[Unset.UNSET]"


class Domain(Protocol):
    """The values of one parameter. Implementations are frozen, picklable, and refuse to be built wrong:
    a SpaceError with all that is wrong, each Problem's path relative to the domain ("low", "step", "[2]").
    """

    @property
    def default(self) -> Default: ...

    @property
    def is_numeric(self) -> bool:
        """Whether the values are numbers of one type, in order: what plots and samplers may put on an axis."""

    @property
    def is_log(self) -> bool:
        """Whether the axis is logarithmic."""

    def grid_size(self) -> int:
        """Number of values in a grid; at least 1.

        Raises:
            SpaceError: where a grid has no way to choose values.
        """

    def grid_at(self, index: int) -> Value:
        """The value at `index`, 0 <= index < grid_size(), in the domain's order.

        Raises:
            IndexError: for any other index.
        """

    def grid_find(self, value: Value) -> int | None:
        """The index at which a grid has `value`, type included; None where it has not."""

    def sample(self, u: float) -> Value:
        """One draw, `u` in [0, 1) on the prior's scale: logarithmic for a log range, quantised by a step. Points play no part."""

    def size(self) -> int | None:
        """Number of values that a draw can give; None where they cannot be counted."""

    @property
    def is_continuous(self) -> bool:
        """Whether no value is drawn twice, but by chance in the last bits."""

    def taken(self, value: Value) -> Value:
        """A value that somebody wrote, as one of the domain's type where it can be: 1 is 1.0 among floats."""

    def contains(self, value: Value) -> bool:
        """Whether a draw could give `value`, type included."""

    def is_in_bounds(self, value: Value) -> bool:
        """Whether `value` is of the domain's type and within its bounds, on its steps or off them."""

    @property
    def says(self) -> str:
        """What is in its bounds, after "write" in a message: "a number from 0.1 to 3.0"."""


def shown(value: object) -> str:
    """A value as a user would write it, in a message: short, on one line."""
    text = _in_yaml(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _in_yaml(value: object) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_key(key)}: {_in_yaml(item)}' for key, item in islice(value.items(), _SHOWN))}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_in_yaml(item) for item in islice(value, _SHOWN))}]"
    return repr(value)


def _key(key: object) -> str:
    return key if isinstance(key, str) else _in_yaml(key)


def said(values: Sequence[Value]) -> str:
    """The first few of some values: "1, 2 or 3"."""
    few = [shown(value) for value in values[:_SAID]]
    if len(values) > _SAID:
        return f"{', '.join(few)} or another of {len(values):,}"
    return " or ".join(part for part in (", ".join(few[:-1]), few[-1]) if part)


def instead_of(value: Value, domain: Domain) -> str:
    """The end of a message on a value that a domain does not have: the nearest, or what it has."""
    if isinstance(value, str):
        n = domain.size() or 0
        texts = [each for each in (domain.sample((index + 0.5) / n) for index in range(min(n, _SEEN))) if isinstance(each, str)]
        if near := did_you_mean(value, texts):
            return near
    step = getattr(domain, "step", None)
    return f"; write {domain.says}{f', on the step of {shown(step)}' if step is not None and domain.is_in_bounds(value) else ''}"


def default_problems(domain: Domain) -> Iterator[Problem]:
    if domain.default is not UNSET and not domain.contains(domain.default):
        yield Problem(
            f" = {shown(domain.default)}: is not one of the parameter's own values{instead_of(domain.default, domain)}", "default"
        )


def refuse(problems: Iterator[Problem]) -> None:
    """Raise a SpaceError if there is any problem."""
    if found := list(problems):
        raise SpaceError(found)


def as_float(value: Value) -> Value:
    """The value, where it is an int, as a float; too large an int stays what it is, which is out of any bounds."""
    return float(value) if type(value) is int and abs(value) <= _LARGEST_FLOAT else value


def check_index(index: int, count: int) -> None:
    if not 0 <= index < count:
        raise IndexError(f"index {index} of {count} values")


def nth_part(u: float, count: int) -> int:
    """Which of `count` equal parts of [0, 1) holds `u`; the last one for 1.0, and where the product rounds up."""
    if count > _LARGEST_FLOAT:
        return min(count * int(u * 2**53) >> 53, count - 1)
    return min(int(u * count), count - 1)
