"""The command that a trial runs: its words, and the parameters that they name.

A text is split into words as a POSIX shell splits it, and no shell is there to do more; a list is taken word by word. `{lr}`
stands for a parameter's value, `{args}` for `--name value` of each parameter there is, `{{` and `}}` for braces.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from hpsearch.spec.domain_forms import NAME_PATTERN
from hpsearch.spec.kinds import Own
from hpsearch.spec.model import TrialSpec
from hpsearch.spec.nodes import ListNode
from hpsearch.spec.places import Place

# What `{args}` is called.
ALL = "args"

# A file is looked for under each.
_MOST_WORDS = 1_000
_LONGEST = 100_000

_TOKEN = re.compile(r"\{\{|\}\}|\{(?P<inside>[^{}]*)\}|[{}]")
_SHELL_ONLY = frozenset({"|", "||", "&&", ";", "&", ">", ">>", "<", "<<", "2>", "2>>", "2>&1", "&>"})


@dataclass(frozen=True, slots=True)
class Named:
    """A parameter's name in a word."""

    name: str


Part: TypeAlias = "str | Named"


class WordError(ValueError):
    """A word that is none; says which rule it breaks."""


def parts_of(word: str) -> tuple[Part, ...]:
    """A word's texts, braces unescaped, and names, in order.

    Raises:
        WordError: a brace that stands alone, something in braces that is no name, `{args}` within a longer word.
    """
    parts: list[Part] = []
    end = 0
    for token in _TOKEN.finditer(word):
        parts.append(word[end : token.start()])
        end = token.end()
        inside = token["inside"]
        if token[0] in ("{{", "}}"):
            parts.append(token[0][0])
        elif inside is None:
            raise WordError(f"{token[0]} stands alone; write {token[0] * 2} for the brace itself")
        elif not re.fullmatch(NAME_PATTERN, inside):
            raise WordError(f"{token[0]} holds no parameter's name; write {{name}}, or {{{{ and }}}} for the braces themselves")
        else:
            parts.append(Named(inside))
    parts.append(word[end:])
    if Named(ALL) in parts and word != f"{{{ALL}}}":
        raise WordError(f"{{{ALL}}} is several arguments; put blanks around it")
    return tuple(part for part in parts if part != "")


def literal(word: str) -> str | None:
    """The text of a word that names no parameter; None of any other."""
    parts = parts_of(word)
    return None if any(isinstance(part, Named) for part in parts) else "".join(map(str, parts))


def names_in(words: Sequence[str]) -> Iterator[tuple[int, str]]:
    """(index of the word, name) of each name, `{args}` included."""
    for index, word in enumerate(words):
        yield from ((index, part.name) for part in parts_of(word) if isinstance(part, Named))


def called(words: Sequence[str]) -> str:
    """What a command calls, without its options: the same command after its options are edited.

    "python train.py", "python -m pkg.train", "./train.sh": up to a Python file or module, else up to the first option.
    """
    texts: list[str] = []
    for word in words:
        text = literal(word)
        if text is None:
            break
        texts.append(text)
    for length, text in enumerate(texts, start=1):
        if text.endswith(".py") or texts[length - 2 : length - 1] == ["-m"]:
            return shlex.join(texts[:length])
    first_option = next((index for index, text in enumerate(texts) if index and text.startswith("-")), len(texts))
    return shlex.join(texts[:first_option])


def read_command(place: Place) -> tuple[str, ...]:
    """The words, as written; none after noting why they are no command."""
    before = len(place.log.problems)
    words = _listed(place) if isinstance(place.node, ListNode) else _split(place)
    if len(words) > _MOST_WORDS:
        place.add(f"has {len(words):,} words; a command has at most {_MOST_WORDS:,}, so put the rest into a file that it reads")
    if len(place.log.problems) > before:
        return ()
    at = list(place.items()) if isinstance(place.node, ListNode) else [place] * len(words)
    is_good = True  # counted apart: of a text that lacks a part nothing is noted
    for word, where in zip(words, at, strict=True):
        try:
            parts_of(word)
        except WordError as error:
            where.refuse(str(error))
            is_good = False
    if is_good and words and literal(words[0]) is None:
        at[0].refuse("the program itself is no parameter; write it out, or let env find it: env {name}")
        is_good = False
    return words if is_good else ()


def _listed(place: Place) -> tuple[str, ...]:
    words = tuple(word for item in place.items() if (word := item.label(None)) is not None)
    if not words:
        place.add("needs at least the program")
    return words


def _split(place: Place) -> tuple[str, ...]:
    text = place.text(None)
    if text is None:
        return ()
    if len(text) > _LONGEST:
        place.add(f"has {len(text):,} characters; a command has at most {_LONGEST:,}, so put the rest into a file that it reads")
        return ()
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        place.refuse(f"cannot be split into words ({str(error).lower()}); close the quotation, or write a list of words")
        return ()
    for word in words:
        if word in _SHELL_ONLY:
            place.refuse(f"{word} is for a shell, and none is there; put the line into a script, or write [sh, -c, ...]")
            return ()
    return words


def refuse_for_command(place: Place, trial: TrialSpec | None) -> bool:
    """Whether the trial is a command, which has no use for this block; notes a problem where there is one."""
    if trial is None or trial.kind != "command":
        return False
    if place:
        place.add(f"a command loads its own data and scores itself; drop {place.path}")
    return True


COMMAND = Own(
    "a text, split into words as a shell splits it, or a list of words",
    read_command,
    {
        "anyOf": [
            {"type": "string", "pattern": r"\S"},
            {"type": "array", "minItems": 1, "items": {"type": ["string", "number", "boolean"], "pattern": r"\S"}},
        ]
    },
)
