"""`hpsearch import` as it is typed: where the spec goes, what is said beside it, and when nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_commands import Typist

SWEEP = """\
program: train.py
method: grid
metric: {name: loss, goal: minimize}
parameters: {lr: {values: [1e-4, 0.1]}}
"""
LOSSY = f"{SWEEP}entity: team\n"
TOLD = "sweep.yaml:5:9  entity: MLflow has no teams; set tracking.uri to a server of the team's own"


@pytest.fixture
def typed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Typist:
    return Typist(tmp_path, capsys, monkeypatch)


def test_the_spec_goes_to_stdout_alone(typed: Typist) -> None:
    typed.write("sweep.yaml", SWEEP)
    done = typed("import", "sweep.yaml")
    assert (done.code, done.err) == (0, "")
    assert "space:\n  lr: [0.0001, 0.1]\n" in done.out
    assert {path.name for path in typed.folder.iterdir()} == {"sweep.yaml"}


def test_what_has_no_counterpart_is_said_on_stderr_and_in_the_spec(typed: Typist) -> None:
    typed.write("sweep.yaml", LOSSY)
    done = typed("import", "sweep.yaml")
    assert (done.code, done.err) == (0, f"no counterpart: {TOLD}\n")
    assert "#   line 5  entity: MLflow has no teams" in done.out


def test_strict_writes_nothing_and_exits_with_2(typed: Typist) -> None:
    typed.write("sweep.yaml", LOSSY)
    done = typed("import", "sweep.yaml", "--strict", "-o", "spec.yaml")
    assert (done.code, done.out, done.err) == (2, "", f"{TOLD} (--strict)\n")
    assert not (typed.folder / "spec.yaml").exists()
    typed.write("sweep.yaml", SWEEP)
    assert typed("import", "sweep.yaml", "--strict", "-o", "spec.yaml").code == 0


def test_into_a_file_that_is_not_replaced_unasked(typed: Typist) -> None:
    typed.write("sweep.yaml", SWEEP)
    done = typed("import", "sweep.yaml", "-o", "spec.yaml")
    assert (done.code, done.out) == (0, "")
    assert done.err == "wrote spec.yaml, from a W&B sweep. Next: hpsearch plan spec.yaml\n"
    written = (typed.folder / "spec.yaml").read_text(encoding="utf-8")
    again = typed("import", "sweep.yaml", "-o", "spec.yaml")
    assert (again.code, again.err) == (
        2,
        "error: spec.yaml exists already; name another file with -o, or replace it with --force\n",
    )
    assert typed("import", "sweep.yaml", "-o", "spec.yaml", "--force").code == 0
    assert (typed.folder / "spec.yaml").read_text(encoding="utf-8") == written
    assert (
        typed("import", "sweep.yaml", "-o", "none/spec.yaml").err
        == f"error: -o none/spec.yaml: there is no folder {typed.folder}/none\n"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing.yaml",), "nothing.yaml  there is no such file"),
        (("odd.yaml",), "odd.yaml:1  is no file that can be imported"),
        (("sweep.yaml", "--from", "katib"), "sweep.yaml:1:1  apiVersion: must be kubeflow.org/v1beta1"),
        (("sweep.yaml", "--from", "optuna"), "error: Invalid value for '--from'"),
    ],
)
def test_bad_input_exits_with_2(typed: Typist, arguments: tuple[str, ...], said: str) -> None:
    typed.write("sweep.yaml", SWEEP)
    typed.write("odd.yaml", "a: 1\n")
    done = typed("import", *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(said)
