"""What the binning rules have in common: which settings may differ on one matrix, and how a fit is handed it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from hpsearch.core.values import Params
from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.known_names import known_names
from hpsearch.trainables.sharing.white_list import Refusing, WhiteList
from hpsearch.trainables.table import Array, Features

# The library's own call that bins → what it gives, or gave another fit.
Binning: TypeAlias = Callable[[Callable[[], Any]], Any]

_ROUNDS = "n_estimators"


@dataclass(frozen=True)
class BinRule(Refusing):
    """Fits that differ in some settings alone may be made on one binned matrix.

    Attributes:
        free: settings that may differ, by the name that `known_names` has for all names of each. All others are part of what the
            matrix was made of, whether the library looks at them or not.
        allowed: what a fit may be configured with at all.
        fit: (estimator, X, y, binning) → `estimator.fit(X, y)`, which asks `binning` for its matrix once; or not at all, where
            this release of the library makes it otherwise.
    """

    free: frozenset[str]
    allowed: WhiteList
    fit: Callable[[Estimator, Features, Array, Binning], None]

    def refusals(self, estimator: Estimator) -> Mapping[str, str]:
        """As `Refusing.refusals`: why a fit of this estimator makes a matrix of its own."""
        found = self.allowed.refusals(estimator, _ROUNDS)
        return {name: why for name, why in found if name != _ROUNDS}  # binning is over before the first

    def fixed(self, estimator: Estimator, own: Params) -> Params:
        """The parameters among `own` that have to be equal."""
        names = known_names(estimator)
        named = {names.same(name) if names else name: value for name, value in own.items()}
        return {name: value for name, value in named.items() if name not in self.free}
