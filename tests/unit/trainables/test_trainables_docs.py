"""The examples of docs/trials.md and the programs of search_spaces/ do what they say."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from harness import ROOT
from trainables_builders import RememberingRun, spec_of, trial_of

from hpsearch.trainables import build, prepare

PAGE = (ROOT / "docs" / "trials.md").read_text(encoding="utf-8")
SPECS = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.mark.parametrize(("spec", "program"), list(zip(SPECS, PROGRAMS, strict=True)), ids=["function", "command"])
def test_the_page_s_examples_run(spec: str, program: str, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(program)
    prepared = prepare(spec_of(spec, tmp_path))
    (tmp_path / "scratch").mkdir()
    run = RememberingRun(tmp_path / "scratch")
    evaluation = build(prepared.program, prepared.table).evaluate(trial_of(prepared, {"rate": 0.1}), run)
    assert evaluation.metrics == {"loss": pytest.approx((10 * 0.9**5) ** 2)}
    assert [step for step, _ in run.reports] == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_the_example_program_runs_by_hand() -> None:
    command = [sys.executable, ROOT / "search_spaces" / "command_example.py", "--rate", "0.03"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()
    assert len(said) == 20
    assert json.loads(said[-1])["accuracy"] > 0.8
