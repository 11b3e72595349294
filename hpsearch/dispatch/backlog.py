"""The trials still to run, without a list of them: read from the searcher a few at a time, checked against the ledger."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from hpsearch.core.trial import Assignment, FailureKind, Status, Trial
from hpsearch.ledger import Standing
from hpsearch.plan import LARGEST_UNIT, CostModel, Missing, StudyPlan, longest_first
from hpsearch.search import Searcher
from hpsearch.trainables import Kinship, Sharing, together

_CHUNK = 256
_NO_KIN = Kinship()
_ALONE = Sharing()


@dataclass(slots=True)
class Pending:
    """A trial waiting for its next attempt.

    `alone`: it may have killed a worker, so it gets a unit of its own. `rerun`: the ledger has it as ended, and takes a new
    result only of an attempt that was announced. `is_first`: the spec wants it before others. `kin`: whom it shares work with.
    `expected_s`: what it will take, by what was known when that was last asked; 0 while nothing is. `begins`: whoever has it
    fits its first steps for it.
    """

    trial: Trial
    attempts: int = 0
    failures: Counter[FailureKind] = field(default_factory=Counter)
    alone: bool = False
    rerun: bool = False
    is_first: bool = False
    begins: bool = False
    expected_s: float = 0.0
    kin: Kinship = field(default_factory=Kinship)

    def assignment(self) -> Assignment:
        self.attempts += 1
        return Assignment(self.trial, self.attempts)


class Recorded(Protocol):
    """What a backlog asks of a ledger."""

    def standings(self, keys: Sequence[str]) -> Mapping[str, Standing]: ...


class Backlog:
    """Trials that the ledger holds no result for, those that share work together. Memory: two chunks, and what came back.

    They come in the search's order. Once what is left is at hand, the longest come first, but for those that the spec itself
    wants first.
    """

    def __init__(self, plan: StudyPlan, searcher: Searcher, ledger: Recorded, sharing: Sharing = _ALONE) -> None:
        self._plan = plan
        self._searcher = searcher
        self._ledger = ledger
        self._sharing = sharing
        self._fresh: list[Pending] = []
        self._again: deque[Pending] = deque()
        self._drawn = 0
        self._model: CostModel | None = None  # by which `_fresh` is expected to take what it says
        self._in_order = False
        self._required = frozenset(plan.spec.evaluate.metrics if plan.spec.evaluate else (plan.spec.metric.name,))
        self.reused: Counter[Status] = Counter()

    def take(
        self,
        seconds: float,
        model: CostModel | None = None,
        after: Kinship = _NO_KIN,
        beside: Sequence[Kinship] = (),
        joins: Callable[[Kinship, int], bool] = lambda kin, waiting: True,
    ) -> list[Pending]:
        """The next trials, which are expected to take up to `seconds`: of 0 s one, in any case all that one fit answers for.

        No more where no `model` says what they take; a trial that is to run alone comes alone. Empty: there is nothing at the
        moment. A worker gets what shares most with what it did last (`after`) and that no other is at (`beside`), else what
        shares least with others; what begins with the very steps of others only if that `joins`: their kinship, and how many
        such trials wait.
        """
        if self._again:
            return self._take_again(seconds, model)
        if model is not self._model:
            self._model, self._in_order = model, False
            self._expect(self._fresh)
        if not self._fresh and not self._refill():
            return []
        self._put_in_order()
        begin = self._best_start(after, beside)
        if begin is None:
            begin = self._start_beside_others(joins)
        if begin is None:
            return []
        end = self._path_end(begin, begin)
        left = seconds - self._expected(begin, end)
        while model is not None and left > 0 and (stop := self._path_end(begin, end)) > end:
            left -= self._expected(end, stop)
            if left < 0 or self._fresh[end].kin.prefixes != self._fresh[begin].kin.prefixes:
                break
            end = stop
        taken = self._fresh[begin:end]
        del self._fresh[begin:end]
        return taken

    def _path_end(self, begin: int, start: int) -> int:
        """Where what one fit answers for ends, of a unit from `begin`, that goes on at `start`; `start` if it cannot go on."""
        end, fit = start, ""
        while end < begin + LARGEST_UNIT and (end == start or fit):
            # Those before the unit stay, so of many no more are read.
            if end == len(self._fresh) and (begin >= _CHUNK or not self._refill()):
                break
            if end > start and self._fresh[end].kin.fit != fit:
                break
            fit = self._fresh[end].kin.fit
            end += 1
        return end

    def _expected(self, start: int, end: int) -> float:
        return sum(pending.expected_s for pending in self._fresh[start:end])

    def _take_again(self, seconds: float, model: CostModel | None) -> list[Pending]:
        taken = [self._again.popleft()]
        if taken[0].alone or model is None:
            return taken
        left = seconds - model.seconds(taken[0].trial.params)
        while self._again and not self._again[0].alone and len(taken) < LARGEST_UNIT:
            left -= model.seconds(self._again[0].trial.params)
            if left < 0:
                break
            taken.append(self._again.popleft())
        return taken

    def _expect(self, found: Iterable[Pending]) -> None:
        for pending in found:
            pending.expected_s = 0.0 if self._model is None else self._model.seconds(pending.trial.params)

    def _put_in_order(self) -> None:
        """Once no others come, the longest to the front."""
        if self._in_order or self._model is None or not self._searcher.ended:
            return
        self._in_order = True
        wanted = {_path(pending) for pending in self._fresh if pending.is_first}
        first = [pending for pending in self._fresh if _path(pending) in wanted]
        others = [pending for pending in self._fresh if _path(pending) not in wanted]
        self._fresh = first + longest_first(others, _path, lambda pending: pending.expected_s)

    def _best_start(self, after: Kinship, beside: Sequence[Kinship]) -> int | None:
        """Where in `_fresh` the trials stand that go on with most of `after`, and else with least of `beside`.

        None where others are at the steps of all of them.
        """
        steps = len(self._sharing.steps)
        if not steps or self._fresh[0].is_first:
            return 0
        held = [{kin.prefixes[depth] for kin in beside} for depth in range(steps)]
        mine = after.prefixes
        for depth in range(len(mine), 0, -1):
            for index, each in enumerate(self._fresh):
                prefixes = each.kin.prefixes
                if prefixes[depth - 1] == mine[depth - 1] and (depth == steps or prefixes[depth] not in held[depth]):
                    return index
        for depth in range(steps):
            found = next((index for index, each in enumerate(self._fresh) if each.kin.prefixes[depth] not in held[depth]), None)
            if found is not None:
                return found
        return None

    def _start_beside_others(self, joins: Callable[[Kinship, int], bool]) -> int | None:
        """Where the trials stand of those first steps, fitted by others, of which most wait, if it `joins` these."""
        waiting = Counter(each.kin.prefixes for each in self._fresh)
        prefixes, n = waiting.most_common(1)[0]
        index = next(index for index, each in enumerate(self._fresh) if each.kin.prefixes == prefixes)
        return index if joins(self._fresh[index].kin, n) else None

    def give_back(self, pending: Iterable[Pending]) -> None:
        """Trials whose lease ended without a result: next in line, in the order given."""
        self._again.extendleft(reversed(list(pending)))

    @property
    def is_empty(self) -> bool:
        return not self._again and not self._fresh and not self._refill() and self._searcher.ended

    @property
    def given_up(self) -> str:
        """Why the search ended though more may be left; empty where it has not."""
        return self._searcher.given_up

    @property
    def remaining(self) -> int:
        """Trials not handed out yet: an upper bound, since what the ledger holds is only known when it is reached."""
        return len(self._again) + len(self._fresh) + max(0, self._plan.trials - self._drawn)

    @property
    def at_hand(self) -> tuple[int, float]:
        """How many trials are waiting here that are known to be missing, and what they are expected to take together."""
        waiting = [*self._again, *self._fresh]
        return len(waiting), sum(pending.expected_s for pending in waiting)

    def count_missing(self, model: CostModel | None = None) -> Missing:
        """Walks to the end and counts. For a backlog that is thrown away afterwards."""
        trials = fits = 0
        steps: list[set[str]] = [set() for _ in self._sharing.steps]
        binned, bins = 0, set[str]()
        worded, words = 0, set[str]()
        last, seconds, path_s, longest_s = "", 0.0, 0.0, 0.0
        while not self.is_empty:
            for pending in self._fresh:
                expected = 0.0 if model is None else model.seconds(pending.trial.params)
                is_kin = bool(pending.kin.fit) and pending.kin.fit == last
                path_s = path_s + expected if is_kin else expected
                trials, fits, last = trials + 1, fits + (not is_kin), pending.kin.fit
                seconds, longest_s = seconds + expected, max(longest_s, path_s)
                for found, prefix in zip(steps, pending.kin.prefixes, strict=True):
                    found.add(prefix)
                if alike := self._sharing.bins_of(pending.trial):
                    binned += 1
                    bins.add(alike)
                if counted := self._sharing.words_of(pending.trial):
                    worded += 1
                    words.add(counted)
            self._fresh.clear()
        missing = Missing(trials, fits, tuple(map(len, steps)), binned=binned, bins=len(bins), worded=worded, words=len(words))
        return missing if model is None else replace(missing, seconds=seconds, longest_s=longest_s)

    def _refill(self) -> bool:
        """Reads on, until there is more; False at the end, and where nothing is found in a moment."""
        before = len(self._fresh)
        while len(self._fresh) == before and not self._searcher.ended:
            configurations = self._searcher.ask(_CHUNK)
            if not configurations:  # constraints admit few: whoever asked comes again
                break
            # A dict leaves out what the grid lists twice in one chunk; over the whole grid the ledger does.
            trials = {trial.key: trial for params in configurations for trial in self._plan.trials_of(params)}
            first = max(0, len(self._plan.spec.search.first) * len(self._plan.spec.repeat.seeds) - self._drawn)
            self._drawn += len(configurations) * len(self._plan.spec.repeat.seeds)
            standings = self._ledger.standings(list(trials))
            missing = [
                self._sorted_in(trial, standings.get(key), is_first=place < first)
                for place, (key, trial) in enumerate(trials.items())
            ]
            found = [pending for pending in missing if pending is not None]
            self._expect(found)
            self._fresh += self._beside_their_kin(found)
            self._in_order = False
        return len(self._fresh) > before

    def _beside_their_kin(self, found: list[Pending]) -> list[Pending]:
        if not self._sharing.has_kin:
            return found
        for pending in found:
            pending.kin = self._sharing.kinship(pending.trial)
        return together(found, [pending.kin for pending in found])

    def _sorted_in(self, trial: Trial, standing: Standing | None, *, is_first: bool) -> Pending | None:
        """The trial as one to be run; None, after counting it, where the ledger has its result."""
        if standing is None:
            return Pending(trial, is_first=is_first)
        if self._is_done(standing):
            self.reused[standing.status] += 1
            return None
        rerun = standing.status.is_final
        # Failures of a trial that had ended were settled when it ended: a rerun begins with all its retries.
        failures = Counter[FailureKind]() if rerun else Counter(standing.failures)
        return Pending(trial, standing.attempts, failures, rerun=rerun, is_first=is_first)

    def _is_done(self, standing: Standing) -> bool:
        if not standing.status.is_final:
            return False
        reuse = self._plan.spec.reuse
        if standing.status in (Status.FAILED, Status.TIMEOUT):
            return reuse.failed == "keep"
        return self._required <= standing.metrics


def _path(pending: Pending) -> str:
    """What those trials have in common that one fit answers for."""
    return pending.kin.fit or pending.trial.key
