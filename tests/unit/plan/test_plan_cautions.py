"""What is said of a spec that may run, and is hardly meant as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness import told

from hpsearch.core.errors import SpecError
from hpsearch.plan import cautions, dropped, effects
from hpsearch.spec import StudySpec, parse_spec


def spec(space: str, extra: str = "") -> StudySpec:
    text = f"name: s\ntrial: {{function: m:f}}\nmetric: {{name: loss, mode: min}}\nspace: {space}\n{extra}"
    return parse_spec(text, file="s.yaml", folder=Path("/nowhere"))


def said(space: str, extra: str = "") -> list[str]:
    return [told(each) for each in cautions(spec(space, extra))]


@pytest.mark.parametrize(
    "space",
    [
        "{a: [1, 2], b: [0.1, 1.0], c: [null, 1], d: [null, 0.5, {x: 1}], gamma: [scale, 0.1], e: [true, false], f: 3}",
        "{a: {int: [1, 9], step: 2}, b: {float: [0, 1], step: 0.25}, c: {float: [1, 2], log: true, points: 3}}",
        "{a: ['1', '2'], b: [v1, 1.2.3, 10%, '', '-'], c: [[1, 1], [1, 2]]}",
        "{a: {choice: {x: {b: [1, 2]}}}, c: {float: [1, 9], points: 2}}",
    ],
)
def test_a_good_space_is_left_in_peace(space: str) -> None:
    assert said(space) == []


@pytest.mark.parametrize(
    ("space", "expected"),
    [
        ("{a: [0.1, 1]}", "a[1] = 1: is a whole number, and 0.1 beside it is none, which many estimators take in another way; "
                          "write 1.0, unless that is meant"),
        ("{a: [2, true]}", "a[1] = true: is no number here, and most estimators take it for 1 or 0; "
                           "write the number, unless that is meant"),
        ("{a: [1, '2']}", "a[1] = '2': is a text, and looks like a number; write the number, as 1000 or 0.5"),
        ("{a: [1_000, 2_000]}", "a[0] = '1_000': is a text, and looks like a number; write the number, as 1000 or 0.5"),
        ("{a: [x, 1/3]}", "a[1] = '1/3': is a text, and looks like a number; write the number, as 1000 or 0.5"),
        ("{a: [2^4, 2^5]}", "a[0] = '2^4': is a text, and looks like a number; write the number, as 1000 or 0.5"),
        ("{a: [x]}", "a: is a list of one value, and so the same in every trial; write 'x' alone, or add values"),
        ("{a: [[1, 2]]}", "a: is a list of one value, and so the same in every trial; write {const: [1, 2]}, or add values"),
        ("{a: {float: [1, 1.5], log: true, points: 3}}",
         "a.log: from 1.0 to 1.5 a log range hardly differs from a linear one; drop log, or widen the range"),
        ("{a: {int: [1, 10], step: 2}}",
         "a.high = 10: the grid ends at 9, the last on the step of 2; write 9, or a step that reaches the end"),
        ("{a: {float: [0, 1], step: 0.3}}",
         "a.high = 1.0: the grid ends at 0.9, the last on the step of 0.3; write 0.9, or a step that reaches the end"),
        ("{a: [x, {y: {b: [1, 2]}}]}",
         "a[1] = {y: {b: [1, 2]}}: is one value, and no sub-space; unless that is meant, "
         "write {choice: {x: {}, y: {b: [1, 2]}}}"),
        ("{a: {choice: {x: {b: [0.5, 1]}, y: {}}}}",
         "a.choice.x.b[1] = 1: is a whole number, and 0.5 beside it is none, which many estimators take in another way; "
         "write 1.0, unless that is meant"),
    ],
)  # fmt: skip
def test_what_is_hardly_meant(space: str, expected: str) -> None:
    assert said(space) == [f"s.yaml:4  space.{expected}"]


def test_a_step_that_misses_the_end_matters_to_a_grid_alone() -> None:
    assert said("{a: {int: [1, 10], step: 2}}", "search: {method: random, trials: 3}") == []


def test_cautions_come_in_the_order_of_the_lines() -> None:
    text = "\n  b: [x]\n  a: [0.5, 1, '2']\nconstraints: [a > 0 or b == 'x']"
    assert [each.split("  ")[0] for each in said(text.replace(", '2'", ""))] == ["s.yaml:5", "s.yaml:6", "s.yaml:7"]


def test_thousands_are_cut_short() -> None:
    found = said(f"{{{', '.join(f'p{n}: [x]' for n in range(300))}}}")
    assert len(found) == 101
    assert found[-1] == "s.yaml  and 200 more warnings"


# ---- constraints


def test_effects_of_a_counted_grid_are_exact() -> None:
    found = effects(spec("{a: {int: [1, 100]}, b: {int: [1, 100]}}", "constraints: [a < b, a > 50, b > 0]"))
    assert [(each.path, each.removed, each.exact) for each in found] == [
        ("constraints[0]", 5050, True),
        ("constraints[1]", 5000, True),
        ("constraints[2]", 0, True),
    ]


def test_effects_of_a_large_grid_are_estimates_and_of_draws_a_share() -> None:
    (half,) = effects(spec("{a: {int: [1, 1000000]}}", "constraints: [a > 500000]"))
    assert not half.exact
    assert half.removed is not None
    assert abs(half.removed - 500_000) < 40_000
    (drawn,) = effects(spec("{a: {float: [0, 1]}}", "constraints: [a > 0.25]\nsearch: {method: random, trials: 5}"))
    assert drawn.removed is None
    assert abs(drawn.excluded / drawn.looked - 0.25) < 0.03


def test_a_constraint_that_does_nothing_is_told_where_that_is_known() -> None:
    assert said("{a: {int: [1, 100]}}", "constraints: [a > 0]") == [
        "s.yaml:5  constraints[0] = a > 0: excludes nothing: all 100 configurations of the grid meet it;"
        " drop it, or check what it says"
    ]
    assert said("{a: {int: [1, 1000000]}}", "constraints: [a > 0]") == [], "a sample tells of no rare one"


def test_a_parameter_that_constraints_keep_out_of_a_grid_is_told() -> None:
    branches = "{b: {choice: {x: {}, y: {z: [1, 2], w: [3, 4]}}}, n: {int: [1, %d]}}"
    rule = "no configuration of the grid has this parameter: constraints exclude all that would; drop it, or check them"
    assert said(branches % 9, "constraints: [\"b != 'y'\"]") == [
        f"s.yaml:4  space.b.choice.y.z: {rule}",
        f"s.yaml:4  space.b.choice.y.w: {rule}",
    ]
    assert said(branches % 9, "constraints: [\"b != 'y' or n > 8\"]") == []
    assert said(branches % 10**6, "constraints: [\"b != 'y'\"]") == [], "a sample tells of no rare one"
    assert said(branches % 9, "constraints: [\"b != 'y'\"]\nsearch: {method: random, trials: 5}") == []


@pytest.mark.parametrize("search", ["{method: grid}", "{method: random, trials: 5}"])
def test_a_constraint_that_leaves_next_to_nothing_is_told(search: str) -> None:
    (told,) = said("{a: {int: [1, 1000000000]}}", f"constraints: [a == 77]\nsearch: {search}")
    assert "constraints[0] = a == 77: excludes every one of 4,000 configurations looked at" in told


def test_a_constraint_that_guards_another_is_asked_first() -> None:
    """As the search asks them: what the first excludes is never divided."""
    guarded = spec("{a: {int: [0, 100000]}}", "constraints: [a != 0, 100 / a > 0.5]")
    assert [each.excluded > 0 for each in effects(guarded)] == [False, True]


def test_a_constraint_without_an_answer_is_refused_with_its_line() -> None:
    odd = spec("{a: {int: [0, 5000]}}", "constraints: [1 / (a - 1234) < 2]")
    with pytest.raises(SpecError, match=r"^s\.yaml:5:15  constraints\[0\] = 1 / \(a - 1234\) < 2: .*divides by zero"):
        cautions(odd)


def test_many_constraints_are_judged_on_fewer_configurations() -> None:
    """Else a file of a thousand would take minutes."""
    texts = ", ".join(f"a != {n}" for n in range(1000, 1200))
    (found, *_) = effects(spec("{a: {int: [1, 15000]}}", f"constraints: [{texts}]"))
    assert found.looked < 1000


# ---- what would run twice


def test_what_is_dropped_from_a_grid() -> None:
    of = spec(
        "{a: {int: [1, 10], log: true, points: 20}, b: [1, 2]}",
        "search: {first: [{a: 3, b: 2}, {a: 11, b: 1}]}".replace("11", "7"),
    )
    assert [(each.path, each.count) for each in dropped(of)] == [("space.a", 10), ("search.first", 2)]
    assert [*dropped(spec("{a: {int: [1, 10], points: 20}}", "search: {method: random, trials: 3}"))] == []


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ("kernel == 'rfb' or a > 1", "kernel is never 'rfb'; did you mean rbf?"),
        ("a > 1 and kernel not in ['rbf', 'sigmoid']", "kernel is never 'sigmoid'; write 'rbf' or 'linear'"),
        ("3 != a", "a is never 3; write 1 or 2"),
        ("b == 'low' or a == 1", "b is never 'low'; write a whole number from 1 to 9"),
    ],
)
def test_a_value_that_a_parameter_never_has(constraint: str, expected: str) -> None:
    """A misspelt text would take half of the grid away in silence."""
    space = "{kernel: [rbf, linear], a: [1, 2], b: {int: [1, 9]}}"
    assert said(space, f'constraints: ["{constraint}"]') == [f"s.yaml:5  constraints[0] = {constraint}: {expected}"]


@pytest.mark.parametrize("constraint", ["a == 1.0 or b == 3", "t == true", "n == null or b > 3", "k.s == 'x' or b == 4"])
def test_a_value_that_it_has_is_left_in_peace(constraint: str) -> None:
    space = "{a: [1, 2], b: {int: [1, 9]}, t: [true, false], n: [null, x], k.s: [x, y]}"
    assert said(space, f'constraints: ["{constraint}"]') == []


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("{method: list, configurations: [{a: 1}, {}, {a: 2}]}",
         ("search.configurations", 1, "it stands there before, and runs once")),
        ("{method: list, configurations: [{a: 1}, {a: 1}, {a: 1}]}",
         ("search.configurations", 2, "each stands there before, and runs once")),
        ("{method: random, trials: 3, first: [{a: 2}, {a: 2}]}", ("search.first", 1, "it stands there before, and runs once")),
    ],
)  # fmt: skip
def test_a_configuration_written_out_twice_is_one(search: str, expected: tuple[str, int, str]) -> None:
    """As in a grid: equal configurations are one trial."""
    read = spec("{a: {choice: [1, 2, 3], default: 1}}", f"search: {search}")
    assert [(each.path, each.count, each.why) for each in dropped(read)] == [expected]
    assert len({params["a"] for params in read.search.first}) == len(read.search.first)


PASSWORD = (
    "tracking.uri: a password stands in it as it is, and is stored with the study and in MLflow; "
    "write ${secret:NAME} in its place, and set NAME in the environment"
)


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("http://me:hunter2@head:5000", [PASSWORD]),
        ("postgresql://me@head/db?user=a&password=hunter2", [PASSWORD]),
        ("http://${secret:PW}:hunter2@head:5000", [PASSWORD]),
        ("http://me:${secret:PW}@head:5000", []),
        ("http://me:${PW}@head:5000", []),  # stored as it is written
        ("http://me@head:5000", []),
        ("sqlite:///me:hunter2@x.db", []),
    ],
)
def test_a_password_in_the_file_is_told(uri: str, expected: list[str]) -> None:
    text = f"trial: {{function: m:f}}\nmetric: {{name: loss, mode: min}}\nspace: {{a: [1, 2]}}\ntracking: {{uri: '{uri}'}}\n"
    read = parse_spec(text, file="s.yaml", folder=Path("/nowhere"), environ={"PW": "s3cret"})
    assert [str(each).partition("  ")[2] for each in cautions(read)] == expected
    assert "hunter2" not in "".join(map(str, cautions(read)))
