"""A run of one benchmark renews its own section, and no other's figures."""

from __future__ import annotations

from benchmarks.common import Section
from benchmarks.page import page, renewed, text_of


def text(name: str, figure: str) -> str:
    return text_of(Section(name, f"Title of {name}", [{"measure": figure}], ["As it is."], True), ["- machine"])


def test_a_section_has_table_notes_command_and_machine() -> None:
    assert text("a", "1.5") == (
        "## Title of a\n\n| measure |\n| ------- |\n| 1.5     |\n\nAs it is.\n\n"
        "Alone: `python -m benchmarks.run --only a`\n\n- machine\n"
    )


def test_what_was_not_run_stays_as_it_was() -> None:
    old = page([text("a", "1.5"), text("b", "2.5")])
    new = renewed(old, {"b": text("b", "9.5")}, ["a", "b", "c"])
    assert new == page([text("a", "1.5"), text("b", "9.5")])


def test_a_new_section_stands_where_its_benchmark_stands() -> None:
    old = page([text("a", "1.5"), text("c", "2.5")])
    assert renewed(old, {"b": text("b", "3.5")}, ["a", "b", "c"]) == page([text("a", "1.5"), text("b", "3.5"), text("c", "2.5")])
    assert renewed("", {"b": text("b", "3.5")}, ["a", "b"]) == page([text("b", "3.5")])


def test_figures_of_a_benchmark_that_is_gone_go_too() -> None:
    assert renewed(page([text("gone", "1.5"), text("a", "2.5")]), {}, ["a"]) == page([text("a", "2.5")])
