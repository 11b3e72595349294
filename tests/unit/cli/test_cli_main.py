"""How a command ends: an exit code for each kind of end, a sentence for each error, help for whoever asks."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from cli_commands import Typist

from hpsearch.cli.main import COMMANDS, cli
from hpsearch.core.errors import (
    HpsearchError,
    InfrastructureError,
    Interrupted,
    ObjectiveError,
    Problem,
    SpecError,
    StudyHeldError,
)


@pytest.fixture
def typed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Typist:
    return Typist(tmp_path, capsys, monkeypatch)


def ends_with(monkeypatch: pytest.MonkeyPatch, error: BaseException | int | None) -> None:
    """The next command raises this, or returns it."""

    def invoke(*_: object, **__: object) -> object:
        if isinstance(error, BaseException):
            raise error
        return error

    monkeypatch.setattr(cli, "main", invoke)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (None, 0, ""),
        (HpsearchError("odd"), 1, "error: odd\n"),
        (SpecError("wrong"), 2, "error: wrong\n"),
        (SpecError([Problem("a", file="s.yaml", line=3, path="x"), Problem("b", file="s.yaml", line=4)]), 2,
         "s.yaml:3  x: a\ns.yaml:4  b\n"),
        (ObjectiveError("none of 3 trials completed"), 3, "error: none of 3 trials completed\n"),
        (InfrastructureError("disk full"), 4, "error: disk full\n"),
        (StudyHeldError("held by process 7 on here"), 5, "error: held by process 7 on here\n"),
        (Interrupted("interrupted; run it again"), 130, "error: interrupted; run it again\n"),
        (KeyboardInterrupt(), 130, ""),
        (click.Abort(), 130, "\naborted\n"),
        (click.exceptions.Exit(0), 0, ""),
    ],
)  # fmt: skip
def test_exit_codes(typed: Typist, monkeypatch: pytest.MonkeyPatch, error: BaseException | None, code: int, said: str) -> None:
    ends_with(monkeypatch, error)
    done = typed("list")
    assert (done.code, done.err, done.out) == (code, said, "")


def test_a_defect_is_told_as_one_with_its_traceback(typed: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    ends_with(monkeypatch, ZeroDivisionError("oh"))
    done = typed("list")
    assert done.code == 1
    assert "ZeroDivisionError: oh" in done.err
    assert done.err.endswith("error: this is a defect of hpsearch, not of your spec; please report it with the lines above\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("runn",), "error: there is no command 'runn'; did you mean run? (hpsearch --help lists them)\n"),
        (("rum",), "error: there is no command 'rum'; did you mean run? (hpsearch --help lists them)\n"),
        (("rmm",), "error: there is no command 'rmm'; did you mean rm? (hpsearch --help lists them)\n"),
        (("xyzzy",), "error: there is no command 'xyzzy' (hpsearch --help lists them)\n"),
        (("--verison",), "error: there is no option --verison; did you mean --version? (hpsearch --help tells more)\n"),
        (
            ("plan", "s.yaml", "--jsn"),
            "error: there is no option --jsn; did you mean --json? (hpsearch plan --help tells more)\n",
        ),
        (("plan",), "error: Missing argument 'SPEC' (hpsearch plan --help tells more)\n"),
        (("plan", "s.yaml"), "s.yaml  there is no such file\n"),
        (("best", "none"), "error: no study 'none' under {folder}/studies; there is none yet\n"),
    ],
)
def test_a_slip_of_the_finger(typed: Typist, arguments: tuple[str, ...], sentence: str) -> None:
    """`rum` is nearer to rm than to run, and nobody should be led to delete anything."""
    done = typed(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err == sentence.format(folder=typed.folder)


def test_nothing_typed_shows_what_there_is(typed: Typist) -> None:
    done = typed()
    assert done.code == 2
    assert "Commands:" in done.err
    assert "error:" not in done.err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(typed: Typist, name: str) -> None:
    done = typed(name, "--help")
    assert done.code == 0
    assert f"Usage: hpsearch {name}" in done.out
    assert "Examples:\n" in done.out
    assert f"hpsearch {name}" in done.out.partition("Examples:")[2]
    options = done.out.partition("Options:\n")[2].splitlines()
    assert all(len(line) <= 120 for line in options)


def test_the_version(typed: Typist) -> None:
    assert typed("--version").out.startswith("hpsearch, version ")


@pytest.mark.parametrize("arguments", [("-v", "best", "none"), ("best", "none", "--verbose"), ("best", "-v", "none")])
def test_verbose_tells_where_an_error_came_from(typed: Typist, arguments: tuple[str, ...]) -> None:
    """Wherever it stands, and for this command alone."""
    done = typed(*arguments)
    assert done.code == 2
    assert "where it came from\nTraceback (most recent call last):\n" in done.err
    assert done.err.endswith(f"error: no study 'none' under {typed.folder}/studies; there is none yet\n")
    assert "Traceback" not in typed("best", "none").err


def test_every_command_says_that_it_can_be_verbose(typed: Typist) -> None:
    assert all("-v, --verbose" in typed(*name, "--help").out for name in [(), *((name,) for name in COMMANDS)])
