"""The driver dies by SIGKILL, on a laptop with a Ray of its own: the next run completes the study, nothing is done twice."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from pathlib import Path

import pytest
from faults_builders import PATIENCE_S, Study, wait_until

from hpsearch.core.failpoints import VARIABLE as FAILPOINT

TRIALS = 16


def kill_at(point: str, study: Study) -> None:
    assert study.start(**{FAILPOINT: point}).wait(PATIENCE_S) == -signal.SIGKILL, study.said


def kill(process: subprocess.Popen[bytes], study: Study) -> None:
    assert process.poll() is None, f"it ended before it was killed\n{study.said}"
    process.kill()
    process.wait()


@pytest.mark.parametrize(
    "point",
    [
        pytest.param("starting", marks=pytest.mark.slow),
        pytest.param("planning", marks=pytest.mark.slow),
        "running",
        pytest.param("ending", marks=pytest.mark.slow),
    ],
)
def test_a_driver_killed_in_any_phase_costs_only_what_was_in_flight(tmp_path: Path, point: str) -> None:
    study = Study(tmp_path, TRIALS, 0.2)
    kill_at(point, study)
    recorded = study.recorded()
    assert bool(recorded) == (point in ("running", "ending"))
    study.wait_for_quiet()
    study.assert_completed_by_another_run(recorded)


def test_a_driver_killed_while_it_delivers_leaves_the_rest_to_the_mirror(tmp_path: Path) -> None:
    study = Study(tmp_path, TRIALS, 0.0)
    kill_at("delivering", study)
    study.wait_for_quiet()
    study.assert_complete()
    study.run()
    assert sorted(study.ran) == list(range(1, TRIALS + 1))
    study.assert_complete()


@pytest.mark.slow
@pytest.mark.parametrize("part", ["start", "first half", "second half"])
def test_a_driver_killed_at_a_random_moment_costs_only_what_was_in_flight(tmp_path: Path, part: str) -> None:
    draw = random.Random(f"driver killed, {part}")
    study = Study(tmp_path, TRIALS, 0.3)
    process = study.start()
    if part == "start":
        wait_until(lambda: "checking" in study.said, PATIENCE_S, study)
        time.sleep(draw.uniform(0, 4))
    else:
        begun = draw.randint(1, TRIALS // 2) + (0 if part == "first half" else TRIALS // 2 - 1)
        wait_until(lambda: len(study.ran) >= begun, PATIENCE_S, study)
        time.sleep(draw.uniform(0, 0.3))
    kill(process, study)
    recorded = study.recorded()
    study.wait_for_quiet()
    study.assert_completed_by_another_run(recorded)
