"""What a configuration runs where the space chooses it, and each such choice apart, for the checks before the start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from hpsearch.core.values import Params, Value
from hpsearch.space import Choice as ChoiceDomain
from hpsearch.space import Constant, Domain, Parameter, Variant, variants
from hpsearch.spec.model import CHOOSER, OWN, StepSpec, StudySpec, TrialSpec
from hpsearch.trainables.findings import Finding


@dataclass(frozen=True)
class Setting:
    """A parameter that trials set.

    Attributes:
        name: its own name, as the estimator has it. called: its name in configurations.
        at: where the spec has it.
        domain: the values that it may have; one where it is fixed.
    """

    name: str
    called: str
    at: str
    domain: Domain

    @property
    def is_fixed(self) -> bool:
        return self.at.startswith("trial.fixed.")


@dataclass(frozen=True)
class Choice:
    """One choice of what runs; the only one where the spec names it.

    Attributes:
        trial: what runs, with every class written out.
        first: what all its configurations have: what chooses, what is fixed, and of others the first quarter of the domain.
        settings: of all parameters that a configuration of it may have.
        places: of what was chosen: path in the trial block → (where the space has it, the class's path).
    """

    trial: TrialSpec
    first: Params
    settings: tuple[Setting, ...]
    places: Mapping[str, tuple[str, str]]
    variant: Variant

    def of(self, setting: Setting) -> str:
        """The class whose parameter this is."""
        step = setting.name.partition("__")[0]
        return next((each.path for each in self.trial.steps if each.name == step), self.trial.path)

    def is_shared(self, setting: Setting) -> bool:
        """Whether it goes to what was chosen here as to all that may be chosen, in no branch of its own."""
        in_no_branch = setting.at in (f"space.{setting.called}", f"trial.fixed.{setting.called}")
        return in_no_branch and self.of(setting) in self.variant.chosen.values()

    @property
    def last(self) -> tuple[str, str]:
        """Where the spec has what predicts, and its class's path."""
        if not self.trial.steps:
            return self.places.get("trial.estimator", ("trial.estimator", self.trial.path))
        at = f"trial.pipeline.{self.trial.steps[-1].name}"
        return self.places.get(at, (at, self.trial.steps[-1].path))

    @property
    def last_block(self) -> str:
        """Where the spec says what may predict: that class, or the whole choice that it is of."""
        chooser = self.variant.choosers.get(self.trial.steps[-1].name if self.trial.steps else CHOOSER)
        return self.last[0] if chooser is None else f"space.{chooser.place}"

    @contextmanager
    def placed(self) -> Iterator[None]:
        """Says of what was chosen where it was, of Findings thrown inside the block."""
        try:
            yield
        except Finding as finding:
            raise Finding.of([self._placed(*item) for item in finding.items]) from finding

    def _placed(self, at: str, message: str) -> tuple[str, str]:
        if at not in self.places:
            return at, message
        place, path = self.places[at]
        # Fixed parameters go to every estimator that is chosen.
        message = message.replace(f"{_CATEGORICAL} in trial.fixed", f"{_CATEGORICAL} in its branch")
        return place, message.removeprefix(f" = {path}") if place.endswith(f".{path}") else message


_CATEGORICAL = "enable_categorical: true"


def what_runs(trial: TrialSpec, params: Params) -> tuple[TrialSpec, Params]:
    """What a configuration runs, with every class written out, and its parameters by the names that the estimator has."""
    if trial.kind == "estimator":
        chosen = {} if trial.path else {CHOOSER: params[CHOOSER]}
        own = {name.removeprefix(OWN): value for name, value in params.items() if name not in chosen}
        return replace(trial, path=trial.path or str(params[CHOOSER])), own
    steps = {step.name for step in trial.steps}
    own = {name: value for name, value in params.items() if name not in steps}
    if len(own) == len(params):
        return trial, own
    chosen_steps = (StepSpec(step.name, str(params[step.name])) if step.name in params else step for step in trial.steps)
    return replace(trial, steps=tuple(chosen_steps)), own


def choosers(trial: TrialSpec) -> tuple[str, ...]:
    """The names of parameters that choose what runs, where the space has them."""
    if trial.kind == "estimator":
        return () if trial.path else (CHOOSER,)
    return tuple(step.name for step in trial.steps)


def chosen_paths(spec: StudySpec) -> list[str]:
    """Every class that some configuration may choose."""
    names = choosers(spec.trial)
    domains = [each.domain for each in spec.space.parameters if each.name in names]
    values = (each.grid_at(index) for each in domains if isinstance(each, _DISCRETE) for index in range(each.grid_size()))
    return [value for value in values if isinstance(value, str)]


_DISCRETE = (ChoiceDomain, Constant)


def choices_of(spec: StudySpec) -> list[Choice]:
    """Each choice that the space gives; of very many, each class in one of them at least.

    Those with what is no class, of a spec that has mistakes, are left out.
    """
    return [_choice(spec, each) for each in variants(spec.space, choosers(spec.trial)) if _is_whole(spec.trial, each.chosen)]


def _is_whole(trial: TrialSpec, chosen: Params) -> bool:
    """Whether it says of everything what runs."""
    if not all(isinstance(value, str) for value in chosen.values()):
        return False
    if trial.kind == "estimator":
        return bool(trial.path) or CHOOSER in chosen
    return all(step.path or step.columns or step.name in chosen for step in trial.steps)


def _choice(spec: StudySpec, variant: Variant) -> Choice:
    drawn = {each.name: each.domain.sample(0.25) for each in variant.parameters if variant.is_always_there(each.name)}
    first = {**spec.trial.fixed, **drawn, **variant.chosen}
    block = "trial." if spec.trial.kind == "estimator" else "trial.pipeline."
    places = {
        f"{block}{name}": (_place_of(spec, variant.choosers[name], value), str(value)) for name, value in variant.chosen.items()
    }
    settings = [_setting(name, f"trial.fixed.{name}", Constant(value), spec.trial) for name, value in spec.trial.fixed.items()]
    # A branch without its condition, of a spec that has mistakes, is nobody's.
    own = (each for each in variant.parameters if each.when or each.place == each.name)
    settings += [_setting(each.name, f"space.{each.place}", each.domain, spec.trial) for each in own]
    return Choice(what_runs(spec.trial, first)[0], first, tuple(settings), places, variant)


def _setting(called: str, at: str, domain: Domain, trial: TrialSpec) -> Setting:
    return Setting(called.removeprefix(OWN) if trial.kind == "estimator" else called, called, at, domain)


def _place_of(spec: StudySpec, parameter: Parameter, value: Value) -> str:
    """Where the spec has a value of a choice: as a branch's name, an item of a list, or all that there is."""
    at = f"space.{parameter.place}"
    index = parameter.domain.grid_find(value)
    several = (f"{at}.choice.{value}", f"{at}.choice[{index}]", f"{at}.ordinal[{index}]", f"{at}[{index}]")
    return next((place for place in several if place in spec.positions), at)
