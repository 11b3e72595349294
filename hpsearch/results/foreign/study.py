"""The runs of an experiment as a study's results: one trial a run, runs of equal parameters one configuration."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hpsearch.core.identity import config_id
from hpsearch.core.metric import Metric, Mode
from hpsearch.core.trial import Status
from hpsearch.core.values import Params, digest
from hpsearch.ledger import StudyRecord, TrialColumns, TrialRecord
from hpsearch.results.design import OBSERVED, Design
from hpsearch.results.foreign.metrics import choose
from hpsearch.results.foreign.runs import ROLE, ForeignRun, as_logged_by_anybody, evaluations, refuse_none, study_of
from hpsearch.results.foreign.values import typed
from hpsearch.results.notes import count
from hpsearch.results.parameters import varying_names
from hpsearch.results.ranking import rank_configs
from hpsearch.results.study_results import StudyResults, results_of
from hpsearch.results.tables import build_tables

_COSTS = ("seconds", "fit_s", "score_s")  # which hpsearch logs of each trial


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of an experiment. `place`: as the user wrote it, without the metric ("mlflow:churn")."""

    place: str
    metric: str | None = None
    mode: str | None = None


def results_of_runs(name: str, runs: Sequence[ForeignRun], asked: Asked) -> StudyResults:
    """The experiment `name` as a study.

    Runs of equal parameters are one configuration. Where each has been run as often as every other, the runs are its repeats,
    and there are standard errors over them; else its score is the mean of its runs, and there are none. Splits are not known:
    the folds of hpsearch's own trials are in its ledger.

    Raises:
        SpecError: no run; a metric or a direction that cannot be told, or is not there.
    """
    refuse_none(runs, asked.place)
    study = study_of(runs)
    varying = study.tags.get("hpsearch.varying", "").split(" ") if study is not None else ()
    counted = [as_logged_by_anybody(run, varying) for run in runs]
    told = _told(study, asked)
    if told is None:
        alike = evaluations(counted, asked.metric)
        finished = [run.metrics for run in alike if run.outcome is Status.COMPLETED]
        logged = {metric for run in alike for metric in run.metrics}
        metric, said = choose(finished, logged, asked=asked.metric, mode=asked.mode, place=asked.place)
    else:
        metric, said = told, ""
    counted = evaluations(counted, metric.name)
    context = None if study is None else study.tags.get("hpsearch.context")
    present = [run for run in counted if context is None or run.tags.get("hpsearch.context") == context]
    records, notes = _records(
        sorted(present, key=lambda run: (run.started_at or 0.0, run.run_id)), metric, of_ours=study is not None
    )
    tracebacks = {record.key: record.traceback for record in records}
    tables = build_tables(
        name, [TrialColumns.of(records)], traceback_of=tracebacks.__getitem__, runs={key: key for key in tracebacks}
    )
    record = StudyRecord(
        name=name,
        context=digest({"mlflow": name}),
        metric=metric,
        varying=varying_names(list(tables.params.values()), ()) if tables.params else (),
    )
    ranking = rank_configs(tables, metric)
    if study is None and ranking.basis.unit == "seeds":
        ranking = replace(ranking, basis=replace(ranking.basis, unit="repeats"))
    not_logged = {each.config_id for each in records if each.status is Status.COMPLETED and metric.name not in each.metrics}
    # hpsearch's own searches do not learn from scores.
    design = Design(OBSERVED) if study is None else Design()
    others = len(counted) - len(present)
    found = results_of(record, tables, ranking, other_trials=others, design=design, not_logged=not_logged)
    more = [
        _where_folds_are(study) if study is not None else "",
        said,
        *notes,
        _left_out(len(runs) - len(counted) - (study is not None)),
    ]
    return replace(found, notes=(*found.notes, *filter(None, more)))


def _where_folds_are(study: ForeignRun) -> str:
    return (
        "Read from MLflow: the folds' scores, and with them standard errors, are in the study's own folder "
        f"({study.tags.get('hpsearch.study', 'unnamed')})."
    )


def _left_out(n: int) -> str:
    if not n:
        return ""
    does, is_part = ("groups", "is") if n == 1 else ("group", "are")
    return f"{count(n, 'run')} that only {does} others or {is_part} part of one not counted."


def _told(study: ForeignRun | None, asked: Asked) -> Metric | None:
    """The metric of a study of ours, where none or the same is asked for."""
    if study is None or asked.mode is not None:
        return None
    name, mode = study.tags.get("hpsearch.metric"), study.tags.get("hpsearch.mode")
    if name is None or mode not in list(Mode) or asked.metric not in (None, name):
        return None
    return Metric(name, Mode(mode))


def _records(runs: Sequence[ForeignRun], metric: Metric, *, of_ours: bool) -> tuple[list[TrialRecord], list[str]]:
    """The runs as trials, and what is to be known of their repeats."""
    params = typed([run.params for run in runs])
    ids = [run.tags.get("hpsearch.config_id") or config_id(row) for run, row in zip(runs, params, strict=True)]
    seeds, notes = ([run.whole_tag("hpsearch.seed", 0) for run in runs], []) if of_ours else _repeats(runs, ids)
    rows = zip(runs, params, ids, seeds, strict=True)
    return [_record(run, number, row, owner, seed, metric) for number, (run, row, owner, seed) in enumerate(rows, 1)], notes


def _repeats(runs: Sequence[ForeignRun], ids: Sequence[str]) -> tuple[list[int], list[str]]:
    """Which finished run of its configuration each is, as its seed; 0 for all where some configurations have more than others."""
    done = [run.outcome is Status.COMPLETED for run in runs]
    times = Counter(owner for owner, is_done in zip(ids, done, strict=True) if is_done)
    repeated = sum(n > 1 for n in times.values())
    if len(set(times.values())) > 1:
        are = "was" if repeated == 1 else "were"
        note = (
            f"{count(repeated, 'configuration')} {are} run more than once, others once or less often: "
            "the mean of its runs counts as one score."
        )
        return [0] * len(runs), [note]
    seen: Counter[str] = Counter()
    seeds = []
    for owner, is_done in zip(ids, done, strict=True):
        seeds.append(seen[owner] if is_done else 0)
        seen[owner] += is_done
    n = max(times.values(), default=0)
    return seeds, [f"Runs of equal parameters are {n} repeats of one configuration."] if n > 1 else []


def _record(run: ForeignRun, number: int, params: Params, owner: str, seed: int, metric: Metric) -> TrialRecord:
    own = _COSTS if ROLE in run.tags else ()
    score = run.metrics.get(metric.name, math.nan)
    return TrialRecord(
        key=run.run_id,
        config_id=owner,
        params=params,
        seed=seed,
        context="",
        status=run.outcome,
        attempt=run.whole_tag("hpsearch.attempt", 1),
        attempts=run.whole_tag("hpsearch.attempt", 1),
        metrics={name: value for name, value in run.metrics.items() if name not in own or name == metric.name},
        score=score if math.isfinite(score) else None,
        started_at=run.started_at or 0.0,
        ended_at=run.ended_at,
        seconds=run.seconds,
        cpu_s=None,
        peak_rss_bytes=None,
        fit_s=run.metrics.get("fit_s") if own else None,
        score_s=run.metrics.get("score_s") if own else None,
        worker=run.tags.get("hpsearch.worker", ""),
        node=run.tags.get("hpsearch.node", ""),
        error_kind=run.error_kind,
        error_type=run.tags.get("hpsearch.error_type", ""),
        error=run.tags.get("hpsearch.error", ""),
        traceback=run.tags.get("hpsearch.traceback", ""),
        log="",
        number=number,
        shared=run.tags.get("hpsearch.seconds") == "shared",
    )
