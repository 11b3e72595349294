"""The composition root: the only room that wires the others together.

In: a StudySpec and Options, or a study's folder. Out: a RunSummary, counts, a status, results. `hpsearch.run`,
`hpsearch.load` and the command line call it. May import everything but cli.
"""

from hpsearch.study.inspect import (
    StudyStatus,
    UnreadableStudy,
    load,
    load_folder,
    open_ledger,
    remove,
    spec_of,
    status,
    statuses,
)
from hpsearch.study.preview import Preview, plan
from hpsearch.study.reading import open_spec
from hpsearch.study.run import Events, Options, RunSummary, Silent, run
from hpsearch.study.trying import try_trial

__all__ = [
    "Events",
    "Options",
    "Preview",
    "RunSummary",
    "Silent",
    "StudyStatus",
    "UnreadableStudy",
    "load",
    "load_folder",
    "open_ledger",
    "open_spec",
    "plan",
    "remove",
    "run",
    "spec_of",
    "status",
    "statuses",
    "try_trial",
]
