"""The configuration or trial that the beginning of an id or key means."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from hpsearch.core.errors import SpecError
from hpsearch.core.names import nearest

_SHOWN_MATCHES = 5


def find(study: str, configs: pd.DataFrame, trials: pd.DataFrame, prefix: str) -> tuple[str, str]:
    """The config_id, and the trial's key where a trial was meant, else "".

    Raises:
        SpecError: nothing, or more than one thing, begins like that.
    """
    known = {str(config_id): (str(config_id), "") for config_id in configs["config_id"]}
    keys = zip(trials["trial_key"].astype(str), trials["config_id"].astype(str), strict=True)
    known.update({key: (config_id, key) for key, config_id in keys})
    if prefix in known:
        return known[prefix]
    wanted = prefix.strip()
    # A person copies a key with its version or without: 3fa9... means v1:3fa9... too.
    matches = [name for name in known if wanted and (name.startswith(wanted) or name.partition(":")[2].startswith(wanted))]
    if len(matches) == 1:
        return known[matches[0]]
    if matches:
        raise SpecError(f"{prefix!r} begins more than one configuration or trial of {study}: {_listed(matches)}")
    raise SpecError(f"no configuration or trial of {study} begins with {prefix!r}{_near(wanted, known)}")


def _near(wanted: str, known: Iterable[str]) -> str:
    # Compared at the length that was typed: six digits are never "close" to thirty-five.
    heads: dict[str, str] = {}
    for name in known:
        heads.setdefault(name[: len(wanted)], name)
        heads.setdefault(name.partition(":")[2][: len(wanted)] or name, name)
    match = nearest(wanted, heads) if wanted else None
    if match:
        return f"; did you mean {heads[match]}?"
    return "" if heads else "; nothing has been recorded yet"


def _listed(matches: list[str]) -> str:
    shown = sorted(matches)[:_SHOWN_MATCHES]
    return ", ".join(shown) + (f" and {len(matches) - len(shown)} more" if len(matches) > len(shown) else "")
