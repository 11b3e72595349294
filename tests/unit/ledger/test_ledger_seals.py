"""Checksums: those of ledgers on users' disks, and no changed value passes."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.ledger.rows import AttemptRow
from hpsearch.ledger.seals import JsonSeal, Kind, PackedSeal, Seal
from hpsearch.ledger.tables import ATTEMPT

KINDS: list[tuple[Kind, bool]] = [(int, False), (str, False), (float, False), (str, True), (float, True), (int, True)]
ROW = (1, "v1:ab", 0.5, None, None, None)
VALUES: dict[Kind, st.SearchStrategy[object]] = {
    int: st.integers(-(2**62), 2**62),
    float: st.floats(allow_nan=False),
    str: st.text(st.characters(exclude_characters="\x00\x01", codec="utf-8"), max_size=8),
}
ROWS = st.tuples(*((VALUES[kind] | st.none()) if null else VALUES[kind] for kind, null in KINDS))


def of(seal: Seal, *rows: tuple[object, ...]) -> list[int]:
    return seal.of([*zip(*rows, strict=True)])


def test_checksums_are_those_of_ledgers_on_disk() -> None:
    """Golden: were these to change, every existing ledger would be refused as damaged."""
    assert of(PackedSeal("trial", KINDS), ROW, (2, "é", -1e-300, "FAILED", math.inf, -7)) == [1762923586, 1364896293]
    assert of(JsonSeal("trial"), (1, "v1:ab", 0.5, None, "é"), (1, "", math.inf, -1e-300, "")) == [3661444248, 1977472296]


def test_a_row_does_not_pass_in_another_table() -> None:
    assert of(PackedSeal("attempt", KINDS), ROW) != of(PackedSeal("trial", KINDS), ROW)
    assert of(JsonSeal("attempt"), ROW) != of(JsonSeal("trial"), ROW)


@given(ROWS, st.lists(ROWS, max_size=5))
def test_many_rows_are_sealed_as_each_by_itself(row: tuple[object, ...], others: list[tuple[object, ...]]) -> None:
    seal = PackedSeal("trial", KINDS)
    assert of(seal, row, *others) == [of(seal, each)[0] for each in (row, *others)]


@given(ROWS, st.integers(0, len(KINDS) - 1), st.data())
def test_a_checksum_notices_any_changed_value(row: tuple[object, ...], place: int, data: st.DataObject) -> None:
    kind, null = KINDS[place]
    other = data.draw(VALUES[kind] | st.none() if null else VALUES[kind])
    changed = (*row[:place], other, *row[place + 1 :])
    same = other == row[place] and str(other) == str(row[place])
    assert (of(PackedSeal("trial", KINDS), changed) == of(PackedSeal("trial", KINDS), row)) == same


@given(ROWS, ROWS)
def test_rows_of_equal_checksums_are_equal(row: tuple[object, ...], other: tuple[object, ...]) -> None:
    """What one text ends with is not what the next begins with."""
    seal = PackedSeal("trial", KINDS)
    assert (of(seal, row) == of(seal, other)) == ([*map(repr, row)] == [*map(repr, other)])


@pytest.mark.parametrize("place", range(len(KINDS)))
@pytest.mark.parametrize("value", [b"bytes", "text", 0.5, 2**70, "\ud800"])
def test_a_value_of_another_type_is_no_row_of_ours(place: int, value: object) -> None:
    kind = KINDS[place][0]
    if type(value) is kind and value not in (2**70, "\ud800"):
        return
    if kind is float and value == 2**70:
        return  # a number that a float takes
    with pytest.raises(ValueError, match=r".+"):
        of(PackedSeal("trial", KINDS), (*ROW[:place], value, *ROW[place + 1 :]))


@pytest.mark.parametrize("place", [place for place, (_, null) in enumerate(KINDS) if not null])
def test_nothing_where_something_must_be_is_no_row_of_ours(place: int) -> None:
    with pytest.raises(ValueError, match=r".+"):
        of(PackedSeal("trial", KINDS), (*ROW[:place], None, *ROW[place + 1 :]))


@pytest.mark.parametrize("value", [b"bytes", object()])
def test_what_json_has_no_word_for_is_no_row_of_ours(value: object) -> None:
    with pytest.raises(ValueError, match="not JSON serializable"):
        of(JsonSeal("trial"), (*ROW[:1], value, *ROW[2:]))


def test_no_rows_have_no_seals() -> None:
    assert ATTEMPT.sealed([]) == []
    assert ATTEMPT.opened_all([], "here") == []


def test_a_tables_seal_is_of_the_types_that_its_rows_say() -> None:
    row = AttemptRow(
        1, 1, 1, "RUNNING", "w1", "n1", None, 1.0, None, None, None, None, None, None, "{}", None, "", "", "", "", None
    )
    (sealed,) = ATTEMPT.sealed([row])
    assert sealed["checksum"] == 2816311185
    assert ATTEMPT.opened([*row, sealed["checksum"]], "here") == row
