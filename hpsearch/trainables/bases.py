"""The unfitted estimators that trials are copies of: one for each choice of what runs, made once in a worker."""

from __future__ import annotations

from hpsearch.core.errors import ObjectiveError
from hpsearch.core.values import Params
from hpsearch.spec.model import TrialSpec
from hpsearch.trainables.choices import what_runs
from hpsearch.trainables.estimators import Estimator, make_base
from hpsearch.trainables.findings import Finding
from hpsearch.trainables.table import Table


class Bases:
    """Finds what a configuration runs.

    Args:
        firsts: a configuration of each choice that is made at once, so that a package that is missing here is known at the start.

    Raises:
        Finding: one of those cannot be made.
    """

    def __init__(self, trial: TrialSpec, table: Table, firsts: tuple[Params, ...]) -> None:
        self._trial = trial
        self._table = table
        self._made: dict[tuple[str, ...], Estimator] = {}
        for first in firsts:
            self._of(first)

    def of(self, params: Params) -> tuple[Estimator, Params]:
        """What runs, unfitted and without a trial's parameters; and those, by the names that it has for them.

        Raises:
            ObjectiveError: it cannot be made.
        """
        try:
            return self._of(params)
        except Finding as finding:
            raise ObjectiveError(str(finding)) from finding

    def _of(self, params: Params) -> tuple[Estimator, Params]:
        trial, own = what_runs(self._trial, params)
        key = (trial.path, *(step.path for step in trial.steps))
        if key not in self._made:
            self._made[key] = make_base(trial, own, self._table)
        return self._made[key], own
