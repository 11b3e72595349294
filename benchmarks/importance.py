"""What matters among 1,000 trials of ten parameters: hpsearch's fANOVA against Optuna's, and the time of all pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks import environments
from benchmarks.cases.shares import N_PARAMETERS
from benchmarks.common import Comparison, Plan, Section, as_row, compare, interleaved, summarise, verdict
from benchmarks.scratch import Scratch

TRIALS = 1000
MAIN_S, RATIO, PAIRS_S = 1.0, 20.0, 10.0
_OURS, _OPTUNA = "hpsearch", "Optuna"


def importance(place: Scratch, plan: Plan) -> Section:
    """Both in turn, each in a process of its own; the time from the trials in memory to the shares."""
    python = str(environments.make("optuna"))
    trials = plan.shrunk(TRIALS)
    told: dict[str, list[dict[str, Any]]] = {_OURS: [], _OPTUNA: []}
    for name in interleaved([_OURS, _OPTUNA], plan.rounds):
        plan.say(f"importance among {trials} trials by {name}")
        with place.run_folder() as folder:
            if name == _OURS:
                told[name].append(place.tell("importance_side", str(trials), folder=folder))
            else:
                told[name].append(place.tell("peers.optuna_fanova", str(trials), folder=folder, python=python))
    return judged(trials, told[_OURS], told[_OPTUNA])


def judged(trials: int, ours: Sequence[Mapping[str, Any]], theirs: Sequence[Mapping[str, Any]]) -> Section:
    """The section, from what the runs told."""
    main = _compared("each parameter, s", "main_s", ours, theirs, RATIO)
    cpu = _compared("each parameter, s of a CPU", "main_cpu_s", ours, theirs, 0.0)
    pairs = summarise([one["pairs_s"] for one in ours])
    in_time = main.ours.median <= MAIN_S
    rows = [
        as_row(main),
        as_row(cpu),
        {
            "measure": "each and all pairs, s",
            "hpsearch": f"{pairs.median:.2f}",
            "peer": "",
            "ratio": "",
            "aim": f"at most {PAIRS_S:g}: {verdict(pairs.median <= PAIRS_S)}",
        },
    ]
    notes = [
        f"{trials} trials of random search over {N_PARAMETERS} parameters from 0 to 1, a tenth of the variance noise. Seconds of "
        "one process, from trials in memory to shares, imports left out. hpsearch's have intervals of twelve samples, totals and "
        f"warnings besides; the aim for each parameter is {MAIN_S:g} s: {verdict(in_time)}.",
        f"Largest: {_largest(ours[0])} by hpsearch; {_largest(theirs[0])} by Optuna, which takes each tree apart by itself "
        "(docs/statistics.md).",
    ]
    met = main.is_met and in_time and pairs.median <= PAIRS_S
    return Section("importance", "What matters, against Optuna's fANOVA", rows, notes, met)


def _compared(
    measure: str, key: str, ours: Sequence[Mapping[str, Any]], theirs: Sequence[Mapping[str, Any]], wanted: float
) -> Comparison:
    return compare(measure, _OPTUNA, [one[key] for one in ours], [one[key] for one in theirs], wanted)


def _largest(told: Mapping[str, Any]) -> str:
    first = sorted(told["shares"].items(), key=lambda item: -item[1])[:3]
    return ", ".join(f"{name} {100 * share:.0f} %" for name, share in first)
