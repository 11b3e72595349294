"""Domains of ours as an importer writes them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal, DecimalException

from hpsearch.core.values import Value, canonical
from hpsearch.spec.foreign.reading import Foreign
from hpsearch.spec.foreign.sheet import Item, yaml_of
from hpsearch.spec.nodes import Mark, Node
from hpsearch.spec.places import Place

# As in space/: the last bits of a power differ from machine to machine, and so would the trial's key.
_DIGITS = Context(prec=40)


@dataclass(frozen=True)
class Domain:
    """A domain's YAML. `beside`: what to say of it; `is_off`: it cannot be searched, and stands as a comment."""

    text: str
    beside: tuple[str, ...] = ()
    is_off: bool = False


def constant(value: Value) -> Domain:
    return Domain(f"{{const: {yaml_of(value)}}}" if isinstance(value, tuple | dict) else yaml_of(value))


def choice(values: tuple[Value, ...]) -> Domain:
    """Each value once: a search gains nothing from trying one twice."""
    once = tuple({canonical(value): value for value in values}.values())
    return Domain(yaml_of(once), ("a value that stands twice in the file stands once here",) if len(once) < len(values) else ())


def span(
    kind: str, low: float, high: float, *, step: float | None = None, points: int | None = None, log: bool = False
) -> Domain:
    """A range, `kind` "int" or "float"; one value where its ends are equal."""
    if low == high:
        return constant(float(low) if kind == "float" else low)
    options = f", step: {yaml_of(step)}" if step is not None else f", points: {points}" if points is not None else ""
    return Domain(f"{{{kind}: [{yaml_of(low)}, {yaml_of(high)}]{', log: true' if log else ''}{options}}}")


def power(base: float, exponent: float) -> float | None:
    """`base` to the power of `exponent`, both as they are written; None where no float above 0 holds it."""
    try:
        value = float(_DIGITS.power(Decimal(repr(base)), Decimal(repr(exponent))))
    except (DecimalException, OverflowError):
        return None
    return value if 0 < value < float("inf") else None


def exponential(exponent: float) -> float | None:
    """e to the power of `exponent`; None where no float above 0 holds it."""
    try:
        value = float(_DIGITS.exp(Decimal(repr(exponent))))
    except (DecimalException, OverflowError):
        return None
    return value if 0 < value < float("inf") else None


def parameter(foreign: Foreign, name: str, domain: Domain, mark: Mark, node: Node) -> Item:
    """The parameter of the space, with the comments that the file has on it."""
    return foreign.remarked(Item(name, domain.text, (), domain.beside, mark, domain.is_off), mark, node)


def instead(foreign: Foreign, place: Place, reason: str, domain: Domain, said: str) -> Domain:
    """The nearest domain there is, for one without counterpart, which is listed. `said`: beside it."""
    foreign.lose(place, reason)
    return Domain(domain.text, (*domain.beside, said), domain.is_off)


def left_out(foreign: Foreign, place: Place, reason: str, domain: Domain) -> Domain:
    """A parameter that is listed and stands as a comment."""
    foreign.lose(place, f"{reason}; it stands in the spec as a comment")
    return Domain(domain.text, (*domain.beside, reason), is_off=True)
