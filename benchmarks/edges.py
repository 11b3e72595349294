"""How long a user waits for the first result, and after the last: a study of one trial that does nothing.

No stopwatch runs within the command here: what it did and when is read from its ledger afterwards.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from filelock import FileLock

from benchmarks.common import Plan, Section, as_row, compare, interleaved, summarise, verdict
from benchmarks.recorded import read
from benchmarks.scratch import HERE, Scratch

TRIVIAL = HERE / "studies" / "trivial.yaml"
BARE = "bare Tuner"
EXIT_S = 1.0
_MIRROR_S = 120.0


def edges(scratch: Scratch, plan: Plan) -> Section:
    """Command to the first committed result, beside a bare Tuner's with one trial; last commit to the end of the process."""
    ours: list[dict[str, float]] = []
    theirs: list[dict[str, Any]] = []
    for name in interleaved(["hpsearch", BARE], plan.rounds):
        plan.say(f"one trial by {name}")
        if name == BARE:
            theirs.append(scratch.peer("ray_tune_plain", "one"))
        else:
            ours.append(_command(scratch))
    first = compare(
        "command to the first result, s",
        BARE,
        [run["first_result_s"] for run in ours],
        [run["first_result_s"] for run in theirs],
        wanted=1,
    )
    leaving = summarise([run["exit_s"] for run in ours])
    fits = leaving.median < EXIT_S
    aim = f"under {EXIT_S:g} s: {verdict(fits)}"
    row = {"measure": "last commit to the end of the process, s", "hpsearch": str(leaving), "peer": "", "ratio": "", "aim": aim}
    notes = [
        f"One trial that does nothing, by `hpsearch run --no-wait` and by {BARE} of Ray Tune (tune.Tuner, no loggers). A result "
        "of hpsearch's counts when it is committed, one of Ray's when its callback sees it. The mirror is left to deliver alone.",
    ]
    return Section("edges", "The first result, and the way out", [as_row(first), row], notes, first.is_met and fits)


def _command(scratch: Scratch) -> dict[str, float]:
    with scratch.run_folder() as folder:
        settings = [f"tracking.uri={scratch.store(folder)}", "space.x=0"]
        command = [sys.executable, "-m", "hpsearch.cli.main", "run", str(TRIVIAL), "--dir", str(folder), "--no-wait", "--cpus=2"]
        started = time.time()
        scratch.seconds([*command, *(f"--set={setting}" for setting in settings)], folder)
        ended = time.time()
        study = folder / "trivial"
        _wait_for_mirror(study)
        found = read(study / "ledger.db")
    return {"first_result_s": found.first_commit - started, "exit_s": ended - found.last_commit}


def _wait_for_mirror(study: Path) -> None:
    """It lives beside the next run else, and in a folder that is removed under it."""
    with FileLock(study / "mirror.lock").acquire(timeout=_MIRROR_S):
        pass
