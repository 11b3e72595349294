"""What becomes of binned rows in a study, and why: for people, and for the planner, which counts how often rows are binned."""

from __future__ import annotations

from dataclasses import dataclass

from hpsearch.spec.model import StudySpec
from hpsearch.trainables.bases import Bases
from hpsearch.trainables.choices import Choice
from hpsearch.trainables.estimators import configure
from hpsearch.trainables.sharing.ahead import last_step
from hpsearch.trainables.sharing.grouping import Reason, Refused
from hpsearch.trainables.sharing.looking import look
from hpsearch.trainables.sharing.rules import rules_of


@dataclass(frozen=True)
class BinsIn:
    """What becomes of the binning rule in one choice of what runs.

    Attributes:
        cls: as in `Sharing.paths`.
        free: as in `Sharing.bins`. refused: as `Sharing.unbinned`. Both empty where no two trials bin alike.
    """

    cls: str
    reasons: tuple[Reason, ...] = ()
    free: frozenset[str] = frozenset()
    refused: tuple[Refused, ...] = ()


def bins_in(spec: StudySpec, bases: Bases, choice: Choice, chooser: str) -> BinsIn:
    """Of a class without a rule, nothing: it is no news that what does not bin shares no bins."""
    cls = str(choice.first[chooser]) if chooser in choice.first else ""
    base, own = bases.of(choice.first)
    last, prefix = last_step(base)
    rule = rules_of(last).bins
    if rule is None:
        return BinsIn(cls)
    settings = {each.called: each.name.removeprefix(prefix) for each in choice.settings if each.name.startswith(prefix)}
    free = frozenset(called for called, name in settings.items() if not rule.fixed(last, {name: None}))
    varying = [called for called in settings if called in spec.space.varying]
    configured, _ = last_step(configure(base, own, 0, 1.0))
    looked = look("bins", rule, choice, cls, configured, prefix)
    if not looked.is_used:
        return BinsIn(cls, looked.reasons)
    refused_by_name = {reason.about for reason in looked.reasons}
    anew = tuple(
        Reason("bins", False, called, "rows are binned anew for each value, since their bins may depend on it")
        for called in varying
        if called not in free and called not in refused_by_name
    )
    if not free.intersection(varying):
        return BinsIn(cls, (*anew, *looked.reasons))
    used = Reason("bins", True, type(last).__name__, "its rows are put into bins once a fold for all trials that bin alike")
    return BinsIn(cls, (used, *anew, *looked.reasons), free, looked.refused)
