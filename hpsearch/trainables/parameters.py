"""Whether the estimator takes the parameters that the spec gives it.

scikit-learn would raise in every trial; XGBoost and LightGBM in none.
"""

from __future__ import annotations

import inspect
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache
from typing import Any, cast

from hpsearch.core.names import did_you_mean, nearest
from hpsearch.trainables.choices import Choice, Setting
from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.findings import Findings
from hpsearch.trainables.known_names import KnownNames, known_names

# Likeness above which a name that goes into **kwargs is taken for a misspelling and not for a parameter we do not know.
_MISSPELT = 0.8


def check_parameters(findings: Findings, base: Estimator, settings: Sequence[Setting], choice: Choice) -> None:
    """Adds a finding for every setting that `base`, which the choice runs, does not take, and for two names of one parameter.

    A name that stands in several branches is told of where it stands first.
    """
    known = base.get_params(deep=True)
    twice = set(_named_twice(findings, base, known, choice))
    for setting in _once(settings):
        problem = _unknown(setting.name, base, known, seeks=findings.seeks_near)
        if problem:
            # A misspelt name needs no other place.
            moved = "; write it in the branches of those that do" if choice.is_shared(setting) and ";" not in problem else ""
            findings.add(setting.at, f"{problem}{moved}")
        prefix, _, last = setting.name.rpartition("__")
        owner = _owner(base, known, prefix)
        if (names := known_names(owner)) is not None:
            _check_early_stopping(findings, setting.at, last, names)
            if setting.at not in twice:  # which names the one that is heeded
                _check_heeded(findings, setting.at, last, _children(known, prefix), names, type(owner).__name__)


def _named_twice(findings: Findings, base: Estimator, known: Mapping[str, Any], choice: Choice) -> Iterator[str]:
    """Where the settings stand that were found to be another's parameter too; adds the findings."""
    same: dict[tuple[str, str], list[Setting]] = {}
    for setting in _once(choice.settings):
        prefix, _, last = setting.name.rpartition("__")
        names = known_names(_owner(base, known, prefix))
        same.setdefault((prefix, last if names is None else names.same(last)), []).append(setting)
    for several in same.values():
        # Told of are the names that are not the estimator's own, and `param.C` beside `C`.
        yield from _check_same(
            findings, sorted(several, key=lambda each: (each.name not in known, each.called != each.name)), choice
        )


def _once(settings: Sequence[Setting]) -> Sequence[Setting]:
    """Of those that configurations call the same, the first."""
    return list({each.called: each for each in reversed(settings)}.values())[::-1]


def _check_same(findings: Findings, settings: Sequence[Setting], choice: Choice) -> Iterator[str]:
    """Adds a finding for each of these, which are one parameter's, that one before it stands beside in some configuration.

    Where those stand, is given.
    """
    for index, setting in enumerate(settings):
        other = next((before for before in settings[:index] if choice.variant.may_meet(setting.called, before.called)), None)
        if other is not None:
            findings.add(setting.at, f": is the same parameter as {other.called}, which is given too; keep one")
            yield setting.at


def _check_heeded(findings: Findings, at: str, last: str, own: Sequence[str], names: KnownNames, title: str) -> None:
    winner = _winner(last, own, names)
    if winner is not None and last not in own:
        findings.add(at, f": {title} ignores it beside its own {winner}; write {winner}")


def _winner(last: str, own: Sequence[str], names: KnownNames) -> str | None:
    """The name among an estimator's own for whose sake its library ignores `last`; None where it heeds it."""
    return next((each for each in own if names.same(each) == names.same(last) and names.loses(last, each)), None)


def _check_early_stopping(findings: Findings, at: str, last: str, names: KnownNames) -> None:
    if names.same(last) in ("early_stopping_rounds", "early_stopping_round"):
        findings.add(at, ": is not supported yet: it needs rows held back from each fit; leave it out")


def _unknown(name: str, base: Estimator, settings: Mapping[str, Any], *, seeks: bool) -> str | None:
    """What is wrong with the name, or None. Walks down from the whole estimator to say which part does not know it.

    Args:
        seeks: whether near names are looked for.
    """
    if name in settings:
        return None
    parts = name.split("__")
    for depth in range(1, len(parts)):
        inner = "__".join(parts[:depth])
        if inner not in settings:
            part, outer = parts[depth - 1], "__".join(parts[: depth - 1])
            title = type(_owner(base, settings, outer)).__name__
            return f": {title} has no part {part}{did_you_mean(part, _children(settings, outer) if seeks else ())}"
    owner = _owner(base, settings, "__".join(parts[:-1]))
    if owner is None or not callable(getattr(owner, "get_params", None)):
        inner = "__".join(parts[:-1])
        return f": {inner} is {settings.get(inner)!r}, which takes no parameters"
    known = _children(settings, "__".join(parts[:-1]))
    title = type(owner).__name__
    if (names := known_names(owner)) is not None:
        if parts[-1] in names.groups:
            return None
        meant = nearest(parts[-1], {*known, *names.groups} if seeks else ())
        hint = "" if meant is None else f"; did you mean {_winner(meant, known, names) or meant}?"
        return f": {title} takes no such parameter{hint}"
    if _takes_anything(cast(Hashable, type(owner))):
        near = nearest(parts[-1], known if seeks else ())
        if near is None or SequenceMatcher(None, parts[-1], near).ratio() < _MISSPELT:
            return None
        return f": {title} has no parameter of that name; did you mean {near}?"
    return f": {title} takes no such parameter{_hint(name, parts, known, settings) if seeks else ''}"


def _hint(name: str, parts: list[str], known: Iterable[str], settings: Mapping[str, Any]) -> str:
    near = did_you_mean(parts[-1], known)
    if near or len(parts) > 1:
        return near
    # In a pipeline the step's name is easily forgotten.
    inside = sorted(other for other in settings if other.rpartition("__")[2] == name and "__" in other)
    return f"; did you mean {inside[0]}?" if inside else ""


def _children(settings: Mapping[str, Any], prefix: str) -> list[str]:
    start = f"{prefix}__" if prefix else ""
    return [name.removeprefix(start) for name in settings if name.startswith(start) and "__" not in name.removeprefix(start)]


def _owner(base: Estimator, settings: Mapping[str, Any], prefix: str) -> Any:
    return settings.get(prefix) if prefix else base


@cache
def _takes_anything(estimator: Hashable) -> bool:
    parameters = inspect.signature(cast(type, estimator)).parameters.values()
    return any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters)
