"""How many configurations constraints admit, and how many each excludes: counted where that is soon done, else from a sample."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from hpsearch.core.seeds import uniform
from hpsearch.core.values import Params, Value
from hpsearch.space.constraints import Constraint
from hpsearch.space.domain import SpaceError
from hpsearch.space.permutation import Permutation

# A configuration takes some 20 microseconds to make, and one to be held against a constraint.
COUNTED = 20_000
_JUDGED = 400_000
_SAMPLE = 4_000
# Of a space as it is read: enough to meet what is wrong with a constraint.
_GLANCE = 256


@dataclass(frozen=True)
class Tally:
    """Of `looked` configurations: how many all constraints together admit, and how many each alone excludes."""

    looked: int
    admitted: int
    excluded: tuple[int, ...]


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
    def constraints(self) -> tuple[Constraint, ...]: ...

    def grid_size(self) -> int: ...

    def grid_at(self, index: int) -> Params: ...

    def sample(self, uniform: Callable[[str], float]) -> Params: ...

    def by_ident(self, params: Params) -> Mapping[str, Value]: ...


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
    looks = _looks(space)
    if size <= looks:
        tally = _tally(space, map(space.grid_at, range(size)))
        return Admitted(tally.admitted, True, tally.admitted, tally.admitted, tally)
    order = Permutation(size, 0)
    tally = _tally(space, (space.grid_at(order(index)) for index in range(min(_SAMPLE, looks))))
    low, high = _wilson(tally.admitted, tally.looked)
    count = size * tally.admitted // tally.looked  # in integers: a size may be beyond any float
    return Admitted(count, False, _share_of(size, low, math.floor), _share_of(size, high, math.ceil), tally)


def tally_draws(space: Constrained) -> Tally:
    """What constraints do to configurations that are drawn. Raises: SpaceError, as `count_grid`."""
    n = min(_SAMPLE, _looks(space)) if space.constraints else 0
    return _tally(space, (space.sample(partial(uniform, "tally", index)) for index in range(n)))


def glance(space: Constrained, *, grid: bool) -> list[Params]:
    """Some configurations of the space, whatever constraints say of them; all of a small grid."""
    if grid:
        order = Permutation(space.grid_size(), 0)
        return [space.grid_at(order(index)) for index in range(min(space.grid_size(), _GLANCE))]
    return [space.sample(partial(uniform, "glance", index)) for index in range(_GLANCE)]


def _looks(space: Constrained) -> int:
    return max(_GLANCE, min(COUNTED, _JUDGED // len(space.constraints)))


def _tally(space: Constrained, rows: Iterable[Params]) -> Tally:
    looked, admitted, excluded = 0, 0, [0] * len(space.constraints)
    for params in rows:
        unmet = _unmet(space.constraints, space.by_ident(params))
        looked, admitted = looked + 1, admitted + (not unmet)
        for place in unmet:
            excluded[place] += 1
    return Tally(looked, admitted, tuple(excluded))


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
