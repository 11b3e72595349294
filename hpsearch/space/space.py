"""Named parameters together: a grid that is counted and indexed by arithmetic, and draws."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from hpsearch.core.errors import Problem
from hpsearch.core.names import did_you_mean
from hpsearch.core.values import Params, Value
from hpsearch.space.domains import Domain, SpaceError

# A number in [0, 1) for a parameter, by its name.
Uniform: TypeAlias = Callable[[str], float]


@dataclass(frozen=True)
class Parameter:
    name: str
    domain: Domain


@dataclass(frozen=True)
class Space:
    """Parameters in order. Sizes are numbers and configurations are computed: nothing here is ever listed."""

    parameters: tuple[Parameter, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", tuple(self.parameters))
        if len(self._domains) != len(self.parameters):
            names = [parameter.name for parameter in self.parameters]
            twice = sorted({name for name in names if names.count(name) > 1})
            raise SpaceError([Problem("stands twice; a parameter has one domain", name) for name in twice])

    @cached_property
    def _domains(self) -> dict[str, Domain]:
        return {parameter.name: parameter.domain for parameter in self.parameters}

    def names(self) -> tuple[str, ...]:
        return tuple(self._domains)

    def domain(self, name: str) -> Domain:
        """The domain of `name`.

        Raises:
            SpaceError: for a name that is no parameter.
        """
        if name not in self._domains:
            raise SpaceError(f"{name} is no parameter of the space{did_you_mean(name, self._domains)}")
        return self._domains[name]

    def is_log(self, name: str) -> bool:
        return self.domain(name).is_log

    @cached_property
    def varying(self) -> tuple[str, ...]:
        """Names of the parameters with more than one value, in order."""
        return tuple(name for name, domain in self._domains.items() if domain.size() != 1)

    @cached_property
    def constants(self) -> Params:
        """The parameters with one value, and that value."""
        return {name: domain.sample(0.0) for name, domain in self._domains.items() if domain.size() == 1}

    def grid_size(self) -> int:
        """Number of configurations of the grid.

        Raises:
            SpaceError: naming every parameter that cannot be in a grid.
        """
        return math.prod(self._grid_sizes)

    @cached_property
    def _grid_sizes(self) -> tuple[int, ...]:
        sizes: list[int] = []
        problems: list[Problem] = []
        for name, domain in self._domains.items():
            try:
                sizes.append(domain.grid_size())
            except SpaceError as error:
                problems += [Problem(problem.message, _join(name, problem.path)) for problem in error.problems]
        if problems:
            raise SpaceError(problems)
        return tuple(sizes)

    def grid_at(self, index: int) -> Params:
        """The configuration at `index`, 0 <= index < grid_size(): row-major, the last parameter varies fastest.

        Raises:
            IndexError: for any other index.
            SpaceError: as `grid_size`.
        """
        if not 0 <= index < self.grid_size():
            raise IndexError(f"index {index} of {self.grid_size()} configurations")
        values = dict(self._from_last(index))
        return {name: values[name] for name in self._domains}

    def _from_last(self, index: int) -> Iterator[tuple[str, Value]]:
        for (name, domain), size in zip(reversed(self._domains.items()), reversed(self._grid_sizes), strict=True):
            index, place = divmod(index, size)
            yield name, domain.grid_at(place)

    def sample(self, uniform: Uniform) -> Params:
        """One configuration: `uniform(name)` in [0, 1) decides a parameter's value.

        Each parameter has a number of its own, so that neither the order of parameters nor one more of them, nor more
        values of another, changes what is drawn for it.
        """
        return {name: domain.sample(uniform(name)) for name, domain in self._domains.items()}

    def size(self) -> int | None:
        """Number of configurations that drawing can give; None where they cannot be counted."""
        total = 1
        for domain in self._domains.values():
            count = domain.size()
            if count is None:
                return None
            total *= count
        return total


def _join(name: str, path: str) -> str:
    return f"{name}.{path}" if path else name
