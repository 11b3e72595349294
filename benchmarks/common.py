"""What every benchmark needs: an order of runs that is fair to all, and numbers that say how sure they are.

Pure; nothing here starts a process or looks at a clock. Timings of one machine mean little elsewhere, and on a shared
machine not even an hour later: so competitors take turns within one session, and what is told is the ratio of neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Plan:
    """How much to run. `scale`: the part of every benchmark's full size; `say` is told what runs now."""

    rounds: int
    scale: float
    say: Callable[[str], None]

    def shrunk(self, full: int, least: int = 20) -> int:
        return min(full, max(least, round(full * self.scale)))


@dataclass(frozen=True)
class Section:
    """One benchmark's answer: a table of text cells, and sentences. `met`: every aim of it was."""

    name: str
    title: str
    rows: Sequence[Mapping[str, str]]
    notes: Sequence[str]
    met: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """`n` values of one measure, in its own unit."""

    median: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.median:.3g} ({self.low:.3g} to {self.high:.3g}, n={self.n})"


def summarise(values: Sequence[float]) -> Summary:
    """Median and range.

    Raises:
        ValueError: of no values.
    """
    if not values:
        raise ValueError("no values to summarise")
    return Summary(median(values), min(values), max(values), len(values))


def interleaved(names: Sequence[str], rounds: int) -> tuple[str, ...]:
    """The order of runs: each name once a round, every second round backwards (A B, B A, A B, ...).

    Run one after the other in blocks, the first would meet a cold machine and the last a warm or a throttled one; always in the
    same order, each would always follow the same neighbour.
    """
    forwards = tuple(names)
    return tuple(name for index in range(rounds) for name in (forwards if index % 2 == 0 else forwards[::-1]))


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> Summary:
    """How many times longer theirs took, from pairs of the same round.

    The median of the ratios, not the ratio of the medians: a slow quarter of an hour then weighs on its own pairs alone.

    Raises:
        ValueError: where the runs are not paired, or one of ours took no time.
    """
    if len(ours) != len(theirs):
        raise ValueError(f"{len(ours)} runs of ours cannot be paired with {len(theirs)} of theirs")
    if any(value <= 0 for value in ours):
        raise ValueError("a run that took no time has no ratio")
    return summarise([their / our for our, their in zip(ours, theirs, strict=True)])


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure ("seconds from the command to the last result"), ours against a peer's.

    `wanted` is the ratio aimed at, 0 for none.
    """

    measure: str
    peer: str
    ours: Summary
    theirs: Summary
    ratio: Summary
    wanted: float = 0.0

    @property
    def is_met(self) -> bool:
        return self.ratio.median >= self.wanted


def compare(measure: str, peer: str, ours: Sequence[float], theirs: Sequence[float], wanted: float = 0.0) -> Comparison:
    """A comparison of runs that were paired by round."""
    return Comparison(measure, peer, summarise(ours), summarise(theirs), ratios(ours, theirs), wanted)


def verdict(fits: bool) -> str:
    return "met" if fits else "missed"


def as_row(comparison: Comparison) -> Mapping[str, str]:
    """A comparison as cells of text, for a table."""
    ratio = comparison.ratio
    return {
        "measure": comparison.measure,
        "hpsearch": f"{comparison.ours.median:.2f}",
        "peer": f"{comparison.peer}: {comparison.theirs.median:.2f}",
        "ratio": f"{ratio.median:.1f}x ({ratio.low:.1f} to {ratio.high:.1f}, n={ratio.n})",
        "aim": f"{comparison.wanted:g}x: {verdict(comparison.is_met)}" if comparison.wanted else "",
    }


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two sets of scores agree.

    Attributes:
        n: configurations compared.
        missing: configurations that only one of the two has, or that differ in their number of splits.
        different: scores (of one configuration on one split) that differ in any bit.
        largest: the largest difference.
    """

    n: int
    missing: int
    different: int
    largest: float

    @property
    def is_exact(self) -> bool:
        return not self.missing and not self.different

    def __str__(self) -> str:
        if self.is_exact:
            return f"{self.n} of {self.n} configurations equal to the last bit"
        gone = f", {self.missing} without a counterpart" if self.missing else ""
        return f"NOT EQUAL: {self.different} scores of {self.n} configurations differ, by {self.largest:.2g} at most{gone}"


def agreement(ours: Mapping[str, Sequence[float]], theirs: Mapping[str, Sequence[float]]) -> Agreement:
    """Scores by configuration, one for each split, compared bit for bit."""
    both = [name for name in ours if name in theirs and len(ours[name]) == len(theirs[name])]
    gaps = [abs(a - b) for name in both for a, b in zip(ours[name], theirs[name], strict=True) if a != b]
    return Agreement(len(both), len(ours.keys() | theirs.keys()) - len(both), len(gaps), max(gaps, default=0.0))


def share_of_ideal(starts: Sequence[tuple[str, float]], end: float, slots: int, seconds: float) -> float:
    """How much of its `slots` a run of sleeping trials has used, from the moment when so many workers had begun one, to `end`.

    Args:
        starts: who began a trial, and when.
        seconds: how long each sleeps. What it overslept is no work.

    Raises:
        ValueError: fewer workers than slots ever began a trial.
    """
    first: dict[str, float] = {}
    for worker, at in starts:
        first[worker] = min(at, first.get(worker, at))
    if len(first) < slots:
        raise ValueError(f"only {len(first)} workers of {slots} ever began a trial")
    up = sorted(first.values())[slots - 1]
    work = sum(min(seconds, max(0.0, at + seconds - up)) for _, at in starts)
    return work / slots / (end - up)
