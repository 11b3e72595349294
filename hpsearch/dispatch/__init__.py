"""The dispatcher: who evaluates what next, and what becomes of what they hand in.

In: a StudyPlan, a Searcher, the ledger. Out: work units leased, results committed before they are acknowledged, lost work
leased again. Plain classes with an injected clock; knows neither Ray nor processes. May import search, plan, ledger and below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hpsearch.dispatch.messages import HandIn, Lease, Progress, Reply, Retire, Wait, WorkerInfo
from hpsearch.dispatch.policy import RetryPolicy

if TYPE_CHECKING:
    from hpsearch.dispatch.backlog import Backlog
    from hpsearch.dispatch.dispatcher import Dispatcher

__all__ = ["Backlog", "Dispatcher", "HandIn", "Lease", "Progress", "Reply", "Retire", "RetryPolicy", "Wait", "WorkerInfo"]


def __getattr__(name: str) -> Any:
    # Late: these bring the ledger's database along, and a worker, which opens none, needs the messages alone.
    if name == "Backlog":
        from hpsearch.dispatch.backlog import Backlog

        return Backlog
    if name == "Dispatcher":
        from hpsearch.dispatch.dispatcher import Dispatcher

        return Dispatcher
    raise AttributeError(f"module 'hpsearch.dispatch' has no attribute {name!r}")
