"""What becomes of each rule in a study, and why: for people, and for the planner, which leaves apart what cannot be shared.

A rule looks at an estimator, so a study's settings are shown to it in one: see `looking`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from hpsearch.spec.evaluate import MEASURED
from hpsearch.spec.model import CHOOSER, StudySpec
from hpsearch.trainables.bases import Bases
from hpsearch.trainables.choices import Choice, choices_of
from hpsearch.trainables.estimators import configure
from hpsearch.trainables.scorers import Scorers
from hpsearch.trainables.sharing.ahead import last_step
from hpsearch.trainables.sharing.bin_reasons import bins_in
from hpsearch.trainables.sharing.grouping import Reason, Refused, Sharing, sharing_of
from hpsearch.trainables.sharing.looking import look
from hpsearch.trainables.sharing.rules import is_derived, rules_of
from hpsearch.trainables.sharing.word_reasons import words_in


def sharing_in(spec: StudySpec, bases: Bases, scorers: Scorers) -> Sharing:
    """How the trials of an estimator or a pipeline share work, with the reasons."""
    if compared := compared_seconds(spec):
        return Sharing(reasons=(compared,))
    choices = choices_of(spec)
    chooser = CHOOSER if spec.trial.kind == "estimator" else spec.trial.steps[-1].name
    sharing = sharing_of(bases, [choice.first for choice in choices], chooser)
    paths = [_path_of(spec, bases, choice, sharing, scorers) for choice in choices]
    bins = [bins_in(spec, bases, choice, chooser) for choice in choices]
    words = words_in(spec, bases, choices)
    of_paths, of_bins = ((reason for each in found for reason in each.reasons) for found in (paths, bins))
    binned = {each.cls: each.free for each in bins if each.free}
    return replace(
        sharing,
        paths={path.cls: sharing.paths[path.cls] for path in paths if path.is_used},
        bins=binned,
        refused=frozenset(each for path in paths for each in path.refused),
        unbinned=frozenset(refused for each in bins for refused in each.refused),
        words=words.free,
        uncounted=frozenset(words.refused),
        reasons=tuple(
            dict.fromkeys([*of_paths, *_of_steps(spec, sharing), *_of_sizes(spec, bases, choices), *words.reasons, *of_bins])
        ),
    )


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
    rule = rules_of(last).path
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
    looked = look("path", rule, choice, cls, configured, prefix)
    if not looked.is_used:
        return _Path(cls, looked.reasons)
    used = Reason("path", True, axis, "a fit of the most has the smaller ones in it, to the last bit")
    return _Path(cls, (used, *looked.reasons), looked.refused, is_used=True)


def _of_steps(spec: StudySpec, sharing: Sharing) -> Iterator[Reason]:
    if not sharing.steps:
        yield Reason("steps", False, "steps of a pipeline", "there are none, the trial is one estimator")
    elif all(name.partition("__")[0] == sharing.steps[0] for name in spec.space.varying):
        yield Reason("steps", False, sharing.steps[0], "differs in every configuration, so no two trials have it in common")
    else:
        yield Reason("steps", True, ", ".join(sharing.steps), "with equal settings, fitted to the same rows, they give the same")


_SIZES: Mapping[str, tuple[str, str]] = {
    "sklearn.decomposition._pca.PCA": ("n_components", "the first components of more differ from fewer in their last digits"),
}
"""Of transformers, by module and name: the setting of which one fit seems to answer for several values, and why it does not."""


def _of_sizes(spec: StudySpec, bases: Bases, choices: Sequence[Choice]) -> Iterator[Reason]:
    for choice in choices:
        base, _ = bases.of(choice.first)
        for place, part in base.get_params(deep=True).items():
            name, why = _SIZES.get(f"{type(part).__module__}.{type(part).__qualname__}", ("", ""))
            if f"{place}__{name}" in spec.space.varying:
                yield Reason("steps", False, f"{place}__{name}", f"each value is fitted for itself: {why}")


def _no(about: str, why: str) -> Reason:
    return Reason("path", False, about, why)
