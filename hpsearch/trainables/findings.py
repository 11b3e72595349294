"""Collecting what is wrong with a spec before any trial starts: all of it, each with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from hpsearch.core.errors import Problem, SpecError

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
    """Problems found so far. Checks add to it and go on; `raise_if_any` ends the matter."""

    def __init__(self, problem_at: ProblemAt) -> None:
        self._problem_at = problem_at
        self._problems: list[Problem] = []

    def add(self, path: str, message: str) -> None:
        self._problems.append(self._problem_at(path, message))

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Keeps a Finding thrown inside the block, and goes on after it."""
        try:
            yield
        except Finding as finding:
            for path, message in finding.items:
                self.add(path, message)

    def __len__(self) -> int:
        return len(self._problems)

    def raise_if_any(self) -> None:
        """Raises: SpecError with every problem, if there is one."""
        if self._problems:
            raise SpecError(self._problems)
