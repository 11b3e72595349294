"""Which configurations a spec asks for: an earlier form of it may have left others in the ledger."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from hpsearch.core.identity import config_id
from hpsearch.core.values import Params, Value, canonical
from hpsearch.ledger import StudyRecord
from hpsearch.search.base import make_searcher
from hpsearch.space import Parameter, SpaceError
from hpsearch.spec.model import StudySpec

Asked: TypeAlias = Callable[[Params], bool]
"""Whether a configuration, active and fixed parameters together, is asked for."""

# Draws are listed to tell; of more than these trials that would take tens of seconds, and memory.
LISTED = 200_000
_CHUNK = 1000


def asked_for(spec: StudySpec) -> Asked | None:
    """Tells for any configuration whether the spec asks for it; None where only listing very many would tell.

    A grid of any size is asked by its values. What is drawn is drawn again, and 16 digits of each configuration are kept.
    """
    ids = {config_id({**spec.trial.fixed, **params}) for params in spec.search.first}
    if spec.search.method == "grid":
        grid = _Grid(spec)
        return lambda params: grid(params) or (bool(ids) and config_id(params) in ids)
    searcher = make_searcher(spec.space, spec.search)
    if (spec.search.trials or 0) * len(spec.repeat.seeds) > LISTED:
        return None
    while not searcher.ended:
        ids.update(config_id({**spec.trial.fixed, **params}) for params in searcher.ask(_CHUNK))
    return lambda params: config_id(params) in ids


def asked_as_run(study: StudyRecord, spec: StudySpec | None) -> Asked | None:
    """`asked_for` the spec that a study was last run with; None also where that cannot be read.

    Before its second run, a study holds nothing else.
    """
    if spec is None:
        return None
    return asked_for(spec) if study.epoch > 1 else lambda _: True


class _Grid:
    """Whether a configuration is one of the grid's: exactly its active parameters, each with a value of its grid."""

    def __init__(self, spec: StudySpec) -> None:
        names = frozenset(spec.space.names())
        self._space = spec.space
        # A parameter of the space goes before a fixed one of its name.
        self._fixed = {name: canonical(value) for name, value in spec.trial.fixed.items() if name not in names}
        self._found: dict[tuple[str, str], bool] = {}

    def __call__(self, params: Params) -> bool:
        if any(name not in params or canonical(params[name]) != text for name, text in self._fixed.items()):
            return False
        own = {name: value for name, value in params.items() if name not in self._fixed}
        active = self._space.active(own)
        if active is None or not all(self._has(each, own[each.name]) for each in active):
            return False
        try:
            return self._space.admits(own)
        except SpaceError:
            return False  # a constraint without an answer for it: the search never gets as far

    def _has(self, parameter: Parameter, value: Value) -> bool:
        # The same few values come in thousands of configurations, and to find one in a geometric range is work.
        asked = (parameter.ident, canonical(value))
        if asked not in self._found:
            self._found[asked] = parameter.domain.grid_find(value) is not None
        return self._found[asked]
