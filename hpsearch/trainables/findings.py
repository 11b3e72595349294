"""Collecting what is wrong with a spec before any trial starts: all of it, each with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from hpsearch.core.errors import SHOWN, Problem, SpecError, in_order

ProblemAt = Callable[[str, str], Problem]
"""Makes the Problem for (path in the spec, message), with file and line where they are known."""


class Finding(Exception):
    """Thrown where something wrong with the spec, or with what it points at, is found. Never leaves this room.

    Attributes:
        items: (path in the spec, message) of each thing that is wrong; a message that begins with " = " reads on from its path.
    """

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.items: tuple[tuple[str, str], ...] = ((path, message),)

    @classmethod
    def of(cls, items: Sequence[tuple[str, str]]) -> Finding:
        """One exception for several findings; `items` holds at least one."""
        finding = cls(*items[0])
        finding.items = tuple(items)
        return finding


class Findings:
    """Problems found so far. Checks add to it and go on; `raise_if_any` ends the matter.

    Args:
        unread: paths in the spec that hold a mistake which has been told: what follows from it is noise, and left out.
    """

    def __init__(self, problem_at: ProblemAt, unread: frozenset[str] = frozenset()) -> None:
        self._problem_at = problem_at
        self._unread = unread
        self._touched = frozenset(block for path in unread for block in _blocks(path))
        self._problems: list[Problem] = []

    def add(self, path: str, message: str) -> None:
        if self.is_whole(path):
            self._problems.append(self._problem_at(path, message))

    def is_unread(self, path: str) -> bool:
        """Whether what stands at `path`, or around it, could not be read."""
        return not self._unread.isdisjoint(_blocks(path))

    def is_whole(self, path: str) -> bool:
        """Whether all that stands at `path`, and in it, could be read."""
        return not self.is_unread(path) and path not in self._touched

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Keeps a Finding thrown inside the block, and goes on after it."""
        try:
            yield
        except Finding as finding:
            for path, message in finding.items:
                self.add(path, message)

    @property
    def seeks_near(self) -> bool:
        """Whether a near name is looked for: that takes long, and of more problems nobody reads."""
        return len(self._problems) < SHOWN

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(self._problems)

    def raise_if_any(self) -> None:
        """Raises: SpecError with every problem, if there is one."""
        if self._problems:
            raise SpecError(in_order(self._problems))


def _blocks(path: str) -> Iterator[str]:
    """The path and those of all blocks around it; not the empty one, which is the whole spec's, of which more can be said."""
    yield from (path[:end] for end, mark in enumerate(path) if mark in ".[" and end)
    if path:
        yield path
