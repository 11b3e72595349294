"""A program that runs beside the worker: its output as it comes, how it ended, and its end with the worker's."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from hpsearch.core.errors import ObjectiveError
from hpsearch.trainables import keeper

_CHUNK_BYTES = 64 * 1024
_LEFT_CHUNKS = 16  # a pipe holds no more
_SILENCE_S = 1.0
OUT, ERR, NOTHING = "out", "err", ""


@dataclass(frozen=True)
class Ended:
    """How a program ended.

    Attributes:
        code: its exit code; None where it has none.
        why: in words, where it has none or it is not 0: "ended with exit code 3", "ended by SIGKILL", "cannot be started: ...".
    """

    code: int | None
    why: str = ""


class RunningProgram:
    """A program under a keeper: leaving the block ends it and all that it has started.

    Raises:
        ObjectiveError: on entering, where no further process can be started, or arguments and environment are too long.
    """

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._command = list(command)
        self._folder = folder
        self._environment = dict(environment)
        self._told = b""

    def __enter__(self) -> Self:
        self._status, told = os.pipe()
        try:
            self._keeper = subprocess.Popen(
                # -I and -S: the keeper's own start reads nothing of the user's, and takes 15 ms.
                [sys.executable, "-I", "-S", keeper.__file__, str(told), *self._command],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                pass_fds=[told],
                start_new_session=True,  # a signal to the worker's group must not take the keeper before its program
            )
        except OSError as error:
            os.close(self._status)
            raise ObjectiveError(f"{self._command[0]} cannot be started: {error.strerror}") from error
        finally:
            os.close(told)
        assert self._keeper.stdout is not None
        assert self._keeper.stderr is not None
        self._outputs = {self._keeper.stdout.fileno(): OUT, self._keeper.stderr.fileno(): ERR}
        for output in self._outputs:
            os.set_blocking(output, False)
        return self

    def output(self, at_least_every_s: float) -> Iterator[tuple[str, bytes]]:
        """(OUT or ERR, bytes) as they come, and (NOTHING, b"") where nothing has for a while.

        It ends when the program does, whoever else may hold its outputs open.
        """
        with selectors.DefaultSelector() as selector:
            for each in (self._status, *self._outputs):
                selector.register(each, selectors.EVENT_READ)
            while self._status in selector.get_map():
                ready = [key.fd for key, _ in selector.select(at_least_every_s)]
                for each in ready:
                    content = _read(each)
                    if content == b"":
                        selector.unregister(each)
                    elif each == self._status:
                        self._told += content or b""
                    elif content is not None:
                        yield self._outputs[each], content
                if not ready:
                    yield NOTHING, b""
            for each in [fd for fd in self._outputs if fd in selector.get_map()]:
                for _ in range(_LEFT_CHUNKS):
                    if content := _read(each):
                        yield self._outputs[each], content

    @property
    def ended(self) -> Ended:
        """How it ended; to be asked when its output has."""
        return _how(self._told.decode(errors="replace"))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        assert self._keeper.stdin is not None
        try:
            self._keeper.stdin.close()  # the keeper ends the program now, if it is still there
            # A program that cleans up may write: to a closed pipe it could not, and to a full one it would wait for ever.
            for _ in self.output(_SILENCE_S):
                pass
            self._keeper.wait()
        finally:
            for pipe in (self._keeper.stdout, self._keeper.stderr):
                if pipe is not None:
                    pipe.close()
            os.close(self._status)


def _read(descriptor: int) -> bytes | None:
    """What is there: b"" at the end, None where nothing is yet."""
    try:
        return os.read(descriptor, _CHUNK_BYTES)
    except BlockingIOError:
        return None


def _how(told: str) -> Ended:
    what, _, detail = told.partition("\n")[0].partition(" ")
    if what == "exit":
        code = int(detail)
        return Ended(code, f"ended with exit code {code}" if code else "")
    if what == "signal":
        number = int(detail)
        name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
        hint = ", as the system does when memory runs out" if number == signal.SIGKILL else ""
        return Ended(None, f"ended by {name}{hint}")
    return Ended(None, f"cannot be started: {detail}" if what == "error" else "was killed together with its keeper")
