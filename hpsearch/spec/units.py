"""Quantities with units, from text: memory and fractions."""

from __future__ import annotations

import re
from decimal import Decimal

_BYTES: dict[str, int] = {
    **{unit: 10 ** (3 * power) for power, unit in enumerate(("B", "kB", "MB", "GB", "TB"))},
    **{unit: 2 ** (10 * power) for power, unit in enumerate(("KiB", "MiB", "GiB", "TiB"), start=1)},
}
_BY_LOWER = {unit.lower(): size for unit, size in _BYTES.items()}
_QUANTITY = re.compile(r"(?P<number>[0-9]+(\.[0-9]+)?)\s*(?P<unit>[A-Za-z]+)")
_PERCENT = re.compile(r"(?P<number>[0-9]+(\.[0-9]+)?)\s*%")


def memory_bytes(text: str) -> int | None:
    """Bytes in `1GiB`, `512 MiB`, `1.5GB`; None for anything else. Units with an i count in 1024s."""
    match = _QUANTITY.fullmatch(text.strip())
    if match is None or match["unit"].lower() not in _BY_LOWER:
        return None
    return int(Decimal(match["number"]) * _BY_LOWER[match["unit"].lower()])


def fraction(text: str) -> float | None:
    """0 to 1 in `0%` to `100%`; None for anything else."""
    match = _PERCENT.fullmatch(text.strip())
    value = None if match is None else float(Decimal(match["number"]) / 100)
    return value if value is not None and value <= 1 else None
