"""The dispatcher: who evaluates what next, and what becomes of what they hand in.

In: a StudyPlan, a Searcher, the ledger. Out: work units leased, results committed before they are acknowledged, lost work
leased again. Plain classes with an injected clock; knows neither Ray nor processes. May import search, plan, ledger and below.
"""

from hpsearch.dispatch.backlog import Backlog
from hpsearch.dispatch.dispatcher import Dispatcher
from hpsearch.dispatch.messages import HandIn, Lease, Progress, Reply, Retire, Wait, WorkerInfo
from hpsearch.dispatch.policy import RetryPolicy

__all__ = ["Backlog", "Dispatcher", "HandIn", "Lease", "Progress", "Reply", "Retire", "RetryPolicy", "Wait", "WorkerInfo"]
