"""What an answer shows of itself when it is printed, and in a notebook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from results_builders import Study

from hpsearch.results import StudyResults
from hpsearch.results.advice import Advices
from hpsearch.results.sheet import Sheet, cells_of

EVIL = "<script>alert(1)</script>"


def evil() -> StudyResults:
    """A grid whose names and values are what a page or a terminal must not be given as they are."""
    study, rng = Study(varying=(EVIL, "kind")), np.random.default_rng(0)
    for c in (1.0, 2.0, 3.0):
        for kind in ("<img src=x>", "\x1b[31mred", "plain"):
            folds = (0.5 + c / 10 + 0.01 * (kind == "plain") + rng.normal(0, 0.001, 5)).tolist()
            study.add({EVIL: c, "kind": kind}, folds=folds, metrics={"speed": 5 - c})
    return study.results()


def two(results: StudyResults) -> tuple[str, str]:
    first, second = results.rank()["config_id"].head(2)
    return str(first), str(second)


ANSWERS: dict[str, tuple[Callable[[StudyResults], Any], tuple[str, ...]]] = {
    "importance": (lambda r: r.importance(), ("What the score depends on: ANOVA of 9 configurations", "share", "95 %")),
    "dependence": (lambda r: r.partial_dependence(EVIL), ("The mean of the score at values of", "mean", "low", "high")),
    "interactions": (lambda r: r.interactions(), ("What pairs explain of the score beyond", "ci_low")),
    "ablation": (lambda r: r.ablation(), ("What led to the best", "from", "gain", "median rank")),
    "pareto": (
        lambda r: r.pareto({"accuracy": "", "speed": "max"}),
        ("ranked configurations are beaten by none", "speed", "rank"),
    ),
    "compare": (lambda r: r.compare(*two(r)), ("a - b: +", "a is better with probability", "accuracy", " ± ")),
    "advice": (lambda r: r.advice(), ("best at 3: the upper edge", "points: 4}")),
    "one advice": (lambda r: r.advice()[0], ("best at 3: the upper edge", "points: 4}")),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_for_people_and_runs_nothing(name: str) -> None:
    """A dataclass's raw text is for nobody; and names and values come from files that others wrote."""
    ask, wanted = ANSWERS[name]
    found = ask(evil())
    text, html = str(found), found._repr_html_()
    for part in wanted:
        assert part in text
        assert part in html
    assert repr(found) == text
    assert "<script" not in html
    assert "<img" not in html
    assert "\x1b" not in text
    assert len(text) < 3000


def test_nothing_advised_is_said() -> None:
    assert str(Advices()) == "Nothing to advise."
    assert Advices() == ()


def test_a_sheets_columns_stand_below_one_another() -> None:
    sheet = Sheet("Title", ("a", "long name"), (("first", "1"), ("x", "22.5")), ("Said.",))
    assert sheet.text() == "Title\na      long name\nfirst          1\nx           22.5\nSaid."
    many = Sheet(heads=("a",), rows=[(str(row),) for row in range(140)])
    assert many.text().endswith("99\n... and 40 more")
    assert "... and 40 more" in many.html()


def test_cells_are_short_and_nothing_is_shown_of_what_is_not_known() -> None:
    table = pd.DataFrame({"x": [0.1234567, np.nan], "n": [3, 4], "s": pd.Series(["a", pd.NA], dtype="string")})
    assert cells_of(table) == [["0.12346", "3", "a"], ["", "4", ""]]
