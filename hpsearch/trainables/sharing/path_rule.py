"""What the path rules have in common: a white list, and a way to cut a fitted estimator down to its first rounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.sharing.white_list import Refusing, WhiteList

Cut: TypeAlias = Callable[[Estimator, int], Mapping[str, object]]


class BrokenPathError(Exception):
    """A fit turned out not to be a prefix of itself: the configurations that it was to answer for are to be fitted one by one."""


@dataclass(frozen=True)
class PathRule(Refusing):
    """One fit with the most rounds answers for fewer.

    Attributes:
        parameter: the estimator's own name of the number of rounds: "n_estimators", "max_iter".
        allowed: what a fit may be configured with at all.
        cut: (fitted, rounds) → the fitted attributes that fewer rounds would have left otherwise. All others are shared.
    """

    parameter: str
    allowed: WhiteList
    cut: Cut

    def refusals(self, estimator: Estimator) -> Mapping[str, str]:
        """As `Refusing.refusals`. Ask for each trial of a path: a value of the parameter itself may be no number of rounds."""
        return dict(self.allowed.refusals(estimator, self.parameter))

    def shortened(self, fitted: Estimator, rounds: int) -> Estimator:
        """A fitted estimator that predicts, bit for bit, as one fitted with `rounds` alone.

        It shares memory with `fitted`, and neither changes the other.

        Args:
            fitted: with at least `rounds`, and configured as an estimator that is not refused.

        Raises:
            BrokenPathError: this fit cannot answer for fewer after all, which no setting could tell. Fit with `rounds` alone.
        """
        assert 1 <= rounds <= getattr(fitted, self.parameter), "a path is fitted with the most rounds of its trials"
        changed = {**self.cut(fitted, rounds), self.parameter: rounds}
        short: Estimator = object.__new__(type(fitted))
        # Not copy.copy, whose way through __getstate__ is the class's own affair. Dicts are copied: set_params writes into them.
        for name, value in {**vars(fitted), **changed}.items():
            short.__dict__[name] = dict(value) if type(value) is dict else value
        return short
