"""Text that MLflow takes: names without forbidden characters, values within its limits, cut where they are longer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from hpsearch.core.values import Value

PARAM_CHARS = 6000
TAG_CHARS = 8000
NAME_CHARS = 250
PARAMS_A_RUN = 1000
_CUT = "… [cut]"
_FORBIDDEN = re.compile(r"[^/\w.\- :]")
_UNTIDY = re.compile(r"^[/.]+|/+$|//+|(?<=/)\.+(?=/)|(?<=/)\.\.?$")


def key(name: str) -> str:
    """`name` as the key of a param, metric or tag: what MLflow forbids becomes "_". It must also be a tidy relative path."""
    cleaned = _UNTIDY.sub("_", _FORBIDDEN.sub("_", clean(name)))[:NAME_CHARS]
    return cleaned or "_"


def clean(text: str) -> str:
    """Without NUL and lone surrogates, which PostgreSQL and JSON encoders refuse."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def cut(text: str, limit: int) -> str:
    """At most `limit` characters; what is cut says so."""
    text = clean(text)
    return text if len(text) <= limit else text[: limit - len(_CUT)] + _CUT


def cut_head(text: str, limit: int) -> str:
    """Like `cut`, but the end stays: of a traceback, the last frames and the message are what is read."""
    text = clean(text)
    return text if len(text) <= limit else "[cut] …\n" + text[-(limit - 8) :]


def value_text(value: Value) -> str:
    """A parameter's value as people write it in Python; lists and mappings as JSON. Strings stay as they are, whatever
    they look like: "1e5" or "12345_00000" is text, and is never turned into a number."""
    if isinstance(value, str):
        return value
    if isinstance(value, tuple | list | Mapping):
        return json.dumps(value, default=str, ensure_ascii=False)
    return repr(value)


def short_text(value: Value) -> str:
    """A value for a run's name: floats with four significant digits, long text cut."""
    if isinstance(value, float):
        return f"{value:.4g}"
    text = value_text(value)
    return " ".join(text.split()) if len(text) <= 24 else " ".join(text[:23].split()) + "…"
