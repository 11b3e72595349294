"""Whether the estimator takes the parameters that the spec gives it.

scikit-learn would raise in every trial; XGBoost and LightGBM in none.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from hpsearch.core.names import did_you_mean, nearest
from hpsearch.core.values import Params
from hpsearch.space.space import Space
from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.findings import Findings
from hpsearch.trainables.known_names import KnownNames, known_names

# Likeness above which a name that goes into **kwargs is taken for a misspelling and not for a parameter we do not know.
_MISSPELT = 0.8


def check_parameters(findings: Findings, base: Estimator, fixed: Params, space: Space) -> None:
    """Adds a finding for every name of `fixed` and `space` that `base` does not take, at trial.fixed.NAME or space.NAME.

    Also for two names of one parameter, of libraries that have several.
    """
    settings = base.get_params(deep=True)
    places = parameter_places(fixed, space)
    same: dict[tuple[str, str], list[str]] = {}
    for name, at in places.items():
        problem = _unknown(name, base, settings)
        if problem:
            findings.add(at, problem)
        prefix, _, last = name.rpartition("__")
        owner = _owner(base, settings, prefix)
        names = known_names(owner)
        if names is not None:
            same.setdefault((prefix, names.same(last)), []).append(name)
            _check_early_stopping(findings, at, last, names)
            _check_heeded(findings, at, last, _children(settings, prefix), names, type(owner).__name__)
    for several in same.values():
        _check_same(findings, sorted(several, key=lambda name: name not in settings), places, space)


def parameter_places(fixed: Params, space: Space) -> dict[str, str]:
    """Where each parameter stands in the spec; one that stands in several branches, where it stands first."""
    searched = {each.name: f"space.{each.place}" for each in reversed(space.parameters)}
    return {**{name: f"trial.fixed.{name}" for name in fixed}, **{name: searched[name] for name in space.names()}}


def _check_same(findings: Findings, names: Sequence[str], places: Mapping[str, str], space: Space) -> None:
    """Adds a finding for each of `names`, which are one parameter's, that stands beside one before it."""
    for index, name in enumerate(names):
        other = next((before for before in names[:index] if space.may_meet(name, before)), None)
        if other is not None:
            findings.add(places[name], f": is the same parameter as {other}, which is given too; keep one")


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


def _unknown(name: str, base: Estimator, settings: Mapping[str, Any]) -> str | None:
    """What is wrong with the name, or None. Walks down from the whole estimator to say which part does not know it."""
    if name in settings:
        return None
    parts = name.split("__")
    for depth in range(1, len(parts)):
        inner = "__".join(parts[:depth])
        if inner not in settings:
            part, outer = parts[depth - 1], "__".join(parts[: depth - 1])
            title = type(_owner(base, settings, outer)).__name__
            return f": {title} has no part {part}{did_you_mean(part, _children(settings, outer))}"
    owner = _owner(base, settings, "__".join(parts[:-1]))
    if owner is None or not callable(getattr(owner, "get_params", None)):
        inner = "__".join(parts[:-1])
        return f": {inner} is {settings.get(inner)!r}, which takes no parameters"
    known = _children(settings, "__".join(parts[:-1]))
    title = type(owner).__name__
    if (names := known_names(owner)) is not None:
        if parts[-1] in names.groups:
            return None
        meant = nearest(parts[-1], {*known, *names.groups})
        hint = "" if meant is None else f"; did you mean {_winner(meant, known, names) or meant}?"
        return f": {title} takes no such parameter{hint}"
    if _takes_anything(owner):
        near = nearest(parts[-1], known)
        if near is None or SequenceMatcher(None, parts[-1], near).ratio() < _MISSPELT:
            return None
        return f": {title} has no parameter of that name; did you mean {near}?"
    return f": {title} takes no such parameter{_hint(name, parts, known, settings)}"


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


def _takes_anything(estimator: object) -> bool:
    parameters = inspect.signature(type(estimator)).parameters.values()
    return any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters)
