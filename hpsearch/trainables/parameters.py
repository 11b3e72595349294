"""Whether the estimator takes the parameters that the spec gives it: scikit-learn would raise in every trial, XGBoost in none."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from hpsearch.core.names import did_you_mean, nearest
from hpsearch.trainables.choices import Choice, Setting
from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.findings import Findings
from hpsearch.trainables.xgboost_names import ALIASES, KNOWN, is_xgboost

# Likeness above which a name that goes into **kwargs is taken for a misspelling and not for a parameter we do not know.
_MISSPELT = 0.8


def check_parameters(findings: Findings, base: Estimator, settings: Sequence[Setting], choice: Choice) -> None:
    """Adds a finding for every setting that `base`, which the choice runs, does not take, and for two names of one parameter.

    A name that stands in several branches is told of where it stands first.
    """
    known = base.get_params(deep=True)
    for setting in {each.called: each for each in reversed(settings)}.values():
        problem = _unknown(setting.name, base, known)
        if problem:
            # A misspelt name needs no other place.
            moved = "; write it in the branches of those that do" if choice.is_shared(setting) and ";" not in problem else ""
            findings.add(setting.at, f"{problem}{moved}")
        prefix, joint, last = setting.name.rpartition("__")
        owner = _owner(base, known, prefix)
        of_xgboost = owner is not None and is_xgboost(owner)
        alias = ALIASES.get(last, last) if of_xgboost else last
        _check_twice(findings, setting, {setting.name, prefix + joint + alias}, choice)
        if of_xgboost and last == "early_stopping_rounds":
            findings.add(setting.at, ": is not supported yet: it needs rows held back from each fit; leave it out")


def _check_twice(findings: Findings, setting: Setting, names: Collection[str], choice: Choice) -> None:
    """Adds a finding where another setting has one of these own names of the same parameter, in one configuration with this one.

    Of two that have one own name, `C` and `param.C`, the longer is told of.
    """
    for other in choice.settings:
        is_other = other.called != setting.called and (other.name != setting.name or setting.called != setting.name)
        if is_other and other.name in names and choice.variant.may_meet(setting.called, other.called):
            findings.add(setting.at, f": is the same parameter as {other.called}, which is given too; keep one")
            return


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
    if is_xgboost(owner):
        return None if parts[-1] in KNOWN else f": {title} takes no such parameter{did_you_mean(parts[-1], {*known, *KNOWN})}"
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
