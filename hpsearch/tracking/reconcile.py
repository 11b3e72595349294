"""Makes mirror.db and MLflow agree again: after an end without warning, a failed call, or the loss of mirror.db."""

from __future__ import annotations

import contextlib
import logging

from hpsearch.tracking.courier import Destination, keep_of
from hpsearch.tracking.errors import Gone
from hpsearch.tracking.state import MirrorState, RunState
from hpsearch.tracking.store import Found, Store

_log = logging.getLogger(__name__)


def reconcile(store: Store, state: MirrorState, to: Destination, study_id: str) -> None:
    """Afterwards every trial has at most one active run under the parent, and mirror.db knows it.

    A run that mirror.db does not know is adopted, and filled again with what it should hold. A second run of a trial, made
    by a call whose answer was lost, is deleted. A known run that is no longer there is to be delivered anew.
    """
    groups: dict[str, list[Found]] = {}
    for found in store.children(to.experiment_id, to.parent_id):
        groups.setdefault(found.trial_key, []).append(found)
    known = state.runs(list(groups))
    adopted: list[RunState] = []
    for key, group in groups.items():
        before = known.get(key)
        keep = keep_of(group, before.run_id if before is not None else None)
        if before is None or before.run_id != keep.run_id:
            adopted.append(RunState(key, keep.run_id))
        for extra in group:
            if extra.run_id != keep.run_id:
                _log.warning("deleting %s, a second run of trial %s beside %s", extra.run_id, key, keep.run_id)
                _delete(store, extra.run_id)
    lost = [key for key in state.run_ids() if key not in groups]
    state.record([*adopted, *(RunState(key) for key in lost)])
    for other in store.parents(to.experiment_id, study_id):
        if other != to.parent_id and not store.children(to.experiment_id, other):
            _log.warning("deleting %s, a second and empty parent run beside %s", other, to.parent_id)
            _delete(store, other)


def _delete(store: Store, run_id: str) -> None:
    with contextlib.suppress(Gone):
        store.delete(run_id)
