"""Whether a fitted step gives the same rows each time: what is kept of it would otherwise be what it gives once.

scikit-learn's own transformers do, but for imputation that draws. Of any other step that is seen when it has been fitted: it
transforms the rows to score twice, and leaves alone what it gave before, or it is shared by nobody.
"""

from __future__ import annotations

from typing import Any

_KNOWN = ("sklearn", "numpy", "scipy", "builtins")


class UnsteadyStepError(Exception):
    """A step gives other rows each time, or changes those that it gave: trials with it are to be evaluated one by one."""


def is_known_to_be_steady(step: Any) -> bool:
    """Whether scikit-learn wrote all of the step, functions and transformers inside it included."""
    parts = [step, *step.get_params(deep=True).values()] if hasattr(step, "get_params") else [step]
    return all(_module_of(part).split(".")[0] in _KNOWN and not getattr(part, "sample_posterior", False) for part in parts)


def _module_of(part: Any) -> str:
    return str(part.__module__ if callable(part) and hasattr(part, "__name__") else type(part).__module__)


def mark_of(rows: Any) -> str:
    """Equal for equal rows: arrays, sparse matrices, frames."""
    import joblib  # type: ignore[import-untyped,unused-ignore]  # has no stubs

    return str(joblib.hash(rows))
