"""One trial of a spec in this process, recorded nowhere: for a debugger."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable

from hpsearch.core.clock import SystemClock
from hpsearch.core.errors import SpecError
from hpsearch.core.identity import Context
from hpsearch.core.trial import Assignment, Trial, TrialResult
from hpsearch.dispatch.messages import WorkerInfo
from hpsearch.execution.attempt import Attempts
from hpsearch.execution.checkpoints import NoCheckpoints
from hpsearch.ledger.folder import StudyFolder, find_study
from hpsearch.plan import StudyPlan
from hpsearch.search import configuration_at
from hpsearch.spec import StudySpec
from hpsearch.study.changes import changed_parts
from hpsearch.study.inspect import open_ledger
from hpsearch.study.options import Options
from hpsearch.trainables import build, prepare

# As many characters of a key as people copy.
_KEY_SHOWN = 11


def _unsaid(sentence: str) -> None:
    pass


def try_trial(
    spec: StudySpec, options: Options, *, index: int = 0, key: str | None = None, say: Callable[[str], None] = _unsaid
) -> TrialResult:
    """One trial, its output not captured and its exception's debugger-friendly.

    Args:
        index: of the configuration in the order of the search.
        key: of a trial that the study's ledger has, or the beginning of one; goes before `index`.
        say: is told, before the trial starts, where a recorded one ran with other data, splits or code than the spec has now.

    Raises:
        SpecError: what is wrong with the spec; no such index or key.
    """
    prepared = prepare(spec)
    if key is not None:
        trial = _recorded(find_study(spec.name, options.directory), key, prepared.context, say)
    else:
        trial = _trial_at(spec, StudyPlan.of(spec, prepared.context), index)
    attempts = Attempts(
        WorkerInfo("try", "try", "localhost", os.getpid()),
        SystemClock(),
        NoCheckpoints(),
        cpus=max(1, int(prepared.program.cpus)),
        gpus=prepared.program.gpus,
        capture=False,
    )
    return attempts.run(build(prepared.program, prepared.table), Assignment(trial, 1))


def _recorded(folder: StudyFolder, key: str, now: Context, say: Callable[[str], None]) -> Trial:
    with contextlib.closing(open_ledger(folder)) as ledger:
        found = [record for record in ledger.trials(texts=False) if record.key.startswith((key, f"v1:{key}"))]
        contexts = ledger.contexts()
    if len(found) != 1:
        raise SpecError(f"{'no trial' if not found else f'{len(found)} trials'} of {folder.name} begin with the key {key!r}")
    (record,) = found
    if record.context != now.digest:
        other = changed_parts([context for context in contexts if context.digest == record.context], now)
        say(
            f"{record.key[:_KEY_SHOWN]} ran with other {other} than the spec has now;"
            " its parameters and seed are tried with what the spec has now"
        )
    return Trial(record.key, record.config_id, record.params, record.seed)


def _trial_at(spec: StudySpec, study_plan: StudyPlan, index: int) -> Trial:
    params = configuration_at(spec.space, spec.search, index)
    if params is None:
        raise SpecError(
            f"--index {index}: {spec.name} has {study_plan.configurations} configurations, 0 to {study_plan.configurations - 1}"
        )
    return study_plan.trials_of(params)[0]
