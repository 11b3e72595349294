"""What one trial runs, on what data, and how it is scored: estimators, pipelines, functions and commands.

In: a StudySpec. Out: `prepare(spec)` gives what every trial of the study shares (a Program, a Table, the Context of
their keys) after all checks that can be made before the first trial; `build(program, table)` gives, in a worker, the
Objective that evaluates a trial.

**Frames.** CSV and Parquet files give a pandas DataFrame. Numeric columns keep their dtype (`float32: true` casts
floats), booleans stay booleans, text becomes `category` with the categories sorted over the whole table, and `dtypes`
overrides all that. A missing value stays missing. scikit-learn's bundled sets are float arrays, as
`load_*(return_X_y=True)` gives them; `columns` and `drop` select by feature name. A function's arrays are taken as
they are, its frames like a file's.

**Targets.** A classifier's labels, of any type, are numbered by their sorted order 0..K-1 as int64; `positive: yes` makes
that label class 1 of two. A regressor's target is float64. No target value may be missing, and a classifier needs two
classes with at least as many members each as there are stratified folds. A function says nothing of its task: text,
categories and booleans are labels, numbers stay numbers.

**Splits** depend on the `evaluate` block and the target alone, never on a trial; they are made once a study, and come with the
table. **Seeds:** a trial's seed is given to
every `random_state` (or `seed`) that the spec leaves unset. **Scores** are those of scikit-learn's GridSearchCV on the
same splits, to the last bit. **Sharing** (`sharing/`): where one fit answers for several trials, and exactly.

**Commands** are programs, each started under a keeper of its own, which ends it with all that it has started when it is over
or when the worker is gone. What it prints goes to the trial's log, what it reports through the handle that functions have.

Imports core, space and spec; numpy; scikit-learn and pandas where there is data, XGBoost where a spec names it: a worker of
function trials and commands needs none of them.
"""

from hpsearch.trainables.handle import TrialHandle, TrialRun
from hpsearch.trainables.libraries import libraries
from hpsearch.trainables.program import Objective, Prepared, Program, build, further_problems, prepare
from hpsearch.trainables.sharing.exchange import Exchange, Rows, Turn
from hpsearch.trainables.sharing.grouping import Kinship, Reason, Sharing, together
from hpsearch.trainables.snapshot import CodeSnapshot
from hpsearch.trainables.table import Handover, Table

__all__ = [
    "CodeSnapshot",
    "Exchange",
    "Handover",
    "Kinship",
    "Objective",
    "Prepared",
    "Program",
    "Reason",
    "Rows",
    "Sharing",
    "Table",
    "TrialHandle",
    "TrialRun",
    "Turn",
    "build",
    "further_problems",
    "libraries",
    "prepare",
    "together",
]
