"""What is measured, one function for each benchmark: run everybody in turn, compare, say in words what the figures leave out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any

from benchmarks.common import Comparison, Plan, Section, as_row, compare, interleaved, summarise, verdict
from benchmarks.scratch import HERE, Scratch

TRIVIAL = HERE / "studies" / "trivial.yaml"
HEAVY = ("ray", "mlflow", "sklearn", "pandas", "numpy", "scipy", "sqlalchemy", "matplotlib")
RAY = "Ray Tune"

SEARCH_TRIALS = 1_000  # as benchmarks/cases/functions.py has it
MEMORY_TRIALS = 20_000
SEARCH_MS_A_TRIAL = 3.0
IMPORT_S = 0.4
GROWTH_MB = 100.0


def search(scratch: Scratch, plan: Plan) -> Section:
    """Trivial function trials, ledger and MLflow on, against Ray Tune with MLflow's callback, on like stores."""
    ours: list[dict[str, Any]] = []
    theirs: list[dict[str, Any]] = []
    trials = plan.shrunk(SEARCH_TRIALS)
    for name in interleaved(["hpsearch", RAY], plan.rounds):
        plan.say(f"{trials} trivial trials by {name}")
        if name == RAY:
            theirs.append(scratch.peer("ray_tune_plain", "search", with_store=True))
        else:
            ours.append(_trivial(scratch, trials))
    for told in (*ours, *theirs):
        _check(told, trials)
    compared = [
        _compare("search, ms a trial", RAY, "per_trial_ms", ours, theirs, wanted=10),
        _compare("command to last MLflow run, s", RAY, "total_s", ours, theirs, wanted=3),
        _compare("command to first trial, s", RAY, "ready_s", ours, theirs),
        _compare("command to the end of the process, s", RAY, "process_s", ours, theirs),
    ]
    per_trial = summarise(_values("per_trial_ms", ours))
    notes = [
        f"{trials} function trials that only return a number; every trial in hpsearch's ledger and in MLflow, on a SQLite "
        "store with its tables made and its journal WAL, a fresh copy for each run. Ray Tune has reuse_actors=True and its own "
        "MLflowLoggerCallback and no other logger, one Tune trial for each configuration, two CPUs.",
        f"hpsearch's search: {per_trial} ms a trial, from the first lease to the last commit; "
        f"the aim is under {SEARCH_MS_A_TRIAL:g} ms: {verdict(per_trial.median < SEARCH_MS_A_TRIAL)}. Its mirror delivers beside "
        "the search, Ray's callback within it: the second row counts both to the end.",
    ]
    return _section("search", "Trivial trials, against Ray Tune", compared, notes, per_trial.median < SEARCH_MS_A_TRIAL)


def imports(scratch: Scratch, plan: Plan) -> Section:
    """What it costs to say `import hpsearch`, or to ask for help."""
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "import hpsearch": [sys.executable, "-c", "import hpsearch"],
        "hpsearch --help": [sys.executable, "-m", "hpsearch.cli.main", "--help"],
    }
    taken: dict[str, list[float]] = {name: [] for name in commands}
    plan.say("imports")
    for name in interleaved(list(commands), max(3, plan.rounds) + 2):
        taken[name].append(scratch.seconds(commands[name]))
    rows, met = [], True
    for name, values in taken.items():
        # The first meets cold files.
        found = summarise(values[1:])
        fits = name not in ("import hpsearch", "hpsearch --help") or found.median < IMPORT_S
        met &= fits
        aim = "" if name == "python -c pass" else f"under {IMPORT_S:g} s: {verdict(fits)}"
        rows.append({"measure": name, "seconds": str(found), "aim": aim})
    return Section("imports", "Importing", rows, [f"None of {', '.join(HEAVY)} is imported by either; a test holds that."], met)


def memory(scratch: Scratch, plan: Plan) -> Section:
    """Peak memory of the driver and of the dispatcher, for few trials and for many."""
    few, many = min(200, plan.shrunk(MEMORY_TRIALS) // 2), plan.shrunk(MEMORY_TRIALS)
    peaks: dict[int, list[dict[str, Any]]] = {few: [], many: []}
    for name in interleaved([str(few), str(many)], plan.rounds):
        plan.say(f"memory for {name} trials")
        told = _trivial(scratch, int(name))
        _check(told, int(name))
        peaks[int(name)].append(told)
    rows, met = [], True
    for measure, key, aim_mb in (
        ("hpsearch's process", "peak_rss_mb", GROWTH_MB),
        ("the dispatcher's process", "dispatcher_rss_mb", 0.0),
    ):
        low, high = (summarise([told[key] for told in peaks[n]]) for n in (few, many))
        growth = high.median - low.median
        fits = not aim_mb or growth < aim_mb
        met &= fits
        rows.append(
            {
                "peak resident memory, MiB": measure,
                f"{few} trials": f"{low.median:.0f}",
                f"{many} trials": f"{high.median:.0f}",
                "growth": f"{growth:+.0f}",
                "aim": f"under {aim_mb:g}: {verdict(fits)}" if aim_mb else "",
            }
        )
    times = {n: median(told["total_s"] - told["ready_s"] for told in peaks[n]) for n in peaks}
    notes = [
        "From the first trial to the last MLflow run: "
        + ", ".join(f"{n} trials {taken:.1f} s" for n, taken in times.items())
        + "; "
        f"the search itself {median(told['per_trial_ms'] for told in peaks[many]):.2f} ms a trial of the {many}."
    ]
    return Section("memory", "Memory, as the number of trials grows", rows, notes, met)


_PHASES = (
    ("imports, and the spec is read", None, "imported_s"),
    ("Ray answers; meanwhile data, checks, ledger, mirror", "imported_s", "ray_s"),
    ("dispatcher and workers are up: the first trial begins", "ray_s", "ready_s"),
    ("the search, seen by the driver as finished", "ready_s", "searched_s"),
    ("ranking and report", "searched_s", "reported_s"),
    ("MLflow has the last run", "reported_s", "total_s"),
    ("the ranking is printed", "total_s", "returned_s"),
    ("Ray has ended, the process too", "returned_s", "process_s"),
)


def startup(scratch: Scratch, plan: Plan) -> Section:
    """Where the seconds go that are no search: phase by phase, of runs of few trivial trials."""
    told = []
    for _ in range(plan.rounds):
        plan.say("start-up and end")
        told.append(_trivial(scratch, 10))
    rows = []
    for name, since, until in _PHASES:
        if all(run.get(until) is not None and (since is None or run.get(since) is not None) for run in told):
            found = summarise([run[until] - (run[since] if since is not None else 0.0) for run in told])
            at = median(run[until] for run in told)
            rows.append({"phase": name, "seconds": str(found), "ends at": f"{at:.1f}"})
    return Section("startup", "Where start-up and end go", rows, ["10 trivial trials."], met=True)


MEASURES: dict[str, Callable[[Scratch, Plan], Section]] = {
    "imports": imports,
    "startup": startup,
    "memory": memory,
    "search": search,
}


def _trivial(scratch: Scratch, trials: int) -> dict[str, Any]:
    return scratch.hpsearch(TRIVIAL, f"space.x={json.dumps({'int': [0, trials - 1]})}")


def _check(told: Mapping[str, Any], trials: int) -> None:
    """A run that left something out has no time to be compared."""
    if told["completed"] != trials or told["mlflow_finished"] != trials:
        raise RuntimeError(f"{told['peer']}: {told['completed']} of {trials} completed, {told['mlflow_finished']} in MLflow")


def _values(key: str, runs: Sequence[Mapping[str, Any]]) -> list[float]:
    return [float(told[key]) for told in runs]


def _compare(
    measure: str,
    peer: str,
    key: str,
    ours: Sequence[Mapping[str, Any]],
    theirs: Sequence[Mapping[str, Any]],
    wanted: float = 0.0,
) -> Comparison:
    return compare(measure, peer, _values(key, ours), _values(key, theirs), wanted)


def _section(name: str, title: str, compared: Sequence[Comparison], notes: Sequence[str], met: bool) -> Section:
    return Section(name, title, [as_row(item) for item in compared], notes, met and all(item.is_met for item in compared))
