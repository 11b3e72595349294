"""The logical plan: a study's trials, counted by arithmetic and made on demand."""

from __future__ import annotations

from dataclasses import dataclass

from hpsearch.core.errors import SpecError
from hpsearch.core.identity import Context, config_id, trial_key
from hpsearch.core.trial import Trial
from hpsearch.core.values import Params
from hpsearch.plan.effects import admission
from hpsearch.space import Admitted
from hpsearch.spec.model import EvaluateSpec, StudySpec

# Trials that are gone through to count what is missing of a study.
WALKED = 200_000


@dataclass(frozen=True, slots=True)
class PlanCounts:
    """What a study amounts to. None where counting would mean listing; `exact` is False for an upper bound or an estimate.

    `fits_naive` is what evaluating every missing trial alone would fit; `fits` what the physical plan fits. `grid` is the size of
    a grid before constraints; of an estimate of what they leave, `low` to `high` is the 95 % interval.
    """

    configurations: int | None
    exact: bool
    trials: int | None
    to_run: int | None
    reused: int | None
    fits: int | None
    fits_naive: int | None
    work_units: int | None
    grid: int | None = None
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True)
class StudyPlan:
    """A spec bound to its context.

    Attributes:
        configurations: where not `exact`, an upper bound (draws of a countable space) or an estimate (a large grid under
            constraints).
        passed: how many configurations are looked at to find these: a grid's, with those that constraints exclude.
        admitted: what constraints leave of a grid; None where there is no grid.
    """

    spec: StudySpec
    context: Context
    configurations: int
    exact: bool
    passed: int
    admitted: Admitted | None = None

    @classmethod
    def of(cls, spec: StudySpec, context: Context) -> StudyPlan:
        """Raises: SpecError, where a constraint has no answer for some configuration, or all together leave none."""
        if spec.search.method == "grid":
            left = admission(spec)
            if left.exact and not left.count:
                none = f": they leave none of the grid's {spec.space.grid_size():,} configurations"
                raise SpecError([spec.problem("constraints", none)])
            more = sum(not spec.space.in_grid(params) for params in spec.search.first)
            return cls(spec, context, left.count + more, left.exact, spec.space.grid_size() + more, left)
        if spec.search.method == "list":
            return cls(spec, context, len(spec.search.first), True, len(spec.search.first))
        trials, size = spec.search.trials or 0, spec.space.size()
        wanted = trials if size is None else min(trials, size)
        return cls(spec, context, wanted, size is None and not spec.space.constraints, wanted)

    def is_soon_walked(self) -> bool:
        """Whether going through all trials, to see which of them the ledger has, takes seconds at most."""
        return self.passed * len(self.spec.repeat.seeds) <= WALKED

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

    def counts(self, *, to_run: int | None = None, reused: int | None = None, apart: int | None = None) -> PlanCounts:
        """The counts, given what a walk through the plan found missing and in the ledger (None: nobody walked).

        Args:
            apart: the missing trials, those counted as one that one fit answers for; None: no trials share a fit.
        """
        grid = None if self.admitted is None else self.passed
        if to_run is None or reused is None:
            low, high = (None, None) if self.admitted is None or self.exact else (self.admitted.low, self.admitted.high)
            return PlanCounts(self.configurations, self.exact, self.trials, None, None, None, None, None, grid, low, high)
        # Drawing may end before the number asked for, where what a space has left is too rare to be met.
        trials = to_run + reused
        naive = to_run * self.splits
        fits = naive if apart is None else apart * self.splits
        units = to_run if apart is None else apart
        return PlanCounts(trials // len(self.spec.repeat.seeds), True, trials, to_run, reused, fits, naive, units, grid)


def splits_of(evaluate: EvaluateSpec | None) -> int:
    """How many times one trial fits: folds times repeats; 1 for a function."""
    if evaluate is None:
        return 1
    if evaluate.holdout is not None:
        return evaluate.holdout.repeats
    return evaluate.cv.folds * evaluate.cv.repeats if evaluate.cv is not None else 1
