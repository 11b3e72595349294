"""What matters, as the page says it: figures and sentences from one table."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from results_builders import ACCURACY, Study

from hpsearch.report import render
from hpsearch.report.figures import choose
from hpsearch.report.figures.matters import Matters, matters, percent, spread
from hpsearch.report.figures.pair import pair
from hpsearch.results import StudyResults
from hpsearch.results.sensitivity.importance import says_something


def grid(*, together: float = 0.0, noise: float = 0.002, seed: int = 0) -> Study:
    rng = np.random.default_rng(seed)
    study = Study(varying=("C", "gamma", "idle"))
    for C, gamma, idle in itertools.product(range(5), range(5), range(2)):
        score = 0.5 + 0.08 * C + 0.02 * gamma + together * (C - 2) * (gamma - 2)
        study.add({"C": C, "gamma": gamma, "idle": idle}, folds=(score + noise * rng.normal(size=5)).tolist())
    return study


def shown(study: Study | StudyResults) -> Matters:
    results = study.results() if isinstance(study, Study) else study
    found = matters(results.importance(), ACCURACY)
    assert found is not None
    return found


def test_the_reading_is_made_of_the_shares() -> None:
    found = shown(grid())
    first = found.bars[0]
    assert first.name == "C"
    assert found.reading.startswith(f"C by itself explains {percent(first.share / 100)} of the differences in accuracy.")
    assert "idle makes next to no difference." in found.reading
    assert "must be tuned together" not in found.reading
    assert first.low is not None
    assert first.high is not None
    assert first.low <= first.share <= first.high


def test_parameters_that_act_together_are_named() -> None:
    found = shown(grid(together=0.05))
    assert "C and gamma must be tuned together" in found.reading
    assert any(bar.name == "C with gamma" for bar in found.bars)


def additive(levels: int, parameters: int, rng: np.random.Generator, *, folds: int = 5, together: float = 0.0) -> StudyResults:
    """A grid of parameters that act alone, but for the first two; chance makes half of all differences."""
    study = Study(varying=tuple(f"x{place}" for place in range(parameters)))
    for row in itertools.product(range(levels), repeat=parameters):
        alone = np.dot(row, np.arange(1, parameters + 1)) / np.sqrt(np.square(np.arange(1, parameters + 1)).sum() * 2 / 3)
        chance = rng.normal(size=folds) * np.sqrt(folds) if not together else 0.1 * rng.normal(size=folds)
        scores = (alone + together * (row[0] - 1) * (row[1] - 1) + chance).tolist()
        study.add(dict(zip(study.record.varying, row, strict=True)), scores[0], folds=scores if folds > 1 else ())
    return study.results()


@pytest.mark.parametrize(("levels", "parameters", "folds"), [(2, 5, 5), (2, 5, 1), (3, 3, 1)])
def test_of_many_pairs_the_one_that_chance_favours_need_not_be_tuned_together(levels: int, parameters: int, folds: int) -> None:
    """Of ten pairs one has five percent of the differences in every fifth study, and its own interval leaves zero out."""
    rng, named = np.random.default_rng(7), 0
    for _ in range(40):
        found = additive(levels, parameters, rng, folds=folds).importance()
        figure = matters(found, ACCURACY)
        assert figure is not None
        said = "must be tuned together" in figure.reading
        named += said
        assert (pair(found, ACCURACY) is not None) == said
    assert named <= 0.05 * 40 + 3 * np.sqrt(0.05 * 0.95 * 40) - 1


@pytest.mark.parametrize("folds", [5, 1])
def test_a_pair_that_acts_together_is_found_among_ten(folds: int) -> None:
    results = additive(3, 4, np.random.default_rng(0), folds=folds, together=1.5)
    assert "x0 and x1 must be tuned together" in shown(results).reading


def test_of_two_parameters_scored_once_chance_is_not_known_and_that_is_said() -> None:
    found = additive(4, 2, np.random.default_rng(0), folds=1, together=1.0).importance()
    drawn = pair(found, ACCURACY)
    assert drawn is not None
    assert "Each was scored once: how much of that is chance is not known." in drawn.reading
    figure = matters(found, ACCURACY)
    assert figure is not None
    assert "must be tuned together" not in figure.reading


def test_shares_of_noise_have_no_reading_but_the_warning() -> None:
    rng = np.random.default_rng(1)
    study = Study(varying=("a", "b"))
    for _ in range(80):
        study.add({"a": float(rng.random()), "b": float(rng.random())}, float(rng.random()))
    found = shown(study)
    assert found.reading.startswith("Not interpretable")
    assert "explains" not in found.reading


def test_the_page_has_the_section_where_there_is_something_to_say() -> None:
    page = render(grid().results())
    assert "What does accuracy depend on?" in page
    assert page.index("What does accuracy depend on?") < page.index("Which values are good?")
    one = Study()
    one.add({"C": 1.0}, 0.5)
    assert "One ranked configuration alone cannot tell." in render(one.results())


def test_percents_have_the_digits_that_tell() -> None:
    assert [percent(share) for share in (0.614, 0.042, 0.0004, -0.1, 1.0)] == ["61 %", "4.2 %", "0 %", "0 %", "100 %"]


@pytest.mark.parametrize(
    ("share", "low", "high", "said"),
    [
        (0.5, 0.44, 0.56, " ± 6"), (0.78, 0.64, 0.86, " (64 to 86 %)"), (0.38, 0.0, 1.0, " (0 to 100 %)"),
        (-0.01, 0.0, 0.03, " (0 to 3.0 %)"), (0.5, 0.496, 0.504, ""), (0.5, math.nan, math.nan, ""),
    ],
)  # fmt: skip
def test_an_interval_with_one_longer_side_is_told_by_its_ends(share: float, low: float, high: float, said: str) -> None:
    assert spread(pd.Series({"share": share, "ci_low": low, "ci_high": high})) == said


def branches(n: int = 120, *, rate: float) -> Study:
    """`rate` exists in every fourth configuration, and is worth something there where `rate` is above 0."""
    rng, study = np.random.default_rng(3), Study(varying=("lr", "kind", "rate"))
    for place in range(n):
        lr, own = float(rng.random()), float(rng.random())
        more = {"kind": "dart", "rate": own} if place % 4 == 0 else {"kind": "tree"}
        noise = 0.2 * float(rng.random()) if not rate and place % 4 == 0 else 0.0
        study.add({"lr": lr, **more}, lr * (place % 4 != 0) + rate * own * (place % 4 == 0) + noise)
    return study


def test_shares_among_some_are_told_to_be_of_those_below_the_table() -> None:
    found = shown(branches(rate=0.4))
    assert "shares together may come to more than 100 %" in found.below
    assert "shares together" not in found.reading
    assert "rate by itself explains" not in found.reading  # of all differences, it does not
    assert "together may come" not in shown(grid()).below


def test_a_share_that_says_nothing_is_marked_and_not_told() -> None:
    study = branches(rate=0.0)
    found = shown(study)
    (bar,) = (bar for bar in found.bars if bar.name == "rate")
    assert "not interpretable" in bar.warning
    (plot,) = (plot for plot in choose(study.results()).plots() if plot.parameter == "rate")
    assert plot.reading.startswith("How much of the differences rate explains where it exists cannot be told.")
    assert not says_something(0.9, 0.001, 0.999)
    assert says_something(0.9, 0.02, 0.999)
    assert says_something(math.nan, math.nan, math.nan)


def test_one_smaller_term_is_not_shown() -> None:
    study = Study(varying=("C", "gamma"))
    for C, gamma in itertools.product(range(4), range(3)):
        study.add({"C": C, "gamma": gamma}, folds=[0.1 * C + 0.1 * gamma, 0.1 * C + 0.1 * gamma + 0.01])
    assert shown(study).below.endswith(" 1 smaller term is not shown.")
    assert shown(grid()).below.endswith(" 3 smaller terms are not shown.")
