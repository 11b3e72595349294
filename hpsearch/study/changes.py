"""What has changed since a study's earlier results were computed: code, data, splits, libraries."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from hpsearch.core.identity import Context
from hpsearch.ledger import ContextRecord

_LIBRARIES = ("hpsearch", "ray", "scikit-learn", "numpy", "scipy", "pandas", "xgboost", "lightgbm", "torch")
_PARTS = {"what": "code or estimator", "data": "data", "splits": "splits", "fidelity": "fidelity", "environment": "environment"}


def installed_versions() -> dict[str, str]:
    """Versions by distribution, of those that are installed, and Python's."""
    found = {"python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def changed_parts(earlier: Sequence[ContextRecord], now: Context) -> str:
    """In words, the parts in which other contexts of the ledger differ from this one."""
    others = [context.parts for context in earlier if context.digest != now.digest]
    words = [_PARTS[name] for name, part in now.parts.items() if any(other.get(name) != part for other in others)]
    return " or ".join(words) or "data, splits or code"


def changed_versions(earlier: Sequence[ContextRecord], now: Context) -> list[str]:
    """Libraries that had other versions when this context's first results were computed: "numpy 2.3 (now 2.4)"."""
    versions = installed_versions()
    before = next((context.versions for context in earlier if context.digest == now.digest), versions)
    return [f"{name} {before[name]} (now {new})" for name, new in versions.items() if before.get(name, new) != new]
