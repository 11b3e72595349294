"""What is meant by what a YAML parser says: the slip that people make, where it is, and what to write.

The two parsers that read specs say the same in different words, and many slips in the same words. So the words only tell the kind
of error; the slip is found in the lines around it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import yaml


class Slip(NamedTuple):
    """`line` and `column` from 0, as parsers count them."""

    line: int
    column: int
    says: str


@dataclass(frozen=True)
class _Error:
    """A parser's error, and the text's lines.

    Attributes:
        rule: its words.
        line, column: where it was met; from 0.
        begun: line and column of what the parser was in the midst of.
    """

    rule: str
    lines: Sequence[str]
    line: int
    column: int
    begun: tuple[int, int]

    @property
    def text(self) -> str:
        return self.lines[self.line] if self.line < len(self.lines) else ""

    @property
    def char(self) -> str:
        return self.text[self.column : self.column + 1]

    @property
    def before(self) -> str:
        return self.text[: self.column].rstrip()

    @property
    def last(self) -> int | None:
        """The number of the last line before this with more than a comment."""
        return next((at for at in range(self.line - 1, -1, -1) if not _NOTHING.match(self.lines[at])), None)

    def opener(self) -> str:
        line, column = self.begun
        return self.lines[line][column : column + 1] if line < len(self.lines) else ""

    def here(self, says: str) -> Slip:
        return Slip(self.line, self.column, says)


_CLOSERS = {"[": "]", "{": "}"}
_NOTHING = re.compile(r"\s*(#|$)")
_ITEM = re.compile(r"\s*-(\s|$)")
# A key whose colon has no blank behind it, at the beginning of a line or of a list's item.
_NO_BLANK = re.compile(r"\s*(?:- +)*(?P<key>[A-Za-z_][\w.-]*):(?=[^\s:/])")
_KEY = re.compile(r":\s+\S")
_SECOND_COLON = re.compile(r"[^\s#'\"\[{][^#'\"\[{]*:\s+\S")


def explained(error: yaml.MarkedYAMLError, text: str) -> Slip | None:
    """The slip behind a parser's error; None where the error has no place."""
    met, begun = error.problem_mark or error.context_mark, error.context_mark or error.problem_mark
    if met is None or begun is None:
        return None
    rule = " ".join(part for part in (error.context, error.problem) if part)
    found = _Error(rule, text.splitlines(), met.line, met.column, (begun.line, begun.column))
    slips = (slip for slip in (look(found) for look in _SLIPS) if slip is not None)
    return next(slips, found.here(rule))


def _tab(error: _Error) -> Slip | None:
    indent = error.text[: _indent(error.text)]
    if "\t" in indent:
        return Slip(error.line, indent.index("\t"), "a tab indents this line; indent with blanks")
    return error.here("a tab stands here; write a blank") if error.char == "\t" else None


def _quotes(error: _Error) -> Slip | None:
    if "quoted scalar" in error.rule:
        if "end of stream" in error.rule or "document" in error.rule:
            return Slip(*error.begun, f"the quotes that open here are not closed; write {error.opener()} where the text ends")
        column = max(0, error.text.rfind("\\", 0, error.column + 1))
        shown = error.text[column : column + 2]
        return Slip(error.line, column, f"{shown} here means nothing in double quotes; write \\\\, or use single quotes")
    quote = error.before[-1:]
    if quote not in ("'", '"') or error.char in ("", ":", "'", '"', *"]}"):
        return None
    if error.before.count(quote) % 2:
        return error.here(f"the text goes on behind a {quote} that closes quotes of a line above; close them there")
    if "flow" in error.rule and len(error.before) < error.column:
        return None  # a comma is more likely what is missing
    other = "in double quotes a ' is a letter like others" if quote == "'" else 'in single quotes a " is a letter like others'
    return error.here(f"the text goes on behind the {quote} that closes it; put all of it in quotes: {other}")


def _beginning(error: _Error) -> Slip | None:
    """A text without quotes begins with a character that means something."""
    if "cannot start any token" in error.rule and error.char:
        return error.here(f"{error.char} begins no text; put the text in quotes")
    if "an alias" in error.rule or "an anchor" in error.rule:
        return Slip(*error.begun, f"{error.opener()} does not begin a text, but a name for another place; put the text in quotes")
    if "block scalar" in error.rule:
        rule = "opens a text on the lines below; put a text that begins with it in quotes"
        return Slip(*error.begun, f"{error.opener()} {rule}")
    if "directive" in error.rule or ("<document start>" in error.rule and error.lines[0].startswith("%")):
        return Slip(0 if error.lines[0].startswith("%") else error.line, 0, "a line that begins with % is for YAML; remove it")
    if "node content" in error.rule and error.char in (",", "]", "}"):
        if error.char == "," and error.before.endswith((",", "[", "{")):
            return error.here("nothing stands before this comma; remove it, or write a value")
        return error.here(f"{error.char} begins no text, and closes nothing; remove it, or put the text in quotes")
    return None


def _brackets(error: _Error) -> Slip | None:
    if "flow node" in error.rule and not error.char and error.last is not None:
        column = max(map(error.lines[error.last].rfind, "[{"))
        if column >= 0:
            opener = error.lines[error.last][column]
            return Slip(error.last, column, f"this {opener} is not closed; write {_CLOSERS[opener]} where it ends")
    if "flow sequence" in error.rule or "flow mapping" in error.rule:
        opener = error.opener()
        closer = _CLOSERS.get(opener, "")
        if error.line == error.begun[0] and error.char == ":":
            return error.here("a colon where none can be; write a comma before the key, or put a text with a colon in quotes")
        if error.line == error.begun[0] and error.char in ("]", "}"):
            return error.here(f"{error.char} does not close the {opener} of column {error.begun[1] + 1}; write {closer}")
        if error.line == error.begun[0] and error.char:
            return error.here(f"a comma is missing before this, or the {closer} of column {error.begun[1] + 1}")
        return Slip(
            *error.begun, f"this {opener} is not closed; write {closer} where it ends; a text that holds one stands in quotes"
        )
    if "block" in error.rule and error.char in ("]", "}"):
        return error.here(f"{error.char} closes nothing that is open; remove it")
    if "block" in error.rule and error.before.endswith(("]", "}")):
        rule = "put a text that begins with { or [ in quotes"
        return error.here(f"the value goes on behind the {error.before[-1]} that closes it; {rule}")
    return None


def _colons(error: _Error) -> Slip | None:
    if "expected ':'" in error.rule:
        return _no_blank(error, *error.begun) or Slip(
            *error.begun, "is no key with a value; write a colon and a blank behind the key, or indent a text that goes on"
        )
    if "mapping values" not in error.rule:
        return None
    if _SECOND_COLON.match(error.text[: error.column].lstrip(" -")):
        return error.here("a second colon with a blank behind it; put the value in quotes")
    return None


def _no_blank(error: _Error, line: int, start: int = 0) -> Slip | None:
    match = _NO_BLANK.match(error.lines[line], start)
    return None if match is None else Slip(line, match.end() - 1, _with_blank(match))


def joined_key(text: str) -> str | None:
    """What is said of a key that stands without a value, where it is `key:value`; None where it is not."""
    match = _NO_BLANK.match(text)
    return None if match is None else _with_blank(match)


def _with_blank(match: re.Match[str]) -> str:
    value = match.string[match.end() :].partition(" #")[0].strip()
    return f"no blank stands behind this colon; write {match['key'][:40]}: {value[:40]}"


def _columns(error: _Error) -> Slip | None:
    """A line that begins where none can."""
    if "sequence entries" in error.rule:
        return error.here(
            "a list begins on the line below its key, or is written [a, b]; put a text that begins with - in quotes"
        )
    if "..." in (line.rstrip() for line in error.lines[: error.line]):
        return error.here("the document ended at the ... above; remove that line")
    if error.last is None:
        return None
    if (joined := _no_blank(error, error.last)) is not None:
        return joined
    begin, above = _indent(error.text), error.lines[error.last]
    # Of a list's item its text counts, too: keys stand below it.
    columns = {_indent(above), *([len(above) - len(above.lstrip(" -"))] if _ITEM.match(above) and ":" in above else [])}
    if "mapping values" in error.rule:
        if not _KEY.search(above):
            return Slip(error.line, begin, "a key inside the text above; begin it in the column of the keys around it")
        rule = f"a key below line {error.last + 1}, which has a value already; begin it in column {max(columns) + 1}"
        return Slip(error.line, begin, f"{rule}, or take that value away")
    if "parsing a block" in error.rule:
        columns.add(error.begun[1])
    elif "<document start>" not in error.rule:
        return None
    what = "a list's item" if _ITEM.match(error.text) else "a key"
    if begin in columns:
        among = "a list" if what == "a key" else "keys"
        return Slip(error.line, begin, f"{what} stands among {among}; indent it below the key that it belongs to, or remove it")
    at = " or ".join(str(column + 1) for column in sorted(columns))
    rule = f"{what} begins in column {begin + 1}, where nothing else does"
    return Slip(error.line, begin, f"{rule}; begin it in column {at}, as what it belongs to")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


_SLIPS: Sequence[Callable[[_Error], Slip | None]] = (_tab, _quotes, _beginning, _brackets, _colons, _columns)
