"""Specs of all kinds: one that loads means the same however often it is written out; a wrong one is answered with its lines."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from itertools import islice
from pathlib import Path

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.core.errors import Problem, SpecError
from hpsearch.core.values import canonical
from hpsearch.plan import cautions
from hpsearch.search import make_searcher
from hpsearch.spec import StudySpec, parse_spec
from hpsearch.spec.source import read_nodes
from hpsearch.spec.writing import write

FOLDER = Path("/specs")
NAMES = ("a", "b", "c", "d", "x__y")
SCALARS = st.one_of(
    st.integers(-9, 9),
    st.floats(-9, 9, allow_nan=False).map(lambda number: round(number, 3)),
    st.sampled_from(["rbf", "x", "1", "no", "", "1e-4", "a b", "é", "${HOME}", "$${X}"]),
    st.booleans(),
    st.none(),
)
VALUES = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=2),
    st.dictionaries(st.sampled_from([0, 1, 0.5, True, "k", "0", "$"]), SCALARS, max_size=3).map(lambda value: {"const": value}),
)


@st.composite
def ranges(draw: st.DrawFn) -> dict[str, object]:
    kind = draw(st.sampled_from(["int", "float"]))
    low = draw(st.integers(-5, 5))
    domain: dict[str, object] = {kind: [low, low + draw(st.integers(1, 20))]}
    grid = draw(st.sampled_from(["points", "step", "log", "none"]))
    if grid == "points" or (kind == "float" and grid == "none"):
        domain["points"] = draw(st.integers(2, 5))
    elif grid == "step":
        domain["step"] = 1
    elif grid == "log":
        domain = {kind: [abs(low) + 1, abs(low) + 50], "log": True, "points": 3}
    return domain


CHOICES = st.lists(VALUES, min_size=1, max_size=4, unique_by=canonical)
LEAVES = st.one_of(ranges(), CHOICES, SCALARS)
BRANCHES = st.dictionaries(
    st.sampled_from(["p", "q", 1, True]), st.dictionaries(st.sampled_from(["u", "v"]), LEAVES, max_size=2), min_size=1, max_size=3
)


@st.composite
def specs(draw: st.DrawFn) -> dict[str, object]:
    """Right, but for what cannot be seen from a part alone."""
    space = draw(st.dictionaries(st.sampled_from(NAMES[:4]), LEAVES | BRANCHES.map(lambda under: {"choice": under}), min_size=1))
    method = draw(st.sampled_from(["grid", "grid", "random", "shuffled"]))
    spec: dict[str, object] = {
        "name": draw(st.sampled_from(["s", "a.b-c", 3])),
        "description": draw(st.sampled_from(["text", "two\nlines", "a: b # c", "-"])),
        "trial": {"function": "m:f", "fixed": {"z": draw(VALUES.filter(lambda value: not isinstance(value, dict)))}},
        "metric": {"name": "loss", "mode": "min"},
        "space": space,
        "repeat": {"seeds": draw(st.lists(st.integers(0, 9), min_size=1, max_size=2, unique=True))},
    }
    if method == "random":
        spec["search"] = {"method": "random", "trials": draw(st.integers(1, 20)), "seed": draw(st.integers(0, 99))}
    elif method == "shuffled":
        spec["search"] = {"order": "shuffled"}
    ints = [name for name, domain in space.items() if isinstance(domain, dict) and {"int", "float"} & domain.keys()]
    if ints and draw(st.booleans()):
        name = draw(st.sampled_from(ints))
        spec["constraints"] = [f"{name} {draw(st.sampled_from(['<', '>=', '!=']))} {draw(st.integers(-6, 25))}"]
    return spec


def load(text: str) -> StudySpec | None:
    """The study; None for a text that is refused as every text should be that is."""
    problems: tuple[Problem, ...] = ()
    try:
        return parse_spec(text, file="s.yaml", folder=FOLDER, environ={"HOME": "/home/me"})
    except SpecError as error:
        problems = error.problems
    assert problems
    assert all(problem.file == "s.yaml" and problem.message for problem in problems), problems
    assert all(problem.line or "more problems" in problem.message for problem in problems), problems
    return None


def text_of(spec: object) -> str:
    return str(yaml.safe_dump(spec, sort_keys=False, allow_unicode=True))


@settings(deadline=None, max_examples=80)
@given(specs())
def test_a_spec_written_out_and_read_again_is_the_same(spec: dict[str, object]) -> None:
    study = load(text_of(spec))
    if study is not None:
        nodes, problems = read_nodes(study.text, "s.yaml")
        assert not problems
        again = load(write(nodes))
        assert again is not None
        assert replace(again, text="") == replace(study, text="")
        assert write(read_nodes(again.text, "s.yaml")[0]) == again.text, "writing twice changes nothing more"


@settings(deadline=None, max_examples=80)
@given(specs())
def test_what_is_searched_is_of_the_space_and_meets_the_constraints(spec: dict[str, object]) -> None:
    study = load(text_of(spec))
    if study is None:
        return
    with contextlib.suppress(SpecError):  # constraints that leave nothing
        assert all(caution.line for caution in cautions(study))
    searcher = make_searcher(study.space, study.search)
    found = [params for _ in range(3) for params in searcher.ask(20)]
    assert len({canonical(params) for params in found}) == len(found)
    for params in found:
        active = study.space.active(params)
        assert active is not None
        assert study.space.admits(params)
        if study.search.method == "grid":
            assert all(each.domain.grid_find(params[each.name]) is not None for each in active)


MARKS = st.sampled_from(
    [*"[]{}:,#&*!|>'\"%@`-?~ \n\t0", "\ufeff", "\x85", "\u2028", "<<: ", "- ", ": ", "*a", "&a ", "1e999", "é"],
)


@settings(deadline=None, max_examples=200)
@given(specs(), st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 3), MARKS), min_size=1, max_size=4))
def test_a_spec_with_its_text_damaged_loads_or_is_answered_with_its_lines(
    spec: dict[str, object], damage: list[tuple[int, int, str]]
) -> None:
    text = text_of(spec)
    for place, gone, put in damage:
        at = place % (len(text) + 1)
        text = text[:at] + put + text[at + gone :]
    study = load(text)
    if study is not None:
        list(islice(study.space.parameters, 5))


@settings(deadline=None, max_examples=100)
@given(specs(), st.data())
def test_a_spec_with_a_part_replaced_loads_or_is_answered_with_its_lines(spec: dict[str, object], data: st.DataObject) -> None:
    node: object = spec
    while isinstance(node, dict | list) and node:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = data.draw(st.sampled_from(keys))
        below = node[key]
        if not isinstance(below, dict | list) or data.draw(st.booleans()):
            node[key] = data.draw(VALUES | LEAVES | BRANCHES)  # type: ignore[index]
            break
        node = below
    load(text_of(spec))
