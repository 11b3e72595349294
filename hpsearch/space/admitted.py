"""How many configurations of a grid its constraints admit: counted where that is soon done, else estimated from a sample."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from hpsearch.core.seeds import uniform
from hpsearch.core.values import Params
from hpsearch.space.permutation import Permutation
from hpsearch.space.space import Space

# A configuration takes some 20 microseconds to make and to hold against constraints.
COUNTED = 20_000
_SAMPLE = 4_000
# Of a space as it is read: enough to meet what is wrong with a constraint.
_GLANCE = 256


@dataclass(frozen=True)
class Admitted:
    """`count` configurations; `low` to `high` is the 95 % interval of an estimate, and `count` itself where it is `exact`."""

    count: int
    exact: bool
    low: int
    high: int


def admitted(space: Space) -> Admitted:
    """The configurations of a grid that constraints admit.

    An estimate is the share of a random sample without replacement, with Wilson's interval (E. B. Wilson, "Probable Inference,
    the Law of Succession, and Statistical Inference", JASA 22 (1927)).

    Raises:
        SpaceError: there is no grid; a constraint has no answer for some configuration.
    """
    size = space.grid_size()
    if not space.constraints:
        return Admitted(size, True, size, size)
    order = Permutation(size, 0)
    if size <= COUNTED:
        count = sum(space.admits(space.grid_at(index)) for index in range(size))
        return Admitted(count, True, count, count)
    met = sum(space.admits(space.grid_at(order(index))) for index in range(_SAMPLE))
    low, high = _wilson(met, _SAMPLE)
    return Admitted(round(size * met / _SAMPLE), False, math.floor(size * low), math.ceil(size * high))


def glance(space: Space, *, grid: bool) -> list[Params]:
    """Some configurations of the space, whatever constraints say of them; all of a small grid."""
    if grid:
        order = Permutation(space.grid_size(), 0)
        return [space.grid_at(order(index)) for index in range(min(space.grid_size(), _GLANCE))]
    return [space.sample(partial(uniform, "glance", index)) for index in range(_GLANCE)]


def _wilson(met: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    share, spread = met / n, z * z / n
    centre = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)
