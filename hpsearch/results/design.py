"""How a study's configurations were chosen, as its spec says: what a reading of them depends on."""

from __future__ import annotations

from dataclasses import dataclass

from hpsearch.core.values import Params, Value
from hpsearch.space import Parameter, Space, SpaceError
from hpsearch.spec import StudySpec

OBSERVED = "observed"
_DESIGNS = {"grid": "grid", "random": "random", "sobol": "random", "list": "list"}


@dataclass(frozen=True)
class Design:
    """Nothing is known of configurations that no spec asked for.

    Attributes:
        method: "grid", "random" (Sobol points too) or "list"; OBSERVED of runs that anybody chose, perhaps by a search that
            learns; "" where hpsearch chose them and nothing tells how.
        logs: the parameters whose scale is logarithmic; None where only the values can tell.
        space: what was searched, as the spec has it now.
    """

    method: str = ""
    logs: frozenset[str] | None = None
    space: Space | None = None

    def defaults(self) -> Params | None:
        """The configuration of the spec's defaults; None where a parameter with several values has none, or they are excluded."""
        try:
            return None if self.space is None else self.space.complete({}, _only_value)
        except SpaceError:
            return None


def _only_value(parameter: Parameter) -> Value:
    if parameter.domain.size() != 1:
        raise SpaceError(f"{parameter.name} has no default")
    return parameter.domain.sample(0.0)


def design_of(spec: StudySpec) -> Design:
    """The design of a spec's search."""
    space = spec.space
    # A choice of numbers has no scale but that of its values.
    scales = {name: [domain.is_log for domain in space.domains(name)] for name in space.names()}
    logs = {name for name, logarithmic in scales.items() if logarithmic and all(logarithmic)}
    return Design(_DESIGNS[spec.search.method], frozenset(logs), space)
