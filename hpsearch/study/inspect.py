"""What can be asked of a study: its status, its results, the spec it was last run with."""

from __future__ import annotations

import contextlib
import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hpsearch.core.clock import SystemClock
from hpsearch.core.errors import HpsearchError, OutdatedLedgerError, SpecError
from hpsearch.core.trial import Status
from hpsearch.core.values import Params
from hpsearch.ledger import Ledger, ReportRecord, StudyLock, StudyRecord, StudyState, holder
from hpsearch.ledger.folder import StudyFolder, find_study, studies_dir, studies_in
from hpsearch.plan import best_rule_as_run, spec_as_run
from hpsearch.search import LISTED, asked_as_run, asked_for
from hpsearch.spec import StudySpec
from hpsearch.study.foreign import is_experiment, load_experiment
from hpsearch.study.pages import with_page
from hpsearch.tracking import Delivery, delivery, run_ids

if TYPE_CHECKING:
    from hpsearch.results import StudyResults

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StudyStatus:
    """How a study stands.

    Attributes:
        state: INTERRUPTED where the ledger says RUNNING and nobody holds the study.
        trials: of those that the spec as last run asks for, how many have each status. earlier: of all others in the ledger.
        best, best_params: of the ranking, which earlier trials of the same data, splits and code are part of.
    """

    folder: StudyFolder
    state: StudyState
    trials: dict[Status, int]
    earlier: dict[Status, int]
    planned: int | None
    best: float | None
    best_params: Params | None
    delivery: Delivery
    holder: str | None


@dataclass(frozen=True)
class UnreadableStudy:
    """A study that is damaged, or whose first run has not begun."""

    folder: StudyFolder
    reason: str


def load(name: str, directory: Path | str | None = None) -> StudyResults:
    """The results of a study, by its name or folder; of a folder of Parquet files that `to_parquet` has written; of any
    experiment in MLflow: "mlflow:NAME" (see `load_experiment`).
    """
    from hpsearch.results import (  # late: pandas and scipy take longer to import than many a plan
        design_of,
        read_results,
    )

    if is_experiment(name):
        return load_experiment(name)
    if not is_tables(name, directory):
        return load_folder(find_study(name, studies_dir(directory)))
    export = Path(name).absolute()
    found = with_page(read_results(export))
    spec = spec_as_run(found.study, export)
    return found if spec is None else replace(found, design=design_of(spec))


def is_tables(name: str, directory: Path | str | None = None) -> bool:
    """Whether `load` reads a folder of Parquet files under this name: a study of that name comes first."""
    from hpsearch.results import is_export  # late, as above

    return not StudyFolder(studies_dir(directory) / name).exists and is_export(Path(name).absolute())


def load_folder(folder: StudyFolder) -> StudyResults:
    """The results of the study in a folder."""
    from hpsearch.results import load_results  # late, as above

    with contextlib.closing(open_ledger(folder)) as ledger:
        study = ledger.study()
        spec = None if study is None else spec_as_run(study, folder.path)
        asked = None if study is None or spec is None else asked_as_run(study, spec)
        found = load_results(ledger, spec, asked=asked, runs=partial(run_ids, folder.mirror))
        return replace(with_page(found), reports=partial(_reports, folder))


def _reports(folder: StudyFolder) -> Iterator[ReportRecord]:
    with contextlib.closing(open_ledger(folder)) as ledger:
        study = ledger.study()
        yield from ledger.all_reports(context=None if study is None else study.context)


def spec_of(folder: StudyFolder) -> StudySpec | None:
    """The spec that the study was last run with, its relative paths excepted; None where it cannot be read here."""
    with contextlib.closing(open_ledger(folder)) as ledger:
        study = ledger.study()
        return None if study is None else spec_as_run(study, folder.path)


def open_ledger(folder: StudyFolder) -> Ledger:
    """A study's ledger, for reading. One that an older hpsearch left is brought up to date first.

    Raises:
        StudyHeldError: that older hpsearch is running the study.
        InfrastructureError: see Ledger.open.
    """
    clock = SystemClock()
    try:
        return Ledger.open(folder.ledger, clock=clock, read_only=True)
    except OutdatedLedgerError:
        _log.info("%s is of an older hpsearch; it is brought up to date", folder.ledger)
        with StudyLock(folder.path):
            Ledger.open(folder.ledger, clock=clock).close()
    return Ledger.open(folder.ledger, clock=clock, read_only=True)


def status(folder: StudyFolder) -> StudyStatus:
    """How a study stands, running or not."""
    with contextlib.closing(open_ledger(folder)) as ledger:
        study = ledger.study()
        if study is None:
            raise SpecError(f"{folder.ledger} holds no study yet")
        owner = holder(folder.path)
        best = ledger.best(best_rule_as_run(study, folder.path), study.context)
        trials = _planned_counts(ledger, study, spec_as_run(study, folder.path))
        return StudyStatus(
            folder=folder,
            state=StudyState.INTERRUPTED if study.state is StudyState.RUNNING and owner is None else study.state,
            trials=trials,
            earlier={status: n - trials[status] for status, n in ledger.counts().items()},
            planned=study.planned,
            best=best.score if best else None,
            best_params=best.params if best else None,
            delivery=delivery(folder.mirror, ledger),
            holder=str(owner) if owner else None,
        )


def statuses(directory: Path) -> Iterator[StudyStatus | UnreadableStudy]:
    """All studies of a folder. One that cannot be read hides none of the others."""
    for folder in studies_in(directory):
        try:
            yield status(folder)
        except HpsearchError as error:
            yield UnreadableStudy(folder, str(error))


def remove(folder: StudyFolder) -> None:
    """Deletes a study's folder; its runs in MLflow stay.

    Raises:
        StudyHeldError: it is being run.
    """
    with StudyLock(folder.path):
        shutil.rmtree(folder.path)


def _planned_counts(ledger: Ledger, study: StudyRecord, spec: StudySpec | None) -> dict[Status, int]:
    """How the trials stand that the spec as last run asks for; all of the context's, where telling them apart would take long."""
    counts = ledger.counts(study.context)
    total = sum(counts.values())
    if spec is None or study.epoch == 1 or total > LISTED:
        return counts
    exact = spec.search.method == "grid" and not spec.space.constraints
    if exact and study.state is StudyState.COMPLETED and total == study.planned:
        return counts  # each trial of the plan is there, and no other
    asked = asked_for(spec)
    if asked is None:
        return counts
    known: dict[str, bool] = {}
    found = dict.fromkeys(Status, 0)
    for trial in ledger.outlines(context=study.context):
        if trial.seed not in spec.repeat.seeds:
            continue
        if trial.config_id not in known:
            known[trial.config_id] = asked(trial.params)
        found[trial.status] += known[trial.config_id]
    return found
