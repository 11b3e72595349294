"""What trials are called, hold and print steers no terminal, is no markup, and breaks no table."""

from __future__ import annotations

import pytest

from hpsearch.cli.common import short_params, short_value
from hpsearch.cli.render import make_console, make_table, plain
from hpsearch.cli.show import _printed


def test_names_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    table = make_table(["layer[red]", "[/b]", "two\nlines"], left=(), whole=())
    table.add_row(plain("[bold]"), plain("\x1b[31mred"), plain("\ud800 \u202e"))
    make_console(color=False).print(table)
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["layer[red]", "[/b]", "two\\nlines"]
    assert row.split() == ["[bold]", "\\x1b[31mred", "\\ud800", "\\u202e"]


def test_values_stay_on_their_line() -> None:
    assert short_value("a\r\nb") == "a\\r\\nb"
    assert short_params({"\x1b[2J": "é 漢"}, ["\x1b[2J"]) == "\\x1b[2J=é 漢"


def test_what_a_trial_printed_is_read_as_a_terminal_would_leave_it() -> None:
    log = "\x1b[32mgreen\x1b[0m\r\n 10 %\r 99 %\r100 %\n\tin\x1b]0;title\x07\x00\n"
    assert _printed(log) == "green\n100 %\n        in\\x1b]0;title\\x07\\x00"
