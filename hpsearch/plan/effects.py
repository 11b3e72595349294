"""What a spec's own words come to: what each constraint excludes, and what is dropped since it is there already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hpsearch.core.errors import SpecError
from hpsearch.space import Admitted, IntRange, SpaceError, Tally
from hpsearch.spec.model import StudySpec


@dataclass(frozen=True)
class Effect:
    """A constraint by itself: of `looked` configurations it excludes `excluded`.

    Attributes:
        exact: those are all of a grid.
        removed: of a grid, how many it excludes; an estimate where not `exact`. None where configurations are drawn.
    """

    path: str
    text: str
    looked: int
    excluded: int
    exact: bool
    removed: int | None


@dataclass(frozen=True)
class Dropped:
    """`count` configurations or values at `path` that are there already, and so run once."""

    path: str
    count: int
    why: str


def admission(spec: StudySpec) -> Admitted:
    """What constraints leave of a spec's grid.

    Raises:
        SpecError: a constraint has no answer for some configuration.
    """
    try:
        return spec.space.admitted
    except SpaceError as error:
        raise _located(spec, error) from None


def effects(spec: StudySpec) -> tuple[Effect, ...]:
    """Of each constraint, in their order; none for a list, which holds what it says. Raises: as `admission`."""
    if spec.search.method == "list" or not spec.space.constraints:
        return ()
    if spec.search.method == "grid":
        found = admission(spec)
        tally, exact, size = found.tally, found.exact, spec.space.grid_size()
    else:
        tally, exact, size = drawn(spec), False, None
    return tuple(
        Effect(
            path=constraint.place,
            text=constraint.expression.text,
            looked=tally.looked,
            excluded=excluded,
            exact=exact,
            removed=None if size is None else size * excluded // tally.looked,
        )
        for constraint, excluded in zip(spec.space.constraints, tally.excluded, strict=True)
    )


def dropped(spec: StudySpec) -> Iterator[Dropped]:
    """What a search would have twice. A choice that names a value twice is an error, and is not met here."""
    if spec.search.again:
        why = "each stands there before, and runs once" if spec.search.again > 1 else "it stands there before, and runs once"
        yield Dropped(f"search.{'configurations' if spec.search.method == 'list' else 'first'}", spec.search.again, why)
    if spec.search.method != "grid":
        return
    for each in spec.space.parameters:
        domain = each.domain
        if isinstance(domain, IntRange) and domain.points is not None and (left := domain.grid_size()) < domain.points:
            why = f"{domain.points:,} points from {domain.low:,} to {domain.high:,} round to {left:,} whole numbers"
            yield Dropped(f"space.{each.place}", domain.points - left, why)
    again = sum(spec.space.in_grid(params) for params in spec.search.first)
    if again:
        why = "the grid has them too; they come first, and run once" if again > 1 else "the grid has it too; it runs once, first"
        yield Dropped("search.first", again, why)


def drawn(spec: StudySpec) -> Tally:
    """What constraints do to configurations that are drawn. Raises: as `admission`."""
    try:
        return spec.space.drawn
    except SpaceError as error:
        raise _located(spec, error) from None


def _located(spec: StudySpec, error: SpaceError) -> SpecError:
    return SpecError([spec.problem(problem.path, problem.message) for problem in error.problems])
