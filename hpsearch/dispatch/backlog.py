"""The trials still to run, without a list of them: read from the searcher a few at a time, checked against the ledger."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from hpsearch.core.trial import Assignment, FailureKind, Status, Trial
from hpsearch.ledger import Standing
from hpsearch.plan import LARGEST_UNIT, StudyPlan
from hpsearch.search import Searcher
from hpsearch.trainables import Kinship, Sharing, together

_CHUNK = 256
_NO_KIN = Kinship()
_ALONE = Sharing()


@dataclass(slots=True)
class Pending:
    """A trial waiting for its next attempt.

    `alone`: it may have killed a worker, so it gets a unit of its own. `rerun`: the ledger has it as ended, and takes a new
    result only of an attempt that was announced. `kin`: whom it shares work with.
    """

    trial: Trial
    attempts: int = 0
    failures: Counter[FailureKind] = field(default_factory=Counter)
    alone: bool = False
    rerun: bool = False
    kin: Kinship = field(default_factory=Kinship)

    def assignment(self) -> Assignment:
        self.attempts += 1
        return Assignment(self.trial, self.attempts)


class Recorded(Protocol):
    """What a backlog asks of a ledger."""

    def standings(self, keys: Sequence[str]) -> Mapping[str, Standing]: ...


class Backlog:
    """Trials that the ledger holds no result for, those that share work together. Memory: one chunk, and what came back."""

    def __init__(self, plan: StudyPlan, searcher: Searcher, ledger: Recorded, sharing: Sharing = _ALONE) -> None:
        self._plan = plan
        self._searcher = searcher
        self._ledger = ledger
        self._sharing = sharing
        self._fresh: deque[Pending] = deque()
        self._again: deque[Pending] = deque()
        self._drawn = 0
        self._begun: tuple[str, ...] = ()  # the first step of what was leased last
        self._required = frozenset(plan.spec.evaluate.metrics if plan.spec.evaluate else (plan.spec.metric.name,))
        self.reused: Counter[Status] = Counter()

    def take(self, size: int, after: Kinship = _NO_KIN) -> list[Pending]:
        """The next up to `size` trials; a trial that is to run alone comes alone. Empty: there is nothing at the moment.

        More than `size` only where one fit answers for them. A worker gets what shares most with what it did last (`after`), and
        else what nobody has begun with.
        """
        if self._again:
            return self._take_again(size)
        if not self._fresh and not self._refill():
            return []
        self._fresh.rotate(-self._best_start(after))
        taken = [self._fresh.popleft()]
        while len(taken) < LARGEST_UNIT and (self._fresh or self._refill()):
            following = self._fresh[0]
            is_kin = bool(following.kin.fit) and following.kin.fit == taken[-1].kin.fit
            if not is_kin and (len(taken) >= size or following.kin.prefixes != taken[-1].kin.prefixes):
                break
            taken.append(self._fresh.popleft())
        self._begun = taken[0].kin.prefixes[:1] or self._begun
        return taken

    def _take_again(self, size: int) -> list[Pending]:
        if self._again[0].alone:
            return [self._again.popleft()]
        taken: list[Pending] = []
        while self._again and not self._again[0].alone and len(taken) < size:
            taken.append(self._again.popleft())
        return taken

    def _best_start(self, after: Kinship) -> int:
        """Where in `_fresh` the trials stand that share most steps with `after`; else the first whose first step nobody has."""
        if not self._sharing.steps:
            return 0
        for depth in range(len(after.prefixes), 0, -1):
            wanted = after.prefixes[depth - 1]
            found = next((index for index, each in enumerate(self._fresh) if each.kin.prefixes[depth - 1] == wanted), None)
            if found is not None:
                return found
        return next((index for index, each in enumerate(self._fresh) if each.kin.prefixes[:1] != self._begun), 0)

    def give_back(self, pending: Iterable[Pending]) -> None:
        """Trials whose lease ended without a result: next in line, in the order given."""
        self._again.extendleft(reversed(list(pending)))

    @property
    def is_empty(self) -> bool:
        return not self._again and not self._fresh and not self._refill() and self._searcher.ended

    @property
    def remaining(self) -> int:
        """Trials not handed out yet: an upper bound, since what the ledger holds is only known when it is reached."""
        return len(self._again) + len(self._fresh) + max(0, self._plan.trials - self._drawn)

    def count_missing(self) -> tuple[int, int]:
        """Walks to the end and counts the trials, and those of them that one fit answers for as one.

        For a backlog that is thrown away afterwards.
        """
        missing = apart = 0
        last = ""
        while not self.is_empty:
            for pending in self.take(_CHUNK):
                missing += 1
                apart += not pending.kin.fit or pending.kin.fit != last
                last = pending.kin.fit
        return missing, apart

    def _refill(self) -> bool:
        while not self._fresh and not self._searcher.ended:
            configurations = self._searcher.ask(_CHUNK)
            if not configurations:  # constraints admit few: whoever asked comes again
                break
            # A dict leaves out what the grid lists twice in one chunk; over the whole grid the ledger does.
            trials = {trial.key: trial for params in configurations for trial in self._plan.trials_of(params)}
            self._drawn += len(configurations) * len(self._plan.spec.repeat.seeds)
            standings = self._ledger.standings(list(trials))
            missing = [self._sorted_in(trial, standings.get(key)) for key, trial in trials.items()]
            self._fresh.extend(self._beside_their_kin([pending for pending in missing if pending is not None]))
        return bool(self._fresh)

    def _beside_their_kin(self, found: list[Pending]) -> list[Pending]:
        if not self._sharing.is_any:
            return found
        for pending in found:
            pending.kin = self._sharing.kinship(pending.trial)
        return together(found, [pending.kin for pending in found])

    def _sorted_in(self, trial: Trial, standing: Standing | None) -> Pending | None:
        """The trial as one to be run; None, after counting it, where the ledger has its result."""
        if standing is None:
            return Pending(trial)
        if self._is_done(standing):
            self.reused[standing.status] += 1
            return None
        rerun = standing.status.is_final
        # Failures of a trial that had ended were settled when it ended: a rerun begins with all its retries.
        failures = Counter[FailureKind]() if rerun else Counter(standing.failures)
        return Pending(trial, standing.attempts, failures, rerun=rerun)

    def _is_done(self, standing: Standing) -> bool:
        if not standing.status.is_final:
            return False
        reuse = self._plan.spec.reuse
        if standing.status in (Status.FAILED, Status.TIMEOUT):
            return reuse.failed == "keep"
        return self._required <= standing.metrics
