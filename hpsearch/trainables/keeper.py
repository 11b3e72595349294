"""Runs one program and ends it, with all that it has started, when it is over or when whoever asked for it is gone.

A process of its own, run by its path: `keeper.py STATUS_FD PROGRAM ARGUMENT...`. Its standard input is a pipe that nobody
writes to: it ends when the process at its other end does, be it killed, and then the program is ended too. What the program
leaves running becomes this process's child (on Linux), so that none of it gets away. STATUS_FD is told a
line, of which the first counts: `exit CODE`, `signal NUMBER` or `error WHY`.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
from typing import NoReturn

_LOOK_EVERY_S = 0.02
# How often it is looked before what was asked to end is killed, and before what cannot be killed is left.
_PATIENT_LOOKS = 50
_LOOKS = 300
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


def _main() -> None:
    status, command = int(sys.argv[1]), sys.argv[2:]
    os.set_inheritable(status, False)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the program gets its own; this process ends after it
    _step_back(status)
    woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) if hasattr(os, "pipe2") else os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    program = os.fork()
    if program == 0:
        _become(command, status)
    with contextlib.suppress(OSError):
        os.setpgid(program, program)  # here too: it must have its group before it can be ended
    ended = None
    while ended is None:
        readable = select.select([0, woken], [], [])[0]
        if woken in readable:
            os.read(woken, 4096)
            ended = _reap()[0].get(program)
        elif 0 in readable:
            break
    if ended is not None:
        code = os.waitstatus_to_exitcode(ended)
        _tell(status, f"exit {code}" if code >= 0 else f"signal {-code}")
    _end_all(program)


def _step_back(status: int) -> None:
    """Go on in a child. What is left in front waits for it, so that its times are counted.

    Ray kills the children of a worker that ends, and them alone: a keeper among them could end nothing any more.
    """
    behind = os.fork()
    if behind:
        for each in (0, 1, 2, status):
            os.close(each)
        os.waitpid(behind, 0)
        os._exit(0)


def _become(command: list[str], status: int) -> NoReturn:
    """The program, in the process that was made for it."""
    try:
        os.setpgid(0, 0)
        keeper = os.getppid()
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != keeper:
            os._exit(127)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.execv(command[0], command)
    except OSError as error:
        _tell(status, f"error {error.strerror}")
    finally:
        os._exit(127)


def _end_all(group: int) -> None:
    """Asks every process that is left to end, and kills those that do not."""
    for look in range(_LOOKS):
        if not _reap()[1]:
            return
        if look == 0 or look >= _PATIENT_LOOKS:
            number = signal.SIGTERM if look == 0 else signal.SIGKILL
            for pid in _descendants() or [-group]:
                with contextlib.suppress(OSError):
                    os.kill(pid, number)
        select.select([], [], [], _LOOK_EVERY_S)


def _reap() -> tuple[dict[int, int], bool]:
    """pid → status of the children that have ended, and whether there are others."""
    found: dict[int, int] = {}
    try:
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            found[ended[0]] = ended[1]
    except ChildProcessError:
        return found, False
    return found, True


def _descendants() -> set[int]:
    """The processes under this one; none where the system has no /proc."""
    children: dict[int, list[int]] = {}
    with contextlib.suppress(OSError):
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError, ValueError), open(f"/proc/{pid}/stat", "rb") as file:
                after = file.read().rpartition(b")")[2].split()
                if after[0] != b"Z":
                    children.setdefault(int(after[1]), []).append(int(pid))
    found: set[int] = set()
    waiting = [os.getpid()]
    while waiting:
        new = [pid for pid in children.get(waiting.pop(), ()) if pid not in found]
        found.update(new)
        waiting += new
    return found


def _tell(status: int, what: str) -> None:
    with contextlib.suppress(OSError):
        os.write(status, f"{what}\n".encode())


def _prctl(option: int, value: int) -> None:
    """Linux's; elsewhere the program's group alone is ended with it."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    _main()
