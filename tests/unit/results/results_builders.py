"""Studies made by hand, as the ledger would hand them over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from hpsearch.core.identity import Context, config_id, trial_key
from hpsearch.core.metric import Metric, Mode
from hpsearch.core.trial import FailureKind, SplitScore, Status
from hpsearch.core.values import Params
from hpsearch.ledger import SplitRecord, StudyRecord, TrialColumns, TrialRecord
from hpsearch.results.ranking import rank_configs
from hpsearch.results.study_results import StudyResults, results_of
from hpsearch.results.tables import Tables, build_tables

CONTEXT = Context(what="tests", data="d")
ACCURACY = Metric("accuracy", Mode.MAX)


class Study:
    """Collects trials; `results()` builds what `load_results` would."""

    def __init__(self, metric: Metric = ACCURACY, *, name: str = "example", varying: tuple[str, ...] = ("C",)) -> None:
        self.record = StudyRecord(
            name=name, context=CONTEXT.digest, metric=metric, spec_text="version: 1\nname: example\n", varying=varying,
            dataset="digits", dataset_digest="abc123", created_at=1_700_000_000.0, started_at=1_700_000_000.0,
        )  # fmt: skip
        self.trials: list[TrialRecord] = []
        self.splits: list[SplitRecord] = []

    def add(
        self,
        params: Params,
        score: float | None = None,
        *,
        folds: Sequence[float] = (),
        seed: int = 0,
        status: Status = Status.COMPLETED,
        metrics: Mapping[str, float] | None = None,
        seconds: float = 1.0,
        fit_s: float = 0.5,
        n_train: int = 80,
        n_test: int = 20,
        error: tuple[FailureKind, str, str, str] | None = None,
    ) -> TrialRecord:
        """One trial: with `folds` its score is their mean, else `score`; `error`: kind, type, message, traceback."""
        name = self.record.metric.name
        if folds:
            score = sum(folds) / len(folds)
        given = dict(metrics or {})
        if score is not None:
            given[name] = score
        number, started = len(self.trials) + 1, 1_700_000_000.0 + len(self.trials)
        kind, error_type, message, traceback = error if error else (None, "", "", "")
        trial = TrialRecord(
            key=trial_key(CONTEXT, params, seed), config_id=config_id(params), params=params, seed=seed,
            context=CONTEXT.digest, status=status, attempt=1, attempts=1, metrics=given, score=score, started_at=started,
            ended_at=None if status is Status.RUNNING else started + seconds, seconds=seconds, cpu_s=seconds,
            peak_rss_bytes=100_000_000, fit_s=fit_s, score_s=0.1, worker="w1", node="n1", error_kind=kind,
            error_type=error_type, error=message, traceback=traceback, log="", number=number,
        )  # fmt: skip
        self.trials.append(trial)
        for fold, value in enumerate(folds):
            split = SplitScore(0, fold, {name: value}, n_train, n_test, fit_s / len(folds), 0.02)
            self.splits.append(SplitRecord(number, trial.key, trial.config_id, seed, 1, split))
        return trial

    def fail(self, params: Params, kind: str = "ValueError", message: str = "bad value", *, seed: int = 0) -> TrialRecord:
        """A trial that raised."""
        traceback = f'Traceback (most recent call last):\n  File "train.py", line 3, in run\n{kind}: {message}'
        return self.add(params, seed=seed, status=Status.FAILED, error=(FailureKind.ERROR, kind, message, traceback))

    def tables(self) -> Tables:
        """Of what was added."""
        tracebacks = {trial.key: trial.traceback for trial in self.trials}
        page = TrialColumns.of(self.trials, self.splits)
        return build_tables(self.record.name, [page], traceback_of=tracebacks.__getitem__)

    def results(
        self,
        *,
        tie_break: Sequence[str] = (),
        seeds: Sequence[int] | None = None,
        asked: Callable[[Params], bool] | None = None,
    ) -> StudyResults:
        """As `load_results`, from what was added."""
        tables = self.tables()
        ranking = rank_configs(tables, self.record.metric, tie_break=tie_break, expected_seeds=seeds, asked=asked)
        return results_of(self.record, tables, ranking)
