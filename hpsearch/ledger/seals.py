"""The checksum of a row: CRC-32 over all that it holds, so that what a disk has changed is noticed when it is read.

Of what is summed, CRC-32 finds every flipped bit and every damaged run of up to 32 bits; it is no defence against a forger,
who could write the right sum as well. The table's name is part of it, so that a row cannot pass in another table.

Both forms are frozen: ledgers on users' disks are sealed by them. Another form is another class, and a migration.
"""

from __future__ import annotations

import json
import math
import struct
import zlib
from collections.abc import Sequence
from itertools import repeat
from typing import Any, Protocol, TypeAlias

Scalar: TypeAlias = "int | float | str | None"
Kind: TypeAlias = "type[int] | type[float] | type[str]"

_json = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), allow_nan=True, check_circular=False).encode
_CODES: dict[Kind, str] = {int: "q", float: "d"}
# Nulls are what no column holds else: a NaN is stored as null, and texts that may be null are words of ours.
_NULLS: dict[Kind, Scalar] = {int: -(1 << 63), float: math.nan, str: "\x01"}


class Seal(Protocol):
    def of(self, columns: Sequence[Sequence[Any]]) -> list[int]:
        """The checksums of n rows: `columns` has the n values of each column.

        Raises:
            ValueError: a value is not of its column's type (a damaged record header can turn text into bytes).
        """


class PackedSeal:
    """Texts in UTF-8 with a NUL between them (which `codec.clean` leaves in none), then numbers as 64 bits each, little-endian.

    It takes a third of what numbers written as text would; of many rows at once, nearly all of it is spent in C.

    Args:
        kinds: each column's type, and whether it may be null.
    """

    def __init__(self, table: str, kinds: Sequence[tuple[Kind, bool]]) -> None:
        self._texts = [place for place, (kind, _) in enumerate(kinds) if kind is str]
        self._numbers = [place for place, (kind, _) in enumerate(kinds) if kind is not str]
        self._nulls = {place: _NULLS[kind] for place, (kind, null) in enumerate(kinds) if null}
        self._pack = struct.Struct("<" + "".join(_CODES[kinds[place][0]] for place in self._numbers)).pack
        self._start = zlib.crc32(table.encode("ascii"))

    def of(self, columns: Sequence[Sequence[Any]]) -> list[int]:
        """See Seal."""
        n = len(columns[0])
        nowhere = (None,) * n
        filled: list[Any] = [*columns]
        for place, null in self._nulls.items():
            column = columns[place]
            filled[place] = [null] * n if column == nowhere else [null if value is None else value for value in column]
        texts = [filled[place] for place in self._texts]
        numbers = [filled[place] for place in self._numbers]
        try:
            joined = map(str.encode, map("\x00".join, zip(*texts, strict=True)))
            return [*map(zlib.crc32, map(self._pack, *numbers), map(zlib.crc32, joined, repeat(self._start)))]
        except (TypeError, struct.error) as error:
            raise ValueError(str(error)) from error


class JsonSeal:
    """The table's name and the values as a JSON array: of schemas 0 and 1, and of the versions that every hpsearch must read."""

    def __init__(self, table: str) -> None:
        self._table = table

    def of(self, columns: Sequence[Sequence[Any]]) -> list[int]:
        """See Seal."""
        return [self.of_row(row) for row in zip(*columns, strict=True)]

    def of_row(self, row: Sequence[Any]) -> int:
        """The checksum of one row, whose later columns may be left out."""
        try:
            return zlib.crc32(_json((self._table, *row)).encode("ascii"))
        except TypeError as error:
            raise ValueError(str(error)) from error
