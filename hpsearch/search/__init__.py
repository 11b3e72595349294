"""Searchers: who says which configuration comes next.

In: a Space and the `search` block. Out: configurations, asked for a few at a time, so that a study of 10^12 of them
costs no memory. Non-adaptive searchers depend on (seed, index) alone and need nothing from the ledger.
May import plan and below.
"""

from hpsearch.search.asked import LISTED, Asked, asked_as_run, asked_for
from hpsearch.search.base import Searcher, configuration_at, make_searcher
from hpsearch.search.nothing import refuse_empty

__all__ = ["LISTED", "Asked", "Searcher", "asked_as_run", "asked_for", "configuration_at", "make_searcher", "refuse_empty"]
