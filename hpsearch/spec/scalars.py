"""Plain scalars by YAML 1.2's core schema: what is null, a boolean, a number; everything else is a string."""

from __future__ import annotations

import re

_NULL = {"", "~", "null", "Null", "NULL"}
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITY = re.compile(r"([-+]?)\.(inf|Inf|INF)")
_NAN = {".nan", ".NaN", ".NAN"}

LARGEST = 2**63 - 1


def resolve(text: str) -> bool | int | float | str | None:
    """The value of an unquoted scalar: `1e-4` is a float, `no` a string, `010` ten, `1:30` a string.

    Raises:
        ValueError: for a number that no 64-bit integer or float holds; the message says so.
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
            raise ValueError("is larger than any float")
        return value
    if match := _INFINITY.fullmatch(text):
        return float(match[1] + "inf")
    return float("nan") if text in _NAN else text


def _whole(digits: str, base: int) -> int:
    # The length is looked at first: Python refuses to read integers of thousands of digits.
    value = int(digits, base) if len(digits.lstrip("+-0")) <= 30 else LARGEST + 1
    if abs(value) > LARGEST:
        raise ValueError("is larger than any 64-bit integer; write a float (1e30), or quote it")
    return value
