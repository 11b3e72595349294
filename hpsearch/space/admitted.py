"""How many configurations constraints admit, and how many each excludes: counted where that is soon done, else from a sample."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from hpsearch.core.seeds import uniform
from hpsearch.core.values import Value
from hpsearch.space.conditions import Parameter
from hpsearch.space.constraints import Constraint
from hpsearch.space.domain import SpaceError
from hpsearch.space.permutation import Permutation

# Of a small space: made and held against constraints in half a second.
COUNTED = 20_000
_SAMPLE = 4_000
# Of a space as it is read: enough to meet what is wrong with a constraint.
_GLANCE = 256
# As many steps take half a second; a configuration takes some for each parameter, its value, and each part of a constraint.
_STEPS = 1_000_000
_STEPS_OF_A_PARAMETER = 3
_STEPS_OF_A_VALUE = 5
_STEPS_OF_A_DRAW = 16
_STEPS_OF_A_LOG = 90  # besides those of a value or a draw: logarithms are taken in decimals
_STEPS_OF_A_CONSTRAINT = 8  # besides those of its parts
_FEWEST = 64
_FEWEST_INDICES = 8


@dataclass(frozen=True)
class Tally:
    """Of `looked` configurations: how many all constraints together admit, and how many each alone excludes.

    `met`: idents of the parameters that some admitted one has.
    """

    looked: int
    admitted: int
    excluded: tuple[int, ...]
    met: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Admitted:
    """`count` configurations; `low` to `high` is the 95 % interval of an estimate, and `count` itself where it is `exact`.

    `tally`: of what was looked at to know.
    """

    count: int
    exact: bool
    low: int
    high: int
    tally: Tally


class Constrained(Protocol):
    """A space, as far as it is counted here."""

    @property
    def parameters(self) -> tuple[Parameter, ...]: ...

    @property
    def constraints(self) -> tuple[Constraint, ...]: ...

    def grid_size(self) -> int: ...

    @property
    def judged(self) -> tuple[Parameter, ...]: ...

    def judged_at(self, index: int) -> Mapping[str, Value]: ...

    def judged_draw(self, uniform: Callable[[str], float]) -> Mapping[str, Value]: ...


def count_grid(space: Constrained) -> Admitted:
    """The configurations of a grid that constraints admit.

    An estimate is the share of a random sample without replacement, with Wilson's interval (E. B. Wilson, "Probable Inference,
    the Law of Succession, and Statistical Inference", JASA 22 (1927)).

    Raises:
        SpaceError: there is no grid; a constraint has no answer for some configuration.
    """
    size = space.grid_size()
    if not space.constraints:
        return Admitted(size, True, size, size, Tally(0, 0, ()))
    looks = looks_of(space)
    if size <= looks:
        tally = _tally(space, map(space.judged_at, range(size)))
        return Admitted(tally.admitted, True, tally.admitted, tally.admitted, tally)
    tally = _tally(space, _some(space, min(_SAMPLE, looks)))
    low, high = _wilson(tally.admitted, tally.looked)
    count = size * tally.admitted // tally.looked  # in integers: a size may be beyond any float
    return Admitted(count, False, _share_of(size, low, math.floor), _share_of(size, high, math.ceil), tally)


def tally_draws(space: Constrained) -> Tally:
    """What constraints do to configurations that are drawn. Raises: SpaceError, as `count_grid`."""
    n = min(_SAMPLE, drawn_looks_of(space)) if space.constraints else 0
    return _tally(space, (space.judged_draw(partial(uniform, "tally", index)) for index in range(n)))


def glance(space: Constrained, *, grid: bool) -> list[Mapping[str, Value]]:
    """Some configurations of the space by ident, as constraints see them, whatever they say of them; all of a small grid."""
    if grid:
        return list(_some(space, min(_GLANCE, looks_of(space))))
    return [space.judged_draw(partial(uniform, "glance", index)) for index in range(min(_GLANCE, drawn_looks_of(space)))]


def _some(space: Constrained, n: int) -> Iterator[Mapping[str, Value]]:
    """Up to `n` configurations of a grid, in an order of no meaning; fewer of one whose very indices take long to make."""
    size = space.grid_size()
    order = Permutation(size, 0)
    bits = size.bit_length()
    n = min(n, size, max(_FEWEST_INDICES, _STEPS // (4 * bits + bits**2 // 1500)))  # their texts take the square
    return (space.judged_at(order(index)) for index in range(n))


def looks_of(space: Constrained) -> int:
    """How many configurations of a grid may be held against constraints in about half a second."""
    return _looks(_STEPS_OF_A_PARAMETER * len(space.parameters) + _steps(space.judged, _STEPS_OF_A_VALUE) + _judging(space))


def drawn_looks_of(space: Constrained) -> int:
    """As `looks_of`, of configurations that are drawn."""
    return _looks(_steps(space.judged, _STEPS_OF_A_DRAW) + _judging(space))


def samples_of(parameters: Sequence[Parameter]) -> int:
    """How many configurations may be drawn, all of their values, in about half a second."""
    return _looks(_steps(parameters, _STEPS_OF_A_DRAW))


def _looks(steps: int) -> int:
    return max(_FEWEST, min(COUNTED, _STEPS // max(1, steps)))


def _steps(parameters: Sequence[Parameter], of_each: int) -> int:
    return sum(of_each + _STEPS_OF_A_LOG * each.domain.is_log for each in parameters)


def _judging(space: Constrained) -> int:
    return sum(_STEPS_OF_A_CONSTRAINT + each.expression.size for each in space.constraints)


def _tally(space: Constrained, rows: Iterable[Mapping[str, Value]]) -> Tally:
    looked, admitted, excluded = 0, 0, [0] * len(space.constraints)
    met: set[str] = set()
    for chosen in rows:
        unmet = _unmet(space.constraints, chosen)
        if not unmet:
            met.update(chosen)
        looked, admitted = looked + 1, admitted + (not unmet)
        for place in unmet:
            excluded[place] += 1
    return Tally(looked, admitted, tuple(excluded), frozenset(met))


def _unmet(constraints: Sequence[Constraint], chosen: Mapping[str, Value]) -> list[int]:
    """Which constraints exclude the configuration. One that has no answer is asked only where none before it excludes."""
    unmet: list[int] = []
    for place, constraint in enumerate(constraints):
        try:
            if not constraint.holds(chosen):
                unmet.append(place)
        except SpaceError:
            if not unmet:
                raise
    return unmet


def _share_of(size: int, share: float, whole: Callable[[float], int]) -> int:
    if size < 2**53:
        return whole(size * share)
    parts = 10**12
    return size * whole(share * parts) // parts


def _wilson(met: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    share, spread = met / n, z * z / n
    centre = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)
