"""The trials still to run, without a list of them: read from the searcher a few at a time, checked against the ledger."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from hpsearch.core.trial import Assignment, FailureKind, Status, Trial
from hpsearch.ledger import Standing
from hpsearch.plan import StudyPlan
from hpsearch.search import Searcher

_CHUNK = 256


@dataclass(slots=True)
class Pending:
    """A trial waiting for its next attempt.

    `alone`: it may have killed a worker, so it gets a unit of its own. `rerun`: the ledger has it as ended, and takes a new
    result only of an attempt that was announced.
    """

    trial: Trial
    attempts: int = 0
    failures: Counter[FailureKind] = field(default_factory=Counter)
    alone: bool = False
    rerun: bool = False

    def assignment(self) -> Assignment:
        self.attempts += 1
        return Assignment(self.trial, self.attempts)


class Recorded(Protocol):
    """What a backlog asks of a ledger."""

    def standings(self, keys: Sequence[str]) -> Mapping[str, Standing]: ...


class Backlog:
    """Trials that the ledger holds no result for. Memory: one chunk, and what came back to be tried again."""

    def __init__(self, plan: StudyPlan, searcher: Searcher, ledger: Recorded) -> None:
        self._plan = plan
        self._searcher = searcher
        self._ledger = ledger
        self._fresh: deque[Pending] = deque()
        self._again: deque[Pending] = deque()
        self._drawn = 0
        self._required = frozenset(plan.spec.evaluate.metrics if plan.spec.evaluate else (plan.spec.metric.name,))
        self.reused: Counter[Status] = Counter()

    def take(self, size: int) -> list[Pending]:
        """The next up to `size` trials; a trial that is to run alone comes alone. Empty: there is nothing at the moment."""
        if self._again and self._again[0].alone:
            return [self._again.popleft()]
        taken: list[Pending] = []
        while len(taken) < size:
            if self._again:
                if self._again[0].alone:
                    break
                taken.append(self._again.popleft())
            elif self._fresh or self._refill():
                taken.append(self._fresh.popleft())
            else:
                break
        return taken

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

    def count_missing(self) -> int:
        """Walks to the end and counts: for a backlog that is thrown away afterwards."""
        missing = 0
        while not self.is_empty:
            missing += len(self.take(_CHUNK))
        return missing

    def _refill(self) -> bool:
        while not self._fresh and not self._searcher.ended:
            configurations = self._searcher.ask(_CHUNK)
            if not configurations:  # constraints admit few: whoever asked comes again
                break
            # A dict leaves out what the grid lists twice in one chunk; over the whole grid the ledger does.
            trials = {trial.key: trial for params in configurations for trial in self._plan.trials_of(params)}
            self._drawn += len(configurations) * len(self._plan.spec.repeat.seeds)
            standings = self._ledger.standings(list(trials))
            for key, trial in trials.items():
                self._sort_in(trial, standings.get(key))
        return bool(self._fresh)

    def _sort_in(self, trial: Trial, standing: Standing | None) -> None:
        if standing is None:
            self._fresh.append(Pending(trial))
        elif self._is_done(standing):
            self.reused[standing.status] += 1
        else:
            rerun = standing.status.is_final
            # Failures of a trial that had ended were settled when it ended: a rerun begins with all its retries.
            failures = Counter[FailureKind]() if rerun else Counter(standing.failures)
            self._fresh.append(Pending(trial, standing.attempts, failures, rerun=rerun))

    def _is_done(self, standing: Standing) -> bool:
        if not standing.status.is_final:
            return False
        reuse = self._plan.spec.reuse
        if standing.status in (Status.FAILED, Status.TIMEOUT):
            return reuse.failed == "keep"
        return self._required <= standing.metrics
