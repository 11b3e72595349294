"""Which settings of an estimator a rule is known to be exact with. What is not listed is refused, unless it is at its default."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from hpsearch.space.domain import shown
from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.known_names import known_names

ENDS_ITSELF = "the fit ends by itself, after rounds of its own choice"
WARM_START = "a fit that goes on from an earlier one is no longer that of its settings"
UNSEEDED = "without a whole number as seed, no two fits are the same"
OWN_OBJECTIVE = "sharing is known to be exact with the library's own objectives for numbers and classes alone"

_NO_DEFAULT = object()

Admits: TypeAlias = Callable[[object], bool]


@dataclass(frozen=True)
class WhiteList:
    """The settings of an estimator that earlier rounds cannot tell the number of later ones by.

    Attributes:
        any_value: settings whose value does not matter, each by the name that `known_names` has for all its names.
        some_values: settings of which some values will do, and what is wrong with the others.
    """

    any_value: frozenset[str]
    some_values: Mapping[str, tuple[Admits, str]]

    def refusals(self, estimator: Estimator, parameter: str) -> Iterator[tuple[str, str]]:
        """Each setting that is not on the list, and its value with why that matters. `parameter`: the number of rounds."""
        rounds = getattr(estimator, parameter)
        if not is_whole(rounds) or rounds < 1:
            yield parameter, f" = {shown(rounds)}: not a whole number of at least 1"
        yield from self.settings(estimator, but=parameter)

    def settings(self, estimator: Estimator, *, but: str = "") -> Iterator[tuple[str, str]]:
        """As `refusals`, of all settings `but` one."""
        # Before get_params, in which XGBoost draws from a RandomState.
        if not is_whole_or_unset(seed := getattr(estimator, "random_state", None)):
            yield "random_state", f" = {shown(seed)}: {UNSEEDED}"
            return
        cls: Any = type(estimator)
        names, defaults = known_names(estimator), _defaults_of(cls)
        for name, value in estimator.get_params(deep=False).items():
            main = names.same(name) if names else name
            if name == but or main in self.any_value:
                continue
            if main in self.some_values:
                admits, why = self.some_values[main]
            else:
                admits, why = one_of(defaults.get(name, _NO_DEFAULT)), "sharing is not known to be exact with it"
            if not admits(value):
                yield name, f" = {shown(value)}: {why}"


class Refusing(ABC):
    """A rule, as it is asked about an estimator that is configured as a trial's is, and not fitted."""

    @abstractmethod
    def refusals(self, estimator: Estimator) -> Mapping[str, str]:
        """Each setting with which the rule does not apply: why, by the estimator's own name of it. Empty: it applies."""

    def refusal(self, estimator: Estimator) -> str | None:
        """The first of them, as the end of a sentence for people; None: the rule applies."""
        return next((f"{name}{why}" for name, why in self.refusals(estimator).items()), None)


def words(text: str) -> frozenset[str]:
    """The names in a table of them."""
    return frozenset(text.split())


def one_of(*values: object) -> Admits:
    """These values alone: False is not 0, and 1.0 is not 1."""
    return lambda value: any(_same(value, each) for each in values)


def is_whole(value: object) -> bool:
    """As a seed, a whole number gives every fit the same random numbers."""
    import numpy as np

    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def is_whole_or_unset(value: object) -> bool:
    """For libraries with a default seed of their own."""
    return value is None or is_whole(value)


def is_text_or_unset(value: object) -> bool:
    """A name that the library knows, or several; no function, no object."""
    several: Iterable[object] = value if isinstance(value, list | tuple) else (value,)
    return value is None or all(isinstance(each, str) for each in several)


def _same(value: object, other: object) -> bool:
    # By type too: == of an array is no truth value, and of True and 1 is one.
    return value is other or (type(value) is type(other) and bool(value == other))


@cache
def _defaults_of(cls: Any) -> Mapping[str, object]:
    defaults: Mapping[str, object] = cls().get_params(deep=False)
    return defaults
