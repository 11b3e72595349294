"""What a spec amounts to, before anything of it runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hpsearch.core.errors import Caution
from hpsearch.core.values import Params, canonical
from hpsearch.dispatch.backlog import Recorded
from hpsearch.execution.job import open_backlog
from hpsearch.ledger import Standing
from hpsearch.ledger.folder import StudyFolder
from hpsearch.plan import Dropped, Effect, PlanCounts, cautions, dropped, effects
from hpsearch.search import make_searcher
from hpsearch.spec import StudySpec
from hpsearch.study.options import Options
from hpsearch.trainables import prepare

_SHOWN = 3  # configurations of either end


class _NothingYet:
    """The record of a study that has none."""

    def standings(self, keys: Sequence[str]) -> Mapping[str, Standing]:
        return {}


@dataclass(frozen=True)
class Preview:
    """What a study would be.

    Attributes:
        first, last: configurations of either end of the search, whether the ledger has them or not; none is in both.
        last_known: whether the last ones could be told in a moment.
        effects: of each constraint.
        dropped: what stands twice and runs once.
        shared: what trials share, in sentences.
    """

    counts: PlanCounts
    first: tuple[Params, ...]
    last: tuple[Params, ...]
    last_known: bool
    effects: tuple[Effect, ...]
    dropped: tuple[Dropped, ...]
    cautions: tuple[Caution, ...]
    shared: tuple[str, ...]


def plan(spec: StudySpec, options: Options) -> Preview:
    """The counts of a study, its first and last configurations, and what is odd about it. Creates nothing.

    Raises:
        SpecError: as `run` would.
    """
    prepared = prepare(spec)
    with _recorded(StudyFolder(options.directory / spec.name)) as recorded:
        study_plan, backlog = open_backlog(spec, prepared.context, prepared.program.sharing, recorded)
        if study_plan.is_soon_walked():
            missing, apart = backlog.count_missing()
            counts = study_plan.counts(to_run=missing, reused=backlog.reused.total(), apart=apart)
        else:
            counts = study_plan.counts()
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
        shared=prepared.program.sharing.told(spec.space.varying),
    )


def _others(params: Sequence[Params], besides: Sequence[Params]) -> tuple[Params, ...]:
    marks = {canonical(each) for each in besides}
    return tuple(each for each in params if canonical(each) not in marks)


@contextlib.contextmanager
def _recorded(folder: StudyFolder) -> Iterator[Recorded]:
    """What the study's ledger holds, where there is one."""
    if not folder.exists:
        yield _NothingYet()
        return
    from hpsearch.study.inspect import open_ledger  # late: a study that never ran needs no database

    with contextlib.closing(open_ledger(folder)) as ledger:
        yield ledger
