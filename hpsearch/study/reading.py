"""A spec from its file, with all that can be known to be wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hpsearch.core.errors import SpecError, in_order
from hpsearch.spec import StudySpec, draft_spec
from hpsearch.trainables import further_problems


def open_spec(path: Path | str, *, overrides: Sequence[str] = ()) -> StudySpec:
    """The study that the file at `path` describes, with `--set` assignments applied.

    A spec that is well written is not held against its data and code here: `run`, `plan` and `try_trial` do that.

    Raises:
        SpecError: the spec has mistakes; all of them, and those in what it points at too, in the order of its lines.
    """
    draft = draft_spec(path, overrides=overrides)
    if draft.problems:
        raise SpecError(in_order([*draft.problems, *further_problems(draft)]))
    return draft.checked()
