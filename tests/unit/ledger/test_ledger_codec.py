"""What is stored comes back as it was: a parameter that returned as another type would be another configuration."""

from __future__ import annotations

import json
import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.core.values import Value, canonical
from hpsearch.ledger.codec import (
    TEXT_LIMIT,
    clean,
    decode,
    decode_metrics,
    decode_params,
    encode,
    encode_metrics,
    number,
    real,
)

texts = st.text(st.characters(exclude_categories=()), max_size=20)  # lone surrogates and NUL too
scalars = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | texts
keys = texts | st.sampled_from(["$float", "$$float", "$", "a"])
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4).map(tuple) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)


def same(a: Value, b: Value) -> bool:
    """Equal and of equal types throughout; NaN equals NaN, and -0.0 is not 0.0."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float) and isinstance(b, float):
        return struct.pack("d", a) == struct.pack("d", b) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    return a == b


@given(values)
def test_any_value_comes_back_with_its_types_and_its_order(value: Value) -> None:
    assert same(decode(encode(value)), value)


@given(values)
def test_identity_is_the_same_before_and_after(value: Value) -> None:
    assert canonical(decode(encode(value))) == canonical(value)


@given(values)
def test_the_text_is_plain_json_in_ascii(value: Value) -> None:
    text = encode(value)
    assert text.isascii()
    json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": (1, 2.0, True, None)}, '{"b":1,"a":[1,2.0,true,null]}'),
        (math.nan, '{"$float":"nan"}'),
        ((math.inf, -math.inf, -0.0), '[{"$float":"inf"},{"$float":"-inf"},-0.0]'),
        ({"$float": "nan"}, '{"$$float":"nan"}'),
        ("\ud800\x00é", '"\\ud800\\u0000\\u00e9"'),
    ],
)
def test_the_text_is_what_ledgers_on_disk_hold(value: Value, text: str) -> None:
    assert encode(value) == text


def test_lists_come_back_as_tuples() -> None:
    assert decode(encode({"ngram_range": [[1, 1], [1, 2]]})) == {"ngram_range": ((1, 1), (1, 2))}


def test_numpy_numbers_are_stored_as_the_numbers_they_are() -> None:
    stored = decode_metrics(encode_metrics({"a": np.float64(0.1), "b": np.int64(3), "c": 3, "d": np.float32(0.5)}))
    assert stored == {"a": 0.1, "b": 3.0, "c": 3, "d": 0.5}
    assert [type(value) for value in stored.values()] == [float, float, int, float]


@pytest.mark.parametrize("value", [object(), {(1,): 2}, {"a": {object(): 2}}, b"x", {1, 2}])
def test_what_is_no_value_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match=r"cannot be stored|^the key "):
        encode(value)


def test_keys_come_back_as_they_went() -> None:
    value = {"weights": {0: 1.0, 1: 5.0, "0": 2.0, None: 3.0, "$x": 4.0, "": 5.0}}
    assert decode(encode(value)) == value
    assert repr(decode(encode(value))) == repr(value), "0 is not false, nor '0'"
    with pytest.raises(ValueError, match="holds a key that is no name: 0"):
        decode_params(encode({0: 1}))


@pytest.mark.parametrize("text", ['{"a":"1"}', '{"a":true}', "[1]"])
def test_what_is_no_metrics_is_not_read_as_metrics(text: str) -> None:
    with pytest.raises(ValueError, match=r"no number|no mapping"):
        decode_metrics(text)


@given(st.floats())
def test_a_column_keeps_every_number(value: float) -> None:
    kept = number(real(value))
    assert kept == value or (math.isnan(kept) and math.isnan(value))


@given(st.text(st.characters(exclude_categories=()), max_size=50))
def test_free_text_is_made_storable_and_otherwise_left(text: str) -> None:
    kept = clean(text)
    kept.encode("utf-8")
    assert "\x00" not in kept
    assert kept == text or any(0xD800 <= ord(c) <= 0xDFFF or c == "\x00" for c in text)


def test_a_huge_log_keeps_its_beginning_and_its_end() -> None:
    kept = clean("start" + "x" * (3 * TEXT_LIMIT) + "end")
    assert len(kept) < TEXT_LIMIT + 100
    assert kept.startswith("start")
    assert kept.endswith("end")
    assert "characters left out" in kept
