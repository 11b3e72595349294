"""StudySpec in, StudyPlan out: which trials there are, who they are, and in what units they are leased.

Pure: no Ray, no clock, no file. May import ledger's records, trainables, spec, space and core.
"""

from hpsearch.plan.study_plan import PlanCounts, StudyPlan
from hpsearch.plan.units import SecondsPerTrial, unit_size

__all__ = ["PlanCounts", "SecondsPerTrial", "StudyPlan", "unit_size"]
