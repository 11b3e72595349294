"""Which trials of a unit share what: found before the first of them is evaluated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hpsearch.core.trial import Trial
from hpsearch.core.values import Params, canonical
from hpsearch.trainables.bases import Bases
from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.sharing.rules import rules_of


@dataclass(frozen=True)
class PathShare:
    """A trial's part in one fit that answers for several.

    Attributes:
        group: what the trials of the fit have in common.
        rounds: this trial's; `most`: the fit's; `total`: those of all its trials together.
    """

    group: str
    rounds: int
    most: int
    total: int


@dataclass(frozen=True)
class Ahead:
    """What is known of a unit's trials. Empty: nothing is shared."""

    paths: Mapping[str, PathShare] = field(default_factory=dict)
    prefixes: Mapping[str, int] = field(default_factory=dict)
    bins: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, trials: Iterable[Trial], bases: Bases, *, cuts: bool = True) -> Ahead:
        """`paths` by the trial's key; `prefixes`, `bins`: of how many trials each of `prefix_keys` and each `bin_key` is.

        Args:
            cuts: whether a fit may be cut short: there are no paths otherwise.
        """
        groups: dict[str, dict[str, int]] = {}
        prefixes: Counter[str] = Counter()
        bins: Counter[str] = Counter()
        for trial in trials:
            base, own = bases.of(trial.params)
            prefixes.update(prefix_keys(base, own, trial.seed))
            if (binned := bin_key(base, own, trial.seed)) is not None:
                bins[binned] += 1
            name = path_parameter(base) if cuts else None
            rounds = own.get(name) if name is not None else None
            if name is not None and type(rounds) is int and rounds > 0:
                rest = {other: value for other, value in own.items() if other != name}
                groups.setdefault(canonical([kind_of(base), rest, trial.seed]), {})[trial.key] = rounds
        shares = {
            key: PathShare(group, rounds, max(members.values()), sum(members.values()))
            for group, members in groups.items()
            if len(members) > 1
            for key, rounds in members.items()
        }
        return cls(shares, prefixes, bins)


def path_parameter(base: Estimator) -> str | None:
    """The name of the axis of which one fit answers for smaller values; None where what runs has none."""
    last, prefix = last_step(base)
    rule = rules_of(last).path
    return None if rule is None else f"{prefix}{rule.parameter}"


def last_step(base: Estimator) -> tuple[Estimator, str]:
    """What predicts, and what begins the names of its parameters: ("clf__") in a pipeline."""
    steps = getattr(base, "steps", None)
    return (base, "") if steps is None else (steps[-1][1], f"{steps[-1][0]}__")


def prefix_keys(base: Estimator, own: Params, seed: int) -> tuple[str, ...]:
    """For each step of a pipeline but the last: what must be equal for it, and all before it, to be fitted to the same."""
    steps: list[tuple[str, Any]] = getattr(base, "steps", [])[:-1]
    parts: list[object] = [seed]
    keys = []
    for name, step in steps:
        own_params = {key: value for key, value in own.items() if key.partition("__")[0] == name}
        parts.append([name, kind_of(step), own_params])
        keys.append(canonical(parts))
    return tuple(keys)


def bin_key(base: Estimator, own: Params, seed: int) -> str | None:
    """What must be equal for a fold's rows to come to the last step, and to be binned there, alike; None where they never are."""
    last, prefix = last_step(base)
    rule = rules_of(last).bins
    if rule is None:
        return None
    own_params = {name.removeprefix(prefix): value for name, value in own.items() if name.startswith(prefix)}
    return canonical([seed, prefix_keys(base, own, seed)[-1:], kind_of(last), rule.fixed(last, own_params)])


def kind_of(estimator: Estimator) -> object:
    """What an unfitted estimator of the study is, its trial's parameters aside: they all have the spec's defaults."""
    if hasattr(estimator, "steps"):
        return [[name, kind_of(step)] for name, step in estimator.steps]
    return f"{type(estimator).__module__}.{type(estimator).__qualname__}" if not isinstance(estimator, str) else estimator
