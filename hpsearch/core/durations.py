"""Times as people say them, on pages and in terminals alike."""

from __future__ import annotations

import math

_SMALL = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))
_LEAST_S = 0.0995  # what rounds to a tenth of a second is told in seconds: 0.15 s, 42 ms
_LARGE = ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s"))


def duration(seconds: float) -> str:
    """Two significant digits in a unit that fits: "150 µs", "42 ms", "0.15 s", "42 s"; from a minute "3 min 20 s", "3 d 4 h"."""
    if not math.isfinite(seconds):
        return "–"
    whole = round(seconds)
    for size, unit, smaller_size, smaller in _LARGE:
        if whole >= size:
            rest = whole % size // smaller_size
            return f"{whole // size} {unit} {rest} {smaller}" if rest else f"{whole // size} {unit}"
    if seconds < 1e-9:
        return "0 s"
    unit_s, unit = unit_of(seconds)
    return f"{_two_digits(seconds / unit_s)} {unit}"


def unit_of(seconds: float) -> tuple[float, str]:
    """The unit that a time below a minute is told in, its size in seconds and its name."""
    if seconds >= _LEAST_S:
        return _SMALL[0]
    # What rounds up to a thousand is one of the next unit.
    return _SMALL[1] if seconds >= 0.995e-3 else _SMALL[2]


def _two_digits(value: float) -> str:
    """0.15, 4.2, 42, 420; of one that rounds to 10 no more."""
    places = max(0, 1 - math.floor(math.log10(float(f"{value:.1e}"))))
    return f"{float(f'{value:.1e}'):.{places}f}"
