"""What is said of a text that is no YAML: the slip, where it is and what to write, whichever parser met it."""

from __future__ import annotations

import pytest

from hpsearch.core.errors import SpecError
from hpsearch.spec.source import read_nodes

SINGLE = "put all of it in quotes: in double quotes a ' is a letter like others"
DOUBLE = 'put all of it in quotes: in single quotes a " is a letter like others'
COMMON = [
    # tabs
    ("a:\n\tb: 1\n", "2:1", "a tab indents this line; indent with blanks"),
    ("a:\n  b: 1\n \tc: 2\n", "3:2", "a tab indents this line; indent with blanks"),
    # quotes
    ('a: 1\nb: "c\nd: 2\n', "2:4", 'the quotes that open here are not closed; write " where the text ends'),
    ("a: 'c\n", "1:4", "the quotes that open here are not closed; write ' where the text ends"),
    ("a: 'it's'\n", "1:8", f"the text goes on behind the ' that closes it; {SINGLE}"),
    ('a: "x" + "y"\n', "1:8", f'the text goes on behind the " that closes it; {DOUBLE}'),
    ('a: "x\nb: "y"\n', "2:5", 'the text goes on behind a " that closes quotes of a line above; close them there'),
    ('a: "C:\\path"\n', "1:7", "\\p here means nothing in double quotes; write \\\\, or use single quotes"),
    ('a: "\\uFFF"\n', "1:5", "\\u here means nothing in double quotes; write \\\\, or use single quotes"),
    # what a text may not begin with
    ("a: %x\n", "1:4", "% begins no text; put the text in quotes"),
    ("a: @x\n", "1:4", "@ begins no text; put the text in quotes"),
    ("a: `x`\n", "1:4", "` begins no text; put the text in quotes"),
    ("a: [*.csv]\n", "1:5", "* does not begin a text, but a name for another place; put the text in quotes"),
    ("a: & b\n", "1:4", "& does not begin a text, but a name for another place; put the text in quotes"),
    ("a: >= 3\n", "1:4", "> opens a text on the lines below; put a text that begins with it in quotes"),
    ("a: | b\n", "1:4", "| opens a text on the lines below; put a text that begins with it in quotes"),
    ("a: }\n", "1:4", "} begins no text, and closes nothing; remove it, or put the text in quotes"),
    ("%x\na: 1\n", "1:1", "a line that begins with % is for YAML; remove it"),
    ("a: {x} y\n", "1:8", "the value goes on behind the } that closes it; put a text that begins with { or [ in quotes"),
    # brackets
    ("a: [1, 2\nb: 3\n", "1:4", "this [ is not closed; write ] where it ends; a text that holds one stands in quotes"),
    ("a: {b: 1\nc: 2\n", "1:4", "this { is not closed; write } where it ends; a text that holds one stands in quotes"),
    ("a: 1\nb: {\n", "2:4", "this { is not closed; write } where it ends"),
    ("a: [1, 2}\n", "1:9", "} does not close the [ of column 4; write ]"),
    ("a: [1, 2]]\n", "1:10", "] closes nothing that is open; remove it"),
    ("a: [1,, 2]\n", "1:7", "nothing stands before this comma; remove it, or write a value"),
    ("a: {b: 'x' c: 2}\n", "1:12", "a comma is missing before this, or the } of column 4"),
    # colons
    ("a:1\nb: 2\n", "1:2", "no blank stands behind this colon; write a: 1"),
    ("a: 1\nb:2\n", "2:2", "no blank stands behind this colon; write b: 2"),
    ("space:\n  c:[1, 2]  # of them\n  d: 3\n", "2:4", "no blank stands behind this colon; write c: [1, 2]"),
    ("a: 1\nb\n", "2:1", "is no key with a value; write a colon and a blank behind the key, or indent a text that goes on"),
    ("a: b: c\n", "1:5", "a second colon with a blank behind it; put the value in quotes"),
    ("- a: b: c\n", "1:7", "a second colon with a blank behind it; put the value in quotes"),
    ("a: {b: x --c: d}\n", "1:13",
     "a colon where none can be; write a comma before the key, or put a text with a colon in quotes"),
    # columns
    ("a:\n  b: 1\n   c: 2\n", "3:4",
     "a key below line 2, which has a value already; begin it in column 3, or take that value away"),
    ("a:\n- b: 1\n   c: 2\n", "3:4",
     "a key below line 2, which has a value already; begin it in column 3, or take that value away"),
    ("a: b\n c\n d: 3\n", "3:2", "a key inside the text above; begin it in the column of the keys around it"),
    ("a:\n  b: 1\n c: 2\n", "3:2",
     "a key begins in column 2, where nothing else does; begin it in column 1 or 3, as what it belongs to"),
    (" a: 1\nb: 2\n", "2:1", "a key begins in column 1, where nothing else does; begin it in column 2, as what it belongs to"),
    ("a:\n  - 1\n - 2\n", "3:2",
     "a list's item begins in column 2, where nothing else does; begin it in column 1 or 3, as what it belongs to"),
    ("a:\n  b: 1\n  - 2\n", "3:3", "a list's item stands among keys; indent it below the key that it belongs to, or remove it"),
    ("a:\n  - 1\n  b: 2\n", "3:3", "a key stands among a list; indent it below the key that it belongs to, or remove it"),
    ("a: - 1\n", "1:4",
     "a list begins on the line below its key, or is written [a, b]; put a text that begins with - in quotes"),
    # documents
    ("a: 1\n...\nb: 2\n", "3:1", "the document ended at the ... above; remove that line"),
]  # fmt: skip


def said(text: str) -> str:
    try:
        _, problems = read_nodes(text, "s.yaml")
    except SpecError as error:
        problems = list(error.problems)
    return "\n".join(f"{problem.line}:{problem.column} {problem.message}" for problem in problems)


@pytest.mark.parametrize(("text", "place", "sentence"), COMMON)
@pytest.mark.parametrize("padding", ["", "#" * 30_000], ids=["short", "long"])
def test_a_slip_is_told_in_our_words(text: str, place: str, sentence: str, padding: str) -> None:
    """A long text has another parser, with words and places of its own."""
    assert said(text + padding) == f"{place} is not YAML: {sentence}"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("a: 1\na: 2\n", "2:1 the key a stands on line 1 already; keep one of the two"),
        ("a: 1\n---\nb: 2\n", "2:1 a second document starts here; a spec is one document: remove the ---, "
         "or write the rest in a file of its own"),
        ("a: {step:2, int: [3, 9]}\n", "1:5 the key step:2: no blank stands behind this colon; write step: 2"),
        ("a: {'step:2': , 10:30: }\n", ""),
        ("a: 1\n\n  # b:2\n\nc: http://x:y\n", ""),
    ],
)  # fmt: skip
def test_what_is_yaml_and_hardly_meant(text: str, problems: str) -> None:
    assert said(text) == problems


def test_a_slip_that_nobody_knows_is_told_in_the_parsers_words() -> None:
    assert said("a: !<x\n") == "1:7 is not YAML: while parsing a tag expected '>', but found '\\n'"
