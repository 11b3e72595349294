"""Names: the near match for one that is not known, the first of many, what a terminal and a table are shown, what a study may be
called.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

# Nobody misspells what is longer, and the time to compare grows with the square.
_LONGEST = 100
_CUTOFF = 0.6


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The most similar known name, or None where none is close.

    One that differs in its letters' case alone is closest, then one of the same letters: SVC is what SCV is meant to be, not SVR.
    """
    if len(name) > _LONGEST:
        return None
    known = list(known)
    if same := next((each for each in known if each.casefold() == name.casefold() and each != name), None):
        return same
    # Of lengths this far apart no two are as alike as the cutoff asks.
    alike = [each for each in known if 2 * min(len(name), len(each)) >= _CUTOFF * (len(name) + len(each))]
    if swapped := next((each for each in alike if sorted(each) == sorted(name)), None):
        return swapped
    matches = get_close_matches(name, alike, n=1, cutoff=_CUTOFF)
    return matches[0] if matches else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """ "; did you mean NAME?", or nothing: to be put at the end of a message."""
    match = nearest(name, known)
    return f"; did you mean {match}?" if match else ""


def listed(names: Iterable[str], most: int = 5) -> str:
    """The first few in alphabetical order: "a, b, c, d, e and 3 more"."""
    ordered = sorted(names)
    return ", ".join(ordered[:most]) + (f" and {len(ordered) - most} more" if len(ordered) > most else "")


def legible(text: str) -> str:
    """What a name or a value holds and nobody sees, and what would steer a terminal, as Python escapes it."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def legible_lines(text: str) -> str:
    """The same of a text of several lines, which stay lines."""
    return text if text.isprintable() else "\n".join(map(legible, text.split("\n")))


def storable(text: str) -> str:
    """With lone surrogates (half of a file name in another encoding) written out, "\\udc80": what any table and file takes."""
    return text.encode("utf-8", "backslashreplace").decode()


def study_name(text: str) -> str:
    """A title or a file's name as far as a study may have it; "study" where nothing is left."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")[:64].strip("-.") or "study"
