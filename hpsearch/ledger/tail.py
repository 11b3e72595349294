"""A note beside the ledger of how far it reached, so that a lost end is noticed.

SQLite takes the first frame of a WAL that is not whole for its end: one flipped bit, and every later commit is gone without a
word. `ledger.db-tail` holds the number of the last event that was committed. It is written after each commit and not forced
to disk, so that it may fall behind the ledger (by a power cut) but never runs ahead of it: an end below it was lost.
"""

from __future__ import annotations

import os
import struct
import zlib
from contextlib import suppress
from pathlib import Path

_LAYOUT = struct.Struct(">QL")


class TailMark:
    """The note beside the ledger at `path`. What cannot be read or written is passed over: it is only ever a witness."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.with_name(path.name + "-tail")
        self._handle: int | None = None

    def write(self, tail: int) -> None:
        """Events up to `tail` are durable."""
        with suppress(OSError):
            if self._handle is None:
                self._handle = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            number = tail.to_bytes(8, "big")
            os.pwrite(self._handle, _LAYOUT.pack(tail, zlib.crc32(number)), 0)

    def read(self) -> int:
        """The last number written; 0 where there is none, or none that is whole."""
        try:
            tail, check = _LAYOUT.unpack(self._file.read_bytes())
        except (OSError, struct.error):
            return 0
        return int(tail) if zlib.crc32(int(tail).to_bytes(8, "big")) == check else 0

    def sentence(self, known: int, found: int) -> str:
        """What to tell whose ledger ends at `found` where `known` events were recorded."""
        return (
            f"{self._path} has lost its end: {known} events were recorded, {found} are left; its last {known - found} changes "
            f"would be run again. Restore the file from a copy, or delete {self._file.name} beside it to go on from what is left"
        )

    def close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
