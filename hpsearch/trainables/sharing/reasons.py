"""What becomes of each rule in a study, and why: for people, and for the planner, which leaves apart what cannot be shared.

A rule looks at an estimator; so each value that the space has for a setting is looked at once, in an estimator that has
otherwise what all configurations have. A worker looks again, at each trial's own: what is left out here costs a count, no score.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from hpsearch.core.values import Value, canonical
from hpsearch.space import Choice as Values
from hpsearch.space import Constant, Domain
from hpsearch.spec.evaluate import MEASURED
from hpsearch.spec.model import CHOOSER, StudySpec
from hpsearch.trainables.bases import Bases
from hpsearch.trainables.choices import Choice, choices_of
from hpsearch.trainables.estimators import Estimator, configure, for_estimator
from hpsearch.trainables.scorers import Scorers
from hpsearch.trainables.sharing.ahead import last_step
from hpsearch.trainables.sharing.grouping import ANY, Reason, Refused, Sharing, sharing_of
from hpsearch.trainables.sharing.paths import PathRule, is_derived, path_rule

_LOOKS = 200  # values of one setting
_MIDDLE = 0.5  # of a range: no rule tells its numbers apart


def sharing_in(spec: StudySpec, bases: Bases, scorers: Scorers) -> Sharing:
    """How the trials of an estimator or a pipeline share work, with the reasons."""
    if compared := compared_seconds(spec):
        return Sharing(reasons=(compared,))
    choices = choices_of(spec)
    chooser = CHOOSER if spec.trial.kind == "estimator" else spec.trial.steps[-1].name
    sharing = sharing_of(bases, [choice.first for choice in choices], chooser)
    paths = [_path_of(spec, bases, choice, sharing, scorers) for choice in choices]
    shared = {path.cls: sharing.paths[path.cls] for path in paths if path.is_used}
    reasons = dict.fromkeys([*(reason for path in paths for reason in path.reasons), *_of_steps(spec, sharing)])
    refused = frozenset(each for path in paths for each in path.refused)
    return replace(sharing, paths=shared, refused=refused, reasons=tuple(reasons))


def compared_seconds(spec: StudySpec) -> Reason | None:
    """Why a study shares nothing whose metrics, or whose tie-break, are measured: they would not be those of a lone trial."""
    compared = dict.fromkeys((spec.metric.name, *(spec.evaluate.metrics if spec.evaluate else ()), *spec.report.tie_break))
    measured = [name for name in compared if name in MEASURED]
    if not measured:
        return None
    return Reason("all", False, ", ".join(measured), "is compared, and of shared work it is not that of a trial alone")


def nothing_shared(spec: StudySpec) -> Sharing:
    """Of functions and commands."""
    why = "what it does is its own affair: nothing is known that its trials have in common"
    return Sharing(reasons=(Reason("all", False, f"{spec.trial.kind} {spec.trial.path}", why),))


@dataclass(frozen=True)
class _Path:
    """What becomes of the path rule in one choice of what runs. `cls`: as in `Sharing.paths`."""

    cls: str
    reasons: tuple[Reason, ...]
    refused: tuple[Refused, ...] = ()
    is_used: bool = False


def _path_of(spec: StudySpec, bases: Bases, choice: Choice, sharing: Sharing, scorers: Scorers) -> _Path:
    cls = str(choice.first[sharing.chooser]) if sharing.chooser in choice.first else ""
    base, own = bases.of(choice.first)
    last, prefix = last_step(base)
    rule = path_rule(last)
    if rule is None:
        own_class = "is derived from a class that a rule knows, and may fit otherwise"
        why = own_class if is_derived(last) else "has no size, like boosting rounds, of which one fit answers for several"
        return _Path(cls, (_no(type(last).__name__, why),))
    axis = sharing.paths[cls]
    if axis not in spec.space.varying:
        return _Path(cls, (_no(axis, "has one value, so there is nothing smaller to answer for"),))
    if not scorers.see_predictions_alone:
        looking = ", ".join(scorers.that_may_look_inside)
        return _Path(cls, (_no(looking, "may look into the estimator, and a fit cut short is known to predict alike, no more"),))
    configured, _ = last_step(configure(base, own, 0, 1.0))
    settings = [each for each in choice.settings if each.name.startswith(prefix) and not each.is_fixed]
    told = {each.name.removeprefix(prefix): each.called for each in settings}
    always = [(name, why) for name, why in rule.refusals(configured).items() if name not in told]
    if always:
        return _Path(cls, tuple(_no(f"{prefix}{name}", why) for name, why in always))
    refused: dict[Refused, Reason] = {}
    is_used = True
    for setting in settings:
        values = _values(setting.domain)
        found = dict(_refused(rule, configured, setting.name.removeprefix(prefix), setting.domain))
        refused |= {(cls, setting.called, text): _no(setting.called, why) for text, why in found.items()}
        is_used &= len(found) < len(values) or not choice.variant.is_always_there(setting.called)
    if not is_used:
        return _Path(cls, tuple(dict.fromkeys(refused.values())))
    used = Reason("path", True, axis, "a fit of the most has the smaller ones in it, to the last bit")
    return _Path(cls, (used, *dict.fromkeys(refused.values())), tuple(refused), is_used=True)


def _refused(rule: PathRule, configured: Estimator, name: str, domain: Domain) -> Iterator[tuple[str, str]]:
    """The values of a setting with which the rule does not apply: canonical text, and why."""
    from sklearn.base import clone

    for value in _values(domain):
        why = rule.refusals(clone(configured).set_params(**{name: for_estimator(value)})).get(name)
        if why is not None:
            yield canonical(value) if isinstance(domain, _LISTED) else ANY, why


_LISTED = (Values, Constant)


def _values(domain: Domain) -> Sequence[Value]:
    if isinstance(domain, _LISTED):
        return [domain.grid_at(index) for index in range(min(domain.grid_size(), _LOOKS))]
    return [domain.sample(_MIDDLE)]


def _of_steps(spec: StudySpec, sharing: Sharing) -> Iterator[Reason]:
    if not sharing.steps:
        yield Reason("steps", False, "steps of a pipeline", "there are none, the trial is one estimator")
    elif all(name.partition("__")[0] == sharing.steps[0] for name in spec.space.varying):
        yield Reason("steps", False, sharing.steps[0], "differs in every configuration, so no two trials have it in common")
    else:
        yield Reason("steps", True, ", ".join(sharing.steps), "with equal settings, fitted to the same rows, they give the same")


def _no(about: str, why: str) -> Reason:
    return Reason("path", False, about, why)
