"""The MLflow mirror: makes MLflow hold what the ledger holds, in a process of its own that may fail without anybody's harm.

In: a ledger, read-only (its outbox says what has changed, its records how it stands), and the study's files. Out: one
experiment, one parent run for the study, one child run for each trial. `mirror.db` beside the ledger keeps the mirror's
cursor and what it has delivered. Who does what:

    process ──starts──▶ __main__ ─▶ mirror (the loop) ─▶ source    what the ledger says
                                                        content, parent   what MLflow shall hold (pure)
                                                        courier   the fewest calls ─▶ store, bulk ─▶ MLflow
                                                        reconcile mirror.db and MLflow, made to agree

The other way round, `reading` gives the runs of any experiment, whoever made them, to `results.foreign`.

May import core, spec (the tracking block), ledger, plan (the rule for the best) and results (what a foreign run is), and from
outside mlflow, SQLAlchemy and filelock. The only importer of mlflow, in the mirror's process and where foreign runs are read:
importing this package, starting the mirror, checking a store and asking how far the delivery is import none of it.
"""

from hpsearch.tracking.check import check_store
from hpsearch.tracking.delivery import Delivery, delivery
from hpsearch.tracking.process import MirrorProcess, start_mirror
from hpsearch.tracking.state import run_ids
from hpsearch.tracking.uris import resolve_uri

__all__ = ["Delivery", "MirrorProcess", "check_store", "delivery", "resolve_uri", "run_ids", "start_mirror"]
