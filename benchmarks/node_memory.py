"""What a node holds of a table of 1 GB, for 1, 2 and 4 workers: how many copies, and whose.

A trial of `chunks` learns the table bit by bit and needs none of it for itself: what is told is what hpsearch takes. A trial of
`fits` cuts out three quarters of the rows and fits them, as any estimator's does: what a worker holds is what its fit needs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cases.big_table import COLUMNS, ROWS, make
from benchmarks.common import Plan, Section, verdict
from benchmarks.environments import BUILT
from benchmarks.scratch import HERE, Scratch
from benchmarks.watching import Look, Watch

WORKERS = (1, 2, 4)
AXES = {
    "chunks": ("alpha", [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1]),
    "fits": ("learning_rate", [0.03, 0.1, 0.2, 0.3, 0.4, 0.5]),
}
# Of a table: in the object store, and in all for trials that need nothing of their own.
STORED, WITHOUT_FITS = 1.1, 1.25
# Each part was measured alone, in a process of its own, as the most that it held beyond what was there before.
WHERE = (
    "Where it goes: two copies while it is loaded are the driver's and the store's, for the seconds in which one becomes the "
    "other (reading the file alone takes 1.13). The row numbers of a split, 0.02, lie in the store beside the table: made by "
    "each worker for itself they took 0.22 of it while that lasted. A worker of fits has its 0.75 of rows once; the fit makes "
    "another copy of them since a frame's columns lie one after the other, which it does not of an array in row order."
)
_FEW_ROWS = 20_000  # of the table that tells what the processes take without one


@dataclass(frozen=True)
class Held:
    """Copies of the table: in shared memory, in the driver, in all workers together. Beyond what they hold without a table."""

    shared: float
    driver: float
    workers: float

    @property
    def whole(self) -> float:
        return self.shared + self.driver + self.workers


@dataclass(frozen=True)
class Seen:
    """A run: its looks before and after the first trial began."""

    before: Sequence[Look]
    after: Sequence[Look]


def node_memory(place: Scratch, plan: Plan) -> Section:
    """Each study by each number of workers, and once on few rows by the most of them."""
    rows = plan.shrunk(ROWS, 10 * _FEW_ROWS)
    tables = {count: _table(count, plan) for count in (_FEW_ROWS, rows)}
    size = rows * COLUMNS * 8
    found: list[dict[str, str]] = []
    met = True
    with place.run_folder() as folder:
        place.store(folder)  # made now: whoever makes it is no driver
    for study in AXES:
        empty = _run(place, plan, study, tables[_FEW_ROWS], WORKERS[-1])
        for workers in WORKERS:
            seen = _run(place, plan, study, tables[rows], workers)
            loading, most = peak(seen.before, empty, workers, size), peak(seen.after, empty, workers, size)
            fits = most.shared <= STORED and (study == "fits" or most.whole <= WITHOUT_FITS)
            met &= fits
            aim = f"{STORED:g} stored" + ("" if study == "fits" else f", {WITHOUT_FITS:g} in all")
            found.append(
                {
                    "study": study,
                    "workers": str(workers),
                    "while it is loaded": f"{loading.whole:.2f}",
                    "while trials run": f"{most.whole:.2f}",
                    "in the store": f"{most.shared:.2f}",
                    "driver": f"{most.driver:.2f}",
                    "a worker": f"{most.workers / workers:.2f}",
                    "node in all": f"{max(look.whole for look in (*seen.before, *seen.after)) / 1e9:.1f} GB",
                    "aim": f"{aim}: {verdict(fits)}",
                }
            )
    notes = [
        f"Copies of a Parquet table of {size / 1e9:.2f} GB ({rows:,} rows, {COLUMNS} columns of float64), at the moment when the "
        "node holds most: proportional set sizes of the command and all processes below it, ten times a second, less what they "
        f"hold with {_FEW_ROWS:,} rows. The last figure is all of it, Ray's own processes and every import included.",
        "chunks: a function that learns a linear model from trial.data, 50,000 rows at a time. fits: "
        "HistGradientBoostingClassifier on three quarters of the rows: a worker holds these (0.75), "
        "and what the fit makes of them.",
    ]
    notes.append(WHERE)
    return Section("table", "Memory of a node, as workers share a table", found, notes, met)


def peak(looks: Sequence[Look], empty: Seen, workers: int, size: int) -> Held:
    """Where the looks hold most beyond the processes themselves, in copies of a table of `size` bytes.

    Args:
        empty: a run of the most workers with next to no table.
    """
    own = [*empty.before, *empty.after]
    driver = max(look.driver for look in own)
    worker = max(look.workers for look in own) / WORKERS[-1]
    held = (
        Held(look.shared / size, max(0, look.driver - driver) / size, max(0.0, look.workers - workers * worker) / size)
        for look in looks
    )
    return max(held, key=lambda one: one.whole)


def _run(place: Scratch, plan: Plan, study: str, table: Path, workers: int) -> Seen:
    plan.say(f"{study} on {table.name} by {workers}")
    name, values = AXES[study]
    trials = workers + workers // 2  # more than workers: one that starts late finds work all the same
    settings = [
        f"data.parquet={table}",
        f"limits.concurrent={workers}",
        f"space.{name}={json.dumps(values[:trials])}",
    ]
    with Watch() as watch:
        told = place.hpsearch(HERE / "studies" / f"big_table_{study}.yaml", *settings, options=[f"--cpus={workers}"])
    if told["completed"] != trials:
        raise RuntimeError(f"{told['peer']}: {told['completed']} of {trials} completed")
    first = watch.looks[0].at + told["ready_s"]
    return Seen([look for look in watch.looks if look.at < first], [look for look in watch.looks if look.at >= first])


def _table(rows: int, plan: Plan) -> Path:
    path = BUILT / f"big_table_{rows}.parquet"
    if not path.exists():
        plan.say(f"making {path.name}")
        make(path, rows)
    return path
