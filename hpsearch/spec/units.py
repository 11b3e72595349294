"""Quantities with units, from text: memory, times and fractions; and the same as patterns, for the JSON Schema."""

from __future__ import annotations

import re
from decimal import Decimal

_BYTES: dict[str, int] = {
    **{unit: 10 ** (3 * power) for power, unit in enumerate(("B", "kB", "MB", "GB", "TB"))},
    **{unit: 2 ** (10 * power) for power, unit in enumerate(("KiB", "MiB", "GiB", "TiB"), start=1)},
}
_BY_LOWER = {unit.lower(): size for unit, size in _BYTES.items()}
_QUANTITY = re.compile(r"(?P<number>[0-9]+(\.[0-9]+)?)\s*(?P<unit>[A-Za-z]+)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

# Of a schema's pattern no letter's case can be left open but so.
BYTES = r"^\s*(?=.*[1-9])[0-9]+(\.[0-9]+)?\s*([kKmMgGtT]([iI])?)?[bB]\s*$"
SECONDS = r"^\s*(?=.*[1-9])[0-9]+(\.[0-9]+)?\s*[smhdSMHD]\s*$"
PERCENT = r"^\s*(100(\.0+)?|0*[0-9]{1,2}(\.[0-9]+)?)\s*%\s*$"

_PERCENT = re.compile(r"(?P<number>[0-9]+(\.[0-9]+)?)\s*%")


def memory_bytes(text: str) -> int | None:
    """Bytes in `1GiB`, `512 MiB`, `1.5GB`; None for anything else. Units with an i count in 1024s."""
    match = _QUANTITY.fullmatch(text.strip())
    if match is None or match["unit"].lower() not in _BY_LOWER:
        return None
    return int(Decimal(match["number"]) * _BY_LOWER[match["unit"].lower()])


def seconds(text: str) -> float | None:
    """Seconds in `90s`, `10m`, `1.5h`, `1d`; None for anything else."""
    match = _QUANTITY.fullmatch(text.strip())
    if match is None or match["unit"].lower() not in _SECONDS:
        return None
    return float(Decimal(match["number"]) * _SECONDS[match["unit"].lower()])


def fraction(text: str) -> float | None:
    """0 to 1 in `0%` to `100%`; None for anything else."""
    match = _PERCENT.fullmatch(text.strip())
    value = None if match is None else float(Decimal(match["number"]) / 100)
    return value if value is not None and value <= 1 else None
