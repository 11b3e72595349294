"""Named parameters together: a grid that is counted and indexed by arithmetic, and draws."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from hpsearch.core.errors import Problem
from hpsearch.core.names import did_you_mean
from hpsearch.core.values import Params, Value, canonical
from hpsearch.space.admitted import Admitted, Tally, count_grid, drawn_looks_of, looks_of, samples_of, tally_draws
from hpsearch.space.conditions import Parameter, Texts, demands, is_sure, name_clashes, parents_first
from hpsearch.space.constraints import Constraint
from hpsearch.space.domain import UNSET, instead_of, shown
from hpsearch.space.domains import Domain, SpaceError
from hpsearch.space.tree import Tree, count_draws, grid_tree

# A number in [0, 1) for a parameter, by its ident.
Uniform: TypeAlias = Callable[[str], float]


@dataclass(frozen=True)
class Space:
    """Parameters in order. Sizes are numbers and configurations are computed: nothing here is ever listed.

    A parameter whose conditions do not hold is inactive: absent from the configuration, and multiplying nothing.

    Raises:
        SpaceError: with all conditions that cannot be, or all names that would stand twice in a configuration.
    """

    parameters: tuple[Parameter, ...]
    constraints: tuple[Constraint, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", tuple(self.parameters))
        object.__setattr__(self, "constraints", tuple(self.constraints))
        if problems := list(name_clashes(self.parameters, self._demands)):
            raise SpaceError(problems)

    @cached_property
    def _ordered(self) -> tuple[Parameter, ...]:
        return parents_first(self.parameters)

    @cached_property
    def _demands(self) -> dict[str, dict[str, Texts]]:
        return demands(self._ordered)

    @cached_property
    def _rank(self) -> dict[str, tuple[int, str]]:
        """Place and name of each parameter, by ident."""
        return {each.ident: (place, each.name) for place, each in enumerate(self.parameters)}

    @cached_property
    def _by_ident(self) -> dict[str, Parameter]:
        return {each.ident: each for each in self.parameters}

    @cached_property
    def _by_name(self) -> dict[str, list[Parameter]]:
        found: dict[str, list[Parameter]] = {}
        for each in self.parameters:
            found.setdefault(each.name, []).append(each)
        return found

    def names(self) -> tuple[str, ...]:
        """The names that configurations may hold, each once."""
        return tuple(dict.fromkeys(parameter.name for parameter in self.parameters))

    def domains(self, name: str) -> tuple[Domain, ...]:
        """The domains of `name`: several where several branches have a parameter of that name.

        Raises:
            SpaceError: for a name that is no parameter.
        """
        found = tuple(parameter.domain for parameter in self._by_name.get(name, ()))
        if not found:
            raise SpaceError(f"{name} is no parameter of the space{did_you_mean(name, self.names())}")
        return found

    @cached_property
    def varying(self) -> tuple[str, ...]:
        """Names of the parameters that are not the same in all configurations, in order."""
        return tuple(name for name in self.names() if name not in self.constants)

    @cached_property
    def constants(self) -> Params:
        """The parameters that every configuration has with one value, and that value."""
        return {each.name: each.domain.sample(0.0) for each in self.parameters if not each.when and each.domain.size() == 1}

    def is_always_there(self, *names: str) -> bool:
        """Whether every configuration has a parameter of one of these names, as far as `is_sure` tells."""
        some = [each for name in dict.fromkeys(names) for each in self._by_name.get(name, ())]
        return is_sure(some, self._demands, self._by_ident, {})

    @cached_property
    def never_active(self) -> tuple[Parameter, ...]:
        """Parameters whose conditions exclude each other."""
        return tuple(each for each in self.parameters if not all(self._demands[each.ident].values()))

    def grid_size(self) -> int:
        """Number of configurations of the grid, those included that no constraint admits.

        Raises:
            SpaceError: naming every parameter that cannot be in a grid.
        """
        return self._grid.count

    @cached_property
    def _grid(self) -> Tree:
        problems: list[Problem] = []
        for parameter in self.parameters:
            try:
                parameter.domain.grid_size()
            except SpaceError as error:
                problems += [Problem(each.message, _join(parameter.place, each.path)) for each in error.problems]
        if problems:
            raise SpaceError(problems)
        return grid_tree(self._ordered)

    def grid_at(self, index: int) -> Params:
        """The configuration at `index`, 0 <= index < grid_size(). No two are equal.

        Row-major: the last parameter varies fastest; what a condition ties to a parent varies within each of its values.

        Raises:
            IndexError: for any other index.
            SpaceError: as `grid_size`.
        """
        if not 0 <= index < self._grid.count:
            raise IndexError(f"index {index} of {self._grid.count} configurations")
        return self._named({each.ident: each.domain.grid_at(place) for each, place in self._grid.at(index)})

    def judged_at(self, index: int) -> dict[str, Value]:
        """As `grid_at`, for constraints: by ident, and None where they ask for no value, since values take the longest."""
        asked = self._asked
        return {each.ident: each.domain.grid_at(n) if each.ident in asked else None for each, n in self._grid.at(index)}

    def unmet_at(self, index: int) -> Constraint | None:
        """The first constraint that the grid's configuration at `index` does not meet. Raises: as `admits`."""
        return self.unmet(self.judged_at(index)) if self.constraints else None

    def sample(self, uniform: Uniform) -> Params:
        """One configuration: `uniform(ident)` in [0, 1) decides a parameter's value; parents decide what exists.

        Each parameter has a number of its own, so that neither the order of parameters nor one more of them, nor more
        values of another, changes what is drawn for it.
        """
        return self._named(_drawn(self._ordered, uniform))

    def judged_draw(self, uniform: Uniform) -> dict[str, Value]:
        """As `sample`, for constraints: by ident, the parameters alone that they ask for, and those that these wait for."""
        return _drawn(self.judged, uniform)

    def draw(self, uniform: Uniform) -> Params | None:
        """As `sample`; None where constraints exclude it, which costs no more than what they ask for. Raises: as `admits`."""
        if self.constraints and self.unmet(self.judged_draw(uniform)) is not None:
            return None
        return self.sample(uniform)

    @cached_property
    def _asked(self) -> frozenset[str]:
        """Idents of the parameters that constraints name."""
        return frozenset(ident for constraint in self.constraints for ident in constraint.idents.values())

    @cached_property
    def judged(self) -> tuple[Parameter, ...]:
        """What constraints name, and what these wait for, parents first."""
        needed = set(self._asked).union(*(self._demands[ident] for ident in self._asked))
        return tuple(each for each in self._ordered if each.ident in needed)

    @cached_property
    def _draws(self) -> int | None:
        try:
            return count_draws(self._ordered) if self.is_countable else None
        except SpaceError:  # too many different cases to be told apart
            return None

    @property
    def is_countable(self) -> bool:
        """Whether drawing gives finitely many configurations."""
        return all(parameter.domain.size() is not None for parameter in self.parameters)

    @property
    def may_repeat(self) -> bool:
        """Whether a configuration may be drawn again, but by chance in the last bits: there is one of countable values alone."""
        continuous = [each for each in self.parameters if each.domain.is_continuous]
        return not is_sure(continuous, self._demands, self._by_ident, {})

    def size(self) -> int | None:
        """Number of configurations that drawing can give, constraints aside; None where they cannot be counted."""
        return self._draws

    def active(self, params: Params) -> tuple[Parameter, ...] | None:
        """The parameters that exist in a configuration, parents first; None where `params` is none of this space.

        It is one where it has exactly these, each with a value of its domain.
        """
        chosen: dict[str, Value] = {}
        found: list[Parameter] = []
        for each in self._ordered:
            if _exists(each, chosen):
                if each.name not in params or not each.domain.contains(params[each.name]):
                    return None
                chosen[each.ident] = params[each.name]
                found.append(each)
        return tuple(found) if len(found) == len(params) else None

    def complete(self, given: Params, fill: Callable[[Parameter], Value], *, seeks: bool = True) -> Params:
        """The configuration with the given values; a parameter left out has its default, else what `fill` gives.

        Values may be off the grid and off a step. A value is taken as its domain reads it: an int is a float among floats.
        `seeks`: whether messages say what is near.

        Raises:
            SpaceError: a value out of bounds, a name that is no parameter, or none of this configuration; a constraint that
                the whole does not meet. Paths are names.
        """
        chosen: dict[str, Value] = {}
        problems: list[Problem] = []
        for each in self._ordered:
            if not _exists(each, chosen):
                continue
            if each.name not in given:
                chosen[each.ident] = fill(each) if each.domain.default is UNSET else each.domain.default
                continue
            value = each.domain.taken(given[each.name])
            chosen[each.ident] = value
            if not each.domain.is_in_bounds(value):
                rule = f"is not a value of the parameter, or out of its bounds{instead_of(value, each.domain) if seeks else ''}"
                problems.append(Problem(f" = {shown(value)}: {rule}", each.name))
        whole = self._named(chosen)
        for name in given.keys() - whole.keys():
            known = name in self.names()
            rule = (
                " does not exist with these values"
                if known
                else f": there is no such parameter{did_you_mean(name, self.names() if seeks else ())}"
            )
            problems.append(Problem(rule, name))
        if not problems:
            unmet = [each.expression.text for each in self.constraints if not each.holds(chosen)]
            problems += [Problem(f" does not meet the constraint {text}", "") for text in unmet]
        if problems:
            raise SpaceError(problems)
        return whole

    def in_grid(self, params: Params) -> bool:
        """Whether the grid has this configuration."""
        active = self.active(params)
        return (
            active is not None
            and all(each.domain.grid_find(params[each.name]) is not None for each in active)
            and self.admits(params)
        )

    @cached_property
    def _has_plain_names(self) -> bool:
        return all(each.ident == each.name for each in self.parameters)

    def admits(self, params: Params) -> bool:
        """Whether a configuration of this space meets every constraint.

        Raises:
            SpaceError: a constraint that has no answer for it.
        """
        return not self.constraints or self.unmet(self._by_own(params)) is None

    def unmet(self, chosen: Mapping[str, Value]) -> Constraint | None:
        """The first constraint that a configuration, by ident, does not meet. Raises: as `admits`."""
        for constraint in self.constraints:
            if not constraint.holds(chosen):
                return constraint
        return None

    def _by_own(self, params: Params) -> Mapping[str, Value]:
        """The values of a configuration of this space by ident, as constraints see them."""
        return params if self._has_plain_names else {each.ident: params[each.name] for each in self.active(params) or ()}

    @cached_property
    def admitted(self) -> Admitted:
        """How many configurations of the grid constraints admit; counted once, though many ask. Raises: as `count_grid`."""
        return count_grid(self)

    @cached_property
    def looks(self) -> int:
        """How many configurations of the grid may be held against constraints in about half a second."""
        return looks_of(self)

    @cached_property
    def drawn_looks(self) -> int:
        """As `looks`, of configurations that are drawn."""
        return drawn_looks_of(self)

    @cached_property
    def samples(self) -> int:
        """How many whole configurations may be drawn in about half a second."""
        return samples_of(self.parameters)

    @cached_property
    def drawn(self) -> Tally:
        """What constraints do to configurations that are drawn. Raises: as `tally_draws`."""
        return tally_draws(self)

    def next_after(self, index: int, unmet: Constraint) -> int:
        """The next index of the grid whose configuration may meet a constraint that the one at `index` does not.

        Those between have the same values of all its parameters: a block of a thousand million is passed in one step.
        """
        stride = self._grid.stride(frozenset(unmet.idents.values()))
        return (index // stride + 1) * stride

    def last_before(self, index: int, unmet: Constraint) -> int:
        """As `next_after`, backwards; -1 where there is none."""
        stride = self._grid.stride(frozenset(unmet.idents.values()))
        return index // stride * stride - 1

    def _named(self, chosen: Mapping[str, Value]) -> Params:
        return {self._rank[ident][1]: chosen[ident] for ident in sorted(chosen, key=self._rank.__getitem__)}


def _drawn(ordered: Iterable[Parameter], uniform: Uniform) -> dict[str, Value]:
    """A value for each that exists, by ident; parents come first."""
    drawn: dict[str, Value] = {}
    for parameter in ordered:
        if _exists(parameter, drawn):
            drawn[parameter.ident] = parameter.domain.sample(uniform(parameter.ident))
    return drawn


def _exists(parameter: Parameter, chosen: Mapping[str, Value]) -> bool:
    return all(each.parent in chosen and canonical(chosen[each.parent]) in each.texts for each in parameter.when)


def _join(name: str, path: str) -> str:
    return f"{name}.{path}" if path else name
