"""What constraints may say, and what is said of those that cannot be."""

from __future__ import annotations

import pickle

import pytest
from spec_text import FUNCTION, problems, read

SPACE = "{a: {int: [0, 5]}, b: [x, y, 3], c: {choice: {s: {d: [1, 2]}, t: {d: [3]}}}, e: {const: 1, when: {a: 5}}}"
TENTH = "{float: [0.0, 1.0], step: 0.1}"


def left(constraint: str, space: str = SPACE) -> int:
    spec = read(FUNCTION, space=space, constraints=f"[{constraint!r}]")
    return sum(spec.space.admits(spec.space.grid_at(index)) for index in range(spec.space.grid_size()))


@pytest.mark.parametrize(
    ("constraint", "count"),
    [
        ("a < 3", 27),
        ("0 < a <= 2", 18),
        ("not a == 3", 45),
        ("a in [1, 2] and b not in ['x', 3]", 6),
        ("b == 3.0", 18),
        ("b == 'x' or a + 1 >= 6", 24),
        ("min(a, 3) * 2 - abs(-a) // 1 > 2 ** 1 % 5", 9),
        ("s.d == 2", 36),
        ("c.s.d == 2", 36),
        ("e > 1", 45),
        ("e > 1 or a < 9", 54),
        ("true == (a < 9)", 54),
    ],
)
def test_what_a_constraint_leaves_of_54(constraint: str, count: int) -> None:
    """A constraint that names an inactive parameter holds, whatever else it says."""
    assert left(constraint) == count


def test_decimal_numbers_are_the_grids() -> None:
    assert left("x <= 0.3", f"{{x: {TENTH}}}") == 4


@pytest.mark.parametrize(
    ("constraint", "said"),
    [
        ("a <", "cannot be read as a condition, such as max_depth <= 7"),
        ("aa < 3", "there is no parameter aa; did you mean a?"),
        ("d < 3", "d is the name of 2 parameters; write c.s.d or c.t.d"),
        ("b < 3", "< compares numbers, or texts, and b is the text 'y' and 3 is the number 3 (where b = 'y')"),
        ("a == 3 or b == x", "there is no parameter x; write it in quotes if it is a text: 'x' (column 16)"),
        ("1 / a > 0.3", "1 / a divides by zero (where a = 0)"),
        ("a / 0 > 1", "a / 0 divides by zero"),
        ("a % 0 > 1", "a % 0 divides by zero"),
        ("a + 1", "is the number 3, not a condition that holds or does not (where a = 2)"),
        ("a and b == 3", "and, or and not join conditions, and a is the number 2 (where a = 2, b = 'y')"),
        ("a + true > 1", "+ takes numbers, and true is true (where a = 2)"),
        ("min(a) < 1", "min takes two numbers or more"),
        ("abs(a, 1) < 1", "abs takes one number"),
        ("a is 3", "is and is not are not in the language of constraints; write == or !="),
        ("a in 3", "in takes a list, as in x in [1, 2], and 3 is none (column 6)"),
        ("1 < 2", "names no parameter"),
        ("a ** 999999 > 1", "a ** 999999 has no finite value (where a = 2)"),
        ("(-1.0) ** 0.5 > a", "(-1.0) ** 0.5 has no finite value (where a = 2)"),
    ],
)
def test_what_is_said_of_a_wrong_constraint(constraint: str, said: str) -> None:
    (problem,) = problems(FUNCTION, space=SPACE, constraints=f'["{constraint}"]')
    assert problem == f"4  constraints[0] = {constraint}: {said}"


@pytest.mark.parametrize(
    "constraint",
    [
        "__import__('os')",
        "(lambda: 3)()",
        "a if a else a",
        "[x for x in [1]]",
        "f'{a}' == 'x'",
        "a.real > 1",
        "print(a)",
        "a[0] > 1",
        "a @ a > 1",
        "a << 3 > 1",
        "(a := 3) > 1",
        "b'x' == a",
        "1j == a",
        "... == a",
        "min(*[a, 1]) > 1",
        "max(a, 1, key=abs) > 1",
        "a; a",
    ],
)
def test_nothing_of_python_gets_in(constraint: str) -> None:
    (said,) = problems(FUNCTION, space=SPACE, constraints=f'["{constraint}"]')
    assert said.startswith("4  constraints[0] = ")


def test_deeply_nested_and_long_ones_are_refused() -> None:
    assert left("not " * 200 + "(a == 1)") == 9, "deep, and sound"
    for constraint, rule in (("(" * 300 + "a" + ")" * 300, "cannot be read"), ("a < 1" + " " * 1000, "has 1005 characters")):
        (said,) = problems(FUNCTION, space=SPACE, constraints=f'["{constraint}"]')
        assert rule in said


def test_a_grid_of_which_nothing_is_left() -> None:
    assert problems(FUNCTION, space=SPACE, constraints="[a > 0, a > 7]") == [
        "4  constraints[1] = a > 7: no configuration of the grid meets it, of 54"
    ]
    assert problems(FUNCTION, space=SPACE, constraints="[a > 2, a < 2]") == [
        "4  constraints: no configuration of the grid is left, of 54; each by itself leaves some, all together none"
    ]


def test_constraints_travel_to_another_process() -> None:
    spec = read(FUNCTION, space=SPACE, constraints="[a < 3, s.d == 2]")
    again = pickle.loads(pickle.dumps(spec))
    assert again.space == spec.space
    assert [again.space.admits(spec.space.grid_at(index)) for index in range(54)] == [
        spec.space.admits(spec.space.grid_at(index)) for index in range(54)
    ]
