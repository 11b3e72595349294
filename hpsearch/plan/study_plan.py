"""The logical plan: a study's trials, counted by arithmetic and made on demand."""

from __future__ import annotations

from dataclasses import dataclass

from hpsearch.core.errors import SpecError
from hpsearch.core.identity import Context, config_id, trial_key
from hpsearch.core.trial import Trial
from hpsearch.core.values import Params
from hpsearch.plan.effects import admission, drawn
from hpsearch.space import Admitted
from hpsearch.spec.model import EvaluateSpec, StudySpec

# Trials that are gone through to count what is missing of a study.
WALKED = 200_000
_WALKED_VALUES = 2_000_000


@dataclass(frozen=True, slots=True)
class Missing:
    """What the ledger has no result for.

    Attributes:
        fits: trials, those counted as one that one fit answers for.
        steps: of each step of a pipeline but the last, how many settings of it and those before it there are.
        seconds: what the trials are expected to take, one after the other; `longest_s`: the longest of what one fit answers for.
            None where nothing was measured.
        binned: trials whose rows are binned as others' may be; `bins`: in how many ways.
        worded: trials whose documents' words are counted at once with others'; `words`: in how many ways.
    """

    trials: int
    fits: int
    steps: tuple[int, ...] = ()
    seconds: float | None = None
    longest_s: float | None = None
    binned: int = 0
    bins: int = 0
    worded: int = 0
    words: int = 0


@dataclass(frozen=True, slots=True)
class PlanCounts:
    """What a study amounts to. None where counting would mean listing; `exact` is False for an upper bound or an estimate.

    `fits_naive` is what evaluating every missing trial alone would fit; `fits` what the physical plan fits; `prefix_fits` what it
    fits of a pipeline's steps before the last, on each node that comes to them. `work_units`: how many parts are leased, at
    most: short ones go together. `grid` is the size of a grid before constraints, and `off_grid` how many of the configurations
    are none of it; of an estimate of what constraints leave of it, `low` to `high` is the 95 % interval.
    """

    configurations: int | None
    exact: bool
    trials: int | None
    to_run: int | None
    reused: int | None
    fits: int | None
    fits_naive: int | None
    work_units: int | None
    prefix_fits: int | None
    prefix_fits_naive: int | None
    grid: int | None = None
    off_grid: int = 0
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True)
class StudyPlan:
    """A spec bound to its context.

    Attributes:
        configurations: where not `exact`, an upper bound (draws of a countable space) or an estimate (a large grid under
            constraints).
        passed: how many configurations are looked at to find these, with those that constraints exclude: a grid's, or about so
            many draws.
        admitted: what constraints leave of a grid; None where there is no grid.
        off_grid: how many of `search.first` a grid has not.
    """

    spec: StudySpec
    context: Context
    configurations: int
    exact: bool
    passed: int
    admitted: Admitted | None = None
    off_grid: int = 0

    @classmethod
    def of(cls, spec: StudySpec, context: Context) -> StudyPlan:
        """Raises: SpecError, where a constraint has no answer for some configuration, or all together leave none."""
        if spec.search.method == "grid":
            left = admission(spec)
            if left.exact and not left.count:
                none = f": they leave none of the grid's {spec.space.grid_size():,} configurations"
                raise SpecError([spec.problem("constraints", none)])
            more = sum(not spec.space.in_grid(params) for params in spec.search.first)
            return cls(spec, context, left.count + more, left.exact, spec.space.grid_size() + more, left, more)
        if spec.search.method == "list":
            return cls(spec, context, len(spec.search.first), True, len(spec.search.first))
        trials, size = spec.search.trials or 0, spec.space.size()
        wanted = trials if size is None else min(trials, size)
        if not spec.space.constraints:
            return cls(spec, context, wanted, size is None, wanted)
        tally = drawn(spec)
        # Of which constraints admit none, nobody knows how many are looked at.
        return cls(
            spec, context, wanted, False, wanted * tally.looked // tally.admitted if tally.admitted else WALKED * wanted + 1
        )

    def is_soon_walked(self) -> bool:
        """Whether going through all trials, to see which of them the ledger has, takes seconds at most."""
        most = min(WALKED, _WALKED_VALUES // max(1, len(self.spec.space.parameters)))
        if self.admitted is None and self.spec.space.constraints:
            most = min(most, 4 * self.spec.space.drawn_looks)
        return self.passed * len(self.spec.repeat.seeds) <= most

    @property
    def trials(self) -> int:
        return self.configurations * len(self.spec.repeat.seeds)

    def ends_for(self, failed: int) -> bool:
        """Whether no more are run for so many failed trials. An estimate may be far too low, and counts by its upper end."""
        limit, most = self.spec.limits.failures, self.configurations
        if self.admitted is not None and not self.exact:
            most = self.admitted.high + self.off_grid
        return limit is not None and failed > limit * most * len(self.spec.repeat.seeds)

    @property
    def splits(self) -> int:
        """Fits of one trial, evaluated alone."""
        return splits_of(self.spec.evaluate)

    def trials_of(self, params: Params) -> tuple[Trial, ...]:
        """The trials of one configuration, one a seed. A parameter of the space goes before a fixed one of its name."""
        merged = {**self.spec.trial.fixed, **params}
        ident = config_id(merged)
        return tuple(Trial(trial_key(self.context, merged, seed), ident, merged, seed) for seed in self.spec.repeat.seeds)

    def counts(self, missing: Missing | None = None, reused: int = 0) -> PlanCounts:
        """The counts, given what a walk through the plan found missing and in the ledger (None: nobody walked)."""
        grid = None if self.admitted is None else self.passed - self.off_grid
        if missing is None:
            low, high = (None, None) if self.admitted is None or self.exact else (self.admitted.low, self.admitted.high)
            known = (self.configurations, self.exact, self.trials)
            return PlanCounts(*known, None, None, None, None, None, None, None, grid, self.off_grid, low, high)
        # Drawing may end before the number asked for, where what a space has left is too rare to be met.
        trials = missing.trials + reused
        configurations = trials // len(self.spec.repeat.seeds)
        fits, naive = missing.fits * self.splits, missing.trials * self.splits
        prefixes = [self.step_fits(missing, place) for place in range(len(self.fitted_steps))]
        return PlanCounts(
            configurations=configurations,
            exact=True,
            trials=trials,
            to_run=missing.trials,
            reused=reused,
            fits=fits,
            fits_naive=naive,
            work_units=missing.fits,
            prefix_fits=sum(prefixes),
            prefix_fits_naive=naive * len(prefixes),
            grid=grid,
            off_grid=self.off_grid,
        )

    @property
    def fitted_steps(self) -> tuple[str, ...]:
        """The steps of a pipeline, the last one excepted, and those that pass everything on."""
        return tuple(step.name for step in self.spec.trial.steps[:-1] if step.path != "passthrough")

    def step_fits(self, missing: Missing, place: int) -> int:
        """How often the step number `place` of `fitted_steps` is fitted, each setting once a fold."""
        names = [step.name for step in self.spec.trial.steps]
        settings = missing.steps[names.index(self.fitted_steps[place])] if missing.steps else missing.trials
        return settings * self.splits


def splits_of(evaluate: EvaluateSpec | None) -> int:
    """How many times one trial fits: folds times repeats; 1 for a function."""
    if evaluate is None:
        return 1
    if evaluate.holdout is not None:
        return evaluate.holdout.repeats
    return evaluate.cv.folds * evaluate.cv.repeats if evaluate.cv is not None else 1


def most_trials(spec: StudySpec) -> int:
    """No study of this spec has more, whatever its constraints leave."""
    search = spec.search
    grid = spec.space.grid_size() if search.method == "grid" else 0
    return max(search.trials or 0, grid + len(search.first)) * len(spec.repeat.seeds)
