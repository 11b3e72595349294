"""Runs that MLflow holds, of any origin, as the results of a study.

Comes in: `ForeignRun`s, as `tracking` reads them: parameters as texts, metrics, status, times. Goes out: the StudyResults that a
ledger of the same trials would give. `values` types parameters by what is in their columns, `metrics` decides which metric
counts and which way, `runs` which runs are evaluations and which only group others, `study` puts it together.

Pure: no MLflow here.
"""

from hpsearch.results.foreign.runs import ForeignRun
from hpsearch.results.foreign.study import Asked, results_of_runs

__all__ = ["Asked", "ForeignRun", "results_of_runs"]
