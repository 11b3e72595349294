"""What YAML lets a file do to its reader, and ours does not: values read otherwise than written, bombs, silent overwriting."""

from __future__ import annotations

import contextlib
import math
import os
from pathlib import Path
from threading import Thread

import pytest
from harness import told
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.core.errors import SpecError
from hpsearch.core.values import canonical
from hpsearch.spec import load_spec
from hpsearch.spec.nodes import Entry, ListNode, MapNode, Mark, Node, ScalarNode, plain, written
from hpsearch.spec.scalars import resolve
from hpsearch.spec.source import MAX_BYTES, MAX_EXPANDED, read_nodes
from hpsearch.spec.writing import write


def value_of(text: str) -> object:
    node, problems = read_nodes(text, "s.yaml")
    assert problems == []
    return plain(node)


def problems_of(text: str) -> list[str]:
    try:
        _, problems = read_nodes(text, "s.yaml")
    except SpecError as error:
        return [told(problem) for problem in error.problems]
    return [told(problem) for problem in problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-4", 1e-4), ("1.", 1.0), (".5", 0.5), ("-1E+3", -1000.0), ("6.0", 6.0), ("+.inf", math.inf), ("-.Inf", -math.inf),
        ("3", 3), ("-3", -3), ("+3", 3), ("010", 10), ("0o17", 15), ("0x1F", 31), ("0", 0), ("9223372036854775807", 2**63 - 1),
        ("no", "no"), ("on", "on"), ("yes", "yes"), ("off", "off"), ("y", "y"), ("1:30", "1:30"), ("1_000", "1_000"),
        ("2024-01-02", "2024-01-02"), ("0b11", "0b11"), ("e5", "e5"), ("inf", "inf"), ("nan", "nan"), ("=", "="), ("1e", "1e"),
        ("true", True), ("False", False), ("TRUE", True), ("tRue", "tRue"), ("null", None), ("~", None), ("", None),
        ("none", "none"),
        ('"\\uD83D\\uDE00 \\n"', "\U0001f600 \n"), ("'3'", "3"), ('"true"', "true"), ("'~'", "~"), ("''", ""),
    ],
)  # fmt: skip
def test_scalars_are_read_by_yaml_1_2(text: str, value: object) -> None:
    """`1e-4` as a string would be passed to the estimator as one; `no` as false would rename a class."""
    read = value_of(f"a: {text}")
    assert isinstance(read, dict)
    assert canonical(read["a"]) == canonical(value)


def test_not_a_number_is_a_value() -> None:
    assert resolve(".nan") != resolve(".nan")


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("a: 1\nb: 2\na: 3", ["s.yaml:3  the key a stands on line 1 already; keep one of the two"]),
        ("x: {1: a, '1': b}", ["s.yaml:1  the key 1 stands on line 1 already; with quotes and without, a key is the same here; "
         "rename one, or list the values and write when: {...}"]),
        ("a: !!python/object:os.system x",
         ["s.yaml:1  the tag tag:yaml.org,2002:python/object:os.system is not allowed; a spec is made of plain values"]),
        ("a:\n - !x [1]", ["s.yaml:2  the tag !x is not allowed; a spec is made of plain values"]),
        ("a: !!str 3", ["s.yaml:1  the tag tag:yaml.org,2002:str is not allowed; a spec is made of plain values"]),
        ("? [a, b]\n: 1", ["s.yaml:1  a key must be a word or a number, not a list or a mapping"]),
        ("a: 1e999", ["s.yaml:1  1e999: is larger than any float"]),
        ("a: 9223372036854775808",
         ["s.yaml:1  9223372036854775808: is larger than any 64-bit integer; write a float (1e30), or quote it"]),
        (f"a: {'9' * 5000}", [f"s.yaml:1  {'9' * 60}: is larger than any 64-bit integer; write a float (1e30), or quote it"]),
        ("a: *b", ["s.yaml:1  *b: no &b stands before it"]),
        ("a: &b [*b]", ["s.yaml:1  *b stands inside &b itself"]),
        ("<<: 3\na: 1", ["s.yaml:1  << takes a mapping, or a list of mappings"]),
        ("", ["s.yaml:1  the file is empty; a spec needs at least trial, metric and space"]),
        ("# nothing", ["s.yaml:1  the file is empty; a spec needs at least trial, metric and space"]),
        ("a: 1\nb: \x07", ["s.yaml:2  the character U+0007 is not allowed in YAML; remove it, or escape it in double quotes"]),
        ('a: 1\nb: "\\UFFFFFFFF"',
         ["s.yaml:2  is not YAML: a number here is too large (Python int too large to convert to C int)"]),
        (f"%YAML {'9' * 5000}.1\n---\n",
         ["s.yaml:1  is not YAML: a number here is too large (Exceeds the limit (4300 digits) for "
          "integer string conversion: value has 5000 digits; use sys.set_int_max_str_digits() to increase the limit)"]),
        ('a: "\\uD800"',
         ["s.yaml:1  the text holds an escaped character that no text may hold: \\0, or half of a surrogate pair"]),
        ('a: "\\0"',
         ["s.yaml:1  the text holds an escaped character that no text may hold: \\0, or half of a surrogate pair"]),
        ("a: \udc80", ["s.yaml:1  the character U+DC80 is not allowed in YAML; remove it, or escape it in double quotes"]),
        ("x" * (2**20 + 1), ["s.yaml  the file has 1048577 bytes; a spec has at most 1048576"]),
        ("[" * 64 + "]" * 64, []),
        ("[" * 65 + "]" * 65, ["s.yaml:1  more than 64 levels of nesting"]),
        ("[" * 100_000, ["s.yaml:1  more than 64 levels of nesting"]),
    ],
)  # fmt: skip
def test_what_no_file_may_hold(text: str, problems: list[str]) -> None:
    assert problems_of(text) == problems


def test_all_problems_of_the_text_are_told_at_once() -> None:
    assert [problem.split("  ")[0] for problem in problems_of("a: !x 1\nb: 1\nb: 2\nc: 1e999")] == [
        "s.yaml:1",
        "s.yaml:3",
        "s.yaml:4",
    ]


def test_an_alias_bomb_is_refused_before_it_explodes() -> None:
    """442 bytes that stand for 10^9 values must not hang the reader."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert problems_of("\n".join(lines)) == [f"s.yaml:5  *a3: aliases expand to more than {MAX_EXPANDED} values"]


def test_a_file_of_very_many_values_is_refused_where_they_become_too_many() -> None:
    assert problems_of("a:\n" + "- 1\n" * 60_000) == [
        "s.yaml:49999  more than 50,000 keys and values; write a range, or a smaller spec"
    ]
    assert problems_of("a" * 1001 + ": 1") == ["s.yaml:1  a key of 1001 characters; one has at most 1000"]


def test_a_long_text_is_read_as_a_short_one_is() -> None:
    """By another parser, which is faster: values, positions and limits are the same."""
    text = "a: {b: [1, 'x', \"\\u00e9\", ~, 1e-4], c: &c {d: no}}\ne:\n  - *c\n  - |\n    two\n    lines\n? [q]\n: !t 3\n"
    padded = text + "#" * 30_000
    assert read_nodes(padded, "s.yaml") == read_nodes(text, "s.yaml")


def test_aliases_may_not_nest_deeper_than_a_file() -> None:
    half = f"a: &a {'[' * 40}{']' * 40}\nb: {'[' * 30}*a{']' * 30}"
    assert problems_of(half) == ["s.yaml:2  *a: aliases expand to more than 64 levels of nesting"]


def test_anchors_and_merge_keys_stand_for_what_they_name() -> None:
    text = "base: &base {a: 1, b: 2}\nmore: &more {b: 3, c: 4}\nboth:\n  <<: [*base, *more]\n  a: 0\nlist: &l [1, 2]\nsame: *l"
    value = value_of(text)
    assert isinstance(value, dict)
    assert value["both"] == {"a": 0, "b": 2, "c": 4}
    assert value["same"] == (1, 2)


def test_positions_count_from_one() -> None:
    node, _ = read_nodes("a: 1\nb:\n  - x\n  - {c: y}\n", "s.yaml")
    assert isinstance(node, MapNode)
    items = node.entries["b"].node
    assert isinstance(items, ListNode)
    assert [item.mark for item in items.items] == [Mark("s.yaml", 3, 5), Mark("s.yaml", 4, 5)]


def test_a_byte_order_mark_is_no_character_of_the_first_key() -> None:
    assert value_of("\ufeffa: 1") == {"a": 1}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rbf", "rbf"), ("'3'", "'3'"), ("'no'", "no"), ("''", "''"), ("' x'", "' x'"), ("1e-04", "1e-04"), ("~", "~"),
        ("'99999999999999999999'", "'99999999999999999999'"), ("z" * 80, "z" * 57 + "..."), ("[1, {a: b}]", "[1, {a: b}]"),
        ("[1,2,3,4,5,6,7,8,9]", "[1, 2, 3, 4, 5, 6, 7, 8, ...]"),
    ],
)  # fmt: skip
def test_values_are_shown_as_they_are_written(text: str, shown: str) -> None:
    assert written(read_nodes(text, "s.yaml")[0]) == shown


# ---- files


def test_a_missing_file_is_answered_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "churn.yaml").write_text("a: 1")
    with pytest.raises(SpecError) as caught:
        load_spec(tmp_path / "chrun.yaml")
    assert str(caught.value) == f"{tmp_path / 'chrun.yaml'}  there is no such file; did you mean churn.yaml?"
    with pytest.raises(SpecError, match=r"there is no such file; .*nowhere is no folder"):
        load_spec(tmp_path / "nowhere" / "spec.yaml")


@pytest.mark.parametrize(
    ("asked", "near"),
    [("spec.yml", "; did you mean spec.yaml?"), ("spce.yaml", "; did you mean spec.yaml?"), ("missing.yaml", "")],
)
def test_an_ending_that_all_specs_have_makes_no_two_alike(tmp_path: Path, asked: str, near: str) -> None:
    for name in ("spec.py", "spec.yaml", "listbig.yaml"):
        (tmp_path / name).write_text("a: 1")
    with pytest.raises(SpecError) as caught:
        load_spec(tmp_path / asked)
    assert str(caught.value).endswith(f"there is no such file{near}")


def test_a_pipe_is_read_as_far_as_a_spec_may_go(tmp_path: Path) -> None:
    """A device like /dev/zero never ends; and `plan <(make-spec)` is a pipe too."""
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)

    def write() -> None:
        with contextlib.suppress(BrokenPipeError), pipe.open("wb") as stream:
            stream.write(b"#" * 4 * MAX_BYTES)

    writer = Thread(target=write, daemon=True)
    writer.start()
    with pytest.raises(SpecError, match=f"has more than {MAX_BYTES} bytes; a spec has at most as many"):
        load_spec(pipe)
    writer.join(10)


def test_a_folder_is_no_spec(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="cannot be read: Is a directory"):
        load_spec(tmp_path)


def test_a_file_in_another_encoding_says_where(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_bytes("name: a\ndescription: Größe".encode("latin-1"))
    with pytest.raises(SpecError) as caught:
        load_spec(path)
    assert str(caught.value) == f"{path}:2  is not UTF-8 text at byte 23; save it as UTF-8"


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_bytes(b"\xff" * (2**20 + 1))
    with pytest.raises(SpecError, match="the file has 1048577 bytes; a spec has at most 1048576"):
        load_spec(path)


# ---- writing

MARK = Mark("")
SCALARS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
    st.sampled_from(["1e-4", "010", "no", "~", "", "-", "- a", "a: b", "# x", "<<", "{a", "*a", "&a", "!a"]),
    st.sampled_from(["\x85", "\u2028", "\x7f", "\ufeff", "\t", " a "]),
).map(lambda text: ScalarNode(MARK, text, text)) | st.sampled_from(["1e-4", "010", "~", ".nan", "-.inf", "true", "0x1F"]).map(
    lambda text: ScalarNode(MARK, resolve(text), text)
)  # fmt: skip
NODES: st.SearchStrategy[Node] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda items: ListNode(MARK, tuple(items)))
        | st.dictionaries(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6), inner, max_size=4).map(
            lambda items: MapNode(MARK, {key: Entry(MARK, node) for key, node in items.items()})
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(NODES)
def test_what_is_written_reads_back_the_same(node: Node) -> None:
    """A study's stored spec must say what ran."""
    text = write(node)
    again, problems = read_nodes(text, "s.yaml")
    assert problems == []
    assert canonical(plain(again)) == canonical(plain(node)), text
