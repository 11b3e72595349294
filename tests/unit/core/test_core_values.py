"""Equal values are one trial, different ones are two: what canonical text keeps apart and what it does not."""

from __future__ import annotations

import json
import math
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.core.values import canonical, digest, freeze, key_of, key_text

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4), max_leaves=12
)


def same(a: Any, b: Any) -> bool:
    """Equality as hpsearch means it: with types, lists as tuples, NaN equal to itself, no negative zero."""
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if type(a) is not type(b):
        return False
    return bool(a == b) or (isinstance(a, float) and math.isnan(a) and math.isnan(b))


@given(VALUES, VALUES)
def test_two_texts_are_equal_exactly_where_two_values_are(a: Any, b: Any) -> None:
    assert (canonical(a) == canonical(b)) == same(a, b)


@given(VALUES)
def test_freezing_changes_no_identity(value: Any) -> None:
    assert canonical(freeze(value)) == canonical(value)
    assert freeze(freeze(value)) == freeze(value) or "nan" in canonical(value)


@given(VALUES)
def test_the_text_is_ascii_and_strict_json(value: Any) -> None:
    text = canonical(value)
    assert text.isascii()
    json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))


def test_types_stay_apart() -> None:
    assert len({canonical(value) for value in (3, 3.0, "3", True, [3], None, {"3": 3})}) == 7
    assert canonical(1) != canonical(True)


def test_a_users_own_marker_never_looks_like_ours() -> None:
    assert canonical({"$float": "nan"}) != canonical(math.nan)
    assert canonical({"$$float": "nan"}) != canonical({"$float": "nan"})


def test_numpys_double_is_a_float() -> None:
    # A value drawn with numpy and the same one read from YAML are one trial.
    assert canonical(np.float64(0.1)) == canonical(0.1)


@pytest.mark.parametrize("value", [{(1,): 2}, {"a": {math.nan: 1}}, {b"x": 1}])
def test_keys_are_scalars(value: Any) -> None:
    for read in (canonical, freeze):
        with pytest.raises(TypeError, match=r"^the key .* is no (number|text, number, boolean or null)$"):
            read(value)


def test_keys_of_different_types_are_different_keys() -> None:
    keys: list[Any] = [0, "0", "$0", 1.0, "1.0", True, "true", None, "null", "$null", "$$0"]
    assert len({canonical({key: 1}) for key in keys}) == len(keys)
    assert [key_of(key_text(key)) for key in keys] == keys
    assert [type(key_of(key_text(key))) for key in keys] == [type(key) for key in keys]


@pytest.mark.parametrize("value", [b"x", {1, 2}, object(), 1j, np.int64(3)])
def test_other_things_have_no_identity(value: Any) -> None:
    with pytest.raises(TypeError, match="has no canonical form"):
        canonical(value)
    with pytest.raises(TypeError, match="a value is null, true, false, a number, a string, a list or a mapping"):
        freeze(value)


def test_any_mapping_and_sequence_will_do() -> None:
    assert canonical(MappingProxyType({"a": (1, 2)})) == '{"a":[1,2]}'
    assert freeze(MappingProxyType({"a": [1, [2]]})) == {"a": (1, (2,))}


def test_a_digest_is_cut_from_the_front() -> None:
    assert digest({"a": 1}).startswith(digest({"a": 1}, length=16))
    assert len(digest({"a": 1}, length=16)) == 16
