"""Which trials belong together, told by their parameters alone: for the planner, which has no estimator at hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias, TypeVar

from hpsearch.core.trial import Trial
from hpsearch.core.values import Params, canonical
from hpsearch.space import Space
from hpsearch.trainables.bases import Bases
from hpsearch.trainables.sharing.ahead import path_parameter

T = TypeVar("T")

Refused: TypeAlias = "tuple[str, str, str]"
"""The class that predicts, as in `Sharing.paths`; a parameter, as configurations have it; its value's canonical text, or ANY."""
ANY = ""


@dataclass(frozen=True)
class Kinship:
    """What a trial has in common with others.

    Attributes:
        prefixes: equal for trials whose pipelines have the first step, the first two, ... in common.
        fit: equal for trials that one fit may answer; empty where none does.
    """

    prefixes: tuple[str, ...] = ()
    fit: str = ""


@dataclass(frozen=True)
class Reason:
    """What becomes of a rule in a study.

    Attributes:
        rule: "path", "steps", "words" or "bins"; "order" of what brings trials together by chance alone, "all" of what keeps
            every rule from being used.
        used: whether some trials share by it.
        about: what it is about: the axis, the steps, the class that bins, a setting with its value.
        why: that it is used, or not: a message as `StudySpec.problem` takes them.
    """

    rule: str
    used: bool
    about: str
    why: str

    @property
    def sentence(self) -> str:
        return f"{self.about}{'' if self.why.startswith(' = ') else ': '}{self.why}"


@dataclass(frozen=True)
class Sharing:
    """How a study's trials may share work.

    Attributes:
        steps: a pipeline's, the last one excepted.
        paths: the axis of which one fit answers smaller values, by the class that predicts: names as configurations have them.
        chooser: the parameter that says which class predicts; empty where it is always the same.
        refused: settings with which a class is fitted alone all the same.
        bins: by the class that predicts, as in `paths`, the parameters that may differ in fits on the same binned rows.
        unbinned: settings with which a class makes a matrix of its own, or none.
        words: by the first step's class, as configurations have it, its parameters that may differ where documents are counted
            once; classes that count for themselves are not in it.
        uncounted: settings of that step with which it counts for itself.
        reasons: of each rule.
    """

    steps: tuple[str, ...] = ()
    paths: Mapping[str, str] = field(default_factory=dict)
    chooser: str = ""
    refused: frozenset[Refused] = frozenset()
    reasons: tuple[Reason, ...] = ()
    bins: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unbinned: frozenset[Refused] = frozenset()
    words: Mapping[str, frozenset[str]] = field(default_factory=dict)
    uncounted: frozenset[Refused] = frozenset()

    @property
    def is_any(self) -> bool:
        return bool(self.bins) or self.has_kin

    @property
    def has_kin(self) -> bool:
        """Whether it matters which trials come together: binned rows are kept for any that come later."""
        return bool(self.steps or self.paths)

    def path_of(self, params: Params) -> str | None:
        """The axis along which this configuration is one point of a fit."""
        name = self.paths.get(self._class_of(params))
        return name if name in params and not _is_among(self.refused, self._class_of(params), params) else None

    def bins_of(self, trial: Trial) -> str:
        """Equal for trials whose rows are binned alike; empty where they are binned for one fit alone, or not at all."""
        free = self.bins.get(self._class_of(trial.params))
        if free is None or _is_among(self.unbinned, self._class_of(trial.params), trial.params):
            return ""
        return canonical([trial.seed, {name: value for name, value in trial.params.items() if name not in free}])

    def words_of(self, trial: Trial) -> str:
        """Equal for trials whose documents are counted at once; empty where each fit counts for itself."""
        if not self.words:
            return ""
        first, params = self.steps[0], trial.params
        cls = str(params.get(first, ""))
        free = self.words.get(cls)
        if free is None or _is_among(self.uncounted, cls, params):
            return ""
        of_step = {name: value for name, value in params.items() if name.startswith(f"{first}__")}
        return canonical({name: value for name, value in of_step.items() if name not in free})

    def _class_of(self, params: Params) -> str:
        """As `paths` has it."""
        return str(params[self.chooser]) if self.chooser in params else ""

    def kinship(self, trial: Trial) -> Kinship:
        path = self.path_of(trial.params)
        fit = "" if path is None else canonical([trial.seed, {k: v for k, v in trial.params.items() if k != path}])
        parts: list[object] = [trial.seed]
        prefixes = []
        for step in self.steps:
            parts.append({name: value for name, value in trial.params.items() if name.partition("__")[0] == step})
            prefixes.append(canonical(parts))
        return Kinship(tuple(prefixes), fit)

    def ordered(self, space: Space) -> Space:
        """The same space, whose grid has together what shares work: first steps' parameters vary slowest, the path fastest."""
        axes = set(self.paths.values())

        def place(name: str) -> int:
            step = name.partition("__")[0]
            early = self.steps.index(step) if step in self.steps else len(self.steps)
            return len(self.steps) + 1 if name in axes else early

        return replace(space, parameters=tuple(sorted(space.parameters, key=lambda each: place(each.name))))


def _is_among(refused: frozenset[Refused], cls: str, params: Params) -> bool:
    return any(each == cls and name in params and text in (ANY, canonical(params[name])) for each, name, text in refused)


def together(items: Sequence[T], kinships: Sequence[Kinship]) -> list[T]:
    """The items with kin beside kin, in the order in which the first of each came."""
    first: dict[object, int] = {}
    for index, kin in enumerate(kinships):
        for key in (*kin.prefixes, kin.fit):
            first.setdefault(key, index)

    def place(index: int) -> tuple[int, ...]:
        kin = kinships[index]
        return (*(first[key] for key in kin.prefixes), first[kin.fit] if kin.fit else index, index)

    return [items[index] for index in sorted(range(len(items)), key=place)]


def sharing_of(bases: Bases, firsts: Iterable[Params], chooser: str) -> Sharing:
    """How the trials share that `bases` makes.

    Args:
        firsts: a configuration of each choice of what runs.
        chooser: the parameter that chooses what predicts, if the space does.
    """
    paths: dict[str, str] = {}
    steps: tuple[str, ...] = ()
    for first in firsts:
        base, _ = bases.of(first)
        steps = tuple(name for name, _ in getattr(base, "steps", [])[:-1])
        name = path_parameter(base)
        if name is not None:
            called = next((each for each in (name, f"param.{name}") if each in first), name)
            paths[str(first[chooser]) if chooser in first else ""] = called
    return Sharing(steps, paths, chooser)
