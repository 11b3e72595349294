"""What the search got for its time: history, cost and failures, as values, before anything is drawn."""

from __future__ import annotations

import itertools
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from results_builders import Study
from scipy.stats import binom

from hpsearch.core.metric import Metric, Mode
from hpsearch.report.drawing import figure_svg
from hpsearch.report.figures.cost import Cost, cost
from hpsearch.report.figures.failing import Failing, failing, wilson
from hpsearch.report.figures.history import History, expected_best, history
from hpsearch.report.figures.points import Blank
from hpsearch.results import StudyResults
from hpsearch.results.design import Design

SCORES = (0.5, 0.7, 0.6, 0.9, 0.8)


def in_order(metric: Metric | None = None, scores: tuple[float, ...] = SCORES, design: str = "random") -> StudyResults:
    study = Study() if metric is None else Study(metric)
    for place, score in enumerate(scores):
        study.add({"C": place}, score)
    return replace(study.results(), design=Design(design))


def shown(results: StudyResults) -> History:
    found = history(results)
    assert isinstance(found, History)
    return found


def test_the_best_so_far_is_that_of_the_order_in_which_trials_ended() -> None:
    found = shown(in_order())
    assert [(point.x, point.y) for point in found.points] == list(enumerate(SCORES, 1))
    assert found.best_so_far == ((1, 0.5), (2, 0.7), (4, 0.9), (5, 0.9))
    assert found.reading.startswith("The best score came with number 4 of 5.")


def test_of_equally_good_ones_the_first_brought_the_score() -> None:
    """Where the line reaches its end, whichever of them the ranking puts first."""
    for first in range(4):
        scores = (*(0.9 if place >= first else 0.5 + place / 10 for place in range(6)), 0.4)
        assert shown(in_order(scores=scores)).reading.startswith(f"The best score came with number {first + 1} of 7.")


def test_a_loss_is_best_where_it_is_low() -> None:
    found = shown(in_order(Metric("loss", Mode.MIN), (0.5, 0.7, 0.2, 0.9)))
    assert found.best_so_far == ((1, 0.5), (3, 0.2), (4, 0.2))
    assert not found.worse_is_low


def test_the_expected_best_is_the_mean_over_all_draws() -> None:
    """Compared with every way to draw them."""
    losses = np.array([3.0, 1.0, 4.0, 1.5, 5.0, 9.0])
    for size in range(1, 7):
        every = [min(some) for some in itertools.combinations(losses.tolist(), size)]
        assert expected_best(losses, np.array([size]))[0] == pytest.approx(np.mean(every))


def test_what_half_of_the_trials_would_have_found_is_told_where_any_order_was_as_likely() -> None:
    every = [max(some) for some in itertools.combinations(SCORES, 2)]
    assert f"one that is {0.9 - np.mean(every):.5f} worse on average" in shown(in_order()).reading
    # A sampler that learns has no other order.
    adaptive = shown(in_order(design=""))
    assert adaptive.expected == ()
    assert "on average" not in adaptive.reading
    assert "The second half of them gained 0.20000." in adaptive.reading


@pytest.mark.parametrize(("scores", "why"), [((0.5, 0.6), "2 ranked"), ((0.5,) * 5, "have the same accuracy")])
def test_without_a_history_a_sentence_stands_there(scores: tuple[float, ...], why: str) -> None:
    found = history(in_order(scores=scores))
    assert isinstance(found, Blank)
    assert why in found.reading


def timed(*seconds: float, scores: tuple[float, ...]) -> StudyResults:
    study = Study()
    for place, (time, score) in enumerate(zip(seconds, scores, strict=True)):
        study.add({"C": place}, score, seconds=time)
    return study.results()


def test_the_front_is_what_nothing_beats_in_both() -> None:
    found = cost(timed(1, 2, 3, 40, scores=(0.5, 0.7, 0.6, 0.9)))
    assert isinstance(found, Cost)
    assert found.front == ((1, 0.5), (2, 0.7), (40, 0.9))
    assert found.log_x
    assert found.reading.startswith("The best takes 40 s.")


def test_the_cheapest_of_those_that_may_be_best_is_named() -> None:
    study, rng = Study(), np.random.default_rng(0)
    for place, level in enumerate((0.9, 0.899, 0.5, 0.4)):
        folds = (level + rng.normal(0, 0.004, 5)).tolist()
        study.add({"C": place}, folds=folds, seconds=(60.0, 6.0, 1.0, 1.0)[place])
    results = study.results()
    second = results.rank().iloc[1]
    found = cost(results)
    assert isinstance(found, Cost)
    best = results.rank().iloc[0]
    assert {best["seconds"], second["seconds"]} == {60.0, 6.0}
    if best["seconds"] == 60.0:
        assert f"{second['config_id'][:8]} of the best set takes 6.0 s" in found.reading
    else:
        assert "None of the best set is much faster." in found.reading


def test_equal_times_are_no_choice() -> None:
    found = cost(timed(1, 1, 1, 1.1, scores=(0.5, 0.7, 0.6, 0.9)))
    assert isinstance(found, Blank)
    assert "every configuration takes about 1.0 s" in found.reading


def failures(*, everywhere: bool = False) -> Failing | None:
    study = Study(varying=("kernel", "C"))
    for place in range(40):
        params = {"kernel": ("rbf", "poly", "linear", "sigmoid")[place % 4], "C": place / 7}
        if (params["kernel"] == "sigmoid" and place < 36) or everywhere:
            study.fail(params)
        else:
            study.add(params, 0.5 + place / 100)
    return failing(study.results(), ("kernel", "C"))


def test_the_value_that_fails_most_surely_comes_first() -> None:
    found = failures()
    assert found is not None
    first = found.rates[0]
    assert (first.parameter, first.value, first.failed, first.tried) == ("kernel", "= sigmoid", 9, 10)
    assert found.reading == "9 of 40 configurations failed. With kernel = sigmoid, 9 of 10 did; of the others 0 of 30."
    assert found.overall == 9 / 40
    assert all(rate.share > found.overall for rate in found.rates)


def test_where_all_or_nothing_failed_no_value_is_to_blame() -> None:
    assert failures(everywhere=True) is None
    assert failing(in_order(), ("C",)) is None


def test_the_interval_of_a_share() -> None:
    """Wilson's, as it stands in tables: 9 of 10, and nothing of 10."""
    assert wilson(9, 10) == pytest.approx((0.5958, 0.9821), abs=1e-4)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)


@pytest.mark.parametrize("tried", [5, 10, 30, 100])
def test_the_interval_of_a_share_holds_it_in_95_of_100(tried: int) -> None:
    """On average over shares from 2 to 98 %, by the binomial distribution itself; of no share in less than 85."""
    low, high = np.array([wilson(failed, tried) for failed in range(tried + 1)]).T
    shares = np.linspace(0.02, 0.98, 97)[:, np.newaxis]
    held = (binom.pmf(np.arange(tried + 1), tried, shares) * ((low <= shares) & (shares <= high))).sum(axis=1)
    assert held.mean() == pytest.approx(0.95, abs=0.01)
    assert held.min() > 0.85


def test_where_all_values_fail_alike_one_is_blamed_in_at_most_5_of_100_studies() -> None:
    rng, names = np.random.default_rng(5), ("p0", "p1", "p2", "p3")
    blamed = 0
    for _ in range(60):
        study = Study(varying=names)
        for place in range(60):
            params = {"number": place, **{name: int(rng.integers(0, 3)) for name in names}}
            if rng.uniform() < 0.3:
                study.fail(params)
            else:
                study.add(params, 0.5)
        found = failing(study.results(), names)
        blamed += found is not None and "No value stands out" not in found.reading
    assert blamed <= 0.05 * 60 + 3 * np.sqrt(0.05 * 0.95 * 60)


def test_of_many_values_the_unluckiest_is_not_blamed() -> None:
    """Of thirty values that fail alike one fails most; each alone would look guilty once in forty."""
    rng, study = np.random.default_rng(4), Study(varying=tuple(f"p{place}" for place in range(10)))
    for _ in range(200):
        params = {f"p{place}": int(rng.integers(0, 3)) for place in range(10)}
        if rng.uniform() < 0.1:
            study.fail(params)
        else:
            study.add(params, float(rng.uniform()))
    found = failing(study.results(), study.record.varying)
    assert found is not None
    assert "No value stands out beyond chance." in found.reading


def labels(figure: History | Cost) -> list[str]:
    """Of the axis at the bottom, as they are drawn: of the drawing's texts those below its scores."""
    root = ElementTree.fromstring(figure_svg(figure, "x-"))
    texts = list(root.iter("{http://www.w3.org/2000/svg}text"))
    return [text.text or "" for text in texts if "middle" in text.attrib.get("style", "") and "rotate(0)" not in text.attrib]


@pytest.mark.parametrize("n", [4, 5, 7, 12])
def test_an_axis_of_counts_has_whole_numbers(n: int) -> None:
    """Nobody completes 1.6 configurations."""
    told = [text for text in labels(shown(in_order(scores=tuple(0.5 + place / 100 for place in range(n))))) if text[0].isdigit()]
    assert len(told) >= 2
    assert all(text.isdigit() for text in told if float(text) >= 1), told


@pytest.mark.parametrize(
    "seconds",
    [(0.11, 0.15, 0.19, 0.24), (0.0001, 0.0002, 0.0004, 0.0006), (1.01, 1.4, 1.5, 1.6), (0.0001, 0.0009, 0.02, 3)],
)
def test_no_two_labels_of_a_time_axis_are_alike(seconds: tuple[float, ...]) -> None:
    found = cost(timed(*seconds, scores=(0.5, 0.7, 0.6, 0.9)))
    assert isinstance(found, Cost)
    told = [text for text in labels(found) if text[0].isdigit() and text[-1] == "s"]
    assert len(told) >= 3
    assert len(set(told)) == len(told)
