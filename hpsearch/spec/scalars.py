"""Plain scalars by YAML 1.2's core schema: what is null, a boolean, a number; everything else is a string."""

from __future__ import annotations

import math
import re
import sys

_NULL = {"", "~", "null", "Null", "NULL"}
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITY = re.compile(r"([-+]?)\.(inf|Inf|INF)")
_NAN = {".nan", ".NaN", ".NAN"}

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1


class OutOfRange(ValueError):
    """A number that no 64-bit integer or float holds; the message says so. `nearest`: the one that comes nearest to it."""

    def __init__(self, rule: str, nearest: int | float) -> None:
        super().__init__(rule)
        self.nearest = nearest


def resolve(text: str) -> bool | int | float | str | None:
    """The value of an unquoted scalar: `1e-4` is a float, `no` a string, `010` ten, `1:30` a string.

    Raises:
        OutOfRange: for a number that no 64-bit integer or float holds.
    """
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.fullmatch(text):
        return _whole(text, 10)
    if _OCTAL.fullmatch(text) or _HEX.fullmatch(text):
        return _whole(text[2:], 8 if text[1] == "o" else 16)
    if _FLOAT.fullmatch(text):
        value = float(text)
        if value in (float("inf"), float("-inf")):
            raise OutOfRange(f"is {_further(value)} than any float", math.copysign(sys.float_info.max, value))
        return value
    if match := _INFINITY.fullmatch(text):
        return float(match[1] + "inf")
    return float("nan") if text in _NAN else text


def _whole(digits: str, base: int) -> int:
    # The length is looked at first: Python refuses to read integers of thousands of digits.
    beyond = _SMALLEST - 1 if digits.startswith("-") else _LARGEST + 1
    value = int(digits, base) if len(digits.lstrip("+-0")) <= 30 else beyond
    if not _SMALLEST <= value <= _LARGEST:
        rule = f"is {_further(value)} than any 64-bit integer; write a float ({'-' if value < 0 else ''}1e30), or quote it"
        raise OutOfRange(rule, min(max(value, _SMALLEST), _LARGEST))
    return value


def _further(number: float) -> str:
    return "less" if number < 0 else "larger"
