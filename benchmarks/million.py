"""A study of a million trials: read from its ledger, read from Parquet, and ranked. Seconds, and the most memory that it took."""

from __future__ import annotations

from benchmarks.common import Plan, Section, summarise, verdict
from benchmarks.scratch import Scratch

TRIALS = 1_000_000
# By what million_side.py does: its row's name, and the seconds aimed at; 0 for none.
STEPS = {
    "sqlite": ("from its ledger, SQLite, ranked too", 20.0),
    "export": ("written as Parquet", 0.0),
    "parquet": ("from Parquet", 2.0),
    "rank": ("ranked, once loaded", 1.0),
}
PEAK_MB = 2_000.0


def million(scratch: Scratch, plan: Plan) -> Section:
    """Each step in a process of its own, in turns."""
    trials = plan.shrunk(TRIALS, 1_000)
    found: dict[str, list[tuple[float, float]]] = {step: [] for step in STEPS}
    with scratch.run_folder() as folder:
        plan.say(f"a ledger of {trials:,} trials is made")
        scratch.tell("million_side", "make", str(folder), "--trials", str(trials), folder=folder)
        for _ in range(plan.rounds):
            for step in STEPS:
                plan.say(f"{trials:,} trials: {step}")
                told = scratch.tell("million_side", step, str(folder), folder=folder)
                found[step].append((told["seconds"], told["peak_mb"]))
    rows, met = [], True
    for step, (name, wanted) in STEPS.items():
        seconds, peak = (summarise(column) for column in zip(*found[step], strict=True))
        fits = (not wanted or seconds.median <= wanted) and peak.median <= PEAK_MB
        met &= fits
        aim = f"{f'{wanted:g} s, ' if wanted else ''}{PEAK_MB:,.0f} MB: {verdict(fits)}"
        rows.append({"step": name, "seconds": str(seconds), "peak, MB": f"{peak.median:,.0f}", "aim": aim})
    notes = [
        f"{trials:,} function trials with three parameters and two metrics, one score each, and each with its run in "
        "MLflow. Seconds exclude imports; the peak is of the whole process, imports included, "
        "and of loading the study for the steps that need it loaded.",
        "Reading a ledger verifies the checksum of every row, and that none is missing; Parquet files are trusted as they are.",
    ]
    return Section("million", "A million trials, read and ranked", rows, notes, met)
