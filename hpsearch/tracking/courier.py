"""Carries trials to MLflow: decides for each what MLflow lacks, and makes the fewest calls that supply it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from hpsearch.core.failpoints import failpoint
from hpsearch.core.trial import Status
from hpsearch.ledger.records import TrialRecord
from hpsearch.tracking.bulk import Unfit, bulk_id
from hpsearch.tracking.content import ERROR_TAGS, Labels, RunContent, trial_content
from hpsearch.tracking.errors import Gone, Refused, Unavailable
from hpsearch.tracking.source import TrialView
from hpsearch.tracking.state import MirrorState, RunState
from hpsearch.tracking.store import Found, Store

_log = logging.getLogger(__name__)
# Each call to a server is mostly waiting; SQLite has one writer, and one caller is fastest there.
_CALLERS = 4
_WITH_ERROR = (Status.FAILED, Status.TIMEOUT)


@dataclass(frozen=True, slots=True)
class Destination:
    experiment_id: str
    parent_id: str


@dataclass(frozen=True)
class Parcel:
    """One trial to be delivered: what MLflow shall hold, and what it is known to hold (None: nothing)."""

    record: TrialRecord
    content: RunContent
    known: RunState | None
    labels: str

    @property
    def key(self) -> str:
        return self.record.key

    def delivered(self, run_id: str, refused: str = "") -> RunState:
        return RunState(self.key, run_id, self.record.attempt, self.record.status.value, self.labels, refused)


class Courier:
    """Delivers batches of trials under one parent run. `artifacts`: holds a folder for each trial that has any."""

    def __init__(
        self, store: Store, state: MirrorState, destination: Destination, common: Mapping[str, str], artifacts: Path
    ) -> None:
        self._store = store
        self._state = state
        self._to = destination
        self._common = dict(common) | {"mlflow.parentRunId": destination.parent_id}
        self._artifacts = artifacts
        self.troubles: list[str] = []  # what was given up: artifacts that could not be uploaded, runs that were refused

    def deliver(self, views: Sequence[TrialView], labels: Labels) -> None:
        """Make MLflow hold these trials as they stand. Delivering again is harmless.

        Raises:
            Unavailable: MLflow failed; what was delivered before is recorded, the rest is not.
        """
        known = self._state.runs([view.record.key for view in views])
        parcels = []
        for view in views:
            before = known.get(view.record.key)
            parcel = Parcel(
                view.record,
                trial_content(view.record, view.splits, view.reports, labels=labels, common=self._common),
                before,
                labels.digest,
            )
            if before is None or before.run_id is None or parcel.delivered(before.run_id) != replace(before, refused=""):
                parcels.append(parcel)
        fresh = [parcel for parcel in parcels if parcel.known is None]
        if fresh and self._store.bulk is not None:
            left = self._insert(fresh)
            parcels = [parcel for parcel in parcels if parcel.known is not None] + left
        self._one_by_one(parcels)
        failpoint("mirror-recorded")

    def kill(self, run: RunState, end_ms: int) -> RunState:
        """End a run whose driver died with it. Recorded under a status of no trial, so that any news replaces it."""
        assert run.run_id is not None
        try:
            self._store.tag(run.run_id, {"hpsearch.status": Status.CANCELLED.value})
            self._store.end(run.run_id, "KILLED", end_ms)
        except Gone:
            return replace(run, run_id=None, attempt=0, status="")
        except Refused as error:
            return replace(run, status="ORPHANED", refused=str(error))
        return replace(run, status="ORPHANED")

    # -- many at once

    def _insert(self, parcels: Sequence[Parcel]) -> list[Parcel]:
        """Insert fresh runs whole; returns the parcels whose runs turn out to exist, or all where MLflow will not have it so."""
        contents = {parcel.key: parcel.content for parcel in parcels}
        try:
            written = self._store.insert(self._to.experiment_id, self._to.parent_id, contents)
        except Unfit as error:
            _log.warning("MLflow takes no runs in bulk, they go one by one from here: %s", error)
            self._store.bulk = None
            return list(parcels)
        failpoint("mirror-inserted")
        done, left = [], []
        for parcel in parcels:
            if parcel.key in written:
                self._upload(parcel, written[parcel.key])
                done.append(parcel.delivered(written[parcel.key]))
            else:  # a mirror wrote it and died before it could note that
                left.append(replace(parcel, known=RunState(parcel.key, bulk_id(self._to.parent_id, parcel.key))))
        self._state.record(done)
        return left

    # -- one by one

    def _one_by_one(self, parcels: Sequence[Parcel]) -> None:
        if not parcels:
            return
        self._state.intend(parcel.key for parcel in parcels if parcel.known is None)
        done: list[RunState] = []
        failure: Unavailable | None = None
        for outcome in self._map(parcels):
            if isinstance(outcome, RunState):
                done.append(outcome)
            else:
                failure = outcome
        self._state.record(done)
        if failure is not None:
            raise failure

    def _map(self, parcels: Sequence[Parcel]) -> Iterable[RunState | Unavailable]:
        stopped = False

        def one(parcel: Parcel) -> RunState | Unavailable:
            nonlocal stopped
            if stopped:  # the first failure speaks for all: no queue of timeouts
                return Unavailable("not tried")
            try:
                return self._one(parcel)
            except Unavailable as error:
                stopped = True
                return error

        if not self._store.concurrent or len(parcels) == 1:
            return [one(parcel) for parcel in parcels]
        with ThreadPoolExecutor(_CALLERS) as pool:
            outcomes = list(pool.map(one, parcels))
        real = [outcome for outcome in outcomes if isinstance(outcome, Unavailable) and str(outcome) != "not tried"]
        return [real[0] if isinstance(outcome, Unavailable) else outcome for outcome in outcomes]

    def _one(self, parcel: Parcel) -> RunState:
        run_id = self._existing(parcel)
        try:
            if run_id is not None:
                try:
                    return self._update(parcel, run_id)
                except Gone:
                    _log.warning("the run %s of trial %s is gone from MLflow; it is written anew", run_id, parcel.key)
            return self._create(parcel)
        except Refused as error:
            _log.error("MLflow refuses trial %s: %s", parcel.key, error)
            self.troubles.append(f"trial {parcel.key}: {error}")
            return parcel.delivered(run_id or "", refused=str(error))
        except Gone as error:  # the experiment or the parent was deleted under us
            raise Unavailable(str(error)) from error

    def _existing(self, parcel: Parcel) -> str | None:
        """The run of a trial, looked for in MLflow where a call may have made one without our seeing its answer."""
        if parcel.known is None:
            return None
        if parcel.known.run_id is not None:
            return parcel.known.run_id or None
        found = self._store.children(self._to.experiment_id, self._to.parent_id, parcel.key)
        return keep_of(found).run_id if found else None

    def _create(self, parcel: Parcel) -> RunState:
        content = parcel.content
        run_id = self._store.create(self._to.experiment_id, content)
        failpoint("mirror-created")
        if content.params or content.points:
            self._store.fill(run_id, content, tags=False)
        self._upload(parcel, run_id)
        if content.end_ms is not None:
            self._store.end(run_id, content.status, content.end_ms)
        return parcel.delivered(run_id)

    def _update(self, parcel: Parcel, run_id: str) -> RunState:
        content = parcel.content
        known = parcel.known
        assert known is not None
        if known.status != Status.RUNNING.value:
            self._store.reopen(run_id, content.name)
        elif known.labels != parcel.labels:
            self._store.tag(run_id, {"mlflow.runName": content.name})
        self._store.fill(run_id, content)
        if parcel.record.status not in _WITH_ERROR and known.status in ("", *_WITH_ERROR):
            self._store.untag(run_id, ERROR_TAGS)
        self._upload(parcel, run_id)
        if content.end_ms is not None:
            self._store.end(run_id, content.status, content.end_ms)
        return parcel.delivered(run_id)

    def _upload(self, parcel: Parcel, run_id: str) -> None:
        """A trial's artifacts. The store of artifacts may be another than that of runs; its failure holds nothing else up."""
        folder = self._artifacts / parcel.key.replace(":", "-")
        if parcel.content.end_ms is None or not folder.is_dir():
            return
        if (error := attempted(lambda: self._store.upload(run_id, folder))) is not None:
            _log.error("the artifacts of trial %s in %s were not uploaded: %s", parcel.key, folder, error)
            self.troubles.append(f"artifacts of trial {parcel.key}: {error}")


def attempted(action: Callable[[], object], tries: int = 3) -> Exception | None:
    """Run `action` until it succeeds; the last error where it never does."""
    error: Exception | None = None
    for _ in range(tries):
        try:
            action()
        except (Unavailable, Refused, Gone) as problem:
            error = problem
        else:
            return None
    return error


def keep_of(found: Sequence[Found], known: str | None = None) -> Found:
    """Of several runs of one trial, the one to keep: the known one, else a complete one, else the fullest; then by id."""
    return min(found, key=lambda run: (run.run_id != known, not run.ended, -run.points, run.run_id))
