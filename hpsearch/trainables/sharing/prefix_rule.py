"""What all rules have in common: a white list, and a way to cut a fitted estimator down to its first rounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.sharing.white_list import WhiteList

Cut: TypeAlias = Callable[[Estimator, int], Mapping[str, object]]


class BrokenPathError(Exception):
    """A fit turned out not to be a prefix of itself: the configurations that it was to answer for are to be fitted one by one."""


@dataclass(frozen=True)
class PrefixRule:
    """A PathRule made of its parts.

    Attributes:
        cut: (fitted, rounds) → the fitted attributes that fewer rounds would have left otherwise. All others are shared.
    """

    parameter: str
    allowed: WhiteList
    cut: Cut

    def refusal(self, estimator: Estimator) -> str | None:
        """As `PathRule.refusal`."""
        return self.allowed.refusal(estimator, self.parameter)

    def refusals(self, estimator: Estimator) -> Mapping[str, str]:
        """As `PathRule.refusals`."""
        return dict(self.allowed.refusals(estimator, self.parameter))

    def shortened(self, fitted: Estimator, rounds: int) -> Estimator:
        """As `PathRule.shortened`."""
        assert 1 <= rounds <= getattr(fitted, self.parameter), "a path is fitted with the most rounds of its trials"
        changed = {**self.cut(fitted, rounds), self.parameter: rounds}
        short: Estimator = object.__new__(type(fitted))
        # Not copy.copy, whose way through __getstate__ is the class's own affair. Dicts are copied: set_params writes into them.
        for name, value in {**vars(fitted), **changed}.items():
            short.__dict__[name] = dict(value) if type(value) is dict else value
        return short
