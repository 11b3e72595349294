"""Whoever imports hpsearch, asks for help or mistypes does not wait for what only a run needs.

What is looked at is which modules are there, not how long it took: times on a busy machine say nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import hpsearch
import hpsearch.ledger
import hpsearch.study

HEAVY = ("ray", "mlflow", "sklearn", "xgboost", "pandas", "numpy", "scipy", "pyarrow", "sqlalchemy", "matplotlib")


def loaded(code: str) -> list[str]:
    """Which of the heavy packages are there after `code`, in a process of its own; what it printed is left out."""
    told = f"{code}\nimport json, sys\nprint()\nprint(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, timeout=120, check=True)
    found: list[str] = json.loads(done.stdout.splitlines()[-1])
    return found


def command(*arguments: str) -> str:
    return f"import hpsearch.cli.main as main, sys; sys.argv = {['hpsearch', *arguments]!r}; main.run_command()"


def test_a_command_that_is_run_in_another_process_leaves_its_exit_code_alone() -> None:
    """The tests' own exit code was that of the last command typed in them: no failure reached whoever ran them."""
    code = f"{command('--version')}; sys.exit(7)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=120, check=False).returncode == 7


def test_importing_hpsearch_imports_nothing_heavy() -> None:
    assert loaded("import hpsearch; hpsearch.SpecError; hpsearch.__version__") == []


def test_what_is_imported_late_is_listed_all_the_same() -> None:
    """By help(hpsearch), and by every editor that completes names."""
    assert {"run", "load", "Trial", *hpsearch.__all__, "__version__"} <= set(dir(hpsearch))
    assert all(hasattr(hpsearch, name) for name in dir(hpsearch))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], [], ["rum"], ["--nonsense"]], ids=" ".join)
def test_what_runs_nothing_imports_nothing_heavy(arguments: list[str]) -> None:
    assert loaded(command(*arguments)) == []


@pytest.mark.parametrize("name", ["run", "plan", "status", "results", "doctor"])
def test_a_commands_own_help_starts_neither_ray_nor_mlflow_nor_scikit_learn(name: str) -> None:
    assert set(loaded(command(name, "--help"))).isdisjoint({"ray", "mlflow", "sklearn", "xgboost", "matplotlib"})


def test_planning_functions_waits_for_no_table_no_statistics_and_no_database(tmp_path: Path) -> None:
    """A grid of 10^12 is counted in a fraction of what importing pandas takes."""
    (tmp_path / "job.py").write_text("def run(params):\n    return {'loss': 0}\n")
    spec = tmp_path / "spec.yaml"
    values = ", ".join(f"{name}: {{int: [1, 1000]}}" for name in "abcd")
    head = "name: big\ntrial: {function: 'job:run'}\nmetric: {name: loss, mode: min}\n"
    spec.write_text(f"{head}space: {{{values}}}\nconstraints: [a < b, c + d < 1500]\n")
    assert set(loaded(f"{command('plan', str(spec))}; assert 'hpsearch.plan' in sys.modules")) <= {"numpy"}


def test_the_schema_and_a_spec_with_mistakes_import_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text("name: wrong\ntrial: {function: 'job:run'}\n")
    assert loaded(command("schema")) == []
    assert set(loaded(command("plan", str(tmp_path / "spec.yaml")))) <= {"numpy"}


def test_what_the_rooms_give_late_is_there_under_its_name() -> None:
    """A name that is listed and found in no module would be missed by whoever needs it, and by no import."""
    for room in (hpsearch.ledger, hpsearch.study):
        assert all(getattr(room, name).__module__.startswith(room.__name__) for name in room.__all__)
        with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
            _ = room.nonsense


def test_a_worker_is_spared_what_only_the_driver_uses() -> None:
    # Sixteen workers on two cores import it sixteen times before the first result.
    assert set(loaded("import hpsearch.execution.ray_worker")).isdisjoint(
        {"mlflow", "sklearn", "pandas", "scipy", "sqlalchemy", "matplotlib"}
    )
