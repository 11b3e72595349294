"""Tracebacks as a person wants them: from the code that is the user's to change. The ledger keeps them whole."""

from __future__ import annotations

import re
from itertools import groupby

_FRAME = re.compile(r'  File "(?P<path>[^"]+)", line \d+, in ')
# By where a file lies in the package, not by where the package lies here: the trial may have run on another machine.
_OURS = re.compile(r"[/\\]hpsearch[/\\](execution|trainables)[/\\][\w/\\]+\.py$")
_OUR_ERROR = re.compile(r"hpsearch\.core\.errors\.(?P<name>\w+: )")


def for_user(traceback: str) -> str:
    """`traceback` without hpsearch's own frames; as it is where it has no others, for then it tells of a defect of hpsearch.

    Of an error that hpsearch raised on purpose the sentence alone is left where no frame is the user's.
    """
    blocks = _blocks(traceback)
    kept = [text for text, is_frame, is_ours in blocks if not is_ours]
    if any(is_frame and not is_ours for _, is_frame, is_ours in blocks):
        return "".join(kept)
    said = "".join(kept).strip().splitlines()
    own = next((line for line in said if _OUR_ERROR.match(line)), None)
    return traceback if own is None else _OUR_ERROR.sub(r"\g<name>", "\n".join(said[said.index(own) :])) + "\n"


def _blocks(traceback: str) -> list[tuple[str, bool, bool]]:
    """(text, is a frame, is one of ours): a frame is its File line with the indented lines after it."""
    owner = 0
    numbered: list[tuple[int, str]] = []
    inside = False
    for line in traceback.splitlines(keepends=True):
        if _FRAME.match(line) or not (inside and line.startswith("  ")):
            owner += 1
            inside = bool(_FRAME.match(line))
        numbered.append((owner, line))
    found = []
    for _, lines in groupby(numbered, key=lambda pair: pair[0]):
        text = "".join(line for _, line in lines)
        frame = _FRAME.match(text)
        found.append((text, frame is not None, frame is not None and _OURS.search(frame["path"]) is not None))
    return found
