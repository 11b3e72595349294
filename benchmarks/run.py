"""All benchmarks, or those that are named: `python -m benchmarks.run [NAME ...] [--rounds 3] [--quick] [--write]`.

Prints Markdown: what was measured on, then a table for each benchmark, of medians over the rounds. Exit status 1 where an aim
was missed.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.measures import BENCHMARKS, Plan, Section
from benchmarks.scratch import HERE, Scratch, scratch

PACKAGES = ("hpsearch", "ray", "mlflow", "scikit-learn", "numpy", "pandas", "SQLAlchemy")
RESULTS = HERE / "RESULTS.md"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description="hpsearch against what people use instead")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(BENCHMARKS)} [all]")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each competitor, in turns [3]")
    parser.add_argument("--trials", type=int, default=1000, help="trivial trials of the search [1000]")
    parser.add_argument("--many", type=int, default=20_000, help="trials that memory is measured with [20000]")
    parser.add_argument("--quick", action="store_true", help="one round, a fifth of the trials: to see that it works")
    parser.add_argument("--note", default="", help="what else is to be known of the machine, for the head of the page")
    parser.add_argument("--write", action="store_true", help=f"also into {RESULTS.name}")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in BENCHMARKS]:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}")
    if options.rounds < 1 or options.trials < 1 or options.many < 1:
        parser.error("--rounds, --trials and --many are at least 1")

    fraction = 5 if options.quick else 1
    rounds = 1 if options.quick else options.rounds
    plan = Plan(rounds, max(1, options.trials // fraction), max(1, options.many // fraction), say)
    with scratch() as place:
        sections = [measured(name, place, plan) for name in options.names or BENCHMARKS]
    given = list(sys.argv[1:] if arguments is None else arguments)
    if options.note in given:  # it stands on a line of its own
        at = given.index(options.note)
        del given[at - 1 : at + 1]
    text = page(sections, head(rounds, given, options.note))
    print(text)
    if options.write:
        RESULTS.write_text(text, encoding="utf-8")
    return 0 if all(section.met for section in sections) else 1


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


def head(rounds: int, arguments: Sequence[str], note: str) -> list[str]:
    """What the figures depend on."""
    given = " ".join(arguments)
    load = f", load {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return [
        f"- {datetime.now(UTC):%Y-%m-%d}; `{f'python -m benchmarks.run {given}'.strip()}`; medians of {rounds} interleaved "
        f"round{'s' if rounds > 1 else ''}, ratios of neighbours, with their range",
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


def page(sections: Sequence[Section], top: Sequence[str]) -> str:
    """The sections as Markdown."""
    parts = ["# Benchmarks\n", "\n".join(top) + "\n"]
    for section in sections:
        parts.append(f"## {section.title}\n\n{table(section.rows)}\n")
        parts += [f"{note}\n" for note in section.notes]
        parts.append(f"Alone: `python -m benchmarks.run {section.name}`\n")
    return "\n".join(parts)


def table(rows: Sequence[Mapping[str, str]]) -> str:
    """Rows of equal keys as a Markdown table, its columns aligned for whoever reads it as text."""
    names = list(rows[0])
    widths = [max(len(name), *(len(row[name]) for row in rows)) for name in names]
    lines = [names, ["-" * width for width in widths], *([row[name] for name in names] for row in rows)]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )


if __name__ == "__main__":
    sys.exit(main())
