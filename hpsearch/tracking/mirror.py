"""The mirror's loop: follows one study's outbox until MLflow holds the study as it ended.

When it ends, and no sooner or later:

- The run it serves is over (ended in the ledger; or RUNNING there while its driver's lock is free: the driver died) and
  everything is delivered, the parent run included. After a driver's death the parent and what still runs under it are KILLED.
- A newer mirror of the study asks for its place: this one finishes its batch and hands over, at any point.
- MLflow has not taken anything for ten minutes after the run's end. The study's next mirror delivers the rest.

It never ends because MLflow fails. What it needs to go on it keeps in mirror.db (`state`), and finds again by tags where
that is lost, so that it may be killed at any instant.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Callable, Sequence
from enum import StrEnum
from getpass import getuser
from hashlib import sha256
from pathlib import Path

from hpsearch.core.clock import Clock
from hpsearch.core.errors import InfrastructureError
from hpsearch.core.trial import Status
from hpsearch.ledger.records import StudyRecord
from hpsearch.tracking.content import Labels, common_tags
from hpsearch.tracking.courier import Courier, Destination, attempted
from hpsearch.tracking.errors import Gone, Refused, Unavailable
from hpsearch.tracking.parent import parent_content
from hpsearch.tracking.reconcile import reconcile
from hpsearch.tracking.rest import closing, destination_of
from hpsearch.tracking.settings import Settings
from hpsearch.tracking.source import Phase, Source
from hpsearch.tracking.state import MirrorState
from hpsearch.tracking.store import Store
from hpsearch.tracking.uris import shown

POLL_S = 0.1
POLL_CAP_S = 0.5
BATCH = 200
"""Events read at once, and trials written at most in one go."""
FIRST_SLICE = 20
POINTS = 20_000
"""Metric values written in one go: bounds memory, and for how long MLflow's SQLite file is held."""
BACKOFF_CAP_S = 5.0
GIVE_UP_S = 600.0
_PARENT_FILES = ("spec.yaml", "ranking.json", "report.html", "figures")

_log = logging.getLogger(__name__)


class Step(StrEnum):
    MOVED = "moved"  # something was delivered; there may be more
    IDLE = "idle"
    DONE = "done"


class Mirror:
    """One mirror process's work. `run` is all that is called; `step` is one look at the study, for tests."""

    def __init__(
        self,
        settings: Settings,
        state: MirrorState,
        source: Source,
        clock: Clock,
        *,
        turn: int,
        open_store: Callable[[str], Store] = Store,
    ) -> None:
        self._settings = settings
        self._state = state
        self._source = source
        self._clock = clock
        self._turn = turn
        self._open_store = open_store
        self._store: Store | None = None
        self._courier: Courier | None = None
        self._to: Destination | None = None
        self._epoch = 0  # whose parent was set RUNNING
        self._settled = False  # no run is known to be undelivered but through the outbox
        self._failed = False  # a call has failed since the last reconciliation
        self._stopping = False
        self._error: str | None = None
        self._slice = FIRST_SLICE
        self._ended_at: float | None = None

    def stop(self) -> None:
        """End after the current batch (a signal's handler calls this)."""
        self._stopping = True

    def run(self) -> bool:
        """Follow the study to its end; see the module. True if everything was delivered."""
        failures, idle, beat = 0, 0, -1.0
        while not self._stopping:
            if self._state.number("turn") != self._turn:
                _log.info("a newer mirror takes over")
                break
            try:
                step = self.step()
            except (Unavailable, Refused, Gone, InfrastructureError, sqlite3.OperationalError) as error:
                self._note(str(error))
                failures += 1
                if self._given_up():
                    _log.error(
                        "MLflow has taken nothing for %.0f s after the study's end; the next mirror delivers the rest", GIVE_UP_S
                    )
                    return False
                self._clock.sleep(min(BACKOFF_CAP_S, 0.1 * 2.0 ** min(failures, 10)))
                continue
            if failures:
                _log.info("MLflow answers again")
                failures, self._ended_at, self._error = 0, None, None
                if step is not Step.DONE:
                    self._state.put({"error": None})
            if step is Step.DONE:
                return True
            if step is Step.IDLE:
                if self._clock.monotonic() - beat > 2:
                    beat = self._clock.monotonic()
                    self._state.put({"heartbeat": self._clock.now()})
                # What happens seldom is looked for less often: a look costs milliseconds, a study may last days.
                self._clock.sleep(min(POLL_CAP_S, POLL_S * 1.2**idle))
                idle = min(idle + 1, 50)
            else:
                idle = 0
        if self._courier is not None and not self._failed:
            self._state.put({"clean": True})  # between batches: nothing is half done
        return False

    def _note(self, error: str) -> None:
        self._failed = True
        if error != self._error:
            _log.warning("%s", error)
            self._error = error
        with contextlib.suppress(sqlite3.OperationalError):  # mirror.db itself may be what cannot be written
            self._state.put({"error": error, "clean": False})

    def _given_up(self) -> bool:
        """Whether the study ended too long ago. A ledger that cannot be read counts as ended: nobody can write it either."""
        try:
            phase, _ = self._source.look()
        except InfrastructureError:
            phase = Phase.ENDED
        if phase is Phase.RUNNING:
            self._ended_at = None
            return False
        if self._ended_at is None:
            self._ended_at = self._clock.monotonic()
        return self._clock.monotonic() - self._ended_at >= GIVE_UP_S

    # -- one look

    def step(self) -> Step:
        """Look at the study and deliver one batch, or its end.

        Raises:
            Unavailable, InfrastructureError: MLflow or the ledger cannot be used now; call again later.
        """
        phase, study = self._source.look()
        if study is None:
            return Step.DONE
        courier = self._prepare(study)
        if self._deliver_events(study, courier) or self._deliver_owed(study, courier):
            return Step.MOVED
        if phase is Phase.RUNNING:
            return Step.IDLE
        return self._finish(study, courier, died=phase is Phase.ORPHANED)

    def _opened(self) -> Store:
        if self._store is None:
            self._store = self._open_store(self._settings.uri)
        return self._store

    def _prepare(self, study: StudyRecord) -> Courier:
        """The store, the experiment and the parent run, found or made; the parent RUNNING."""
        if self._courier is not None and self._epoch == study.epoch:
            return self._courier
        store = self._opened()
        destination = destination_of(self._settings, study)
        if self._state.text("destination") != destination:
            self._state.forget_destination(destination)
        unclean = self._courier is None and self._state.get("clean") is False
        self._state.put({"clean": False, "uri": shown(self._settings.uri), "experiment": self._settings.experiment})
        common = common_tags(study, _user())
        experiment_id = store.experiment(self._settings.experiment, {"hpsearch.study": study.name})
        parent_id, found = self._parent(store, study, experiment_id, dict(common))
        self._to = Destination(experiment_id, parent_id)
        self._state.put({"experiment_id": experiment_id, "parent_run_id": parent_id, "error": None})
        if found or unclean:
            self._settled = False
            reconcile(store, self._state, self._to, study.uid)
        if self._state.number("cursor") > self._source.head():
            # The ledger was put back from an older copy. Its own readers say that its end is lost; here it is only retold.
            _log.warning("the ledger ends before what was delivered from it; it is read from its beginning")
            self._state.put({"cursor": 0})
        self._courier = Courier(store, self._state, self._to, common, self._settings.state.parent / "artifacts")
        self._settled = False
        self._epoch = study.epoch
        return self._courier

    def _parent(self, store: Store, study: StudyRecord, experiment_id: str, common: dict[str, str]) -> tuple[str, bool]:
        """The study's parent run, and whether it was found by its tags rather than known or made."""
        content = parent_content(study, common, killed_at=None, counts={}, best=None)
        parent_id, found = self._state.text("parent_run_id"), False
        if parent_id is None:
            parents = store.parents(experiment_id, study.uid)
            parent_id, found = (parents[0], True) if parents else (store.create(experiment_id, content), False)
            if not found:
                self._use_dataset(store, study, parent_id)
                return parent_id, False
        try:
            store.reopen(parent_id, content.name)
            store.fill(parent_id, content)
        except Gone:
            self._state.forget_destination(self._state.text("destination") or "")
            raise Unavailable(f"the study's parent run {parent_id} was removed from MLflow; everything is written anew") from None
        except Refused as error:
            _log.error("MLflow refuses the parent run's content: %s", error)
        self._use_dataset(store, study, parent_id)
        return parent_id, found

    def _use_dataset(self, store: Store, study: StudyRecord, parent_id: str) -> None:
        if study.dataset and (error := attempted(lambda: store.use_dataset(parent_id, study.dataset, study.dataset_digest), 1)):
            _log.warning("the dataset was not named in MLflow: %s", error)

    # -- trials

    def _deliver_events(self, study: StudyRecord, courier: Courier) -> bool:
        cursor = self._state.number("cursor")
        events = self._source.events(cursor, BATCH)
        if not events:
            return False
        self._deliver(study, courier, list(dict.fromkeys(event.key for event in events if event.key)))
        # After the runs themselves: a mirror that dies in between sees these events again, and finds nothing left to do.
        self._state.put({"cursor": events[-1].seq})
        return True

    def _deliver_owed(self, study: StudyRecord, courier: Courier) -> bool:
        """Runs that no event will name: whose labels changed, and those lost in MLflow."""
        if self._settled:
            return False
        owed = self._state.owed(self._labels(study, ()).digest, BATCH)
        self._settled = not owed
        if owed:
            self._deliver(study, courier, owed)
        return bool(owed)

    def _deliver(self, study: StudyRecord, courier: Courier, keys: Sequence[str]) -> None:
        left = list(keys)
        while left:
            now, left = left[: self._slice], left[self._slice :]
            views = self._source.trials(now)
            labels = self._labels(study, [view.record.seed for view in views])
            courier.deliver(views, labels)
            points = sum(view.points for view in views)
            self._slice = max(1, min(BATCH, POINTS * len(now) // max(points, 1)))
            if missing := set(now) - {view.record.key for view in views}:  # of a ledger put back from an older copy
                self._state.forget(missing)

    def _labels(self, study: StudyRecord, seeds: Sequence[int]) -> Labels:
        """How runs are named. Seeds are named once there are two: what was delivered before is then relabelled."""
        stored = self._state.get("seeds")
        known = set(stored) if isinstance(stored, list) else set()
        together = sorted({*known, *seeds})[:2]
        if together != sorted(known):
            self._state.put({"seeds": together})
        if len(together) > 1 and len(known) == 1:
            self._settled = False
        return Labels(study.varying, len(together) > 1)

    # -- the end

    def _finish(self, study: StudyRecord, courier: Courier, *, died: bool) -> Step:
        store, to = self._opened(), self._to
        assert to is not None
        last = max((event.at for event in self._source.events(max(0, self._source.head() - 1), 1)), default=study.started_at)
        left = self._state.with_status(Status.RUNNING.value)
        end_ms = round((study.ended_at if study.ended_at is not None else last) * 1000)
        self._state.record([courier.kill(run, end_ms) for run in left.values() if run.run_id])
        if self._failed:
            reconcile(store, self._state, to, study.uid)
            self._failed = False
            if self._state.owes(self._labels(study, ()).digest):
                self._settled = False
                return Step.MOVED
        best = self._source.best(study)
        content = parent_content(
            study,
            common_tags(study, _user()),
            killed_at=last if died else None,
            counts=self._source.counts(study.context),
            best=best,
        )
        self._upload(store, to.parent_id, courier)
        try:
            store.fill(to.parent_id, content)
            store.end(to.parent_id, content.status, content.end_ms or end_ms)
        except Gone as error:
            self._courier = None
            raise Unavailable(str(error)) from error
        except Refused as error:
            courier.troubles.append(f"the parent run: {error}")
        self._state.put({"clean": True, "error": "; ".join(courier.troubles[:5]) or None, "closed": closing(study, died=died)})
        _log.info("the study's run %d is delivered: %s", study.epoch, content.status)
        return Step.DONE

    def _upload(self, store: Store, parent_id: str, courier: Courier) -> None:
        """The study's own files, and the folder of its figures: those that are new or have changed."""
        for name in _PARENT_FILES:
            path = self._settings.state.parent / name
            if (content := _fingerprint(path)) is None or self._state.text(f"file {name}") == content:
                continue
            into = name if path.is_dir() else ""
            error = attempted(lambda path=path, into=into: store.upload(parent_id, path, into))  # type: ignore[misc]
            if error is None:
                self._state.put({f"file {name}": content})
            else:
                _log.error("%s was not uploaded: %s", path, error)
                courier.troubles.append(f"{name}: {error}")


def _fingerprint(path: Path) -> str | None:
    """Of a file's content, or of the names and contents of a folder's files; None where there is nothing."""
    try:
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        each = [(file.name, sha256(file.read_bytes()).hexdigest()) for file in files]
    except OSError:
        return None
    if not path.is_dir():
        return each[0][1]
    return sha256(repr(each).encode()).hexdigest() if each else None


def _user() -> str:
    try:
        return getuser()
    except (KeyError, OSError):  # a uid without a name, as in containers
        return "unknown"
