"""Studies in this process, without Ray and without a mirror: for tests of all that is not those two."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from hpsearch.execution.job import Control
from hpsearch.spec import load_spec
from hpsearch.study import Events, Options, RunSummary
from hpsearch.study import run as run_study

JOB = """
import pathlib

def run(params, trial):
    with open(pathlib.Path(__file__).parent / "ran.txt", "a") as file:
        file.write(f"{params['x']} {trial.seed}\\n")
    print("x is", params["x"])
    if params["x"] >= params.get("bad_from", 10**9):
        raise ValueError(f"x = {params['x']} is too much")
    trial.report({"loss": params["x"] + 1}, step=1)
    return {"loss": params["x"] ** 2 + trial.seed, "other": -params["x"]}
"""
SPEC = """
name: squares
trial: {function: "job:run"}
metric: {name: loss, mode: min}
space: {x: {int: [1, 6]}}
tracking: {uri: "sqlite:///store.db"}
"""


@contextmanager
def without_mirror() -> Iterator[None]:
    """Nothing goes to MLflow, whose start takes longer than all else."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules[run_study.__module__], "start_mirror", lambda **_: SimpleNamespace(poll=lambda: 0))
        yield


def run(
    folder: Path,
    spec: str = SPEC,
    *,
    job: str = JOB,
    overrides: tuple[str, ...] = (),
    events: Events | None = None,
    control: Control | None = None,
) -> RunSummary:
    """Runs what is missing of the study that `spec` says, under FOLDER/studies."""
    (folder / "job.py").write_text(job)
    (folder / "spec.yaml").write_text(spec)
    loaded = load_spec(folder / "spec.yaml", overrides=overrides)
    with without_mirror():
        return run_study(loaded, Options(folder / "studies", in_process=True), events=events, control=control)


def ran(folder: Path) -> list[tuple[int, int]]:
    """(x, seed) of each execution, in order, whatever became of it."""
    path = folder / "ran.txt"
    lines = path.read_text().splitlines() if path.exists() else []
    return [(int(x), int(seed)) for x, seed in (line.split() for line in lines)]
