"""The durable record of a study: contexts, trials, attempts, reports, split scores, and the outbox that others follow.

In: what workers have begun, handed in and lost, from the study's owner, each hand-in one transaction (`Ledger.commit`).
Out: how trials stand, for deciding what to run; records, streamed, for ranking, mirror and progress. Nothing else is the
truth. `StudyLock` keeps a second owner away. SQLite by default (WAL, synchronous=FULL), PostgreSQL by URL.

May import core, and from outside SQLAlchemy and filelock. SQLAlchemy comes with `Ledger`, when that is first used: whoever
needs the records alone does not wait for it.
"""

from __future__ import annotations

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
]


def __getattr__(name: str) -> Any:
    if name != "Ledger":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from hpsearch.ledger.ledger import Ledger

    return Ledger
