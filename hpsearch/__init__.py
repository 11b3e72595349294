"""hpsearch: hyperparameter search from one YAML file. A search is compiled like a query; a ledger makes every result count once.

    import hpsearch
    results = hpsearch.run("spec.yaml")          # runs what is missing, with progress
    results = hpsearch.load("churn-boosting")    # a study by its name or folder, or a folder of exported Parquet files

Importing this costs milliseconds: neither ray nor mlflow nor scikit-learn is touched before they are needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hpsearch.core.errors import (
    HpsearchError,
    InfrastructureError,
    Interrupted,
    ObjectiveError,
    SpecError,
    StudyHeldError,
)

if TYPE_CHECKING:
    from hpsearch.cli.python import load, run
    from hpsearch.trainables.handle import TrialHandle as Trial

__version__ = "0.1.0"
__all__ = [
    "HpsearchError",
    "InfrastructureError",
    "Interrupted",
    "ObjectiveError",
    "SpecError",
    "StudyHeldError",
    "Trial",
    "load",
    "run",
]


def __getattr__(name: str) -> Any:
    # Late, so that `import hpsearch` stays free of everything heavy.
    if name == "Trial":
        from hpsearch.trainables.handle import TrialHandle

        return TrialHandle
    if name in ("run", "load"):
        from hpsearch.cli import python

        return getattr(python, name)
    raise AttributeError(f"module 'hpsearch' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
