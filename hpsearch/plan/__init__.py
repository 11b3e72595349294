"""StudySpec in, StudyPlan out: which trials there are, who they are, and in what units they are leased.

`explain` says what the units share and why, `CostModel` what trials take, learned from those that were measured.
Also what a spec's words come to before anything runs: `effects` (what each constraint excludes), `dropped` (what stands twice)
and `cautions` (what is hardly meant). And a study as it was last run, from its record. Pure: no Ray, no clock, no file. May
import ledger's records, trainables, spec, space and core.
"""

from hpsearch.plan.as_run import best_rule, best_rule_as_run, spec_as_run
from hpsearch.plan.cautions import cautions
from hpsearch.plan.cost import CostModel, Timed
from hpsearch.plan.effects import Dropped, Effect, admission, dropped, effects
from hpsearch.plan.explain import Expected, Explanation, Layer, explain
from hpsearch.plan.study_plan import Missing, PlanCounts, StudyPlan, most_trials
from hpsearch.plan.units import LARGEST_UNIT, longest_first, unit_seconds

__all__ = [
    "LARGEST_UNIT",
    "CostModel",
    "Dropped",
    "Effect",
    "Expected",
    "Explanation",
    "Layer",
    "Missing",
    "PlanCounts",
    "StudyPlan",
    "Timed",
    "admission",
    "best_rule",
    "best_rule_as_run",
    "cautions",
    "dropped",
    "effects",
    "explain",
    "longest_first",
    "most_trials",
    "spec_as_run",
    "unit_seconds",
]
