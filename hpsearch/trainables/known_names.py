"""Libraries whose scikit-learn classes take any keyword, and ignore one that they do not know: the names that each does know.

A new library is one line in `_LIBRARIES`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import cast

from hpsearch.trainables.lightgbm_names import lightgbm_names, loses_in_lightgbm
from hpsearch.trainables.xgboost_names import loses_in_xgboost, xgboost_names


@dataclass(frozen=True)
class _Library:
    """`names`: all names of each parameter together, the library's first. `loses`: as `KnownNames.loses`."""

    names: Callable[[], Iterable[tuple[str, ...]]]
    loses: Callable[[str, str, str], bool]


_LIBRARIES: Mapping[str, _Library] = {
    "lightgbm": _Library(lightgbm_names, loses_in_lightgbm),
    "xgboost": _Library(xgboost_names, loses_in_xgboost),
}
"""By the package of its classes."""


@dataclass(frozen=True)
class KnownNames:
    """`groups`: of every name, the first of all names of its parameter: two names of one group would contradict each other."""

    groups: Mapping[str, str]
    _loses: Callable[[str, str, str], bool]

    def same(self, name: str) -> str:
        """What all names of one parameter have in common: a name of it; the name itself where it is not known."""
        return self.groups.get(name, name)

    def loses(self, name: str, own: str) -> bool:
        """Whether the library ignores `name`, since its class also hands on `own`, another name of the parameter."""
        return name != own and self._loses(name, own, self.same(name))


def known_names(estimator: object) -> KnownNames | None:
    """The names of the estimator's library; None for one that refuses what it does not know, or of which nothing is known."""
    return _known_names(cast(Hashable, type(estimator)))


@cache
def _known_names(estimator: Hashable) -> KnownNames | None:
    return next((_names(library) for library in _LIBRARIES if _is_of(cast(type, estimator), library)), None)


def is_of(estimator: object, library: str) -> bool:
    """Whether any class the estimator is made of is the library's. Asks by name: it is imported only by specs that name it."""
    return _is_of(type(estimator), library)


def _is_of(estimator: type, library: str) -> bool:
    return any(base.__module__.split(".")[0] == library for base in estimator.__mro__)


@cache
def _names(library: str) -> KnownNames:
    of = _LIBRARIES[library]
    return KnownNames({name: group[0] for group in of.names() for name in group}, of.loses)
