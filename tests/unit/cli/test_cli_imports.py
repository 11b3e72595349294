"""Whoever imports hpsearch, asks for help or mistypes does not wait for what only a run needs.

What is looked at is which modules are there, not how long it took: times on a busy machine say nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import hpsearch

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


def test_a_worker_is_spared_what_only_the_driver_uses() -> None:
    # Sixteen workers on two cores import it sixteen times before the first result.
    assert set(loaded("import hpsearch.execution.ray_worker")).isdisjoint(
        {"mlflow", "sklearn", "pandas", "scipy", "sqlalchemy", "matplotlib"}
    )
