"""Scores and parameters at the ends of what a float holds: every number is still told, and none of it in a traceback."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from results_builders import Study

from hpsearch.core.errors import SpecError
from hpsearch.core.metric import Metric, Mode
from hpsearch.report.page import render
from hpsearch.report.wording import decimals
from hpsearch.results.sensitivity.forest import ForestFit
from hpsearch.results.study_results import StudyResults


def study(values: tuple[float, ...], *, folds: bool) -> StudyResults:
    made = Study(Metric("loss", Mode.MIN), varying=("rate", "kind"))
    draw = np.random.default_rng(0)
    for index in range(20):
        params = {"rate": draw.random(), "kind": "ab"[index % 2]}
        score = values[index % len(values)]
        if folds:
            made.add(params, folds=[score, score])
        else:
            made.add(params, score)
    return made.results()


@pytest.mark.parametrize("folds", [False, True])
@pytest.mark.parametrize(
    "values", [(1e307, -1e307, 5e-324, 0.0, 8e307), (1e307, 1.0, 2.0, 3.0, 8e307), (5e-324, 1e-323, 0.0), (8.9e307, -8.9e307)]
)
def test_scores_that_have_no_square_are_ranked_explained_and_drawn(values: tuple[float, ...], folds: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        found = study(values, folds=folds)
        first, last = (str(found.rank()["config_id"].iloc[place]) for place in (0, -1))
        found.importance()
        found.optimism()
        difference = found.compare(first, last).difference
        page = render(found)
    assert found.rank()["score"].iloc[0] == min(values)
    assert np.isfinite(difference.mean)
    assert "<svg" in page or "nothing to explain" in page


def test_what_diverged_beyond_bounds_has_no_standard_error() -> None:
    made = Study(Metric("loss", Mode.MIN))
    made.add({"C": 1}, folds=[1e200, 5e200])
    made.add({"C": 2}, folds=[2e200, 9e200])
    assert made.results().configs["se"].isna().all()  # and not none at all, as if they were certain


def test_a_rule_that_needs_a_standard_error_which_the_best_lacks_says_so() -> None:
    made = Study()
    made.add({"C": 1}, folds=[0.9])
    for C in (2, 3):
        made.add({"C": C}, folds=[0.5, 0.6, 0.7])
    with pytest.raises(SpecError) as error:
        made.results().select("1se")
    assert str(error.value) == "the rule '1se' needs the standard error of the best, which is not known; use the rule 'best'"
    assert "None%" not in render(made.results())  # nor has it an interval to draw beside the others'


def test_a_parameter_beyond_what_an_axis_can_span_is_shown_as_text() -> None:
    made = Study(varying=("C",))
    for index in range(20):
        made.add({"C": (1e308, -1e308, 0.5, 2.0)[index % 4], "i": index}, index / 20)
    found = made.results()
    assert found.configs["param.C"].dtype == "string"
    assert "1e+308" in render(found)


def test_scores_that_eight_decimals_would_show_as_nothing_get_more() -> None:
    made = Study()
    made.add({"C": 1}, 2.5e-12)
    made.add({"C": 2}, 1.5e-12)
    assert decimals(made.results().rank()) == 16
    assert "0.0000000000025000" in render(made.results())


def test_a_step_of_an_ablation_asks_the_forest_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Study(varying=tuple("abcdef"))
    draw = np.random.default_rng(0)
    for _ in range(30):
        params = dict(zip("abcdef", draw.random(6).tolist(), strict=True))
        made.add(params, params["a"])
    found, asked, predict = made.results(), [], ForestFit.predict

    def counted(fit: ForestFit, places: np.ndarray) -> np.ndarray:
        asked.append(len(places))
        return predict(fit, places)

    monkeypatch.setattr(ForestFit, "predict", counted)
    assert len(found.ablation().table) == 7
    assert asked == [1, 6, 5, 4, 3, 2, 1]
