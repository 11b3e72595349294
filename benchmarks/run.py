"""All benchmarks, or those that are named: `python -m benchmarks.run [--only a,b] [--rounds 3] [--scale 0.1] [--write]`.

Prints Markdown: for each benchmark a table of medians over the rounds, and what it was measured on. Exit status 1 where an aim
was missed. With `--write` the sections that were run take their places in RESULTS.md, the others stay as they are.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.catalogue import BENCHMARKS
from benchmarks.common import Plan, Section
from benchmarks.page import TITLE, renewed, text_of
from benchmarks.scratch import HERE, Scratch, scratch

PACKAGES = ("hpsearch", "ray", "mlflow", "scikit-learn", "xgboost", "lightgbm", "numpy", "pandas", "SQLAlchemy")
RESULTS = HERE / "RESULTS.md"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description="hpsearch against what people use instead")
    parser.add_argument("--only", default="", metavar="NAME,...", help=f"which of {', '.join(BENCHMARKS)} [all]")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each competitor, in turns [3]")
    parser.add_argument("--scale", type=float, default=1.0, help="part of the full size, to see that it works: 0.1 [1]")
    parser.add_argument("--note", default="", help="what else is to be known of the machine, for the page")
    parser.add_argument("--write", action="store_true", help=f"also into {RESULTS.name}, in the place of what it has of them")
    options = parser.parse_args(arguments)
    names = [name for name in options.only.split(",") if name] or list(BENCHMARKS)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}")
    if options.rounds < 1 or not 0 < options.scale <= 1:
        parser.error("--rounds is at least 1, --scale above 0 and at most 1")
    if options.write and options.scale < 1:
        parser.error(f"--scale {options.scale:g} is a look whether it runs; {RESULTS.name} takes full sizes alone: drop --write")

    given = list(sys.argv[1:] if arguments is None else arguments)
    if options.note in given:  # it stands on a line of its own
        at = given.index(options.note)
        del given[at - 1 : at + 1]
    plan = Plan(options.rounds, options.scale, say)
    met = True
    print(TITLE, flush=True)
    with scratch(options.scale) as place:
        for name in names:
            section = measured(name, place, plan)
            text = text_of(section, head(plan, given, options.note))
            met &= section.met
            print(text, flush=True)  # at once, and written too: a run of hours keeps what it has, whatever comes
            if options.write:
                old = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
                RESULTS.write_text(renewed(old, {name: text}, list(BENCHMARKS)), encoding="utf-8")
    return 0 if met else 1


def measured(name: str, place: Scratch, plan: Plan) -> Section:
    """A benchmark's section; one that fails says so in its place, and takes nobody else's figures with it."""
    try:
        return BENCHMARKS[name](place, plan)
    except RuntimeError as error:
        say(str(error))
        reason = next((line for line in reversed(str(error).splitlines()) if line.strip()), "")
        return Section(name, name, [{"failed": reason.strip()}], [], met=False)


def say(text: str) -> None:
    print(f"[{datetime.now():%H:%M:%S}] {text}", file=sys.stderr, flush=True)


def head(plan: Plan, arguments: Sequence[str], note: str) -> list[str]:
    """What the figures depend on."""
    given = " ".join(arguments)
    load = f", load {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    smoke = f"- A LOOK WHETHER IT RUNS, at {plan.scale:g} of the full size: these figures say nothing"
    return [
        *([smoke] if plan.scale < 1 else []),
        f"- {datetime.now(UTC):%Y-%m-%d}; `{f'python -m benchmarks.run {given}'.strip()}`; medians of {plan.rounds} interleaved "
        f"round{'s' if plan.rounds > 1 else ''}, ratios of neighbours, with their range",
        f"- {platform.system()} {platform.machine()}, {cpu_model()}, {cpus} CPUs{load}; Python {platform.python_version()}",
        "- " + ", ".join(f"{package} {version(package)}" for package in PACKAGES),
        *([f"- {note}"] if note else []),
    ]


def cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown processor")


if __name__ == "__main__":
    sys.exit(main())
