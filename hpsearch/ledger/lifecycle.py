"""What a commit changes, decided without a database: trials move by these rules and no others.

A trial's newest attempt is the only one that can still change anything, and it ends once:

    (nothing) ──begun──▶ RUNNING ──result──▶ COMPLETED, FAILED, TIMEOUT, STOPPED
                           │  ▲                     │
                     swept │  │ begun               │ begun, with a higher attempt (a rerun)
                           ▼  │                     ▼
                        CANCELLED                RUNNING ──swept, or failed after a result──▶ what stood before

A lost attempt ends as FAILED and leaves its trial RUNNING. A rerun that is interrupted, or fails where a result stood,
gives the trial back what it had: no recorded result is ever displaced by anything but a newer result.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from hpsearch.core.trial import Evaluation, Failure, FailureKind, Status, Trial, TrialResult
from hpsearch.ledger.codec import clean, decode_metrics, encode, encode_metrics, real
from hpsearch.ledger.records import Begun, EventKind, LostAttempt
from hpsearch.ledger.rows import AttemptRow, ReportRow, SplitRow, TrialRow

_NO_METRICS = encode_metrics({})
# What may take the place of what: a failure never of a result, a stopped trial never of a completed one.
_WORTH = {Status.COMPLETED: 2, Status.STOPPED: 1}


class Changes:
    """The trials a transaction touches, as they were and as they become.

    `trials` and `attempts` hold what is known before: the rows of the trials concerned and their newest attempts. The
    methods apply one thing each, in order; what must be written is then in the `changed_*` and the lists.
    """

    def __init__(
        self,
        trials: Iterable[TrialRow],
        attempts: Iterable[AttemptRow],
        *,
        epoch: int,
        context: str,
        metric: str,
        next_number: int,
    ) -> None:
        self._trials = {row.key: row for row in trials}
        self._attempts = {row.trial: row for row in attempts}
        self._epoch = epoch
        self._context = context
        self._metric = metric
        self._next_number = next_number
        self.changed_trials: dict[str, TrialRow] = {}
        self.changed_attempts: dict[tuple[int, int], AttemptRow] = {}
        self.splits: list[SplitRow] = []
        self.reports: list[ReportRow] = []
        self.events: dict[str, EventKind] = {}
        self.refused: list[str] = []

    def begin(self, begun: Begun) -> None:
        """A new attempt starts. One that is known already, or older, changes nothing: hand-ins may be repeated."""
        row = self._trials.get(begun.trial.key)
        if row is not None and begun.attempt <= row.attempt:
            return
        row = self._advance(row, begun.trial, begun.attempt, begun.at)
        self._set_attempt(_attempt(row, self._epoch, Status.RUNNING, begun.worker, begun.node, begun.at)._replace(pid=begun.pid))

    def lose(self, lost: LostAttempt) -> None:
        """An attempt ended without ending its trial."""
        key = lost.trial.key
        if not self._accepts(key, lost.attempt):
            self.refused.append(key)
            return
        _, attempt = self._current(lost.trial, lost.attempt, lost.at, lost.worker, lost.node)
        status = Status.TIMEOUT if lost.failure.kind is FailureKind.TIMEOUT else Status.FAILED
        self._set_attempt(_failed(attempt, lost.failure)._replace(status=status.value, ended_at=lost.at))

    def end(self, result: TrialResult) -> None:
        """A result: recorded, or refused where its attempt is not the one that counts."""
        key = result.trial.key
        if not self._accepts(key, result.attempt):
            self.refused.append(key)
            return
        row, attempt = self._current(result.trial, result.attempt, result.started_at, result.worker, result.node)
        usage = result.usage
        attempt = attempt._replace(
            status=result.status.value,
            worker=clean(result.worker) or attempt.worker,
            node=clean(result.node) or attempt.node,
            started_at=float(result.started_at),
            ended_at=float(result.ended_at),
            seconds=real(usage.seconds),
            cpu_s=real(usage.cpu_s),
            peak_rss_bytes=int(usage.peak_rss_bytes),
            log=clean(result.log),
        )
        if isinstance(result.outcome, Evaluation):
            attempt = self._measured(attempt, result.outcome)
        else:
            attempt = _failed(attempt, result.outcome)
        self._set_attempt(attempt)
        for report in result.reports:
            metrics, at = encode_metrics(report.metrics), float(report.at)
            self.reports.append(ReportRow(row.number, attempt.attempt, report.seq, real(report.step), metrics, at))
        splits = len(result.outcome.splits) if isinstance(result.outcome, Evaluation) else 0
        row = row._replace(splits=row.splits + splits, reports=row.reports + len(result.reports))
        self._set_trial(self._settled(row, attempt), EventKind.TRIAL_ENDED)

    def sweep(self, at: float | None) -> None:
        """Nobody works on these any more: what runs is CANCELLED, at `at` or, where that is unknown, when it began."""
        for row in list(self._trials.values()):
            attempt = self._attempts.get(row.number)
            if attempt is not None and attempt.status == Status.RUNNING:
                self._cancel(attempt, at)
            if row.status == Status.RUNNING:
                back = row._replace(status=row.result_status or Status.CANCELLED.value)
                self._set_trial(back, EventKind.TRIAL_ENDED)

    def _accepts(self, key: str, attempt: int) -> bool:
        """Whether this attempt may still end: the newest one, running; or a newer one of a trial that has not ended."""
        row = self._trials.get(key)
        if row is None:
            return True
        if attempt == row.attempt:
            return self._attempts[row.number].status == Status.RUNNING
        return attempt > row.attempt and not Status(row.status).is_final

    def _current(self, trial: Trial, attempt: int, at: float, worker: str, node: str) -> tuple[TrialRow, AttemptRow]:
        row = self._trials.get(trial.key)
        if row is None or attempt > row.attempt:
            row = self._advance(row, trial, attempt, at)
            return row, _attempt(row, self._epoch, Status.RUNNING, worker, node, at)
        return row, self._attempts[row.number]

    def _advance(self, row: TrialRow | None, trial: Trial, attempt: int, at: float) -> TrialRow:
        """The trial with `attempt` as its newest, RUNNING."""
        if row is None:
            row = TrialRow(
                number=self._next_number,
                key=trial.key,
                config_id=trial.config_id,
                params=encode(trial.params),
                seed=str(int(trial.seed)),
                context=self._context,
                status=Status.RUNNING.value,
                attempt=attempt,
                first_attempt=attempt,
                result_attempt=None,
                result_status=None,
                metrics=_NO_METRICS,
                score=None,
                splits=0,
                reports=0,
                begun_at=float(at),
            )
            self._next_number += 1
        else:
            previous = self._attempts[row.number]
            if previous.status == Status.RUNNING:  # its worker was given up without a word
                self._cancel(previous, at)
            row = row._replace(
                status=Status.RUNNING.value,
                attempt=attempt,
                first_attempt=attempt if Status(row.status).is_final else row.first_attempt,
            )
        self._set_trial(row, EventKind.TRIAL_BEGUN)
        return row

    def _measured(self, attempt: AttemptRow, evaluation: Evaluation) -> AttemptRow:
        for split in evaluation.splits:
            self.splits.append(
                SplitRow(
                    attempt.trial,
                    attempt.attempt,
                    split.repeat,
                    split.fold,
                    encode_metrics(split.scores),
                    int(split.n_train),
                    int(split.n_test),
                    real(split.fit_s),
                    real(split.score_s),
                )
            )
        splits = evaluation.splits
        return attempt._replace(
            metrics=encode_metrics(evaluation.metrics),
            fit_s=real(sum(split.fit_s for split in splits)) if splits else None,
            score_s=real(sum(split.score_s for split in splits)) if splits else None,
            shared=1 if evaluation.shared else None,
        )

    def _settled(self, row: TrialRow, attempt: AttemptRow) -> TrialRow:
        """The trial once `attempt` has ended it, or has ended without changing what stood before."""
        status = Status(attempt.status)
        worth = _WORTH.get(status, 0)
        before = _WORTH.get(Status(row.result_status), 0) if row.result_status is not None else 0
        if worth < before:
            assert row.result_status is not None
            return row._replace(status=row.result_status)
        metrics = attempt.metrics
        if row.result_status == status and row.metrics != _NO_METRICS and worth:
            metrics = encode_metrics({**decode_metrics(row.metrics), **decode_metrics(metrics)})
        return row._replace(
            status=status.value,
            result_attempt=attempt.attempt,
            result_status=status.value,
            metrics=metrics,
            score=score_of(metrics, self._metric) if worth else None,
        )

    def _cancel(self, attempt: AttemptRow, at: float | None) -> None:
        ended_at = attempt.started_at if at is None else max(attempt.started_at, float(at))
        self._set_attempt(attempt._replace(status=Status.CANCELLED.value, ended_at=ended_at))

    def _set_trial(self, row: TrialRow, event: EventKind) -> None:
        self._trials[row.key] = row
        self.changed_trials[row.key] = row
        # Whoever reads the outbox looks up how the trial stands now, so that the last event of a commit says it all; put
        # last again, so that events follow the order of the ends.
        self.events.pop(row.key, None)
        self.events[row.key] = event

    def _set_attempt(self, row: AttemptRow) -> None:
        if self._attempts.get(row.trial, row).attempt <= row.attempt:
            self._attempts[row.trial] = row
        self.changed_attempts[row.trial, row.attempt] = row


def score_of(metrics: str, name: str) -> float | None:
    """The metric `name` of an encoded mapping, None where it is absent or not finite."""
    value = decode_metrics(metrics).get(name)
    return real(value) if value is not None and math.isfinite(value) else None


def merged(older: Mapping[str, float], newer: Mapping[str, float]) -> dict[str, float]:
    """Metrics of two attempts at one trial; what the newer one measured counts."""
    return {**older, **newer}


def _attempt(row: TrialRow, epoch: int, status: Status, worker: str, node: str, at: float) -> AttemptRow:
    return AttemptRow(
        trial=row.number,
        attempt=row.attempt,
        epoch=epoch,
        status=status.value,
        worker=clean(worker),
        node=clean(node),
        pid=None,
        started_at=float(at),
        ended_at=None,
        seconds=None,
        cpu_s=None,
        peak_rss_bytes=None,
        fit_s=None,
        score_s=None,
        metrics=_NO_METRICS,
        error_kind=None,
        error_type="",
        error="",
        traceback="",
        log="",
        shared=None,
    )


def _failed(attempt: AttemptRow, failure: Failure) -> AttemptRow:
    return attempt._replace(
        error_kind=failure.kind.value,
        error_type=clean(failure.type),
        error=clean(failure.message),
        traceback=clean(failure.traceback),
    )
