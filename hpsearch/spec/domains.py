"""How domains are written: a bare list, a bare scalar, or a mapping with one of the keys of `_READERS`.

A new domain is a class in `space/`, a form in `domain_forms`, and a line in `_READERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hpsearch.core.names import did_you_mean, nearest
from hpsearch.core.values import Value
from hpsearch.space.domains import UNSET, Choice, Constant, Default, Domain, FloatRange, IntRange, Normal, Ordinal, SpaceError
from hpsearch.spec.domain_forms import DOMAIN_FORMS, PARAMETER_NAME
from hpsearch.spec.nodes import ListNode, MapNode, Node, ScalarNode, is_null, key_value, plain
from hpsearch.spec.places import Block, Place

# The key of a domain under which sub-spaces may stand.
BRANCHES = "choice"


# How other tools write a domain: nobody means a group by it.
_ELSEWHERE = frozenset(
    {
        "min", "max", "low", "high", "lower", "upper", "minval", "maxval", "value", "values", "list", "range", "bounds", "grid",
        "type", "distribution", "dist", "probabilities", "prior", "base", "count", "q", "mu", "sigma", "mean", "sd",
        "uniform", "loguniform", "log_uniform", "quniform", "randint", "categorical", "options", "step", "points", "log",
    }
)  # fmt: skip


def is_domain(node: Node) -> bool:
    """Whether a mapping has one of the keys of a domain."""
    return isinstance(node, MapNode) and any(key in _READERS for key in node.entries)


def is_group(node: Node) -> bool:
    """Whether a mapping holds parameters of a function under a common name: it is no domain, nor one with its key misspelt."""
    if not isinstance(node, MapNode) or not node.entries or is_domain(node):
        return False
    if not all(entry.is_text and all(map(PARAMETER_NAME.fullmatch, key.split("."))) for key, entry in node.entries.items()):
        return False
    keys = node.entries.keys()
    if keys & {"when", "default"} or keys <= _ELSEWHERE:
        return False
    options = {key.name for form in DOMAIN_FORMS.values() for key in form.keys}
    return not all(key in options or nearest(key, _READERS) for key in keys)


def read_domain(place: Place) -> Domain | None:
    """What stands at a parameter's name; None after noting why it is no domain."""
    before = len(place.log.problems)
    try:
        domain = _read(place)
    except SpaceError as error:
        for problem in error.problems:
            at = _part(place, problem.path)
            place.log.add(at.mark, at.path, problem.message)
        return None
    return domain if len(place.log.problems) == before else None


def _read(place: Place) -> Domain | None:
    if isinstance(place.node, ListNode):
        return Choice(_values(place))
    if isinstance(place.node, MapNode):
        return _read_mapping(place, place.node)
    return Constant(place.value())


def _read_mapping(place: Place, node: MapNode) -> Domain | None:
    kinds = [key for key in node.entries if key in _READERS]
    if not kinds:
        near = did_you_mean(next(iter(node.entries), ""), _READERS)
        fix = near or "; for a mapping as a value write {const: {...}}"
        if node.entries and node.entries.keys() <= _ELSEWHERE:
            fix = "; write {float: [low, high]}, {int: [low, high]} or {choice: [...]}"
        elif node.entries.keys() & {"when", "default"}:
            fix = f"; a group has no {'when' if 'when' in node.entries else 'default'}: write it at each of its parameters"
        place.refuse(f"needs one of the keys {', '.join(_READERS)}{fix}")
        return None
    if len(kinds) > 1:
        place.refuse(f"{' and '.join(kinds)} exclude each other; a parameter has one domain")
        return None
    block = DOMAIN_FORMS[kinds[0]].block(place)
    default = UNSET if "default" not in node.entries else place.child("default").value()
    return _READERS[kinds[0]](place.child(kinds[0]), block, default)


def _constant(place: Place, block: Block, default: Default) -> Domain:
    return Constant(place.value(), default)


def _choice(place: Place, block: Block, default: Default) -> Domain | None:
    if isinstance(place.node, MapNode):
        for key, entry in place.node.entries.items():
            if not isinstance(entry.node, MapNode) and not is_null(entry.node):
                place.child(key).refuse("must be a mapping of the parameters that exist under this value; write {} for none")
        return Choice(tuple(key_value(key, entry) for key, entry in place.node.entries.items()), default)
    if not isinstance(place.node, ListNode):
        place.refuse("must be a list of values, or a mapping of values to the parameters that exist under each")
        return None
    return Choice(_values(place), default)


def _int(place: Place, block: Block, default: Default) -> Domain | None:
    if not _is_pair(place):
        return None
    low, high, step, points, log = _range(place, block)
    return IntRange(low, high, step, points, log, default)  # type: ignore[arg-type]  # the domain checks what it is given


def _float(place: Place, block: Block, default: Default) -> Domain | None:
    if not _is_pair(place):
        return None
    low, high, step, points, log = _range(place, block)
    return FloatRange(low, high, step, points, log, default)  # type: ignore[arg-type]  # the domain checks what it is given


def _ordinal(place: Place, block: Block, default: Default) -> Domain | None:
    if not isinstance(place.node, ListNode):
        place.refuse("must be a list of values, from least to most")
        return None
    return Ordinal(_values(place), default)


def _normal(place: Place, block: Block, default: Default) -> Domain | None:
    return _bell(place, block, default, log=False)


def _lognormal(place: Place, block: Block, default: Default) -> Domain | None:
    return _bell(place, block, default, log=True)


def _bell(place: Place, block: Block, default: Default, *, log: bool) -> Domain | None:
    if not isinstance(place.node, ListNode) or len(place.node.items) != 2:
        place.refuse("must be [mean, sd]" + (" of the value's natural logarithm" if log else ""))
        return None
    mean, sd = place.items()
    return Normal(_number(mean), _number(sd), log, _number(block.at("step")), default)  # type: ignore[arg-type]  # it checks


_Reader = Callable[[Place, Block, Default], Domain | None]
_READERS: Mapping[str, _Reader] = {
    "int": _int,
    "float": _float,
    "choice": _choice,
    "const": _constant,
    "ordinal": _ordinal,
    "normal": _normal,
    "lognormal": _lognormal,
}


def _values(place: Place) -> tuple[Value, ...]:
    """The values of a list; a domain among them is a mistake: sub-spaces stand in a mapping."""
    for item in place.items():
        if isinstance(item.node, MapNode) and any(key in _READERS for key in item.node.entries):
            item.refuse("a domain cannot stand in a list; write its values, or a mapping of values to sub-spaces")
    value = place.value()
    return value if isinstance(value, tuple) else (None,)  # noted: any stand-in will do


def _is_pair(place: Place) -> bool:
    good = isinstance(place.node, ListNode) and len(place.node.items) == 2
    if not good:
        place.refuse("must be [low, high]")
    return good


def _range(place: Place, block: Block) -> tuple[object, object, object, object, bool]:
    low, high = place.items()
    return _number(low), _number(high), _number(block.at("step")), _number(block.at("points")), bool(block.at("log").flag(False))


def _number(place: Place) -> object:
    return plain(place.node) if place.node is not None else None


def _part(place: Place, part: str) -> Place:
    """The place of a domain's part ("low", "step", "[2]") for a message; the parameter's own where it is written nowhere."""
    node: Node | None = place.node
    path = f"{place.path}{part}" if part.startswith("[") else f"{place.path}.{part}" if part else place.path
    if isinstance(node, MapNode):
        if part in node.entries:
            return Place(place.log, path, node.entries[part].node.mark, node.entries[part].node)
        node = next((entry.node for key, entry in node.entries.items() if key in _READERS), None)
    if isinstance(node, ListNode) and part:
        index = {"low": 0, "high": 1, "mean": 0, "sd": 1}.get(part, -1) if not part.startswith("[") else int(part[1:-1])
        if 0 <= index < len(node.items):
            return Place(place.log, path, node.items[index].mark, node.items[index])
    return Place(place.log, path, place.mark if not isinstance(node, ScalarNode) else node.mark, node)
