"""Whatever order things are handed in, the ledger keeps its promises: checked against a few lines of bookkeeping."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hpsearch.core.clock import ManualClock
from hpsearch.core.metric import Metric, Mode
from hpsearch.core.trial import Evaluation, Failure, FailureKind, SplitScore, Status, Trial, TrialResult, Usage
from hpsearch.ledger import Begun, ContextRecord, EventKind, Ledger, LostAttempt, StudyRecord, StudyState

KEYS = ["v1:a", "v1:b", "v1:c"]
names = st.sampled_from(KEYS)
offsets = st.integers(-1, 2)  # of an attempt's number from the trial's newest
metrics = st.dictionaries(st.sampled_from(["acc", "loss"]), st.floats(0, 1), min_size=1)
CRASH = Failure(FailureKind.CRASH, "WorkerDied", "signal 9")


class LedgerMachine(RuleBasedStateMachine):
    """`ended` and `newest` say by themselves which attempt may still end; `measured` what must never be lost."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock(1000.0)
        self.ledger = Ledger.open("sqlite://", clock=self.clock)
        self.epoch = 0
        self.newest: dict[str, int] = dict.fromkeys(KEYS, 0)
        self.ended: set[tuple[str, int]] = set()
        self.final: dict[str, bool] = dict.fromkeys(KEYS, False)
        self.settled: dict[str, bool] = dict.fromkeys(KEYS, False)
        self.measured: dict[str, dict[str, float]] = {key: {} for key in KEYS}
        self.contexts: dict[str, ContextRecord] = {}
        self.running = False

    @initialize()
    def first_run(self) -> None:
        self.take_over()

    @rule(context=st.sampled_from(["context", "other"]), numpy=st.sampled_from(["1.26", "2.0"]))
    def take_over(self, context: str = "context", numpy: str = "2.0") -> None:
        self.clock.advance(1)
        study = StudyRecord("s", context, Metric("acc", Mode.MAX), context_parts={"what": context}, versions={"numpy": numpy})
        self.epoch = self.ledger.begin_run(study)
        self.contexts.setdefault(context, ContextRecord(context, {"what": context}, {"numpy": numpy}, self.clock.now()))
        self._interrupt()
        self.running = True

    @precondition(lambda self: self.running)
    @rule(state=st.sampled_from([StudyState.COMPLETED, StudyState.FAILED, StudyState.INTERRUPTED]))
    def end(self, state: StudyState) -> None:
        self.ledger.end_run(self.epoch, state)
        self._interrupt()
        self.running = False

    @precondition(lambda self: self.running)
    @rule(key=names, offset=offsets)
    def begin(self, key: str, offset: int) -> None:
        attempt = max(1, self.newest[key] + offset)
        self.ledger.commit(self.epoch, begun=[Begun(trial(key), attempt, "w", "n", 1, self.clock.now())])
        if attempt > self.newest[key]:
            self._newer(key, attempt)

    @precondition(lambda self: self.running)
    @rule(key=names, offset=offsets, values=metrics)
    def complete(self, key: str, offset: int, values: dict[str, float]) -> None:
        attempt = max(1, self.newest[key] + offset)
        splits = (SplitScore(0, 0, values, 8, 2, 0.1, 0.1),)
        accepted = self._hand_in(key, attempt, Evaluation(values, splits))
        if accepted:
            self.measured[key] |= values

    @precondition(lambda self: self.running)
    @rule(key=names, offset=offsets)
    def fail(self, key: str, offset: int) -> None:
        self._hand_in(key, max(1, self.newest[key] + offset), CRASH)

    @precondition(lambda self: self.running)
    @rule(key=names, offset=offsets)
    def lose(self, key: str, offset: int) -> None:
        attempt = max(1, self.newest[key] + offset)
        accepted = self._may_end(key, attempt)
        refused = self.ledger.commit(self.epoch, lost=[LostAttempt(trial(key), attempt, CRASH, self.clock.now())])
        assert refused == (() if accepted else (key,))
        if accepted:
            self._newer(key, attempt)
            self.ended.add((key, attempt))

    @invariant()
    def what_was_measured_is_never_lost(self) -> None:
        records = {record.key: record for record in self.ledger.trials()}
        splits = {record.key: record.split.scores for record in self.ledger.split_scores()}
        for key, values in self.measured.items():
            if values:
                assert records[key].metrics == values
                assert records[key].score == values.get("acc")
                assert splits[key] == values
                assert records[key].status in (Status.COMPLETED, Status.RUNNING)

    @invariant()
    def every_context_stays_as_first_recorded(self) -> None:
        assert self.ledger.contexts() == list(self.contexts.values())

    @invariant()
    def standings_say_what_happened(self) -> None:
        standings = self.ledger.standings(KEYS)
        assert {key: found.attempts for key, found in standings.items()} == {k: n for k, n in self.newest.items() if n}
        for key, found in standings.items():
            assert found.status.is_final == self.final[key]
            assert found.status is not Status.RUNNING or self.running

    @invariant()
    def only_the_newest_attempt_runs(self) -> None:
        for key in KEYS:
            running = [attempt.attempt for attempt in self.ledger.attempts(key) if attempt.status is Status.RUNNING]
            assert running in ([], [self.newest[key]])
            assert all((key, attempt) not in self.ended for attempt in running)

    @invariant()
    def the_last_event_of_a_trial_tells_how_it_stands(self) -> None:
        events = self.ledger.outbox(0, 100_000)
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        last = {event.key: event.kind for event in events}
        for key, found in self.ledger.standings(KEYS).items():
            expected = EventKind.TRIAL_BEGUN if found.status is Status.RUNNING else EventKind.TRIAL_ENDED
            assert last[key] is expected

    def teardown(self) -> None:
        self.ledger.close()

    def _may_end(self, key: str, attempt: int) -> bool:
        if attempt == self.newest[key]:
            return (key, attempt) not in self.ended
        return attempt > self.newest[key] and not self.final[key]

    def _hand_in(self, key: str, attempt: int, outcome: Evaluation | Failure) -> bool:
        accepted = self._may_end(key, attempt)
        result = TrialResult(trial(key), attempt, outcome, 1.0, 2.0, Usage(1.0))
        assert self.ledger.commit(self.epoch, results=[result]) == (() if accepted else (key,))
        if accepted:
            self._newer(key, attempt)
            self.ended.add((key, attempt))
            self.final[key] = self.settled[key] = True
        return accepted

    def _newer(self, key: str, attempt: int) -> None:
        if attempt > self.newest[key]:
            self.newest[key] = attempt
            self.final[key] = False

    def _interrupt(self) -> None:
        """All that runs is cancelled; a trial that had ended before has ended again."""
        for key in KEYS:
            if self.newest[key]:
                self.ended.add((key, self.newest[key]))
                self.final[key] = self.settled[key]


def trial(key: str) -> Trial:
    return Trial(key, f"cfg-{key}", {"x": key}, 0)


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
