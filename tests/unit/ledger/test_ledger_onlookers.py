"""Looking at a ledger in the process that owns it must not cost the owner its locks.

POSIX drops a process's locks on a file when the process closes any handle of it. An owner without locks is no longer
counted: another process that closes the ledger believes itself the last, removes the WAL, and what the owner writes from
then on goes into a file that nobody else will ever see.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from hpsearch.core.clock import SystemClock
from hpsearch.core.metric import Metric, Mode
from hpsearch.ledger import Ledger, StudyRecord, StudyState

_WRITE = """
import sys
from hpsearch.core.clock import SystemClock
from hpsearch.core.trial import Trial
from hpsearch.ledger import Begun, Ledger
ledger = Ledger.open(sys.argv[1], clock=SystemClock())
ledger.commit(int(sys.argv[2]), begun=[Begun(Trial("v1:1", "c", {}, 0), 1, "w", "n", 1, 0.0)], results=[])
ledger.close()
"""
_READ = """
import sys
from hpsearch.core.clock import SystemClock
from hpsearch.ledger import Ledger
ledger = Ledger.open(sys.argv[1], clock=SystemClock(), read_only=True)
print(ledger.study().state.value)
"""


def elsewhere(code: str, *arguments: object) -> str:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def test_what_the_owner_writes_is_seen_after_an_onlooker_in_its_own_process_has_come_and_gone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    owner = Ledger.open(path, clock=SystemClock())
    epoch = owner.begin_run(StudyRecord(name="s", context="c", metric=Metric("loss", Mode.MIN)))
    Ledger.open(path, clock=SystemClock(), read_only=True).close()
    elsewhere(_WRITE, path, epoch)  # as the dispatcher's process does: opens, writes, closes
    owner.end_run(epoch, StudyState.COMPLETED)
    assert elsewhere(_READ, path) == "COMPLETED"
    owner.close()
    assert elsewhere(_READ, path) == "COMPLETED"
