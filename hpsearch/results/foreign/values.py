"""Parameters that were logged as texts, typed by what all texts of one parameter have in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from hpsearch.core.values import Params, Value

# By form, never by trying float(): "12345_00000" is none. A leading zero is an identifier's, and so are 400 digits.
_WHOLE = re.compile(r"[+-]?(0|[1-9][0-9]{0,300})")
_REAL = re.compile(r"[+-]?((0|[1-9][0-9]{0,300})(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?|[+-]?inf|nan", re.IGNORECASE)
_FLAGS = {"True": True, "true": True, "False": False, "false": False}
_NOTHING = frozenset({"None", "null", ""})


def typed(rows: Sequence[Mapping[str, str]]) -> list[Params]:
    """The rows, each parameter's values of one type: whole numbers, floats where one of them is none, true and false, or texts.

    A parameter with one text among its values stays text: what "0.5" means beside "sqrt" is not known. None (null and empty too,
    but beside texts) is null in any of them.
    """
    texts: dict[str, set[str]] = {}
    for row in rows:
        for name, text in row.items():
            texts.setdefault(name, set()).add(text)
    readers = {name: _reader(found) for name, found in texts.items()}
    return [{name: readers[name](text) for name, text in row.items()} for row in rows]


def _reader(texts: Iterable[str]) -> Callable[[str], Value]:
    """How to read each text of one parameter."""
    told = [text for text in texts if text not in _NOTHING]
    if told and all(text in _FLAGS for text in told):
        return lambda text: None if text in _NOTHING else _FLAGS[text]
    if told and all(_WHOLE.fullmatch(text) for text in told):
        return lambda text: None if text in _NOTHING else int(text)
    if told and all(_REAL.fullmatch(text) for text in told):
        return lambda text: None if text in _NOTHING else float(text)
    return lambda text: None if text == "None" else text
