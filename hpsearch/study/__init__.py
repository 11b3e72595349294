"""The composition root: the only room that wires the others together.

In: a StudySpec and Options, a study's folder, or the name of an experiment in MLflow. Out: a RunSummary, counts, a
status, results. `hpsearch.run`, `hpsearch.load` and the command line call it. May import everything but cli.

What stands here is imported when it is first used: whoever plans does not wait for what reads a ledger or runs a study.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hpsearch.study.events import Events, Silent
    from hpsearch.study.foreign import is_experiment
    from hpsearch.study.inspect import (
        StudyStatus,
        UnreadableStudy,
        is_tables,
        load,
        load_folder,
        open_ledger,
        remove,
        spec_of,
        status,
        statuses,
    )
    from hpsearch.study.options import Options
    from hpsearch.study.pages import rows_shown
    from hpsearch.study.preview import Preview, plan
    from hpsearch.study.reading import open_spec
    from hpsearch.study.running import RunSummary, run
    from hpsearch.study.trying import try_trial

__all__ = [
    "Events",
    "Options",
    "Preview",
    "RunSummary",
    "Silent",
    "StudyStatus",
    "UnreadableStudy",
    "is_experiment",
    "is_tables",
    "load",
    "load_folder",
    "open_ledger",
    "open_spec",
    "plan",
    "remove",
    "rows_shown",
    "run",
    "spec_of",
    "status",
    "statuses",
    "try_trial",
]

_NAMES = {
    "events": ("Events", "Silent"),
    "foreign": ("is_experiment",),
    "inspect": (
        "StudyStatus",
        "UnreadableStudy",
        "is_tables",
        "load",
        "load_folder",
        "open_ledger",
        "remove",
        "spec_of",
        "status",
        "statuses",
    ),
    "options": ("Options",),
    "pages": ("rows_shown",),
    "preview": ("Preview", "plan"),
    "reading": ("open_spec",),
    "running": ("RunSummary", "run"),
    "trying": ("try_trial",),
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
