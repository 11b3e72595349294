"""What a spec amounts to, before anything of it runs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from hpsearch.core.errors import Caution
from hpsearch.core.values import Params, canonical
from hpsearch.dispatch.backlog import Recorded
from hpsearch.dispatch.costs import KEPT, Costs
from hpsearch.execution.job import open_backlog
from hpsearch.ledger import Standing
from hpsearch.ledger.folder import StudyFolder
from hpsearch.plan import Dropped, Effect, Explanation, PlanCounts, Timed, cautions, dropped, effects, explain
from hpsearch.search import make_searcher, refuse_empty
from hpsearch.spec import StudySpec
from hpsearch.study.options import Options
from hpsearch.trainables import prepare

_SHOWN = 3  # configurations of either end


class _Record(Recorded, Protocol):
    """What a preview asks of a ledger."""

    def durations(self, context: str, at_most: int) -> Sequence[Timed]: ...


class _NothingYet:
    """The record of a study that has none."""

    def standings(self, keys: Sequence[str]) -> Mapping[str, Standing]:
        return {}

    def durations(self, context: str, at_most: int) -> Sequence[Timed]:
        return ()


@dataclass(frozen=True)
class Preview:
    """What a study would be.

    Attributes:
        first, last: configurations of either end of the search, whether the ledger has them or not; none is in both.
        last_known: whether the last ones could be told in a moment.
        effects: of each constraint.
        dropped: what stands twice and runs once.
        explanation: what trials share, and why not more.
    """

    counts: PlanCounts
    first: tuple[Params, ...]
    last: tuple[Params, ...]
    last_known: bool
    effects: tuple[Effect, ...]
    dropped: tuple[Dropped, ...]
    cautions: tuple[Caution, ...]
    explanation: Explanation


def plan(spec: StudySpec, options: Options) -> Preview:
    """The counts of a study, its first and last configurations, and what is odd about it. Creates nothing.

    Raises:
        SpecError: as `run` would.
    """
    refuse_empty(spec)
    prepared = prepare(spec)
    with _recorded(StudyFolder(options.directory / spec.name)) as recorded:
        study_plan, backlog = open_backlog(spec, prepared.context, prepared.program.sharing, recorded)
        model = Costs(recorded.durations(prepared.context.digest, KEPT)).model
        missing = backlog.count_missing(model) if study_plan.is_soon_walked() else None
    counts = study_plan.counts(missing, backlog.reused.total())
    sharing, workers = prepared.program.sharing, _workers(spec, options)
    explanation = explain(study_plan, sharing, missing, table=prepared.table, model=model, workers=workers)
    first = make_searcher(spec.space, spec.search).ask(_SHOWN)  # none where constraints let it find little
    last = make_searcher(spec.space, spec.search).last(_SHOWN)
    return Preview(
        counts=counts,
        first=tuple(first),
        last=_others(last or (), first),
        last_known=last is not None,
        effects=effects(spec),
        dropped=tuple(dropped(spec)),
        cautions=cautions(spec),
        explanation=explanation,
    )


def _others(params: Sequence[Params], besides: Sequence[Params]) -> tuple[Params, ...]:
    marks = {canonical(each) for each in besides}
    return tuple(each for each in params if canonical(each) not in marks)


def _workers(spec: StudySpec, options: Options) -> int:
    """How many this machine has room for: what other machines there are, only a cluster's own head knows."""
    cpus = options.cpus or os.cpu_count() or 1
    room = int(cpus // spec.resources.cpu) if spec.resources.cpu else cpus
    return max(1, min(room, spec.limits.concurrent or room))


@contextlib.contextmanager
def _recorded(folder: StudyFolder) -> Iterator[_Record]:
    """What the study's ledger holds, where there is one."""
    if not folder.exists:
        yield _NothingYet()
        return
    from hpsearch.study.inspect import open_ledger  # late: a study that never ran needs no database

    with contextlib.closing(open_ledger(folder)) as ledger:
        yield ledger
