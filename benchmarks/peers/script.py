"""What the scripts of this folder have in common: arguments, the stopwatch, and what they print.

Times are seconds from the start of the command, which `--started` gives where another process has started it.

    search_s       the search alone, by the tool's own beginning and end
    last_score_s   until the last score is there: imports, processes and data included
    per_trial_ms   search_s for each configuration
    scores         by configuration, one for each split
    starts         of trials that sleep: who began one, and when
    versions       of the packages that decide times and scores
"""

from __future__ import annotations

import time

STARTED = time.time()

import argparse  # noqa: E402
import contextlib  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable, Mapping, Sequence  # noqa: E402
from dataclasses import dataclass, field  # noqa: E402
from importlib.metadata import version  # noqa: E402
from typing import Any  # noqa: E402

from benchmarks.cases import CASES, Work, work_of  # noqa: E402
from benchmarks.cases.work import Scores, key_of  # noqa: E402

# One fit a core: more threads in each would only get in each other's way. Before the libraries that read them are imported.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

COMMON_PACKAGES = ("scikit-learn", "xgboost", "lightgbm", "numpy")


@dataclass(frozen=True)
class Found:
    """What a tool came to. `began`, `ended`, and the times in `starts`: POSIX seconds; `more`: what only this tool tells."""

    scores: Mapping[str, Scores]
    began: float
    ended: float
    starts: Sequence[tuple[str, float]] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


def run_script(peer: str, packages: Sequence[str], search: Callable[[Work, argparse.Namespace], Found], **options: Any) -> None:
    """Read the arguments, search, print. `options`: further arguments of the script, as `add_argument` takes them."""
    parser = argparse.ArgumentParser(description=f"a case's grid by {peer}")
    parser.add_argument("case", choices=list(CASES), help="which of benchmarks/cases")
    parser.add_argument("--started", type=float, default=STARTED, help="when the command was given, POSIX seconds")
    for name, given in options.items():
        parser.add_argument(f"--{name}", **given)
    asked = parser.parse_args()
    with contextlib.redirect_stdout(sys.stderr):  # tools print their own, however little is asked for
        work = work_of(asked.case)
        found = search(work, asked)
    since = asked.started
    told = {
        "peer": peer,
        "completed": len(found.scores),
        "search_s": found.ended - found.began,
        "last_score_s": found.ended - since,
        "per_trial_ms": 1000 * (found.ended - found.began) / len(found.scores),
        "scores": dict(found.scores),
        "starts": [(name, at - since) for name, at in found.starts],
        "versions": {name: version(name) for name in (*packages, *COMMON_PACKAGES)},
        **found.more,
    }
    print(json.dumps(told), flush=True)


def found_by_fits(results: Mapping[str, Any], work: Work, began: float, ended: float) -> Found:
    """From scikit-learn's `cv_results_`, or what looks like it."""
    splits = sum(name.startswith("split") and name.endswith("_test_score") for name in results)
    by_split = [results[f"split{split}_test_score"] for split in range(splits)]
    scores = {
        key_of(params, work.varying): [float(column[row]) for column in by_split] for row, params in enumerate(results["params"])
    }
    starts: list[tuple[str, float]] = []
    if work.seconds:
        told = (results[f"split0_test_{name}"] for name in ("process", "thread", "started"))
        starts = [(f"{process:.0f}.{thread:.0f}", float(at)) for process, thread, at in zip(*told, strict=True)]
    return Found(scores, began, ended, starts)
