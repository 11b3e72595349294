"""How far MLflow is behind the ledger, for whoever asks. No mlflow here."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from hpsearch.core.clock import SystemClock
from hpsearch.ledger import Ledger
from hpsearch.tracking.state import glance

_EXACTLY = 5000  # events behind, up to which their trials are counted one by one


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far MLflow is behind the ledger.

    Attributes:
        delivered: trials that MLflow holds as they stand.
        pending: trials it lacks, or holds as they stood before.
        error: why it does not go on, or what was given up; None if all is well.
        refused: trials, among those delivered, whose content MLflow would not take.
        uri: of the store, without credentials; None before anything was delivered.
    """

    delivered: int
    pending: int
    error: str | None = None
    parent_run_id: str | None = None
    experiment_id: str | None = None
    refused: int = 0
    uri: str | None = None


def delivery(state: Path, ledger: Ledger | Path | str) -> Delivery:
    """How far the mirror is. Cheap, without mlflow; reads both files and writes neither."""
    if isinstance(ledger, Ledger):
        return _delivery(state, ledger)
    with contextlib.closing(Ledger.open(ledger, clock=SystemClock(), read_only=True)) as opened:
        return _delivery(state, opened)


def _delivery(state: Path, ledger: Ledger) -> Delivery:
    seen = glance(state)
    trials = sum(ledger.counts().values())
    behind = ledger.outbox_head() - seen.cursor
    if behind <= 0:
        pending = seen.owed
    elif behind <= _EXACTLY:
        pending = len({event.key for event in ledger.outbox(seen.cursor, _EXACTLY) if event.key})
    else:  # nobody reads so large a number exactly
        pending = min(trials, behind)
    pending = min(pending, trials)
    return Delivery(trials - pending, pending, seen.error, seen.parent_run_id, seen.experiment_id, seen.refused, seen.uri)
