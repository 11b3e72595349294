"""The physical plan as a tree, for whoever never heard of one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from hpsearch.cli.common import plural
from hpsearch.core.durations import duration
from hpsearch.plan import Explanation, Layer, PlanCounts

_NAMED = 8  # reasons; of more, --json tells


def explanation_lines(counts: PlanCounts, explained: Explanation) -> Iterator[str]:
    """How the trials will be run, outermost first, and why no more is shared."""
    if counts.fits is not None and counts.fits_naive is not None:
        yield f"  fits: {_fewer(counts.fits, counts.fits_naive)}{_in_units(counts)}"
    if any(reason.used for reason in explained.reasons):
        yield "  what trials have in common is done once; every score is the one that the trial has alone, to the last bit:"
    for depth, layer in enumerate(explained.layers):
        yield f"    {'  ' * (depth - 1)}{'└ ' if depth else ''}{layer.about}: {_layer(layer)}"
    if explained.unused:
        yield "    not shared, and why:"
    for reason in explained.unused[:_NAMED]:
        yield f"      {reason.sentence}"
    if len(explained.unused) > _NAMED:
        yield f"      and {len(explained.unused) - _NAMED:,} more (--json has them all)"
    if counts.to_run:
        yield f"  expected time: {_time(explained)}"


def explanation_as_json(explained: Explanation) -> dict[str, object]:
    """Layers, reasons, and what is expected, as data."""
    expected = explained.expected
    return {
        "layers": [asdict(layer) for layer in explained.layers],
        "rules": [{**asdict(reason), "text": reason.sentence} for reason in explained.reasons],
        "expected_s": None if expected is None else expected.wall_s,
        "expected": None if expected is None else asdict(expected),
    }


def _in_units(counts: PlanCounts) -> str:
    return f", in {plural(counts.work_units, 'unit')} of work" if counts.work_units and counts.work_units != counts.to_run else ""


def _layer(layer: Layer) -> str:
    if layer.times is None or layer.naive is None:
        return layer.why
    if layer.times == layer.naive:
        return f"{plural(layer.times, 'time')}, {layer.why}"
    unit = " time" if layer.times == 1 else " times"
    return f"{_fewer(layer.times, layer.naive, unit)}: {layer.why}"


def _fewer(times: int, naive: int, unit: str = "") -> str:
    """ "45 instead of 135 (3x fewer)"."""
    if times == naive:
        return f"{times:,}"
    ratio = naive / times
    return f"{times:,}{unit} instead of {naive:,} ({f'{ratio:.3g}' if ratio < 100 else f'{ratio:,.0f}'}x fewer)"


def _time(explained: Explanation) -> str:
    expected = explained.expected
    if expected is None:
        return "unknown until the first trials have been measured"
    on = plural(expected.workers, "worker")
    return f"{duration(expected.wall_s)} with {on} on this machine, by {plural(expected.measured, 'trial')} measured"
