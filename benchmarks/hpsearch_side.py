"""`hpsearch run` as a user types it, with a stopwatch beside it. Runs alone; prints one line of JSON.

    python -m benchmarks.hpsearch_side SPEC --store sqlite:////tmp/x/mlflow.db --folder /tmp/x [--set NAME=VALUE ...] [--scores]

What is run is the command itself, from its arguments to its ranking (which goes to stderr here). Times are seconds from the
start of this command; where it was really given is what `--started` says.

    imported_s    the command's modules are there, the spec is read
    ray_s         Ray answers
    ready_s       the first trial begins
    search_s      from the first lease to the last commit, as `hpsearch run` itself counts it
    first_result_s, last_score_s  the first and the last result are committed
    searched_s    the driver has seen that nothing is left
    reported_s    the run's end is in the ledger, ranking and report are written, and MLflow is waited for
    total_s       MLflow holds every run
    returned_s    the ranking is printed; Ray's end is still to come
    peak_rss_mb   of this process; dispatcher_rss_mb: of the dispatcher's
    scores        with --scores: the metric of each configuration, one for each split
    starts        with --starts: of each trial, its worker and when it began
"""

from __future__ import annotations

import time

STARTED = time.time()

import argparse  # noqa: E402
import contextlib  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import re  # noqa: E402
import resource  # noqa: E402
import sys  # noqa: E402
from importlib import import_module  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description="hpsearch run, timed")
    parser.add_argument("spec", type=Path)
    parser.add_argument("--store", required=True, help="MLflow's tracking URI")
    parser.add_argument("--folder", type=Path, required=True, help="where studies/ is made")
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    parser.add_argument("--started", type=float, default=STARTED, help="when the command was given, POSIX seconds")
    parser.add_argument("--cpus", type=int, help="of the local Ray")
    parser.add_argument("--scores", action="store_true")
    parser.add_argument("--starts", action="store_true")
    options = parser.parse_args()
    with contextlib.redirect_stdout(sys.stderr):
        told = run(options)
    print(json.dumps(told), flush=True)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Run the command, and tell the times."""
    from benchmarks.recorded import read
    from hpsearch.cli.main import run_command

    command: Any = import_module("hpsearch.cli.run")  # Any: run_study is replaced, which it is not made for
    watch = Stopwatch(options.started)
    run_study = command.run_study

    def watched(spec: Any, how: Any, *, events: Any, control: Any) -> Any:
        watch.lap("imported_s")
        summary = run_study(spec, how, events=Watched(events, watch), control=control)
        watch.lap("total_s")
        watch.summary = summary
        return summary

    command.run_study = watched
    overrides = [f"tracking.uri={options.store}", *options.overrides]
    arguments = [str(options.spec), "--dir", str(options.folder / "studies"), *(f"--set={item}" for item in overrides)]
    sys.argv = ["hpsearch", "run", *arguments, *([f"--cpus={options.cpus}"] if options.cpus else [])]
    if code := run_command():
        raise SystemExit(code)
    watch.lap("returned_s")
    peak = peak_rss_mb()

    summary, since = watch.summary, options.started
    found = read(summary.folder.ledger, scores=options.scores, starts=options.starts)
    search_s = summary.progress.search_s
    return {
        "peer": "hpsearch",
        "completed": found.completed,
        "mlflow_finished": summary.delivery.delivered,
        "mlflow_pending": summary.delivery.pending,
        "ready_s": found.first_start - since,
        "first_result_s": found.first_commit - since,
        "search_s": search_s,
        "last_score_s": found.last_commit - since,
        "per_trial_ms": 1000 * search_s / found.completed,
        **watch.laps,
        "peak_rss_mb": peak,
        "dispatcher_rss_mb": watch.dispatcher_rss_mb,
        "scores": found.scores,
        "starts": [(worker, at - since) for worker, at in found.starts],
    }


class Stopwatch:
    """Laps since the command was given; the first time that a lap's name comes counts."""

    def __init__(self, started: float) -> None:
        self._started = started
        self.laps: dict[str, float] = {}
        self.summary: Any = None
        self.dispatcher_rss_mb: float | None = None
        self._dispatcher: int | None = None

    def lap(self, name: str) -> None:
        self.laps.setdefault(name, time.time() - self._started)

    def look_at_dispatcher(self) -> None:
        """Its peak so far. Found by its title among this machine's processes: its number is nowhere to be read."""
        self._dispatcher = self._dispatcher or descendant(b"ray::DispatcherActor")
        if self._dispatcher is not None:
            self.dispatcher_rss_mb = peak_rss_mb(self._dispatcher) or self.dispatcher_rss_mb


class Watched:
    """The command's own display, with laps taken on the way."""

    def __init__(self, events: Any, watch: Stopwatch) -> None:
        self._events = events
        self._watch = watch

    def phase(self, text: str) -> None:
        if text.startswith("starting") and "worker" in text:
            self._watch.lap("ray_s")
        self._events.phase(text)

    def warn(self, text: str) -> None:
        self._events.warn(text)

    def progress(self, progress: Any) -> None:
        self._watch.look_at_dispatcher()
        if progress.finished:
            self._watch.lap("searched_s")
        self._events.progress(progress)

    def delivered(self, delivery: Any) -> None:
        self._watch.lap("reported_s")
        self._events.delivered(delivery)


def peak_rss_mb(pid: int | str = "self") -> float | None:
    """The most memory a process has held, MiB; None if it is gone, or for another's where there is no /proc.

    From /proc rather than getrusage: what that tells of a process begins with what its parent held when it was forked.
    """
    with contextlib.suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        if found is not None:
            return int(found.group(1)) / 1024
    if pid != "self":
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 / (1024 if sys.platform == "darwin" else 1)


def descendant(title: bytes) -> int | None:
    """A process below this one whose title begins so."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (folder / "cmdline").read_bytes().startswith(title):
                pid = int(folder.name)
                parent = pid
                while parent > 1 and parent != os.getpid():
                    parent = int((Path("/proc") / str(parent) / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == os.getpid():
                    return pid
    return None


if __name__ == "__main__":
    main()
