"""How the parameters of a trial are named: which of them choose what runs, and what a dot in a name means."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from hpsearch.core.names import nearest
from hpsearch.spec.domain_forms import PARAMETER_NAME
from hpsearch.spec.model import CHOOSER, OWN
from hpsearch.spec.nodes import MapNode, is_null
from hpsearch.spec.places import Place

_PATTERN = "use A-Z, a-z, digits, _ and -, a letter first"


@dataclass(frozen=True)
class Naming:
    """What the trial block tells of names, whatever mistakes are in it.

    Attributes:
        kind: None where the block does not tell; no name is then refused.
        steps: a pipeline's.
        is_chosen: whether the space chooses the estimator.
        fixed: what is written under `trial.fixed`.
    """

    kind: str | None
    steps: tuple[str, ...] = ()
    is_chosen: bool = False
    fixed: tuple[str, ...] = ()

    @classmethod
    def of(cls, trial: Place, space: Place, kinds: Collection[str]) -> Naming:
        """`kinds`: the keys of a trial block that say what runs."""
        entries = trial.node.entries if isinstance(trial.node, MapNode) else {}
        constants = trial.child("fixed").node
        fixed = tuple(constants.entries) if isinstance(constants, MapNode) else ()
        found = [kind for kind in kinds if kind in entries and not is_null(entries[kind].node)]
        if found:
            steps = trial.child("pipeline").node if found == ["pipeline"] else None
            kind = found[0] if len(found) == 1 else None
            return cls(kind, tuple(steps.entries) if isinstance(steps, MapNode) else (), fixed=fixed)
        misspelt = any(nearest(key, (*kinds, "fixed")) in kinds for key in entries)
        is_chosen = isinstance(space.node, MapNode) and CHOOSER in space.node.entries
        if is_chosen and not misspelt and (trial.is_null or isinstance(trial.node, MapNode)):
            return cls("estimator", is_chosen=True, fixed=fixed)
        return cls(None, fixed=fixed)

    @property
    def has_groups(self) -> bool:
        """Whether `model.lr` is lr in the group model, also written as a mapping."""
        return self.kind not in ("estimator", "pipeline")

    def chooses(self, name: str) -> bool:
        """Whether a parameter of this name chooses what runs."""
        return (self.is_chosen and name == CHOOSER) or name in self.steps

    def prefix(self, name: str) -> str:
        """What begins the names of the parameters in the branches of a parameter that chooses: "clf__" of a step's."""
        return f"{name}__" if name in self.steps else ""

    def problem(self, name: str) -> str | None:
        """Why this is no parameter's name; None where it is one."""
        own = name.removeprefix(OWN) if self.kind == "estimator" else name
        parts = own.split(".") if self.has_groups else [own]
        if all(PARAMETER_NAME.fullmatch(part) for part in parts):
            return None
        if not self.has_groups and all(PARAMETER_NAME.fullmatch(part) for part in own.split(".")):
            step = f"{self.steps[-1]}__" if self.steps and name.startswith(OWN) else ""
            written = step + own.removeprefix(OWN).replace(".", "__")
            return f"is no parameter name: dots are for functions; what is a step's or a part's is written {written}"
        return f"is no parameter name; {_PATTERN}"
