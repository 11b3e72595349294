"""The logical plan: a study's trials, counted by arithmetic and made on demand."""

from __future__ import annotations

from dataclasses import dataclass

from hpsearch.core.identity import Context, config_id, trial_key
from hpsearch.core.trial import Trial
from hpsearch.core.values import Params
from hpsearch.spec.model import EvaluateSpec, StudySpec


@dataclass(frozen=True, slots=True)
class PlanCounts:
    """What a study amounts to. None where counting would mean listing; `exact` is False for an upper bound.

    `fits_naive` is what evaluating every missing trial alone would fit; `fits` what the physical plan fits.
    """

    configurations: int | None
    exact: bool
    trials: int | None
    to_run: int | None
    reused: int | None
    fits: int | None
    fits_naive: int | None
    work_units: int | None


@dataclass(frozen=True)
class StudyPlan:
    """A spec bound to its context. `configurations` is an upper bound where not `exact` (draws of a countable space)."""

    spec: StudySpec
    context: Context
    configurations: int
    exact: bool

    @classmethod
    def of(cls, spec: StudySpec, context: Context) -> StudyPlan:
        if spec.search.method == "grid":
            return cls(spec, context, spec.space.grid_size(), exact=True)
        trials, size = spec.search.trials or 0, spec.space.size()
        return cls(spec, context, trials if size is None else min(trials, size), exact=size is None)

    @property
    def trials(self) -> int:
        return self.configurations * len(self.spec.repeat.seeds)

    @property
    def splits(self) -> int:
        """Fits of one trial, evaluated alone."""
        return splits_of(self.spec.evaluate)

    def trials_of(self, params: Params) -> tuple[Trial, ...]:
        """The trials of one configuration, one a seed. A parameter of the space goes before a fixed one of its name."""
        merged = {**self.spec.trial.fixed, **params}
        ident = config_id(merged)
        return tuple(Trial(trial_key(self.context, merged, seed), ident, merged, seed) for seed in self.spec.repeat.seeds)

    def counts(self, *, to_run: int | None = None, reused: int | None = None) -> PlanCounts:
        """The counts, given what a walk through the plan found missing and in the ledger (None: nobody walked)."""
        if to_run is None or reused is None:
            return PlanCounts(self.configurations, self.exact, self.trials, None, None, None, None, None)
        # Drawing may end before the number asked for, where what a space has left is too rare to be met.
        trials = to_run + reused
        fits = to_run * self.splits
        return PlanCounts(trials // len(self.spec.repeat.seeds), True, trials, to_run, reused, fits, fits, to_run)


def splits_of(evaluate: EvaluateSpec | None) -> int:
    """How many times one trial fits: folds times repeats; 1 for a function."""
    if evaluate is None:
        return 1
    if evaluate.holdout is not None:
        return evaluate.holdout.repeats
    return evaluate.cv.folds * evaluate.cv.repeats if evaluate.cv is not None else 1
