"""One study in this process, by a single worker, with Python's profiler beside it. Runs alone; prints one line of JSON.

python -m benchmarks.inside_side SPEC --store sqlite:////tmp/x/mlflow.db --folder /tmp/x [--set NAME=VALUE ...]

search_s   from the first lease to the last commit
inside     own seconds by who spent them: "package: function" of Python's functions, C's work counted to who calls it
"""

from __future__ import annotations

import argparse
import contextlib
import cProfile
import json
import pstats
import sys
import sysconfig
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def main() -> None:
    parser = argparse.ArgumentParser(description="where a search's time goes")
    parser.add_argument("spec", type=Path)
    parser.add_argument("--store", required=True, help="MLflow's tracking URI")
    parser.add_argument("--folder", type=Path, required=True, help="where studies/ is made")
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    parser.add_argument("--started", type=float, default=time.time())
    options = parser.parse_args()
    with contextlib.redirect_stdout(sys.stderr):
        told = run(options)
    print(json.dumps(told), flush=True)


def run(options: argparse.Namespace) -> dict[str, Any]:
    from hpsearch.spec import load_spec
    from hpsearch.study import Options
    from hpsearch.study import run as run_study

    spec = load_spec(options.spec, overrides=[f"tracking.uri={options.store}", *options.overrides])
    profile = cProfile.Profile()
    profile.enable()
    summary = run_study(spec, Options(options.folder / "studies", in_process=True, wait=False))
    profile.disable()
    assert summary.progress is not None
    return {
        "completed": summary.progress.completed,
        "search_s": summary.progress.search_s,
        "inside": by_owner(pstats.Stats(profile).stats),  # type: ignore[attr-defined]  # typeshed has no word for it
    }


def by_owner(stats: Mapping[tuple[str, int, str], tuple[Any, ...]]) -> dict[str, float]:
    """Own seconds by "package: function"; what C does without a Python function of its own is its caller's."""
    found: dict[str, float] = {}
    for (file, _, name), (_, _, own_s, _, callers) in stats.items():
        if file == "~":  # built in
            for (caller, _, caller_name), (_, _, part_s, _) in callers.items():
                owner = owner_of(caller, caller_name)
                found[owner] = found.get(owner, 0.0) + part_s
        else:
            owner = owner_of(file, name)
            found[owner] = found.get(owner, 0.0) + own_s
    return found


def owner_of(file: str, name: str) -> str:
    """ "xgboost: update"; what is in neither a package nor this project is Python's own."""
    for root in (sysconfig.get_path("purelib"), str(Path(__file__).parents[1])):
        if Path(file).is_relative_to(root):
            return f"{Path(file).relative_to(root).parts[0]}: {name}"
    return "python: its own"


if __name__ == "__main__":
    main()
