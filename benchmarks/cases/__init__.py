"""The work that hpsearch and its peers are compared on, one file for each kind of it.

A module here makes its data from a fixed seed, and gives two forms of the same work: `load`, which a study under studies/
names as its data, and `work`, which the scripts of peers/ run. A test holds that both mean the same grid, splits and estimator.

BENCH_SCALE in the environment shrinks rows and trials and leaves both ends of each axis, for a look at whether it all runs.

Imports no hpsearch: these modules also run where a peer has an environment of its own.
"""

from __future__ import annotations

from importlib import import_module

from benchmarks.cases.work import Work

# name: (module, the function that makes the work)
CASES = {
    "a": ("xgboost_grid", "work"),
    "b": ("text", "work"),
    "c": ("mixed_table", "work"),
    "d": ("digits", "work"),
    "e": ("functions", "trivial"),
    "e_fewer": ("functions", "fewer"),
    "f": ("functions", "sleeping"),
    "demo": ("digits", "demo"),
    "search": ("functions", "thousand"),
    "one": ("functions", "one"),
}


def work_of(name: str) -> Work:
    """The work of the case `name`, at the scale that the environment asks for; imports what this case needs, and no more."""
    module, function = CASES[name]
    made = getattr(import_module(f"benchmarks.cases.{module}"), function)()
    assert isinstance(made, Work)
    return made


__all__ = ["CASES", "Work", "work_of"]
