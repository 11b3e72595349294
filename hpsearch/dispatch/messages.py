"""What workers and the dispatcher say to each other, and what it tells those who watch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from hpsearch.core.trial import TrialResult, WorkUnit
from hpsearch.core.values import Params


@dataclass(frozen=True, slots=True)
class WorkerInfo:
    """A worker process. `slot` is the place it fills (its Tune trial); restarted, it has the same slot, a new `incarnation`."""

    slot: str
    incarnation: str
    node: str
    pid: int


@dataclass(frozen=True, slots=True)
class HandIn:
    """What a worker brings: results of its unit so far, and the key of the trial that it begins now, if it goes on with the unit.

    `wants_work`: the unit is done (or there was none) and the worker asks for the next.
    """

    slot: str
    incarnation: str
    results: tuple[TrialResult, ...] = ()
    begun: str | None = None
    wants_work: bool = True


@dataclass(frozen=True, slots=True)
class Lease:
    """Everything handed in is committed. The next unit, or None where the worker goes on with the one it has."""

    unit: WorkUnit | None


@dataclass(frozen=True, slots=True)
class Wait:
    """Everything handed in is committed. Nothing to lease now, but a unit may come back: ask again in `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Retire:
    """Everything handed in is committed (unless the worker was replaced). The worker ends."""

    reason: str


Reply: TypeAlias = Lease | Wait | Retire


@dataclass(frozen=True, slots=True)
class Offer:
    """First steps that a worker has fitted to a fold, for the others of its node.

    `handle`: what they find the rows by, which take `nbytes`. `room_bytes`: what all offers of this node may take.
    """

    slot: str
    fold: int
    key: str
    handle: Any
    nbytes: int
    room_bytes: int


@dataclass(frozen=True, slots=True)
class Grant:
    """The fold to go on with. `handle`: of the rows after the steps of `key`, where these are ready; the rest is to be fitted."""

    fold: int
    key: str = ""
    handle: Any = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How the run stands. Counts are of trials. `total` is None where it is unknown; `reused` were in the ledger before, and
    `reused_failed` of them as failed. `first_error` is the first failure of this run, in a line.

    `search_s`: seconds from the first lease to the last commit. `left_s`: about how many are left, None while nothing is known.
    `best_score` is finite or None.

    Why a search ends before all its trials are done, each empty where it does not: `lacking`, what all trials say that ended, if
    none of them gives the study's metric, so that nothing more is leased; `given_up`, if it finds no more configurations, and
    there may be some.
    """

    total: int | None
    reused: int
    reused_failed: int
    completed: int
    failed: int
    running: int
    workers: int
    best_score: float | None
    best_params: Params | None
    elapsed_s: float
    search_s: float
    draining: bool
    finished: bool
    first_error: str | None = None
    left_s: float | None = None
    lacking: str = ""
    given_up: str = ""

    @property
    def done(self) -> int:
        return self.reused + self.completed + self.failed
