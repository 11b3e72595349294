"""A command's words: how a line is split, what its braces mean, and what the study is called by."""

from __future__ import annotations

from pathlib import Path

import pytest
from spec_text import COMMAND, read

from hpsearch.spec import draft_spec
from hpsearch.spec.command import Named, called, literal, parts_of


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("'python train.py --lr {lr}'", ("python", "train.py", "--lr", "{lr}")),
        ('"sh -c \'echo $1  \\"{lr}\\"\' x"', ("sh", "-c", 'echo $1  "{lr}"', "x")),
        ("[python, train.py, '{args}', 3, true, 'a b']", ("python", "train.py", "{args}", "3", "true", "a b")),
        ("[sh, '>', '|']", ("sh", ">", "|")),  # in a list they are what they are
    ],
)
def test_the_words_of_a_command(written: str, words: tuple[str, ...]) -> None:
    spec = read({**COMMAND, "trial": f"{{command: {written}}}"})
    assert spec.trial.command == words
    assert spec.trial.scores_itself


def test_a_block_style_command_needs_no_quotes() -> None:
    spec = read({**COMMAND, "trial": "\n  command: python train.py --lr {lr} --name '{lr} x'"})
    assert spec.trial.command == ("python", "train.py", "--lr", "{lr}", "--name", "{lr} x")


def test_the_environment_is_read_before_the_braces() -> None:
    spec = read({**COMMAND, "trial": "{command: 'python ${HOME}/train.py --lr {lr}'}"})
    assert spec.trial.command[1] == "/home/me/train.py"


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("--lr={lr}", ("--lr=", Named("lr"))),
        ("{a}{b-c}", (Named("a"), Named("b-c"))),
        ('{{"lr": {lr}}}', ("{", '"lr": ', Named("lr"), "}")),
        ("{{lr}}", ("{", "lr", "}")),
        ("", ()),
    ],
)
def test_braces(word: str, parts: tuple[object, ...]) -> None:
    assert parts_of(word) == parts


def test_a_word_without_names_is_its_text() -> None:
    assert literal("{{a}}") == "{a}"
    assert literal("{a}") is None


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("python train.py --lr {lr}", "python train.py"),
        ("python -u train.py --lr {lr}", "python -u train.py"),
        ("python -m pkg.train --lr {lr}", "python -m pkg.train"),
        ("torchrun --nproc 2 train.py {args}", "torchrun --nproc 2 train.py"),
        ("./train.sh fit --lr {lr}", "./train.sh fit"),
        ("tool {lr}", "tool"),
    ],
)
def test_an_edited_option_is_the_same_study(line: str, name: str) -> None:
    """A study whose trials run something else is refused its name; a further option is an edit."""
    assert called(line.split()) == name


def test_a_command_that_lacks_a_part_is_none(tmp_path: Path) -> None:
    """Whoever looks for its files would meet the braces that nothing more is said of."""
    (tmp_path / "s.yaml").write_text(
        "trial: {command: 'python train.py {a${NOPE}'}\nmetric: {name: loss, mode: min}\nspace: {a: [1, 2]}\n"
    )
    study = draft_spec(tmp_path / "s.yaml", environ={}).study
    assert study is not None
    assert not study.trial.command
