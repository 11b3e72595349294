"""The hyperparameters of a Determined experiment: constants, ranges with a count for grids, and mappings of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from math import floor, gcd

from hpsearch.space.points import exact
from hpsearch.spec.foreign.domains import Domain, choice, constant, left_out, parameter, power, span
from hpsearch.spec.foreign.reading import Foreign, Keys, number, required, whole, word
from hpsearch.spec.foreign.sheet import Item, yaml_of
from hpsearch.spec.nodes import ListNode, MapNode
from hpsearch.spec.places import Place

# Beyond, numbers that lie half way between two integers are rounded in our way, not in Determined's.
_MOST_LISTED = 1000


def read_hyperparameters(foreign: Foreign, keys: Keys, *, is_grid: bool) -> list[Item]:
    """The space; nested hyperparameters under dotted names."""
    return list(_parameters(foreign, keys.at("hyperparameters"), "", is_grid))


def _parameters(foreign: Foreign, place: Place, prefix: str, is_grid: bool) -> Iterator[Item]:
    for name, entry, at in foreign.keys(place).each():
        if isinstance(at.node, MapNode) and "type" not in at.node.entries:
            yield from _parameters(foreign, at, f"{prefix}{name}.", is_grid)
            continue
        domain = _typed(foreign, at, is_grid) if isinstance(at.node, MapNode) else constant(at.value())
        yield parameter(foreign, prefix + name, domain, entry.mark, entry.node)


def _typed(foreign: Foreign, place: Place, is_grid: bool) -> Domain:
    keys = foreign.keys(place)
    kind = word(keys.at("type"), tuple(_TYPES), "const")
    domain = _TYPES[kind](keys, is_grid)
    keys.finish("is no key of a hyperparameter that hpsearch knows")
    return domain


def _const(keys: Keys, is_grid: bool) -> Domain:
    keys.at("val")
    return constant(keys.place.child("val").value())


def _categorical(keys: Keys, is_grid: bool) -> Domain:
    at = keys.at("vals")
    if not isinstance(at.node, ListNode):
        (at if at else keys.place).add("needs vals, a list of values")
        return constant(None)
    value = at.value()
    assert isinstance(value, tuple)
    return choice(value)


def _int(keys: Keys, is_grid: bool) -> Domain:
    low, high = (whole(at) for at in _ends(keys))
    count = _count(keys)
    if low is None or high is None:
        return constant(None)
    every = span("int", low, high)
    if low >= high or (count is None and not is_grid) or (count is not None and count > high - low):
        return every
    if count is None:
        return _without_count(keys, every)
    if count == 1:
        return constant(_half_away(Fraction(low + high, 2))) if is_grid else every
    # A point half way between two integers goes to the even one here, and away from zero there.
    has_halves = (count - 1) // gcd(high - low, count - 1) % 2 == 0
    if has_halves and is_grid and count <= _MOST_LISTED:
        return choice(tuple(_half_away(low + Fraction(index * (high - low), count - 1)) for index in range(count)))
    return span("int", low, high, points=count)


def _double(keys: Keys, is_grid: bool) -> Domain:
    low, high = (number(at) for at in _ends(keys))
    if low is None or high is None:
        return constant(None)
    return _continuous(keys, low, high, is_grid, lambda: float((exact(low) + exact(high)) / 2), log=False)


def _log(keys: Keys, is_grid: bool) -> Domain:
    exponents = [number(at) for at in _ends(keys)]
    base = number(keys.at("base"))
    base = 10 if base is None else base
    low, high = exponents
    if low is None or high is None:
        return constant(None)
    ends = [power(base, exponent) for exponent in (low, high)] if base > 0 else [None]
    if None in ends:
        keys.place.add("minval and maxval are exponents of base here, and no float holds that power")
        return constant(None)
    first, last = (end for end in ends if end is not None)
    made = _continuous(keys, first, last, is_grid, lambda: power(base, float((exact(low) + exact(high)) / 2)) or first, log=True)
    return Domain(made.text, (f"{yaml_of(base)} to the power of {yaml_of(low)} and {yaml_of(high)}", *made.beside), made.is_off)


def _continuous(keys: Keys, low: float, high: float, is_grid: bool, middle: Callable[[], float], *, log: bool) -> Domain:
    count = _count(keys)
    if low == high:
        return constant(float(low))
    if count == 1:
        return constant(middle()) if is_grid else span("float", low, high, log=log)
    domain = span("float", low, high, log=log, points=count)
    return _without_count(keys, domain) if is_grid and count is None else domain


def _without_count(keys: Keys, domain: Domain) -> Domain:
    return left_out(keys.foreign, keys.place, "a grid needs a count; Determined has no grid without one either", domain)


def _ends(keys: Keys) -> list[Place]:
    places = [keys.at("minval"), keys.at("maxval")]
    for at in places:
        required(at, "a range needs minval and maxval")
    return places


def _count(keys: Keys) -> int | None:
    at = keys.at("count")
    count = whole(at)
    if count is not None and count < 1:
        at.refuse("must be at least 1")
        return None
    return count


def _half_away(value: Fraction) -> int:
    return floor(value + Fraction(1, 2)) if value >= 0 else -floor(-value + Fraction(1, 2))


_TYPES: Mapping[str, Callable[[Keys, bool], Domain]] = {
    "const": _const,
    "int": _int,
    "double": _double,
    "log": _log,
    "categorical": _categorical,
}
