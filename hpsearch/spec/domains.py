"""What stands at a parameter's name: a bare list, a bare scalar, or a mapping with one of the keys of `DOMAIN_FORMS`."""

from __future__ import annotations

from hpsearch.core.names import did_you_mean, nearest
from hpsearch.space.domains import UNSET, Choice, Constant, Domain, SpaceError
from hpsearch.spec.domain_forms import DOMAIN_FORMS, PARAMETER_NAME, is_domain, values_of
from hpsearch.spec.nodes import ListNode, MapNode, Node, ScalarNode
from hpsearch.spec.places import Place

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
    return not all(key in options or nearest(key, DOMAIN_FORMS) for key in keys)


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
        return Choice(values_of(place))
    if isinstance(place.node, MapNode):
        return _read_mapping(place, place.node)
    return Constant(place.value())


def _read_mapping(place: Place, node: MapNode) -> Domain | None:
    kinds = [key for key in node.entries if key in DOMAIN_FORMS]
    if not kinds:
        near = did_you_mean(next(iter(node.entries), ""), DOMAIN_FORMS)
        fix = near or "; for a mapping as a value write {const: {...}}"
        if node.entries and node.entries.keys() <= _ELSEWHERE:
            fix = "; write {float: [low, high]}, {int: [low, high]} or {choice: [...]}"
        elif node.entries.keys() & {"when", "default"}:
            fix = f"; a group has no {'when' if 'when' in node.entries else 'default'}: write it at each of its parameters"
        place.refuse(f"needs one of the keys {', '.join(DOMAIN_FORMS)}{fix}")
        return None
    if len(kinds) > 1:
        place.refuse(f"{' and '.join(kinds)} exclude each other; a parameter has one domain")
        return None
    default = UNSET if "default" not in node.entries else place.child("default").value()
    return DOMAIN_FORMS[kinds[0]].domain(place, default)


def _part(place: Place, part: str) -> Place:
    """The place of a domain's part ("low", "step", "[2]") for a message; the parameter's own where it is written nowhere."""
    node: Node | None = place.node
    named: tuple[str, ...] = ()
    path = f"{place.path}{part}" if part.startswith("[") else f"{place.path}.{part}" if part else place.path
    if isinstance(node, MapNode):
        if part in node.entries:
            return Place(place.log, path, node.entries[part].node.mark, node.entries[part].node)
        kind = next(key for key in node.entries if key in DOMAIN_FORMS)
        node, named = node.entries[kind].node, DOMAIN_FORMS[kind].shape.parts
    if isinstance(node, ListNode) and part:
        index = int(part[1:-1]) if part.startswith("[") else named.index(part) if part in named else -1
        if 0 <= index < len(node.items):
            return Place(place.log, path, node.items[index].mark, node.items[index])
    return Place(place.log, path, place.mark if not isinstance(node, ScalarNode) else node.mark, node)
