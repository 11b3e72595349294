"""Studies that an older hpsearch left are read, though nobody can run them any more."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from hpsearch.core.errors import InfrastructureError, StudyHeldError
from hpsearch.ledger.folder import StudyFolder
from hpsearch.study import load, open_ledger, status
from tests.unit.ledger.ledger_builders import tamper, written_by


@pytest.mark.parametrize("version", [0, 1])
def test_the_study_of_an_older_hpsearch_is_read(tmp_path: Path, version: int) -> None:
    """Its data and code may be gone, so that it cannot be asked to run again."""
    written_by(version, tmp_path)
    assert status(StudyFolder(tmp_path)).trials
    results = load(str(tmp_path))
    assert sorted(results.trials["status"]) == ["CANCELLED", "COMPLETED", "COMPLETED", "FAILED", "TIMEOUT"]
    assert results.trials["mlflow_run_id"].isna().all()
    with closing(open_ledger(StudyFolder(tmp_path))) as ledger:
        assert len(list(ledger.trials())) == 5


def test_a_study_that_an_older_hpsearch_is_running_is_left(tmp_path: Path) -> None:
    path = written_by(1, tmp_path)
    before = path.read_bytes()
    code = "from hpsearch.ledger import StudyLock; lock = StudyLock('.'); lock.acquire(); print(1, flush=True); input()"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "1\n"
        with pytest.raises(StudyHeldError):
            open_ledger(StudyFolder(tmp_path))
        owner.communicate("\n")
    assert path.read_bytes() == before
    open_ledger(StudyFolder(tmp_path)).close()


def test_an_older_ledger_that_is_damaged_is_refused_and_left(tmp_path: Path) -> None:
    path = written_by(1, tmp_path)
    tamper(path, "UPDATE trial SET metrics = '{}'")
    before = path.read_bytes()
    with pytest.raises(InfrastructureError, match="table trial, number 1: the row does not match its checksum"):
        load(str(tmp_path))
    assert path.read_bytes() == before
