"""The command as a process of its own: by its module's name, and where what it prints cannot be written."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from cli_commands import make_study

SPEC = """
name: small
trial: {function: "job:run"}
metric: {name: loss, mode: min}
space: {x: [1.0, 2.0]}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("made")
    make_study(made, SPEC, "def run(params): return params['x']")
    return made


def shell(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    """A line of the shell, in which `hpsearch` is this one."""
    line = line.replace("hpsearch", f"{shlex.quote(sys.executable)} -m hpsearch", 1)
    return subprocess.run(["sh", "-c", line], cwd=folder, capture_output=True, text=True, timeout=60)


def test_python_runs_it_as_a_module(folder: Path) -> None:
    said = shell(folder, "hpsearch --version")
    assert (said.returncode, said.stdout.split(",")[0]) == (0, "hpsearch")
    assert shell(folder, "hpsearch best none").returncode == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
@pytest.mark.parametrize(
    "options", ["results small", "results small --json", "results small --format csv", "best small", "list", "plan --help"]
)
def test_a_full_disk_below_stdout_is_a_sentence(folder: Path, options: str) -> None:
    said = shell(folder, f"hpsearch {options} > /dev/full")
    assert (said.returncode, said.stderr) == (4, "error: the output cannot be written: No space left on device\n")


@pytest.mark.parametrize("options", ["results small", "best small", "list"])
def test_a_stdout_that_is_closed_stops_nobody(folder: Path, options: str) -> None:
    """A service has none, say."""
    said = shell(folder, f"hpsearch {options} >&-")
    assert (said.returncode, said.stderr) == (0, "")


def test_with_no_stream_at_all_the_exit_code_is_what_it_was(folder: Path) -> None:
    assert shell(folder, "hpsearch best none >&- 2>&- <&-").returncode == 2
    assert shell(folder, "hpsearch best small >&- 2>&- <&-").returncode == 0


def test_who_has_read_enough_is_told_nothing(folder: Path) -> None:
    said = shell(folder, "hpsearch results small --json | true")
    assert (said.returncode, said.stderr) == (0, "")
