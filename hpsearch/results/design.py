"""How a study's configurations were chosen, as its spec says: what a reading of them depends on."""

from __future__ import annotations

from dataclasses import dataclass

from hpsearch.spec import StudySpec

_DESIGNS = {"grid": "grid", "random": "random", "sobol": "random", "list": "list"}


@dataclass(frozen=True)
class Design:
    """Nothing is known of configurations that no spec asked for.

    Attributes:
        method: "grid", "random" (Sobol points too) or "list".
        logs: the parameters whose scale is logarithmic; None where only the values can tell.
    """

    method: str = ""
    logs: frozenset[str] | None = None


def design_of(spec: StudySpec) -> Design:
    """The design of a spec's search."""
    space = spec.space
    # A choice of numbers has no scale but that of its values.
    scales = {name: [domain.is_log for domain in space.domains(name)] for name in space.names()}
    logs = {name for name, logarithmic in scales.items() if logarithmic and all(logarithmic)}
    return Design(_DESIGNS[spec.search.method], frozenset(logs))
