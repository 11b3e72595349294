"""Command lines as a spec has them: one text, run without a shell, with {name} where a parameter's value goes."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence

from hpsearch.spec.foreign.sheet import Item
from hpsearch.spec.writing import as_text

# For which no quotes are needed where a text is split as a shell splits it.
_SAFE = re.compile(r"[\w@%+=:,./{}$-]+", re.ASCII)


def literal(text: str) -> str:
    """Text in which nothing stands for a parameter or for a variable of the environment."""
    return text.replace("{", "{{").replace("}", "}}").replace("${{", "$${{")


def command_item(words: Sequence[str], above: Sequence[str] = (), beside: Sequence[str] = ()) -> Item:
    """The words as one command line, in which {name} and ${NAME} stay as they are."""
    command = " ".join(word if _SAFE.fullmatch(word) else shlex.quote(word) for word in words)
    return Item("command", as_text(command), tuple(above), tuple(beside))


def reporting(metric: str, until_now: str) -> tuple[str, ...]:
    """What a program must be changed to do to tell its metrics. `until_now`: a sentence on how it does."""
    line = json.dumps({metric: 0.5}, ensure_ascii=False)
    return (
        f"The program has to be changed: it tells its metrics by appending a line of JSON, as {line}, to the file",
        f"that HPSEARCH_REPORT names, and the last line counts. {until_now}",
    )
