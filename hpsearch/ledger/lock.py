"""One owner for each study: an exclusive lock on `FOLDER/lock`, and beside it who holds it.

The kernel holds the lock for the process (flock), so that a killed owner frees it and nothing is left to clean up. The file
`lock.json` beside it only tells people who the owner is; it is never trusted to say whether there is one.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from hpsearch.core.clock import Clock, SystemClock
from hpsearch.core.errors import InfrastructureError, StudyHeldError

# `holder` shares the lock for an instant to see whether it is free; an owner-to-be waits this out.
_PATIENCE_S = 0.3
_POLL_S = 0.02
# An owner has the lock a moment before its name is written.
_NAME_WAIT_S = 1.0


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a study. `since`: POSIX seconds, UTC. A pid of 0 means that the owner has not written its name yet."""

    pid: int
    host: str
    since: float

    def __str__(self) -> str:
        if not self.pid:
            return "another process"
        return f"process {self.pid} on {self.host} since {datetime.fromtimestamp(self.since, UTC):%Y-%m-%d %H:%M:%S} UTC"


class StudyLock:
    """Exclusive ownership of the study in `folder`, for as long as the context lasts or until `release`.

    Raises (acquire, or entering the context):
        StudyHeldError: another process holds it; names its pid and host.
        InfrastructureError: the folder cannot be written.
    """

    def __init__(self, folder: Path | str, *, clock: Clock | None = None) -> None:
        self.folder = Path(folder)
        self._clock = clock or SystemClock()
        # Not of the thread: whoever ends the study may release what another thread has acquired.
        self._lock = FileLock(self.folder / "lock", thread_local=False)

    def acquire(self) -> None:
        """Take the study. See the class for what is raised."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=_PATIENCE_S, poll_interval=_POLL_S)
        except Timeout:
            owner = _named_holder(self.folder, self._clock)
            raise StudyHeldError(f"{self.folder} is held by {owner}; wait until it has ended, or end it and run again") from None
        except OSError as error:
            reason = error.strerror or str(error)
            raise InfrastructureError(f"{self._lock.lock_file}: {reason}; check the permissions of {self.folder}") from error
        self._write_name()

    def release(self) -> None:
        """Free the study; nothing happens if it is not held."""
        if self._lock.is_locked:
            with suppress(OSError):
                _name_file(self.folder).unlink(missing_ok=True)
            self._lock.release(force=True)

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()

    def _write_name(self) -> None:
        me = Holder(pid=os.getpid(), host=socket.gethostname(), since=self._clock.now())
        path = _name_file(self.folder)
        new = path.with_name(f".{path.name}.{os.getpid()}.new")
        try:
            new.write_text(json.dumps(asdict(me)), encoding="utf-8")
            new.replace(path)
        except OSError as error:
            self._lock.release(force=True)
            raise InfrastructureError(f"{path}: {error.strerror or error}; check {self.folder}") from error


def holder(folder: Path | str) -> Holder | None:
    """Who holds the study in `folder`; None if nobody does. Takes nothing and creates nothing."""
    folder = Path(folder)
    if not _is_held(folder):
        return None
    return _read_name(folder) or Holder(0, "", 0.0)


def _is_held(folder: Path) -> bool:
    try:
        handle = os.open(folder / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise InfrastructureError(f"{folder / 'lock'}: {error.strerror or error}") from error
    try:
        # Shared, so that any number of onlookers do not see each other.
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _named_holder(folder: Path, clock: Clock) -> Holder:
    """The holder's name, waited for a little: what still lies there may be the name of an owner that was killed."""
    deadline = clock.monotonic() + _NAME_WAIT_S
    while True:
        found = _read_name(folder)
        if found is not None and _may_live(found):
            return found
        if clock.monotonic() >= deadline:
            return Holder(0, "", 0.0)
        clock.sleep(_POLL_S)


def _may_live(found: Holder) -> bool:
    if found.host != socket.gethostname():
        return True
    try:
        os.kill(found.pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


def _read_name(folder: Path) -> Holder | None:
    try:
        fields = json.loads(_name_file(folder).read_text(encoding="utf-8"))
        return Holder(pid=int(fields["pid"]), host=str(fields["host"]), since=float(fields["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _name_file(folder: Path) -> Path:
    return folder / "lock.json"
