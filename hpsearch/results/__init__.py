"""What a study found: ledger records in, typed pandas tables and an honest ranking out.

Comes in: an open `Ledger` (read only: its study, trials and split scores), a folder of Parquet files that was made of one, or
runs that MLflow holds (`foreign`). Goes out: `StudyResults`, frozen, with the tables `.trials .configs .evaluations .failures`,
the ranking with corrected standard errors and the best set, the parameters to use, rows by a condition, rows for JSON, CSV and
Parquet, and `show` for one configuration or trial. Asked of these: what the score depends on (`sensitivity`), what led to the
best, where to search next (`advice`), how two configurations or studies compare (`compare`), and which are best by several
metrics (`pareto`). Each answer prints, and shows in a notebook, as its `sheet`.

May import: ledger and below (spec, space, core), numpy, scipy, pandas, pyarrow, and SQLAlchemy for what Optuna's storage says.
Neither Ray nor MLflow, and no plotting.
"""

from hpsearch.results.columns import SCHEMA_VERSION
from hpsearch.results.compare import Comparison, compare_studies
from hpsearch.results.design import design_of
from hpsearch.results.exported import is_export
from hpsearch.results.failures import FailureGroup
from hpsearch.results.html import STANDING
from hpsearch.results.ranked_study import RankedConfig
from hpsearch.results.show import ConfigView, FoldScore, TrialView, show
from hpsearch.results.study_results import StudyResults, load_results, read_results

__all__ = [
    "SCHEMA_VERSION",
    "STANDING",
    "Comparison",
    "ConfigView",
    "FailureGroup",
    "FoldScore",
    "RankedConfig",
    "StudyResults",
    "TrialView",
    "compare_studies",
    "design_of",
    "is_export",
    "load_results",
    "read_results",
    "show",
]
