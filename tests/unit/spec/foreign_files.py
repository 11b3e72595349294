"""Files of other tools, imported, and the studies that come of them."""

from __future__ import annotations

from pathlib import Path

from harness import told

from hpsearch.core.errors import Problem, SpecError
from hpsearch.core.values import Params, canonical
from hpsearch.spec import StudySpec, parse_spec
from hpsearch.spec.foreign import Imported, import_text


def imported(text: str, system: str | None = None, file: str = "file.yaml") -> Imported:
    return import_text(text, file, system)


def study(text: str) -> StudySpec:
    """The study that a file becomes."""
    return parse_spec(imported(text).text, file="spec.yaml", folder=Path(), environ={})


def grid(text: str) -> list[Params]:
    space = study(text).space
    return [space.grid_at(index) for index in range(space.grid_size())]


def same(found: list[Params], listed: list[dict[str, object]]) -> bool:
    """Whether these are the same configurations, in whatever order, types included: 1 is not 1.0."""
    return sorted(map(canonical, found)) == sorted(map(canonical, listed))


def line(text: str, key: str) -> str:
    """The line of the spec that begins with `key`, without its indentation."""
    found = [each.strip() for each in imported(text).text.splitlines() if each.strip().removeprefix("# ").startswith(f"{key}:")]
    return found[0] if found else ""


def lost(text: str) -> list[str]:
    """What has no counterpart: "LINE  path: reason"."""
    return [told(each).removeprefix("file.yaml:") for each in imported(text).lost]


def problems(text: str, system: str | None = None) -> tuple[Problem, ...]:
    try:
        imported(text, system)
    except SpecError as error:
        return error.problems
    return ()


def refused(text: str, system: str | None = None) -> list[str]:
    """What is wrong with a file: "LINE  path: message"."""
    return [told(problem).removeprefix("file.yaml:") for problem in problems(text, system)]
