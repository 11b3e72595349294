"""What is aimed at in a contest, and whether it was reached. Pure: from what the runs told to rows of a table.

A judge takes the runs by competitor, in the order of their rounds; one that did not run is not among them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, TypeAlias

from benchmarks.cases import Work
from benchmarks.common import as_row, compare, share_of_ideal, summarise, verdict

Told: TypeAlias = Mapping[str, Sequence[Mapping[str, Any]]]
Row: TypeAlias = Mapping[str, str]

OURS, GRID, RAY = "hpsearch", "GridSearchCV", "Ray Tune"
ALLOWED_RATIO, ALLOWED_START_S = 1.05, 10.0
TRIVIAL_MS = 0.5
OF_IDEAL = 0.98


@dataclass(frozen=True)
class Judged:
    """`rows` of one table, `notes` below it; `met`: every aim was."""

    rows: Sequence[Row]
    notes: Sequence[str]
    met: bool


def faster(wanted: float, than: str = GRID) -> Callable[[Told, Work], Judged]:
    """At least `wanted` times as fast as the peer `than`, from the command to the last score."""

    def judge(told: Told, work: Work) -> Judged:
        rows, met = _compared("command to the last score, s", "last_score_s", told, {than: wanted})
        alone, _ = _compared("search alone, s", "search_s", told, {})
        return Judged([*rows, *alone], _where(told), met)

    return judge


def no_slower(told: Told, work: Work) -> Judged:
    """Where nothing can be shared: no more than 1.05 times GridSearchCV's time, and ten seconds for the start."""
    judged = faster(0.0)(told, work)
    if not told.get(GRID):
        return judged
    pairs = zip(_values(told[OURS], "last_score_s"), _values(told[GRID], "last_score_s"), strict=True)
    over = summarise([ours - ALLOWED_RATIO * theirs for ours, theirs in pairs])
    fits = over.median <= ALLOWED_START_S
    row = {
        "measure": f"beyond {ALLOWED_RATIO:g} x {GRID}'s, s",
        "hpsearch": str(over),
        "peer": "",
        "ratio": "",
        "aim": f"at most {ALLOWED_START_S:g}: {verdict(fits)}",
    }
    return Judged([*judged.rows, row], judged.notes, fits)


def cheap_trials(told: Told, work: Work) -> Judged:
    """Trials that cost nothing: under half a millisecond each, and twenty times less than Ray Tune's."""
    rows, met = _compared("search, ms a trial", "per_trial_ms", told, {RAY: 20.0})
    trials = len(work.configurations)
    whole = {name: runs for name, runs in told.items() if all(run["completed"] == trials for run in runs)}
    total, _ = _compared("command to the last score, s", "last_score_s", whole, {})
    part = [
        f"{name} ran {runs[0]['completed']} of them: its milliseconds are of those."
        for name, runs in told.items()
        if name not in whole
    ]
    ours = summarise(_values(told[OURS], "per_trial_ms"))
    fits = ours.median < TRIVIAL_MS
    row = {
        "measure": "search, ms a trial",
        "hpsearch": str(ours),
        "peer": "",
        "ratio": "",
        "aim": f"under {TRIVIAL_MS:g}: {verdict(fits)}",
    }
    return Judged([row, *rows, *total], [*part, *_where(told)], met and fits)


def near_ideal(told: Told, work: Work) -> Judged:
    """Trials that sleep: how much of its slots each tool keeps busy once all its workers are up."""
    trials = len(work.configurations)
    ideal_s = trials * work.seconds / work.jobs
    shares: dict[str, list[float]] = {}
    notes = []
    for name, runs in told.items():
        try:
            shares[name] = [share_of_ideal(run["starts"], run["last_score_s"], work.jobs, work.seconds) for run in runs]
        except ValueError as error:
            notes.append(f"{name}: {error}, so that no share is told.")
    rows = []
    for name, runs in told.items():
        share = f"{100 * median(shares[name]):.1f} %" if name in shares else "-"
        seconds = summarise(_values(runs, "last_score_s"))
        aim = ""
        if name == OURS:
            aim = f"{100 * OF_IDEAL:g} %: {verdict(name in shares and median(shares[name]) >= OF_IDEAL)}"
        rows.append(
            {
                "who": name,
                "of the ideal, once all are up": share,
                "command to the last score, s": str(seconds),
                "of the ideal in all": f"{100 * ideal_s / seconds.median:.1f} %",
                "aim": aim,
            }
        )
    notes.append(
        f"{trials} trials of {work.seconds:g} s on {work.jobs} slots: ideally {ideal_s:g} s. A share counts from the moment when "
        f"{work.jobs} workers have begun a trial to the last score; before that, processes start."
    )
    return Judged(rows, notes, OURS in shares and median(shares[OURS]) >= OF_IDEAL)


def _compared(measure: str, key: str, told: Told, wanted: Mapping[str, float]) -> tuple[list[Row], bool]:
    """A row for each peer, of the rounds that it ran; whether every wanted ratio was reached, which it was not by one whose peer
    has not run.
    """
    found = []
    for name in told:
        if name != OURS:
            theirs = _values(told[name], key)
            found.append(compare(measure, name, _values(told[OURS], key)[: len(theirs)], theirs, wanted.get(name, 0.0)))
    ran = all(name in told for name, ratio in wanted.items() if ratio)
    return [as_row(one) for one in found], ran and all(one.is_met for one in found)


def _where(told: Told) -> list[str]:
    """Where hpsearch's own time goes."""
    runs = told[OURS]
    if any(key not in run for run in runs for key in ("ready_s", "last_score_s", "process_s")):
        return []
    start, search, rest = (
        median(run["ready_s"] for run in runs),
        median(run["last_score_s"] - run["ready_s"] for run in runs),
        median(run["process_s"] - run["last_score_s"] for run in runs),
    )
    return [
        f"Of hpsearch's time: {start:.1f} s to the first trial, {search:.1f} s of search, and {rest:.1f} s from the last score "
        "to the end of the process (ranking, report, MLflow, Ray's end), which no row above counts."
    ]


def _values(runs: Sequence[Mapping[str, Any]], key: str) -> list[float]:
    return [float(run[key]) for run in runs]
