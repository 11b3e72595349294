"""What matters, as the page says it: figures and sentences from one table."""

from __future__ import annotations

import itertools

import numpy as np
from results_builders import ACCURACY, Study

from hpsearch.report import render
from hpsearch.report.figures.matters import Matters, matters, percent


def grid(*, together: float = 0.0, noise: float = 0.002, seed: int = 0) -> Study:
    rng = np.random.default_rng(seed)
    study = Study(varying=("C", "gamma", "idle"))
    for C, gamma, idle in itertools.product(range(5), range(5), range(2)):
        score = 0.5 + 0.08 * C + 0.02 * gamma + together * (C - 2) * (gamma - 2)
        study.add({"C": C, "gamma": gamma, "idle": idle}, folds=(score + noise * rng.normal(size=5)).tolist())
    return study


def shown(study: Study) -> Matters:
    found = matters(study.results().importance(), ACCURACY)
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


def test_what_may_be_chance_need_not_be_tuned_together() -> None:
    """Where chance makes half of the differences, one of three pairs has five percent of them in every third study."""
    said = [shown(grid(noise=0.25, seed=seed)).reading for seed in range(20)]
    assert sum("must be tuned together" in reading for reading in said) <= 4


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
