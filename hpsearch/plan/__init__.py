"""StudySpec in, StudyPlan out: which trials there are, who they are, and in what units they are leased.

Also what a spec's words come to before anything runs: `effects` (what each constraint excludes), `dropped` (what stands twice)
and `cautions` (what is hardly meant). And a study as it was last run, from its record. Pure: no Ray, no clock, no file. May
import ledger's records, trainables, spec, space and core.
"""

from hpsearch.plan.as_run import best_rule, best_rule_as_run, spec_as_run
from hpsearch.plan.cautions import cautions
from hpsearch.plan.effects import Dropped, Effect, dropped, effects
from hpsearch.plan.study_plan import PlanCounts, StudyPlan
from hpsearch.plan.units import LARGEST_UNIT, SecondsPerTrial, unit_size

__all__ = [
    "LARGEST_UNIT",
    "Dropped",
    "Effect",
    "PlanCounts",
    "SecondsPerTrial",
    "StudyPlan",
    "best_rule",
    "best_rule_as_run",
    "cautions",
    "dropped",
    "effects",
    "spec_as_run",
    "unit_size",
]
