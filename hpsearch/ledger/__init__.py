"""The durable record of a study: contexts, trials, attempts, reports, split scores, and the outbox that others follow.

In: what workers have begun, handed in and lost, from the study's owner, each hand-in one transaction (`Ledger.commit`).
Out: how trials stand, for deciding what to run; records, streamed, for ranking, mirror and progress. Nothing else is the
truth. `StudyLock` keeps a second owner away. SQLite by default (WAL, synchronous=FULL), PostgreSQL by URL.

`read_at_rest` reads any of a study's SQLite files and leaves no trace.

May import core, and from outside SQLAlchemy and filelock. SQLAlchemy comes with `Ledger` and `read_at_rest`, when they are first
used: whoever needs the records alone does not wait for it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from hpsearch.ledger.lock import Holder, StudyLock, holder
from hpsearch.ledger.records import (
    AttemptRecord,
    Begun,
    ContextRecord,
    EventKind,
    LostAttempt,
    OutboxEvent,
    Outline,
    ReportRecord,
    SplitRecord,
    Standing,
    StudyRecord,
    StudyState,
    TrialRecord,
)
from hpsearch.ledger.trial_columns import TrialColumns

if TYPE_CHECKING:
    from hpsearch.ledger.files import read_at_rest
    from hpsearch.ledger.ledger import Ledger

__all__ = [
    "AttemptRecord",
    "Begun",
    "ContextRecord",
    "EventKind",
    "Holder",
    "Ledger",
    "LostAttempt",
    "OutboxEvent",
    "Outline",
    "ReportRecord",
    "SplitRecord",
    "Standing",
    "StudyLock",
    "StudyRecord",
    "StudyState",
    "TrialColumns",
    "TrialRecord",
    "holder",
    "read_at_rest",
]

_LATE = {"Ledger": "ledger", "read_at_rest": "files"}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LATE[name]}"), name)
