"""Where a search's time goes that is left: the functions that spent it, by Python's profiler, on one worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.cases import work_of
from benchmarks.common import Plan, Section
from benchmarks.contests import Contest, overrides
from benchmarks.scratch import Scratch

_NAMED = 4  # functions of each case


def inside(contests: tuple[Contest, ...], scratch: Scratch, plan: Plan) -> Section:
    """One run of each case; its seconds by who spent them."""
    rows = []
    for contest in contests:
        plan.say(f"{contest.name} under the profiler")
        rows += rows_of(contest.name, _profiled(contest, scratch))
    notes = [
        "Seconds of one process with one thread, under cProfile: the search, and what lies around it, loading, planning and the "
        "report. A function's seconds are its own and those of C that it calls.",
        "hpsearch: all of its own Python, with the ledger's statements, the plan and the records made for each trial.",
    ]
    return Section("inside", "Where the rest of the time goes", rows, notes, met=True)


def _profiled(contest: Contest, scratch: Scratch) -> dict[str, float]:
    with scratch.run_folder() as folder:
        settings = [part for item in overrides(work_of(contest.case)) for part in ("--set", item)]
        store = ["--store", scratch.store(folder), "--folder", str(folder)]
        told: dict[str, Any] = scratch.tell("inside_side", str(contest.study), *store, *settings, folder=folder)
    return dict(told["inside"])


def rows_of(case: str, spent: Mapping[str, float]) -> list[dict[str, str]]:
    """The functions that took most, hpsearch as a whole, and the rest."""
    whole = sum(spent.values())
    own = sum(seconds for owner, seconds in spent.items() if owner.startswith("hpsearch: "))
    others = sorted(((owner, s) for owner, s in spent.items() if not owner.startswith("hpsearch: ")), key=lambda one: -one[1])
    named = [*others[:_NAMED], ("hpsearch", own)]
    rest = whole - sum(seconds for _, seconds in named)
    return [
        {"case": case, "who": owner, "seconds": f"{seconds:.1f}", "share": f"{100 * seconds / whole:.1f} %"}
        for owner, seconds in [*named, ("all else", rest)]
    ]
